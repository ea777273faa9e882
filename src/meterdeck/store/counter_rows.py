"""How counters of usage that have no column of their own are written, by name (`meterdeck.domain.counters`).

They are kept, replaced, added up and thinned with the rows of `usage` that they belong to. Nearly no organisation has
any: what has to be looked at then is one empty table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.reports import UsageRow
from meterdeck.store.coverage import starts_as_json
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds

Content = dict[tuple[int, str], int]
"""What a bucket counts, by series id and name; what counts 0 is not in it."""

_IN_WINDOW = "width = ? AND start >= ? AND start < ?"


def are_kept(transaction: Transaction) -> bool:
    """Whether there is any such counter at all: the one look that those without any pay for."""
    return transaction.one("SELECT 1 FROM counter LIMIT 1") is not None


def add(content: Content, series: int, row: UsageRow) -> None:
    """Add what a row counts to what its bucket does."""
    for name, count in row.others:
        content[series, name] = content.get((series, name), 0) + count


def contents(
    transaction: Transaction, width: BucketWidth, window: Window, newer: Collection[datetime] = ()
) -> dict[datetime, Content]:
    """What each bucket of a window counts, but for some; one without any does not come."""
    found: dict[datetime, Content] = {}
    if not are_kept(transaction):
        return found
    rows = transaction.all(
        f"SELECT start, series, name, count FROM counter WHERE {_IN_WINDOW}", _of(width, window)
    )
    for start, series, name, count in rows:
        found.setdefault(from_seconds(start), {})[series, name] = count
    return {start: content for start, content in found.items() if start not in newer}


def rewrite(
    transaction: Transaction,
    width: BucketWidth,
    window: Window,
    after: Mapping[datetime, Content],
    newer: Collection[datetime],
) -> None:
    """Put what the buckets of a window count in the place of what was known, but for those that are newer."""
    transaction.run(
        f"DELETE FROM counter WHERE {_IN_WINDOW} AND start NOT IN (SELECT value FROM json_each(?))",
        (*_of(width, window), starts_as_json(newer)),
    )
    transaction.run_many(
        "INSERT INTO counter (width, start, series, name, count) VALUES (?, ?, ?, ?, ?)",
        (
            (width.seconds, to_seconds(start), series, name, count)
            for start, content in after.items()
            for (series, name), count in content.items()
        ),
    )


def add_up(transaction: Transaction, parts: BucketWidth, whole: BucketWidth, start: datetime) -> None:
    """Put the sums of its parts into a bucket that has nothing (`remove`)."""
    first = to_seconds(start)
    transaction.run(
        "INSERT INTO counter (width, start, series, name, count)"
        f" SELECT ?, ?, series, name, sum(count) FROM counter WHERE {_IN_WINDOW} GROUP BY series, name",
        (whole.seconds, first, parts.seconds, first, first + whole.seconds),
    )


def remove(
    transaction: Transaction, width: BucketWidth, starts: Iterable[int], *, seconds: int | None = None
) -> None:
    """Take away what some buckets count, or all buckets of so many seconds from those starts on."""
    length = width.seconds if seconds is None else seconds
    transaction.run_many(
        f"DELETE FROM counter WHERE {_IN_WINDOW}",
        ((width.seconds, start, start + length) for start in starts),
    )


def _of(width: BucketWidth, window: Window) -> tuple[int, int, int]:
    return width.seconds, to_seconds(window.start), to_seconds(window.end)
