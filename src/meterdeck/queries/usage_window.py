"""What a window of hours holds: which hours are closed, settling, running or gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from meterdeck.domain.buckets import BucketWidth, Window, joined, merge_buckets
from meterdeck.queries.look import Look
from meterdeck.store import coverage
from meterdeck.store.coverage import Coverage, Report
from meterdeck.store.hours import HourSources
from meterdeck.store.topics import Topic

USAGE_DELAY = timedelta(minutes=10)
"""How long after its end a bucket may still fill (design, "settling")."""
EXPECTED_WITHIN = timedelta(minutes=5)
"""How old the newest minute may be before its absence counts as a gap."""


class BucketState(StrEnum):
    """How sure a bucket's figures are."""

    CLOSED = "closed"
    SETTLING = "settling"
    RUNNING = "running"
    PARTIAL = "partial"
    GAP = "gap"
    AWAITED = "awaited"
    """Read before the reports could know of it, and nothing came of anybody: unknown, not zero."""


@dataclass(frozen=True, slots=True)
class UsageWindow:
    """The hours of a window, where their figures come from, and what is missing."""

    window: Window
    sources: HourSources
    gaps: tuple[Window, ...]
    as_of: datetime | None
    expected: datetime | None = None
    """Up to when it should have been read by now; None: to its end."""

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.gaps

    @property
    def is_unread(self) -> bool:
        """Whether nothing of it was read: its sums are unknown then, where those of hours without use are nothing."""
        return is_all_gap(self.window, self.gaps, self.expected)


def is_all_gap(window: Window, gaps: Sequence[Window], expected: datetime | None = None) -> bool:
    """Whether nothing of a window was read that should have been by now (``expected``; None: all of it)."""
    end = window.end if expected is None else min(window.end, expected)
    return any(gap.start <= window.start and end <= gap.end for gap in gaps)


def usage_window(look: Look, window: Window, now: datetime) -> UsageWindow:
    """Find out what is known of a window."""
    whole = Window(BucketWidth.HOUR.floor(window.start), BucketWidth.HOUR.ceil(window.end))
    sources = look.sources(whole)
    expected = min(window.end, expected_until(now))
    gaps = look.kept(
        Topic.COVERAGE,
        ("gaps", window, expected),
        lambda: _gaps(look, window, sources, expected),
    )
    return UsageWindow(window, sources, gaps, coverage.newest_read(look.transaction, Report.USAGE), expected)


def expected_until(now: datetime) -> datetime:
    """Up to when what was not read counts as a gap: the minutes since are too young to be missed."""
    return BucketWidth.MINUTE.floor(now - EXPECTED_WITHIN)


def state_of(hour: datetime, sources: HourSources, now: datetime) -> BucketState:
    """How sure one hour's figures are at a moment."""
    end = hour + BucketWidth.HOUR.delta
    if hour not in sources:
        return BucketState.GAP
    if now < end:
        return BucketState.RUNNING
    if hour in sources.partial:
        return BucketState.PARTIAL
    if now < end + USAGE_DELAY or sources.read_at[hour] < end + USAGE_DELAY:
        return BucketState.SETTLING
    return BucketState.CLOSED


def minute_state(start: datetime, read: Coverage | None, now: datetime) -> BucketState:
    """How sure one minute's figures are; ``read`` is None where it was not read."""
    end = start + BucketWidth.MINUTE.delta
    if read is None:
        return BucketState.GAP
    if now < end:
        return BucketState.RUNNING
    settled = end + USAGE_DELAY
    return BucketState.SETTLING if now < settled or read.read_at < settled else BucketState.CLOSED


def is_too_young(start: datetime, read_at: datetime) -> bool:
    """Whether a bucket was read while its first minute still filled: no usage does not mean none then."""
    return read_at < start + BucketWidth.MINUTE.delta + USAGE_DELAY


def _gaps(look: Look, window: Window, sources: HourSources, expected: datetime) -> tuple[Window, ...]:
    """What was not read: whole hours, minutes of hours that were read in part, and of those that the window cuts."""
    missing: list[Window] = []
    for hour in Window(BucketWidth.HOUR.floor(window.start), window.end).starts(BucketWidth.HOUR):
        until = hour + BucketWidth.HOUR.delta
        start, end = max(hour, window.start), min(until, expected)
        if end <= start:
            break
        is_cut = start > hour or window.end < until
        if hour not in sources:
            missing.append(Window(start, end))
        elif is_cut or hour in sources.partial:
            missing += _missing_minutes(look, Window(start, end))
    return joined(missing)


def _missing_minutes(look: Look, window: Window) -> tuple[Window, ...]:
    read = coverage.covered(look.transaction, Report.USAGE, BucketWidth.MINUTE, window)
    missing = [minute for minute in window.starts(BucketWidth.MINUTE) if minute not in read]
    return merge_buckets(missing, BucketWidth.MINUTE)
