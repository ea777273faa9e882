"""Buckets and windows: half-open ranges of aware UTC time, aligned to a width (api-facts 2.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BucketWidth(Enum):
    """A bucket's width; the value is its name on the wire."""

    MINUTE = "1m"
    HOUR = "1h"
    DAY = "1d"

    @property
    def seconds(self) -> int:
        """The width in seconds."""
        return _SECONDS[self]

    @property
    def delta(self) -> timedelta:
        """The width as a duration."""
        return timedelta(seconds=self.seconds)

    @property
    def page_limit(self) -> int:
        """The most buckets that one usage page may hold (api-facts 2.1)."""
        return _PAGE_LIMITS[self]

    def floor(self, moment: datetime) -> datetime:
        """The start of the bucket that holds a moment."""
        return moment - (require_utc(moment) - EPOCH) % self.delta

    def ceil(self, moment: datetime) -> datetime:
        """The first bucket boundary at or after a moment."""
        floor = self.floor(moment)
        return floor if floor == moment else floor + self.delta

    def after(self, moment: datetime) -> datetime:
        """The end of the bucket that holds a moment."""
        return self.floor(moment) + self.delta

    def is_bucket(self, window: Window) -> bool:
        """Whether a window is one bucket of this width, and aligned."""
        return window.duration == self.delta and self.floor(window.start) == window.start


_SECONDS = {BucketWidth.MINUTE: 60, BucketWidth.HOUR: 3600, BucketWidth.DAY: 86400}
_PAGE_LIMITS = {BucketWidth.MINUTE: 1440, BucketWidth.HOUR: 168, BucketWidth.DAY: 31}


def require_utc(moment: datetime) -> datetime:
    """Return the moment itself; raise `ValueError` unless it is aware and in UTC."""
    if moment.utcoffset() != timedelta(0):
        msg = f"{moment!r} is not an aware UTC time"
        raise ValueError(msg)
    return moment


def rfc3339(moment: datetime) -> str:
    """``2026-11-21T14:00:00Z``: the form the API takes and the reports give."""
    return require_utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A range of time: ``start`` inclusive, ``end`` exclusive, both aware UTC, never empty."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if require_utc(self.start) >= require_utc(self.end):
            msg = f"a window must end after it starts: {self.start} .. {self.end}"
            raise ValueError(msg)

    @property
    def duration(self) -> timedelta:
        """How long the window is."""
        return self.end - self.start

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def starts(self, width: BucketWidth) -> Iterator[datetime]:
        """The starts of the buckets of one width that begin inside the window, oldest first."""
        moment = width.ceil(self.start)
        while moment < self.end:
            yield moment
            moment += width.delta


def last_buckets(width: BucketWidth, count: int, now: datetime) -> Window:
    """The window of ``count`` buckets of which the last is the running one."""
    end = width.after(now)
    return Window(end - count * width.delta, end)


def whole_and_parts(window: Window, width: BucketWidth) -> tuple[Window | None, tuple[Window, ...]]:
    """The whole buckets of one width in a window (None where it holds none), and what is left beside them."""
    first, last = width.ceil(window.start), width.floor(window.end)
    if first >= last:
        return None, (window,)
    edges = ((window.start, first), (last, window.end))
    return Window(first, last), tuple(Window(start, end) for start, end in edges if start < end)


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Windows (in ascending order of their starts) as few as possible: those that touch or overlap become one."""
    whole: list[Window] = []
    for window in windows:
        if whole and whole[-1].end >= window.start:
            whole[-1] = Window(whole[-1].start, max(whole[-1].end, window.end))
        else:
            whole.append(window)
    return tuple(whole)


def merge_buckets(starts: Iterable[datetime], width: BucketWidth) -> tuple[Window, ...]:
    """The windows that bucket starts (in ascending order) fill, as few as possible."""
    return joined(Window(start, start + width.delta) for start in starts)


def month_start(moment: datetime) -> datetime:
    """00:00Z on the 1st of the moment's month: bills and months are UTC (design, "local time")."""
    return require_utc(moment).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month_start(moment: datetime) -> datetime:
    """00:00Z on the 1st of the month after."""
    return month_start(month_start(moment) + timedelta(days=31))


def previous_month_start(moment: datetime) -> datetime:
    """00:00Z on the 1st of the month before."""
    return month_start(month_start(moment) - timedelta(days=1))
