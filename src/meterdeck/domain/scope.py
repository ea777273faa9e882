"""A scope: what one look at the data covers. A frozen value that every pane answers to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum

from meterdeck.domain.buckets import BucketWidth, Window, last_buckets, month_start, next_month_start
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.local_days import day_windows, day_within, days_up_to

MINUTES_UP_TO = timedelta(hours=3)
"""The longest time that is looked at minute by minute."""
HOURS_UP_TO = timedelta(days=8)
"""The longest time that is looked at hour by hour."""


class Span(Enum):
    """How far back a scope looks; the value is its name on the command line."""

    HOUR = "1h"
    SIX_HOURS = "6h"
    DAY = "24h"
    WEEK = "7d"
    MONTH_OF_DAYS = "31d"
    CALENDAR_MONTH = "month"

    def window(self, width: BucketWidth, now: datetime) -> Window:
        """The window that ends with the running bucket: N buckets, the running one among them."""
        if self is Span.CALENDAR_MONTH:
            return Window(month_start(now), width.after(now))
        return last_buckets(width, max(1, self.length // width.delta), now)

    @property
    def length(self) -> timedelta:
        """How long it is; a calendar month as long as the longest."""
        return _LENGTHS[self]

    @property
    def width(self) -> BucketWidth:
        """The buckets in which so long a time is looked at."""
        return width_for(self.length)


_LENGTHS = {
    Span.HOUR: timedelta(hours=1),
    Span.SIX_HOURS: timedelta(hours=6),
    Span.DAY: timedelta(days=1),
    Span.WEEK: timedelta(days=7),
    Span.MONTH_OF_DAYS: timedelta(days=31),
    Span.CALENDAR_MONTH: timedelta(days=31),
}


def width_for(duration: timedelta) -> BucketWidth:
    """The buckets that are few enough to be looked at, and fine enough to tell something."""
    if duration <= MINUTES_UP_TO:
        return BucketWidth.MINUTE
    return BucketWidth.HOUR if duration <= HOURS_UP_TO else BucketWidth.DAY


@dataclass(frozen=True, slots=True)
class Filter:
    """Keep only these members of one dimension; an empty filter keeps nothing."""

    dimension: Dimension
    members: frozenset[str | None]


@dataclass(frozen=True, slots=True)
class Since:
    """From a moment (a whole minute) until now, however late that becomes."""

    start: datetime


@dataclass(frozen=True, slots=True)
class Before(Window):
    """A time before one that goes on until now: looking later, again and again, leads back to that."""

    since: Since


@dataclass(frozen=True, slots=True)
class Scope:
    """Filters (all must hold), which time to look at, and what to break down by.

    The time is the newest ``span``, unless ``at`` fixes a window or where it begins.
    """

    filters: tuple[Filter, ...] = ()
    span: Span = Span.DAY
    by: Dimension = Dimension.WORKSPACE
    at: Since | Window | None = None

    @property
    def is_live(self) -> bool:
        """Whether the time reaches up to now."""
        return not isinstance(self.at, Window)

    @property
    def is_of_usual_time(self) -> bool:
        """Whether the time is the one that nobody has chosen: it is missed least where it is not told."""
        return self.at is None and self.span is Span.DAY

    @property
    def is_month(self) -> bool:
        """Whether the time is a calendar month: the running one, or a whole one that is past."""
        if self.span is not Span.CALENDAR_MONTH or isinstance(self.at, Since):
            return False
        at = self.at
        return at is None or (at.start == month_start(at.start) and at.end == next_month_start(at.start))

    def members(self, dimension: Dimension) -> frozenset[str | None] | None:
        """The members a filter keeps, or None where the dimension is not filtered."""
        return next((f.members for f in self.filters if f.dimension is dimension), None)

    def filtered(self, dimension: Dimension, members: Iterable[str | None] | None) -> Scope:
        """The same scope with one dimension's filter replaced; None or no members takes the filter away."""
        others = tuple(f for f in self.filters if f.dimension is not dimension)
        kept = frozenset(members or ())
        return replace(self, filters=(*others, Filter(dimension, kept)) if kept else others)

    def width(self, now: datetime) -> BucketWidth:
        """The buckets in which the time is looked at."""
        if self.at is None:
            return self.span.width
        end = self.at.end if isinstance(self.at, Window) else now
        return width_for(end - self.at.start)

    def window(self, now: datetime, zone: tzinfo = UTC) -> Window:
        """The time itself, to the minute at most. Days are those of a zone; months are UTC (design)."""
        if isinstance(self.at, Window):
            return self.at
        if isinstance(self.at, Since):
            start = BucketWidth.MINUTE.floor(self.at.start)
            width = self.width(now)
            end = day_within(now, zone).end if width is BucketWidth.DAY else width.after(now)
            return Window(start, max(end, start + BucketWidth.MINUTE.delta))
        if self.span is Span.MONTH_OF_DAYS:
            return days_up_to(now, self.span.length, zone)
        return self.span.window(self.span.width, now)

    def buckets(self, now: datetime, zone: tzinfo = UTC) -> tuple[Window, ...]:
        """The window cut into its buckets, oldest first; of the outermost ones the part that lies inside it."""
        window = self.window(now, zone)
        whole = self.whole_buckets(now, zone)
        return tuple(Window(max(of.start, window.start), min(of.end, window.end)) for of in whole)

    def whole_buckets(self, now: datetime, zone: tzinfo = UTC) -> tuple[Window, ...]:
        """The buckets that the window touches, oldest first; the outermost ones may reach beyond it."""
        window, width = self.window(now, zone), self.width(now)
        if width is BucketWidth.DAY:
            return tuple(day_windows(window, UTC if self.is_month else zone))
        first = width.floor(window.start)
        return tuple(Window(start, start + width.delta) for start in Window(first, window.end).starts(width))
