"""What a database holds: rows and spans by kind, and the pages they take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds

_USAGE = {"minutes": 60, "hours": 3600, "days": 86400}


@dataclass(frozen=True, slots=True)
class Kept:
    """What is there of one kind."""

    rows: int
    buckets: int
    """How many were read, those without a row among them (for hours known by their minutes: none)."""
    first: datetime | None
    """The start of the oldest bucket that has rows or was read."""
    last: datetime | None
    """The start of the newest."""


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of the database's own file, and how many of them wait to be used again."""

    database: int
    free: int


def kept(transaction: Transaction) -> dict[str, Kept]:
    """Usage by width, and the bill."""
    found = {
        name: _kept(transaction, f"FROM usage WHERE width = {width}", "usage", width)
        for name, width in _USAGE.items()
    }
    return found | {"bill": _kept(transaction, "FROM (SELECT day AS start FROM cost)", "cost", 86400)}


def count(transaction: Transaction, table: Literal["series", "mark"]) -> int:
    """How many rows a small table has."""
    row = transaction.one(f"SELECT count(*) FROM {table}")
    return int(row[0]) if row else 0


def schema(transaction: Transaction) -> int:
    """The number of the schema."""
    row = transaction.one("PRAGMA user_version")
    return int(row[0]) if row else 0


def size(transaction: Transaction) -> Size:
    """How large the database is, without its log."""
    page, pages, free = (
        int((transaction.one(f"PRAGMA {name}") or (0,))[0])
        for name in ("page_size", "page_count", "freelist_count")
    )
    return Size(page * pages, page * free)


def _kept(transaction: Transaction, rows: str, report: str, width: int) -> Kept:
    number, first, last = transaction.one(f"SELECT count(*), min(start), max(start) {rows}") or (
        0,
        None,
        None,
    )
    read = transaction.one(
        "SELECT count(*), min(start), max(start) FROM coverage WHERE report = ? AND width = ?",
        (report, width),
    )
    buckets, first_read, last_read = read or (0, None, None)
    starts = [start for start in (first, first_read) if start is not None]
    ends = [start for start in (last, last_read) if start is not None]
    return Kept(
        number,
        buckets,
        from_seconds(min(starts)) if starts else None,
        from_seconds(max(ends)) if ends else None,
    )
