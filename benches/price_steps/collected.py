"""A store as a collector would have it that ran all the time, or was away, or is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from benches.price_steps.organisation import (
    DAY,
    FIRST_DAY,
    HOUR,
    KEYS,
    OWNER,
    SERIES,
    TODAY,
    USAGE_LAG,
    WORKSPACES,
    Organisation,
    Used,
    used_in_hours,
    used_in_minutes,
)
from meterdeck.domain.buckets import BucketWidth, Window, previous_month_start
from meterdeck.domain.dimensions import SERIES_DIMENSIONS
from meterdeck.domain.reports import CostBucket, Series, UsageBucket, UsageRow
from meterdeck.store import Store, costs, directory, usage
from meterdeck.sync.plan import READ_HOUR_AFTER

MINUTE = timedelta(minutes=1)
MINUTES_KEPT = 2 * HOUR
"""Of the newest hours the minutes are there: more of them say nothing more of money."""
NEWEST_READ = 5 * MINUTE
"""How old the newest read of the bill is."""


class TodaysBill(StrEnum):
    """What the cost report says of a day that runs."""

    ABSENT = "absent"
    """No bucket at all."""
    EMPTY = "empty"
    """A bucket without lines."""
    PARTIAL = "partial"
    """The hours that ended three hours ago."""


class Collecting(StrEnum):
    """How the bill was read."""

    ALL_THE_TIME = "read twice"
    """Every six hours: of yesterday two reads agree."""
    AWAY = "read once"
    """Nothing between yesterday afternoon and now: yesterday's bill was read once since it ended."""
    NEW = "first fill"
    """A first fill a few minutes ago: every day was read once."""


def fill_usage(path: Path, seed: int, now: datetime) -> None:
    """Make a store with names and all usage until a moment, each hour as its newest reading left it."""
    store = Store(path)
    with store.write() as transaction:
        directory.replace(transaction, OWNER, WORKSPACES, KEYS)
        last = BucketWidth.HOUR.floor(now)
        for day in Window(FIRST_DAY, now).starts(BucketWidth.DAY):
            for read_at, hours in _readings(day, now):
                buckets = [_bucket(seed, hour, BucketWidth.HOUR) for hour in hours]
                window = Window(hours[0], hours[-1] + HOUR)
                usage.replace(transaction, BucketWidth.HOUR, window, buckets, read_at)
        minutes = Window(last - MINUTES_KEPT, max(last, BucketWidth.MINUTE.floor(now)))
        of_minutes = [
            _bucket(seed, start, BucketWidth.MINUTE, reported=start < now - USAGE_LAG)
            for start in minutes.starts(BucketWidth.MINUTE)
        ]
        usage.replace(transaction, BucketWidth.MINUTE, minutes, of_minutes, now)
    store.close()


def _readings(day: datetime, now: datetime) -> Iterator[tuple[datetime, list[datetime]]]:
    """The hours of a day that closed and were read, by when they were last: a settled day at once."""
    if day + 2 * DAY + HOUR <= now:
        yield day + 2 * DAY + 10 * MINUTE, [day + at * HOUR for at in range(24)]
        return
    for at in range(24):
        hour = day + at * HOUR
        passed = [read for after in READ_HOUR_AFTER if (read := hour + HOUR + after) <= now]
        if passed:
            yield passed[-1], [hour]


def _bucket(seed: int, start: datetime, width: BucketWidth, *, reported: bool = True) -> UsageBucket:
    rows = [(series, _used(seed, series, start, width)) for series in SERIES if reported]
    return UsageBucket(
        Window(start, start + width.delta),
        SERIES_DIMENSIONS,
        tuple(UsageRow(tuple(series), *used) for series, used in rows if used.tokens.total),
    )


def _used(seed: int, series: Series, start: datetime, width: BucketWidth) -> Used:
    if width is BucketWidth.HOUR:
        return used_in_hours(seed, series, start)
    return used_in_minutes(seed, series, BucketWidth.HOUR.floor(start), start.minute, start.minute + 1)


def fill_bill(
    path: Path, organisation: Organisation, now: datetime, todays_bill: TodaysBill, collecting: Collecting
) -> None:
    """Put the bill into a store, read by read."""
    store = Store(path)
    with store.write() as transaction:
        for read_at, window in _reads(now, collecting):
            buckets = list(_days(organisation, window, read_at, todays_bill))
            costs.replace(transaction, window, buckets, read_at)
    store.close()


def billed_of_today(now: datetime) -> datetime:
    """As of when today's bill is, where it has any lines."""
    return now - NEWEST_READ


def _reads(now: datetime, collecting: Collecting) -> Iterator[tuple[datetime, Window]]:
    """When the bill was read, and which days of it: two months once a day, else the last days."""
    newest = now - NEWEST_READ
    if collecting is not Collecting.NEW:
        yield TODAY - 4 * DAY - 2 * HOUR, Window(FIRST_DAY, TODAY - 3 * DAY)
        first, away_from = TODAY - 3 * DAY + 4 * HOUR, TODAY - 8 * HOUR
        for at in range(100):
            read_at = first + at * 6 * HOUR
            if read_at >= newest or (collecting is Collecting.AWAY and read_at > away_from):
                break
            yield read_at, _window_of(read_at, whole=read_at.hour == 4)
    yield newest, _window_of(newest, whole=True)


def _window_of(read_at: datetime, *, whole: bool) -> Window:
    today = BucketWidth.DAY.floor(read_at)
    start = max(FIRST_DAY, previous_month_start(read_at)) if whole else today - 3 * DAY
    return Window(start, today + DAY)


def _days(
    organisation: Organisation, window: Window, read_at: datetime, todays_bill: TodaysBill
) -> Iterable[CostBucket]:
    running = BucketWidth.DAY.floor(read_at)
    for day in window.starts(BucketWidth.DAY):
        rows = organisation.lines(day, read_at)
        if day == running and todays_bill is not TodaysBill.PARTIAL:
            if todays_bill is TodaysBill.ABSENT:
                continue
            rows = ()
        yield CostBucket(Window(day, day + DAY), rows)
