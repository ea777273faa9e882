"""How sure the figures of a time's buckets are: minutes, hours and days, and parts of hours that a time cuts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from meterdeck.domain.buckets import BucketWidth, Window, joined, whole_and_parts
from meterdeck.queries.look import Look
from meterdeck.queries.usage_window import (
    BucketState,
    expected_until,
    is_too_young,
    minute_state,
    state_of,
)
from meterdeck.store import coverage, sums
from meterdeck.store.coverage import Report
from meterdeck.store.topics import Topic

MINUTE, HOUR = BucketWidth.MINUTE, BucketWidth.HOUR
UNKNOWN = frozenset({BucketState.GAP, BucketState.AWAITED})
"""States of buckets that tell no amount."""


def states_of(
    look: Look, width: BucketWidth, windows: tuple[Window, ...], now: datetime
) -> tuple[BucketState, ...]:
    """How sure the figures of each bucket are; windows that cut an hour are as sure as their minutes."""
    if width is MINUTE:
        return tuple(_minute_states(look, from_to(windows), now))
    hours, parts = whole_and_parts(from_to(windows), HOUR)
    states = {HOUR.floor(part.start): _part_state(look, part, now) for part in parts}
    if hours is not None:
        sources = look.sources(hours)
        states |= {hour: state_of(hour, sources, now) for hour in hours.starts(HOUR)}
        running = {
            hour: sources.read_at[hour] for hour in hours.starts(HOUR) if states[hour] is BucketState.RUNNING
        }
        states |= _awaited(look, HOUR, running)
    of_windows = (
        [states[hour] for hour in Window(HOUR.floor(window.start), window.end).starts(HOUR)]
        for window in windows
    )
    return tuple(of[0] if width is HOUR else _day_state(of) for of in of_windows)


def awaited(windows: Iterable[Window], states: Iterable[BucketState], now: datetime) -> tuple[Window, ...]:
    """The buckets (in ascending order) that have begun and tell nothing yet, joined.

    Those that were read too early to be reported, and those that were not read and are too young to be gaps.
    """
    expected = expected_until(now)
    return joined(
        window
        for window, state in zip(windows, states, strict=True)
        if window.start <= now
        and (state is BucketState.AWAITED or (state is BucketState.GAP and window.start >= expected))
    )


def _minute_states(look: Look, window: Window, now: datetime) -> Iterable[BucketState]:
    read = coverage.covered(look.transaction, Report.USAGE, MINUTE, window)
    states = {start: minute_state(start, read.get(start), now) for start in window.starts(MINUTE)}
    open_states = (BucketState.RUNNING, BucketState.SETTLING)
    read_at = {start: read[start].read_at for start, state in states.items() if state in open_states}
    return (states | _awaited(look, MINUTE, read_at)).values()


def _part_state(look: Look, part: Window, now: datetime) -> BucketState:
    """A part of an hour is as sure as its minutes."""
    states = set(_minute_states(look, part, now))
    if states <= UNKNOWN:
        return _unknown(states)
    if BucketState.GAP in states:
        return BucketState.PARTIAL
    if states == {BucketState.CLOSED}:
        return BucketState.CLOSED
    return BucketState.RUNNING if part.end > now else BucketState.SETTLING


def _awaited(
    look: Look, width: BucketWidth, read_at: Mapping[datetime, datetime]
) -> dict[datetime, BucketState]:
    """Those of some buckets of which nobody's usage was reported yet when they were read."""
    young = [start for start, at in read_at.items() if is_too_young(start, at)]
    if not young:
        return {}
    window = Window(young[0], young[-1] + width.delta)
    reported = look.kept(
        Topic.USAGE,
        ("reported", width, window),
        lambda: sums.by_bucket(look.transaction, width, window).keys(),
    )
    return dict.fromkeys((start for start in young if start not in reported), BucketState.AWAITED)


def _day_state(hours: Sequence[BucketState]) -> BucketState:
    """A day is as sure as its hours; one that runs has hours to come, which are no gaps."""
    if UNKNOWN.issuperset(hours):
        return _unknown(hours)
    if BucketState.RUNNING in hours or BucketState.AWAITED in hours:
        return BucketState.RUNNING
    if BucketState.GAP in hours or BucketState.PARTIAL in hours:
        return BucketState.PARTIAL
    return BucketState.SETTLING if BucketState.SETTLING in hours else BucketState.CLOSED


def _unknown(parts: Collection[BucketState]) -> BucketState:
    """What is made of parts that all tell no amount is awaited if any of them is."""
    return BucketState.AWAITED if BucketState.AWAITED in parts else BucketState.GAP


def from_to(windows: Sequence[Window]) -> Window:
    """From the start of the first of some windows to the end of the last."""
    return Window(windows[0].start, windows[-1].end)
