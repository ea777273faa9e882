"""The sums of whole days held against the hours that they are the sums of. Nobody is asked: both are in the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import Store, Transaction, counters, coverage, hours, sums
from meterdeck.store.coverage import Report
from meterdeck.store.topics import Topic
from meterdeck.sync.verifying import COUNTERS, Cells, Difference, differences

_ALL = Window(datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Days:
    """What became of the days: how many were compared, how many have no hours any more, and what differs."""

    compared: int
    thinned: int
    differences: list[Difference]


def verify_days(store: Store, *, repair: bool) -> Days:
    """Compare every day that is kept added up; with ``repair`` each that differs is added up anew.

    A day whose hours are thinned is left as it is: its sum is all there is. Raises `StoreError`.
    """
    with store.read() as transaction:
        days = list(coverage.covered(transaction, Report.USAGE, BucketWidth.DAY, _ALL))
    compared, found = 0, list[Difference]()
    for start in days:
        day = Window(start, start + BucketWidth.DAY.delta)
        with store.read() as transaction:  # for each day: a store of years must not hold up the log
            differing = _compare(transaction, day)
        if differing is None:
            continue
        compared += 1
        found += differing
        if differing and repair:
            with store.write() as transaction:
                hours.settle(transaction, [start])
                transaction.revise(Topic.USAGE)
    return Days(compared, len(days) - compared, found)


def _compare(transaction: Transaction, day: Window) -> list[Difference] | None:
    """What differs in a day; None where hours of it are missing."""
    if len(hours.hour_sources(transaction, day).read_at) < day.duration // BucketWidth.HOUR.delta:
        return None
    of_day = _cells(transaction, BucketWidth.DAY, day)
    of_hours = _cells(transaction, BucketWidth.HOUR, day)
    return list(differences(Report.USAGE, day.start, of_day, of_hours, width=BucketWidth.DAY))


def _cells(transaction: Transaction, width: BucketWidth, day: Window) -> Cells:
    members = sums.series(transaction)
    cells: dict[tuple[str | None, ...], int | Decimal] = {
        (*members[of], counter): value
        for of, counts in sums.parts_by_series(transaction, width, day).items()
        for counter, value in zip(COUNTERS, counts, strict=True)
    }
    others = counters.parts_by_series(transaction, width, day)
    return cells | {
        (*members[of], name): count for of, named in others.items() for name, count in named.items()
    }
