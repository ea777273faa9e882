"""Moments that a user marked, such as the start of a launch."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from meterdeck.domain.buckets import Window
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds
from meterdeck.store.topics import Topic


class Mark(NamedTuple):
    """A moment with a name; two may share either."""

    id: int
    at: datetime
    name: str


def add(transaction: Transaction, at: datetime, name: str) -> Mark:
    """Mark a moment, to the second."""
    transaction.revise(Topic.MARKS)
    row = transaction.one(
        "INSERT INTO mark (at, name) VALUES (?, ?) RETURNING id, at", (to_seconds(at), name)
    )
    assert row is not None  # noqa: S101 - INSERT … RETURNING returns its row
    return Mark(row[0], from_seconds(row[1]), name)


def load(transaction: Transaction, window: Window | None = None) -> list[Mark]:
    """The marks of a window, or all of them; oldest first."""
    within = "" if window is None else " WHERE at >= ? AND at < ?"
    bounds = () if window is None else (to_seconds(window.start), to_seconds(window.end))
    rows = transaction.all(f"SELECT id, at, name FROM mark{within} ORDER BY at, id", bounds)
    return [Mark(of, from_seconds(at), name) for of, at, name in rows]


def remove(transaction: Transaction, of: int) -> Mark | None:
    """Take a mark away; returns it, or None where there is none of that id."""
    row = transaction.one("DELETE FROM mark WHERE id = ? RETURNING id, at, name", (of,))
    if row is None:
        return None
    transaction.revise(Topic.MARKS)
    return Mark(row[0], from_seconds(row[1]), row[2])
