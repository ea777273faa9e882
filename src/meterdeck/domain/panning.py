"""Other times than the one on show: longer and shorter, earlier and later, a part of it, and back to now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, tzinfo

from meterdeck.domain.buckets import BucketWidth, Window, next_month_start, previous_month_start
from meterdeck.domain.local_days import days_up_to
from meterdeck.domain.scope import Before, Scope, Since, Span

STEPS = (Span.HOUR, Span.SIX_HOURS, Span.DAY, Span.WEEK, Span.MONTH_OF_DAYS, Span.CALENDAR_MONTH)
"""The times that can be looked at, shortest first."""


def longer(scope: Scope, now: datetime, zone: tzinfo) -> Scope:
    """The next longer time: up to now, or to where a time that is past ends."""
    return _resized(scope, 1, now, zone)


def shorter(scope: Scope, now: datetime, zone: tzinfo) -> Scope:
    """The next shorter time."""
    return _resized(scope, -1, now, zone)


def earlier(scope: Scope, now: datetime, zone: tzinfo) -> Scope:
    """As long a time, right before this one; before a month the whole month that it follows."""
    if scope.is_month:
        start = scope.window(now, zone).start
        return replace(scope, at=Window(previous_month_start(start), start))
    window, at = scope.window(now, zone), scope.at
    before = window.start - window.duration, window.start
    if isinstance(at, Before):
        return replace(scope, at=Before(*before, at.since))
    return replace(scope, at=Before(*before, at) if isinstance(at, Since) else Window(*before))


def later(scope: Scope, now: datetime, zone: tzinfo) -> Scope:
    """As long a time, or the month, right after this one; what would reach beyond now is the newest time again.

    Out of a time before one that goes on since a moment, it leads back to that.
    """
    if scope.is_live:
        return scope
    at = scope.at
    if isinstance(at, Before):
        is_last = at.end >= BucketWidth.MINUTE.floor(at.since.start)
        return replace(scope, at=at.since if is_last else Before(at.end, at.end + at.duration, at.since))
    window = scope.window(now, zone)
    end = next_month_start(window.end) if scope.is_month else window.end + window.duration
    after = Window(window.end, end)
    return replace(scope, at=after) if after.end < now else up_to_now(scope)


def up_to_now(scope: Scope) -> Scope:
    """The newest time of the scope's span."""
    return replace(scope, at=None)


def narrowed(scope: Scope, bucket: Window) -> Scope:
    """The scope within one of its buckets: a day by its hours, an hour by its minutes; from a minute on, until now."""
    if bucket.duration <= BucketWidth.MINUTE.delta:
        return replace(scope, at=Since(bucket.start))
    span = Span.HOUR if bucket.duration <= BucketWidth.HOUR.delta else Span.DAY
    return replace(scope, span=span, at=bucket)


def _resized(scope: Scope, step: int, now: datetime, zone: tzinfo) -> Scope:
    window = scope.window(now, zone)
    if scope.at is None:
        index = STEPS.index(scope.span) + step
        return replace(scope, span=STEPS[index]) if 0 <= index < len(STEPS) else scope
    # Of a time that is past there is no calendar month: its days are not those of a month.
    others = [
        span
        for span in STEPS[:-1]
        if (span.length > window.duration if step > 0 else span.length < window.duration)
    ]
    if not others:
        return scope
    span = others[0] if step > 0 else others[-1]
    resized = _of_whole_buckets(span, window.end, zone)
    if not isinstance(scope.at, Window) or resized.end > now:
        return replace(scope, span=span, at=None)
    return replace(scope, span=span, at=resized)


def _of_whole_buckets(span: Span, end: datetime, zone: tzinfo) -> Window:
    """So long a time up to the bucket that holds its last minute: hours and days that it cuts would need their minutes."""
    if span.width is not BucketWidth.DAY:
        end = span.width.ceil(end)
        return Window(end - span.length, end)
    return days_up_to(end - BucketWidth.MINUTE.delta, span.length, zone)
