"""Days of a zone as windows of UTC time, made of whole hours, as usage is kept by the hour.

A day has 23 or 25 hours when the clocks change. In a zone that is half an hour off, an hour belongs to the day in
which it starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from meterdeck.domain.buckets import BucketWidth, Window, require_utc


def day_within(moment: datetime, zone: tzinfo) -> Window:
    """The zone's day that the hour of a moment belongs to."""
    day = BucketWidth.HOUR.floor(moment).astimezone(zone).date()
    return _window(day, zone)


def day_windows(window: Window, zone: tzinfo) -> Iterator[Window]:
    """The zone's days that a window touches, oldest first."""
    day = day_within(window.start, zone)
    while day.start < window.end:
        yield day
        day = day_within(day.end, zone)


def days_up_to(moment: datetime, length: timedelta, zone: tzinfo) -> Window:
    """So many whole days of the zone, of which the last is the one that a moment belongs to."""
    last = day_within(moment, zone)
    noon_of_the_first = last.start + timedelta(hours=12) - (length - timedelta(days=1))
    return Window(day_within(noon_of_the_first, zone).start, last.end)


def _window(day: date, zone: tzinfo) -> Window:
    return Window(_midnight(day, zone), _midnight(day + timedelta(days=1), zone))


def _midnight(day: date, zone: tzinfo) -> datetime:
    """The first whole hour (of UTC) of a day; a midnight that the clocks skip is the first moment after it."""
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    return require_utc(BucketWidth.HOUR.ceil(start))
