"""Counters of usage that this version does not know, by name: what a notice has to name."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth, Window, whole_and_parts
from meterdeck.domain.counters import TOOL_USES
from meterdeck.queries.look import Look
from meterdeck.store import counters
from meterdeck.store.counter_rows import are_kept
from meterdeck.store.counters import BySeries
from meterdeck.store.topics import Topic

LOOKED_BACK = timedelta(days=31)


def unknown_counters(look: Look, window: Window) -> tuple[str, ...]:
    """The names of those that the hours of a window have, as `meterdeck.domain.counters` spells them."""
    key = ("unknown counters", window)
    return look.kept(Topic.USAGE, key, lambda: counters.names(look.transaction, window))


def others_of_window(look: Look, window: Window, *, by_minute: bool = False) -> BySeries:
    """Their sums over a window by series: of its whole hours, and of the minutes of hours that it cuts."""
    key = ("other counters", window, by_minute)
    return look.kept(Topic.USAGE, key, lambda: _sums(look, window, by_minute=by_minute))


def _sums(look: Look, window: Window, *, by_minute: bool) -> BySeries:
    if not are_kept(look.transaction):
        return {}
    hours, parts = (None, (window,)) if by_minute else whole_and_parts(window, BucketWidth.HOUR)
    found = counters.by_series(look.transaction, hours) if hours else {}
    for part in parts:
        for of, of_series in counters.minutes_by_series(look.transaction, part).items():
            have = found.setdefault(of, {})
            for name, count in of_series.items():
                have[name] = have.get(name, 0) + count
    return found


def unknown_tokens(look: Look, now: datetime) -> tuple[str, ...]:
    """The names of those of the last 31 days that count tokens; uses of tools are in no figure of a deck."""
    window = Window(BucketWidth.DAY.floor(now) - LOOKED_BACK, BucketWidth.HOUR.after(now))
    return tuple(name for name in unknown_counters(look, window) if not name.startswith(TOOL_USES))
