"""Coverage: which buckets were read, when, and since when they say the same."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds
from meterdeck.store.topics import Topic


class Report(StrEnum):
    """What was read: one of the two reports, or usage by where and how fast it ran."""

    USAGE = "usage"
    COST = "cost"
    MIX = "mix"


@dataclass(frozen=True, slots=True)
class Coverage:
    """When one bucket was last read, and the first of the reads that all said what the last one said."""

    read_at: datetime
    unchanged_since: datetime


def covered(
    transaction: Transaction, report: Report, width: BucketWidth, window: Window
) -> dict[datetime, Coverage]:
    """The buckets of a window that were read, oldest first, by their start."""
    rows = transaction.all(
        "SELECT start, read_at, unchanged_since FROM coverage"
        " WHERE report = ? AND width = ? AND start >= ? AND start < ? ORDER BY start",
        (report, width.seconds, to_seconds(window.start), to_seconds(window.end)),
    )
    return {
        from_seconds(start): Coverage(from_seconds(read_at), from_seconds(since))
        for start, read_at, since in rows
    }


def is_covered(transaction: Transaction, report: Report, width: BucketWidth, window: Window) -> bool:
    """Whether every bucket of a window was read."""
    return len(covered(transaction, report, width, window)) >= window.duration // width.delta


def newest_read(transaction: Transaction, report: Report) -> datetime | None:
    """When the report was last read, or None if it never was."""
    row = transaction.one("SELECT max(read_at) FROM coverage WHERE report = ?", (report,))
    return from_seconds(row[0]) if row and row[0] is not None else None


def read_later(
    transaction: Transaction, report: Report, width: BucketWidth, window: Window, read_at: datetime
) -> frozenset[datetime]:
    """The buckets of a window that were read after a moment: an answer of then must not replace them."""
    rows = transaction.all(
        "SELECT start FROM coverage WHERE report = ? AND width = ? AND start >= ? AND start < ? AND read_at > ?",
        (report, width.seconds, to_seconds(window.start), to_seconds(window.end), to_seconds(read_at)),
    )
    return frozenset(from_seconds(start) for (start,) in rows)


def replace(
    transaction: Transaction,
    report: Report,
    width: BucketWidth,
    window: Window,
    changed: Mapping[datetime, bool],
    read_at: datetime,
    *,
    newer: Collection[datetime] = (),
) -> None:
    """Note a read of a window: the buckets that came (by start) and whether each says something new.

    Buckets of the window that did not come are no longer covered, but for ``newer`` ones, read after this.
    """
    before = covered(transaction, report, width, window)
    forget(transaction, report, width, window, but=newer)
    now = to_seconds(read_at)
    transaction.revise(Topic.COVERAGE)
    transaction.run_many(
        "INSERT INTO coverage (report, width, start, read_at, unchanged_since) VALUES (?, ?, ?, ?, ?)",
        (
            (
                report,
                width.seconds,
                to_seconds(start),
                now,
                now if is_changed or start not in before else to_seconds(before[start].unchanged_since),
            )
            for start, is_changed in changed.items()
        ),
    )


def forget(
    transaction: Transaction,
    report: Report,
    width: BucketWidth,
    window: Window,
    *,
    but: Collection[datetime] = (),
) -> None:
    """Say of the buckets of a window, but for some, that they are not known."""
    transaction.run(
        "DELETE FROM coverage WHERE report = ? AND width = ? AND start >= ? AND start < ?"
        " AND start NOT IN (SELECT value FROM json_each(?))",
        (report, width.seconds, to_seconds(window.start), to_seconds(window.end), starts_as_json(but)),
    )


def starts_as_json(starts: Collection[datetime]) -> str:
    """Starts of buckets as SQLite's ``json_each`` takes them."""
    return json.dumps([to_seconds(start) for start in starts])
