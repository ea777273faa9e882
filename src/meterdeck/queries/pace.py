"""How fast, now: tokens and dollars of the newest minutes that have filled, by the members of one dimension."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Filter
from meterdeck.queries.look import Look
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.spend import NOTHING_SPENT, Spend
from meterdeck.queries.split import Usage, split_window
from meterdeck.queries.usage_window import USAGE_DELAY
from meterdeck.store import coverage
from meterdeck.store.coverage import Report
from meterdeck.store.topics import Topic

PACE_OVER = timedelta(minutes=15)
PACES_AN_HOUR = 4
"""Sums of 15 minutes, times four, are an hour's pace: whole numbers stay whole."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Tokens and dollars that one hour at this pace would take."""

    tokens_per_hour: int = 0
    spend_per_hour: Spend = NOTHING_SPENT

    def __add__(self, other: Pace) -> Pace:
        return Pace(self.tokens_per_hour + other.tokens_per_hour, self.spend_per_hour + other.spend_per_hour)


def pace_window(now: datetime) -> Window:
    """The newest 15 minutes that are past the reports' delay: younger ones would read as a fall."""
    end = BucketWidth.MINUTE.floor(now - USAGE_DELAY)
    return Window(end - PACE_OVER, end)


def newest_whole(look: Look, now: datetime) -> Window:
    """The newest 15 minutes that were past the delay when they were read: `pace_window`, where reads kept up.

    What was read while it still filled is no pace, however long ago by now: time alone must not make it fall. Where
    nothing was read within the last hour, nothing of now is known.
    """
    latest = pace_window(now)
    recent = Window(latest.end - BucketWidth.HOUR.delta, latest.end)

    def find() -> Window:
        read = coverage.covered(look.transaction, Report.USAGE, BucketWidth.MINUTE, recent)
        ends = {BucketWidth.MINUTE.after(start): of.read_at for start, of in read.items()}
        end = max((end for end, read_at in ends.items() if read_at >= end + USAGE_DELAY), default=latest.end)
        return Window(end - PACE_OVER, end)

    return look.kept(Topic.COVERAGE, ("pace", latest), find)


def paces(
    look: Look, window: Window, filters: tuple[Filter, ...], by: Dimension, book: PriceBook
) -> dict[str | None, Pace] | None:
    """The pace of each member over a window of 15 minutes, or None unless all of it was read."""
    if not coverage.is_covered(look.transaction, Report.USAGE, BucketWidth.MINUTE, window):
        return None
    found = split_window(look, filters, window, by, book, by_minute=True)
    return {member: _of(usage) for member, usage in found.members.items()}


def pace_of(look: Look, window: Window, filters: tuple[Filter, ...], book: PriceBook) -> Pace | None:
    """The pace of a scope over a window of 15 minutes, or None unless all of it was read."""
    if not coverage.is_covered(look.transaction, Report.USAGE, BucketWidth.MINUTE, window):
        return None
    return _of(split_window(look, filters, window, Dimension.WORKSPACE, book, by_minute=True).whole)


def _of(usage: Usage) -> Pace:
    return Pace(usage.tokens.total * PACES_AN_HOUR, usage.spend.scaled(PACES_AN_HOUR))
