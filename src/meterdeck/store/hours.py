"""Hours and days that hold: an hour is its newest read, by the hour or by its minutes; a whole day is added up.

`usage` has one set of rows for each hour, so that every sum over hours is a plain sum. Whose figures they are is
decided here, each time a part of the hour was read, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import costs, counter_rows, coverage, restatements
from meterdeck.store.coverage import Coverage, Report
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds

HOUR, DAY = BucketWidth.HOUR, BucketWidth.DAY
SETTLES_AFTER = timedelta(days=1)
"""How long after an hour closed its last reading is: what was read before that may still differ by rights."""
_COUNTERS = ("uncached_input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "web_searches")
COUNTERS = ", ".join(_COUNTERS)
SUMS = ", ".join(f"sum({counter})" for counter in _COUNTERS)


@dataclass(frozen=True, slots=True)
class HourSources:
    """Where each hour's figures come from.

    The newest read of an hour wins: its own row, or the sum of its minutes if all sixty were read after it. A
    few minutes read again do not make the others newer. The sum of minutes that were all read after the hour had
    settled is as good as its own row, and counts as that.
    """

    by_hour: tuple[datetime, ...]
    by_minute: tuple[datetime, ...]
    partial: frozenset[datetime]
    """Hours of ``by_minute`` of which fewer than 60 minutes were read."""
    read_at: Mapping[datetime, datetime]
    """When each known hour was last read."""
    covered_until: datetime | None
    """The end of the newest minute or hour that was read."""

    def __contains__(self, hour: datetime) -> bool:
        return hour in self.read_at

    def within(self, window: Window) -> HourSources:
        """The same, of the hours that start inside a narrower window."""
        return HourSources(
            tuple(hour for hour in self.by_hour if hour in window),
            tuple(hour for hour in self.by_minute if hour in window),
            frozenset(hour for hour in self.partial if hour in window),
            {hour: read_at for hour, read_at in self.read_at.items() if hour in window},
            self.covered_until,
        )


class MinuteCoverage(NamedTuple):
    """What was read of one hour by its minutes."""

    minutes: int
    all_read_since: datetime
    """When the minute that was read longest ago was read."""
    read_at: datetime
    until: datetime

    @property
    def complete(self) -> bool:
        """Whether all of the hour's minutes were read."""
        return self.minutes == 60


def hour_sources(transaction: Transaction, window: Window) -> HourSources:
    """Tell of each hour of a window whose figures it has."""
    own = coverage.covered(transaction, Report.USAGE, HOUR, window)
    minutes = _minute_coverage(transaction, window)
    by_hour, by_minute, partial = [], [], set()
    read_at: dict[datetime, datetime] = {}
    for hour in sorted(own.keys() | minutes.keys()):
        of_minutes = minutes.get(hour)
        if of_minutes and _minutes_win(own.get(hour), of_minutes):
            by_minute.append(hour)
            read_at[hour] = of_minutes.read_at
            if not of_minutes.complete:
                partial.add(hour)
        else:
            by_hour.append(hour)
            read_at[hour] = own[hour].read_at
    return HourSources(
        tuple(by_hour), tuple(by_minute), frozenset(partial), read_at, _covered_until(by_hour, minutes)
    )


def newer_than(transaction: Transaction, window: Window, read_at: datetime) -> frozenset[datetime]:
    """The hours of a window that hold figures read after a moment, by the hour or by all of their minutes."""
    minutes = _minute_coverage(transaction, window)
    return coverage.read_later(transaction, Report.USAGE, HOUR, window, read_at) | {
        hour for hour, of in minutes.items() if of.complete and of.all_read_since > read_at
    }


def settle(transaction: Transaction, touched: Iterable[datetime]) -> None:
    """Let the newest read hold in each hour of which a part was read; then add up their days."""
    hours = sorted({HOUR.floor(moment) for moment in touched})
    for hour in hours:
        window = Window(hour, hour + HOUR.delta)
        own = coverage.covered(transaction, Report.USAGE, HOUR, window).get(hour)
        minutes = _minute_coverage(transaction, window).get(hour)
        if minutes and _minutes_win(own, minutes):
            coverage.forget(transaction, Report.USAGE, HOUR, window)
            _add_up(transaction, BucketWidth.MINUTE, HOUR, hour)
            if minutes.complete and minutes.all_read_since >= window.end + SETTLES_AFTER:
                # Its figures are final, whichever way they were read: the hour need not be read again, and what it
                # says no longer depends on its minutes, which can go.
                _cover(transaction, HOUR, hour, minutes.all_read_since)
        elif own is None:
            _remove(transaction, HOUR, hour)
    _settle_days(transaction, hours)


