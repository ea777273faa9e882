"""The plan: which window each feed should read now. Pure functions of what is covered and what time it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from meterdeck.domain.buckets import BucketWidth, Window, previous_month_start
from meterdeck.store.coverage import Coverage

MINUTE = BucketWidth.MINUTE.delta
HOUR = BucketWidth.HOUR.delta
DAY = BucketWidth.DAY.delta

LIVE_TAIL = timedelta(minutes=15)
"""Minutes appear within 5 and fill for some more (api-facts 5), so the tail is read again each time."""
MINUTES_SHOWN = timedelta(minutes=60)
READ_HOUR_AFTER = (
    timedelta(minutes=10),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(days=1),
)
"""When, after it closed, an hour is read. Its last minutes still fill at the first; late tokens and restatements
are found by the later ones."""
COSTS_TAIL_DAYS = 3
REFRESHED_HOURS = 3
CHECK_DAYS = 7
"""How many ended days are held against their hours once a day."""
CHECK_AFTER = timedelta(hours=3, minutes=20)
"""When, after midnight, that is due: the day's last hour was read as often by then as a day of late tokens needs."""
READ_MIX_AFTER = (READ_HOUR_AFTER[1], timedelta(hours=3, minutes=20))
"""When, after it closed, an hour of the mix is read: shares need no more. Each reading takes the last four hours."""
MIX_DAYS = 10
"""How far back the mix is read: a first fill learns prices from days that ended 72 h ago, and of these it has seven."""


class Feed(StrEnum):
    """A question that is asked again and again."""

    LIVE = "live"
    HOURS = "hours"
    COSTS = "costs"
    MIX = "mix"
    CHECK = "check"
    """Whole days against their hours."""
    DIRECTORY = "directory"
    MINUTES = "minutes"
    """Asked only when somebody looks into an hour whose minutes are not there."""
    ON_DEMAND = "on_demand"
    """Asked only when somebody wants usage by what the series leave out."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often each feed asks while the app runs."""

    live: timedelta = timedelta(seconds=75)
    costs: timedelta = timedelta(minutes=30)
    directory: timedelta = timedelta(hours=6)


DEMO_CADENCE = Cadence(live=timedelta(seconds=10), costs=timedelta(minutes=5))


def live_window(
    now: datetime,
    minutes: Mapping[datetime, Coverage],
    hours: Mapping[datetime, Coverage],
    *,
    reach_back: bool,
) -> Window:
    """The minutes to read now: the tail, or more.

    After any gap in the last hour, and whenever ``reach_back`` is set, the window starts with the oldest hour
    that the hours feed has not read yet, so that the running hour is always whole.
    """
    end = BucketWidth.MINUTE.after(now)
    tail = Window(end - LIVE_TAIL, end)
    gap = any(
        minute not in minutes for minute in Window(end - MINUTES_SHOWN, tail.start).starts(BucketWidth.MINUTE)
    )
    if not (gap or reach_back):
        return tail
    running = BucketWidth.HOUR.floor(now)
    unread = running if running - HOUR in hours else running - HOUR
    start = min(unread, tail.start)
    return Window(min(start, end - MINUTES_SHOWN) if gap else start, end)


def due_hours(
    now: datetime,
    read_at: Mapping[datetime, datetime],
    history: Window,
    reads: Sequence[timedelta] = READ_HOUR_AFTER,
) -> list[datetime]:
    """The closed hours of a window that should be read now, newest first; ``read_at`` by the hour's start."""
    due = [hour for hour in history.starts(BucketWidth.HOUR) if _is_due(hour, read_at.get(hour), now, reads)]
    return due[::-1]


def _is_due(
    hour: datetime, read_at: datetime | None, now: datetime, after_closing: Sequence[timedelta]
) -> bool:
    reads = [hour + HOUR + after for after in after_closing]
    passed = [moment for moment in reads if moment <= now]
    return bool(passed) and (read_at is None or read_at < passed[-1])


def next_hours_read(now: datetime) -> datetime:
    """10 or 20 minutes past the hour: the hour that closed is due then, and so is every later re-reading."""
    running = BucketWidth.HOUR.floor(now)
    moments = [running + after for after in (*READ_HOUR_AFTER[:2], HOUR + READ_HOUR_AFTER[0])]
    return next(moment for moment in moments if moment > now)


def refreshed_hours(now: datetime, since: datetime | None, most: int) -> Window:
    """The closed hours to read on demand: the last three, or those of today that somebody asks about.

    What closed before today is checked by whole days.
    """
    closed = BucketWidth.HOUR.floor(now)
    start = closed - REFRESHED_HOURS * HOUR
    if since is not None:
        start = min(start, max(BucketWidth.HOUR.floor(since), BucketWidth.DAY.floor(now)))
    return Window(max(start, closed - most * HOUR), closed)


def minutes_window(
    now: datetime, hour: datetime, read_at: Mapping[datetime, datetime], fresh_for: timedelta
) -> Window | None:
    """The minutes of an hour, up to the running one, if any should be read; ``read_at`` by the minute's start.

    A minute that may still have been filling when it was read is due again, but not within ``fresh_for``.
    """
    window = Window(hour, min(hour + HOUR, BucketWidth.MINUTE.after(now)))
    fresh = now - fresh_for

    def is_due(minute: datetime) -> bool:
        filled = minute + BucketWidth.MINUTE.delta + READ_HOUR_AFTER[1]
        return minute not in read_at or (read_at[minute] < filled and read_at[minute] <= fresh)

    return window if any(is_due(minute) for minute in window.starts(BucketWidth.MINUTE)) else None


def next_mix_read(now: datetime) -> datetime:
    """20 minutes past the hour: the hour that closed is due then, and the one that closed three before."""
    after = READ_MIX_AFTER[0]
    return BucketWidth.HOUR.after(now - after) + after


def check_due(now: datetime) -> datetime:
    """When the check that is due now was due first."""
    return BucketWidth.DAY.floor(now - CHECK_AFTER) + CHECK_AFTER


def next_check(now: datetime) -> datetime:
    """When to look again whether one is due: within the hour, for days become whole while the history is read."""
    return min(check_due(now) + DAY, now + HOUR)


def costs_tail(now: datetime) -> Window:
    """The days of the bill that may still change, today among them: up to tomorrow (api-facts 3.3)."""
    today = BucketWidth.DAY.floor(now)
    return Window(today - COSTS_TAIL_DAYS * DAY, today + DAY)


def costs_since(now: datetime, since: datetime) -> Window:
    """The bill of a window that reaches back to some moment, and at least what may still change."""
    tail = costs_tail(now)
    return Window(min(BucketWidth.DAY.floor(since), tail.start), tail.end)


def costs_months(now: datetime) -> Window:
    """The bill from the 1st of the previous month, and 31 days at least, up to tomorrow: at most 62 days."""
    end = BucketWidth.DAY.after(now)
    return Window(min(previous_month_start(now), end - 31 * DAY), end)


def without_today(window: Window, now: datetime) -> Window:
    """The same days up to today 00:00Z, for a server that refuses tomorrow (api-facts 3.3)."""
    return Window(window.start, BucketWidth.DAY.floor(now))
