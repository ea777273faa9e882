"""The bill's lines: written a window at a time, amounts kept as the text that came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.money import EXACT
from meterdeck.domain.reports import CostBucket, CostLine
from meterdeck.store import coverage
from meterdeck.store.coverage import Report
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds

_LINE_COLUMNS = ", ".join(CostLine._fields)


class BilledLine(NamedTuple):
    """A line of one day's bill, in cents."""

    day: datetime
    line: CostLine
    cents: Decimal


def replace(
    transaction: Transaction, window: Window, buckets: Iterable[CostBucket], read_at: datetime
) -> bool:
    """Put a read of some days in the place of what was known of them; lines that vanished vanish.

    Lines of equal identity within the answer are added exactly. Returns whether anything changed.
    """
    after = {bucket.window.start: _content(bucket) for bucket in buckets}
    before: dict[datetime, dict[CostLine, Decimal]] = {}
    for billed in lines(transaction, window):
        before.setdefault(billed.day, {})[billed.line] = billed.cents
    changed = {day: content != before.get(day, {}) for day, content in after.items()}
    vanished = any(day not in after for day in before)
    if vanished or any(changed.values()):
        _rewrite(transaction, window, after)
    transaction.revise()
    coverage.replace(transaction, Report.COST, BucketWidth.DAY, window, changed, read_at)
    return vanished or any(changed.values())


def lines(transaction: Transaction, window: Window) -> list[BilledLine]:
    """All lines of the days that start inside a window, oldest day first."""
    rows = transaction.all(
        f"SELECT day, {_LINE_COLUMNS}, cents FROM cost WHERE day >= ? AND day < ? ORDER BY day",
        (to_seconds(window.start), to_seconds(window.end)),
    )
    return [
        BilledLine(from_seconds(day), CostLine._make([field or None for field in fields]), Decimal(cents))
        for day, *fields, cents in rows
    ]


def _content(bucket: CostBucket) -> dict[CostLine, Decimal]:
    content: dict[CostLine, Decimal] = {}
    for line, cents in bucket.rows:
        content[line] = EXACT.add(content[line], cents) if line in content else cents
    return content


def _rewrite(
    transaction: Transaction, window: Window, after: Mapping[datetime, Mapping[CostLine, Decimal]]
) -> None:
    transaction.run(
        "DELETE FROM cost WHERE day >= ? AND day < ?", (to_seconds(window.start), to_seconds(window.end))
    )
    transaction.run_many(
        f"INSERT INTO cost (day, {_LINE_COLUMNS}, cents) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (to_seconds(day), *(field or "" for field in line), str(cents))
            for day, content in after.items()
            for line, cents in content.items()
        ),
    )
