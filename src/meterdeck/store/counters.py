"""Sums of the counters that have no column of their own, as panes and reports ask for them, by series and name.

What a name stands for, `meterdeck.domain.counters` tells: cache writes belong into totals, all others beside them.
"""

from __future__ import annotations

from collections.abc import Iterable

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import sums
from meterdeck.store.counter_rows import are_kept
from meterdeck.store.database import Transaction
from meterdeck.store.times import to_seconds

BySeries = dict[int, dict[str, int]]
"""Counts by name of each series that has any."""


def by_series(transaction: Transaction, window: Window) -> BySeries:
    """Sums of the hours that start inside a window."""
    if not are_kept(transaction):
        return {}
    rows, parameters = sums.hours_of(transaction, window, table="counter", columns="name, count")
    return _by_series(
        transaction.all(f"SELECT series, name, sum(count) FROM ({rows}) GROUP BY series, name", parameters)
    )


def minutes_by_series(transaction: Transaction, window: Window) -> BySeries:
    """Sums of the minutes of a window."""
    return parts_by_series(transaction, BucketWidth.MINUTE, window)


def parts_by_series(transaction: Transaction, width: BucketWidth, window: Window) -> BySeries:
    """Sums of the buckets of one width in a window, whatever is kept added up of them."""
    if not are_kept(transaction):
        return {}
    return _by_series(
        transaction.all(
            "SELECT series, name, sum(count) FROM counter WHERE width = ? AND start >= ? AND start < ?"
            " GROUP BY series, name",
            (width.seconds, to_seconds(window.start), to_seconds(window.end)),
        )
    )


def names(transaction: Transaction, window: Window | None = None) -> tuple[str, ...]:
    """The names of all counters that are kept, or of those of the hours that start inside a window."""
    if not are_kept(transaction):
        return ()
    if window is None:
        rows = transaction.all("SELECT DISTINCT name FROM counter ORDER BY name")
    else:
        of_window, parameters = sums.hours_of(transaction, window, table="counter", columns="name")
        rows = transaction.all(f"SELECT DISTINCT name FROM ({of_window}) ORDER BY name", parameters)
    return tuple(name for (name,) in rows)


def _by_series(rows: Iterable[tuple[int, str, int]]) -> BySeries:
    found: BySeries = {}
    for of, name, count in rows:
        found.setdefault(of, {})[name] = count
    return found