def _settle_days(transaction: Transaction, hours: Iterable[datetime]) -> None:
    """Add up the days of some hours, where all 24 hours of a day are whole; forget the sums of others."""
    for day in sorted({DAY.floor(hour) for hour in hours}):
        window = Window(day, day + DAY.delta)
        sources = hour_sources(transaction, window)
        before = _rows(transaction, DAY, day) if restatements.is_allocated(transaction, day) else None
        coverage.forget(transaction, Report.USAGE, DAY, window)
        if len(sources.read_at) == 24 and not sources.partial:
            _add_up(transaction, HOUR, DAY, day)
            _cover(transaction, DAY, day, max(sources.read_at.values()))
        else:
            _remove(transaction, DAY, day)
        if before is not None and before != _rows(transaction, DAY, day):
            bill = costs.bill_of_day(transaction, day)
            restatements.restate(transaction, day, max(sources.read_at.values(), default=day), bill, bill)


def _minutes_win(own: Coverage | None, minutes: MinuteCoverage) -> bool:
    return own is None or (minutes.complete and minutes.all_read_since > own.read_at)


def _add_up(transaction: Transaction, parts: BucketWidth, whole: BucketWidth, start: datetime) -> None:
    """Put the sum of its parts in the place of a bucket's rows."""
    _remove(transaction, whole, start)
    transaction.run(
        f"INSERT INTO usage (width, start, series, {COUNTERS}) SELECT ?, ?, series, {SUMS} FROM usage"
        " WHERE width = ? AND start >= ? AND start < ? GROUP BY series",
        (
            whole.seconds,
            to_seconds(start),
            parts.seconds,
            to_seconds(start),
            to_seconds(start) + whole.seconds,
        ),
    )
    counter_rows.add_up(transaction, parts, whole, start)


def _cover(transaction: Transaction, width: BucketWidth, start: datetime, read_at: datetime) -> None:
    """Say that the sum in the place of a bucket's rows is its own."""
    transaction.run(
        "INSERT INTO coverage (report, width, start, read_at, unchanged_since) VALUES (?, ?, ?, ?, ?)",
        (Report.USAGE, width.seconds, to_seconds(start), to_seconds(read_at), to_seconds(read_at)),
    )


def _remove(transaction: Transaction, width: BucketWidth, start: datetime) -> None:
    transaction.run(
        "DELETE FROM usage WHERE width = ? AND start = ?",
        (width.seconds, to_seconds(start)),
    )
    counter_rows.remove(transaction, width, (to_seconds(start),))


def _rows(transaction: Transaction, width: BucketWidth, start: datetime) -> list[tuple[int, ...]]:
    return transaction.all(
        f"SELECT series, {COUNTERS} FROM usage WHERE width = ? AND start = ? ORDER BY series",
        (width.seconds, to_seconds(start)),
    )


def _minute_coverage(transaction: Transaction, window: Window) -> dict[datetime, MinuteCoverage]:
    rows = transaction.all(
        "SELECT start - start % 3600 AS hour, count(*), min(read_at), max(read_at), max(start) FROM coverage"
        " WHERE report = 'usage' AND width = 60 AND start >= ? AND start < ? GROUP BY hour",
        (to_seconds(window.start), to_seconds(window.end)),
    )
    return {
        from_seconds(hour): MinuteCoverage(
            count,
            from_seconds(oldest),
            from_seconds(read_at),
            from_seconds(last) + BucketWidth.MINUTE.delta,
        )
        for hour, count, oldest, read_at, last in rows
    }


def _covered_until(
    by_hour: Sequence[datetime], minutes: Mapping[datetime, MinuteCoverage]
) -> datetime | None:
    ends = [hour + timedelta(hours=1) for hour in by_hour[-1:]]
    ends += [minutes[hour].until for hour in sorted(minutes)[-1:]]
    return max(ends, default=None)
