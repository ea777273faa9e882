"""Counters of usage that this version does not know, by name: what a notice has to name."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.counters import TOOL_USES
from meterdeck.queries.look import Look
from meterdeck.store import counters
from meterdeck.store.topics import Topic

LOOKED_BACK = timedelta(days=31)


def unknown_counters(look: Look, window: Window) -> tuple[str, ...]:
    """The names of those that the hours of a window have, as `meterdeck.domain.counters` spells them."""
    key = ("unknown counters", window)
    return look.kept(Topic.USAGE, key, lambda: counters.names(look.transaction, window))


def unknown_tokens(look: Look, now: datetime) -> tuple[str, ...]:
    """The names of those of the last 31 days that count tokens; uses of tools are in no figure of a deck."""
    window = Window(BucketWidth.DAY.floor(now) - LOOKED_BACK, BucketWidth.HOUR.after(now))
    return tuple(name for name in unknown_counters(look, window) if not name.startswith(TOOL_USES))
