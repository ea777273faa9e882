"""The bill's lines: written a window at a time, amounts kept as the text that came."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.money import EXACT, sum_exactly
from meterdeck.domain.reports import CostBucket, CostLine
from meterdeck.store import coverage, restatements
from meterdeck.store.coverage import Report, starts_as_json
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds
from meterdeck.store.topics import Topic

_LINE_COLUMNS = ", ".join(CostLine._fields)

_Content = dict[int, str]
"""What a day says: the amount of each line, by its id in the store."""


class BilledLine(NamedTuple):
    """A line of one day's bill, in cents."""

    day: datetime
    line: CostLine
    cents: Decimal


def replace(
    transaction: Transaction, window: Window, buckets: Iterable[CostBucket], read_at: datetime
) -> bool:
    """Put a read of some days in the place of what was known of them; lines that vanished vanish.

    Lines of equal identity within the answer are added exactly. Days that were read after ``read_at`` stay: this
    answer is older than theirs. Returns whether anything changed.
    """
    newer = coverage.read_later(transaction, Report.COST, BucketWidth.DAY, window, read_at)
    ids = _LineIds(transaction)
    after = {
        bucket.window.start: _content(ids, bucket) for bucket in buckets if bucket.window.start not in newer
    }
    before: dict[datetime, _Content] = {}
    for day, line, cents in amounts(transaction, window):
        if day not in newer:
            before.setdefault(day, {})[line] = cents
    changed = {day: _differs(content, before.get(day, {})) for day, content in after.items()}
    says_new = any(changed.values()) or any(day not in after for day in before)
    if says_new:
        for day in before.keys() | after.keys():
            if changed.get(day, True) and restatements.is_allocated(transaction, day):
                was, now = _sum(transaction, before.get(day, {})), _sum(transaction, after.get(day, {}))
                restatements.restate(transaction, day, read_at, was, now)
        _rewrite(transaction, window, after, newer)
        transaction.revise(Topic.COSTS)
    coverage.replace(transaction, Report.COST, BucketWidth.DAY, window, changed, read_at, newer=newer)
    return says_new


def lines(transaction: Transaction, window: Window) -> list[BilledLine]:
    """All lines of the days that start inside a window, oldest day first."""
    known = line_ids(transaction)
    return [BilledLine(day, known[of], Decimal(cents)) for day, of, cents in amounts(transaction, window)]


def amounts(transaction: Transaction, window: Window) -> list[tuple[datetime, int, str]]:
    """(day, id of the line, cents as text) of the days that start inside a window, oldest day first."""
    rows = transaction.all(
        "SELECT day, line, cents FROM cost WHERE day >= ? AND day < ? ORDER BY day",
        (to_seconds(window.start), to_seconds(window.end)),
    )
    days = {seconds: from_seconds(seconds) for seconds in {row[0] for row in rows}}
    return [(days[day], line, cents) for day, line, cents in rows]


def line_ids(transaction: Transaction) -> dict[int, CostLine]:
    """Every line that was ever billed, by its id in the store."""
    rows = transaction.all(f"SELECT id, {_LINE_COLUMNS} FROM line")
    return {of: CostLine._make([field or None for field in fields]) for of, *fields in rows}


class _LineIds:
    """The ids of lines, made as they are first seen; one look at the table for a whole read."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._ids = {line: of for of, line in line_ids(transaction).items()}

    def of(self, line: CostLine) -> int:
        """The id of a line."""
        found = self._ids.get(line)
        if found is None:
            row = self._transaction.one(
                f"INSERT INTO line ({_LINE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                tuple(field or "" for field in line),
            )
            assert row is not None  # noqa: S101 - INSERT … RETURNING returns its row
            found = self._ids[line] = row[0]
        return found


def _content(ids: _LineIds, bucket: CostBucket) -> _Content:
    sums: dict[int, Decimal] = {}
    for line, cents in bucket.rows:
        of = ids.of(line)
        sums[of] = EXACT.add(sums[of], cents) if of in sums else cents
    return {of: str(cents) for of, cents in sums.items()}


def bill_of_day(transaction: Transaction, day: datetime) -> Decimal:
    """The sum of a day's lines, in cents; lines in other currencies are not in it."""
    content = {of: cents for _, of, cents in amounts(transaction, Window(day, day + BucketWidth.DAY.delta))}
    return _sum(transaction, content)


def _sum(transaction: Transaction, content: _Content) -> Decimal:
    lines = line_ids(transaction)
    return sum_exactly(Decimal(cents) for of, cents in content.items() if lines[of].is_usd)


def _differs(after: _Content, before: _Content) -> bool:
    """Whether two reads of a day say different things; ``1.50`` and ``1.5`` are the same."""
    if after == before:
        return False
    return after.keys() != before.keys() or any(
        Decimal(cents) != Decimal(before[of]) for of, cents in after.items()
    )


def _rewrite(
    transaction: Transaction,
    window: Window,
    after: Mapping[datetime, _Content],
    newer: Collection[datetime],
) -> None:
    transaction.run(
        "DELETE FROM cost WHERE day >= ? AND day < ? AND day NOT IN (SELECT value FROM json_each(?))",
        (to_seconds(window.start), to_seconds(window.end), starts_as_json(newer)),
    )
    transaction.run_many(
        "INSERT INTO cost (day, line, cents) VALUES (?, ?, ?)",
        ((to_seconds(day), of, cents) for day, content in after.items() for of, cents in content.items()),
    )
