"""Times as text, in the zone to show: UTC says so by a ``Z``, any other by its name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.scope import Scope, Since, Span
from meterdeck.present.measures import length_words

_SPANS = {
    Span.HOUR: "1 h",
    Span.SIX_HOURS: "6 h",
    Span.DAY: "24 h",
    Span.WEEK: "7 d",
    Span.MONTH_OF_DAYS: "31 d",
}
_TODAY = timedelta(hours=18)
"""A time of day that is less long ago needs no day."""


def clock(moment: datetime, zone: tzinfo = UTC) -> str:
    """``14:32Z``, ``15:32 CET``."""
    local = moment.astimezone(zone)
    return f"{local:%H:%M}{_zone(local)}"


def day(moment: datetime, zone: tzinfo = UTC) -> str:
    """``Sat 21 Nov``."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}"


def scope_time(scope: Scope, now: datetime, zone: tzinfo = UTC) -> str:
    """``24 h``, ``Nov``, ``since 14:05Z``, ``Fri 20 Nov``, ``Fri 20 Nov 14:00-15:00Z``."""
    if isinstance(scope.at, Window):
        return window(scope.at, zone)
    if isinstance(scope.at, Since):
        start = scope.at.start
        before = "" if now - start < _TODAY else f"{day(start, zone)} "
        return f"since {before}{clock(start, zone)}"
    return _SPANS.get(scope.span) or f"{now:%b}"


def scope_length(scope: Scope, now: datetime, zone: tzinfo = UTC) -> str:
    """How long a time is, for where `scope_time` has no room: ``24 h``, ``7 d``, ``since Mon 16``."""
    if isinstance(scope.at, Window):
        of = scope.at.duration
        return next((words for span, words in _SPANS.items() if span.length == of), length_words(of))
    if isinstance(scope.at, Since) and now - scope.at.start >= _TODAY:
        start = scope.at.start.astimezone(zone)
        return f"since {start:%a} {start.day}"
    return scope_time(scope, now, zone)


def scope_days(scope: Scope, now: datetime, zone: tzinfo = UTC) -> str:
    """The time in fewer words, where it is of several days: ``Wed 11 – Wed 18 Nov``, without the clock."""
    if not isinstance(scope.at, Window):
        return scope_length(scope, now, zone)
    start, last = scope.at.start.astimezone(zone), (scope.at.end - BucketWidth.MINUTE.delta).astimezone(zone)
    if start.date() == last.date():
        return scope_time(scope, now, zone)
    return f"{start:%a} {start.day} – {day(last, zone)}"


def window(of: Window, zone: tzinfo = UTC) -> str:
    """``Fri 20 Nov``, ``Fri 20 Nov 14:00-15:00Z``, ``Fri 20 Nov - Sun 22 Nov``: the end is exclusive."""
    start, end = of.start.astimezone(zone), of.end.astimezone(zone)
    last = (of.end - BucketWidth.MINUTE.delta).astimezone(zone)
    whole_days = (start.hour, start.minute, end.hour, end.minute) == (0, 0, 0, 0)
    if start.date() == last.date():
        return day(of.start, zone) if whole_days else f"{day(of.start, zone)} {span_of_clock(of, zone)}"
    if whole_days:
        return f"{day(of.start, zone)} – {day(last, zone)}"
    return f"{day(of.start, zone)} {_first_clock(start, end)} – {day(of.end, zone)} {end:%H:%M}{_zone(end)}"


def span_of_clock(of: Window, zone: tzinfo = UTC) -> str:
    """``14:00–15:00Z``."""
    return clocks(of.start.astimezone(zone), of.end.astimezone(zone))


def clocks(start: datetime, end: datetime) -> str:
    """``14:00–15:00Z``, ``01:00 EDT–01:00 EST``: two moments by the clock of the zone that they are in."""
    return f"{_first_clock(start, end)}–{end:%H:%M}{_zone(end)}"


def _first_clock(start: datetime, end: datetime) -> str:
    """The first of two times; with its zone where that is another one than at the end, as the clocks were changed."""
    return f"{start:%H:%M}{_zone(start) if start.utcoffset() != end.utcoffset() else ''}"


def _zone(local: datetime) -> str:
    return "Z" if local.tzinfo is UTC else f" {local:%Z}"
