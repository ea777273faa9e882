"""How much of the history is still unread, in how many requests, and when it will be there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.queries.look import Look
from meterdeck.store import budget, feeds, sums
from meterdeck.store.budget import Priority

HOURS_FEED = "hours"
READABLE_AFTER = timedelta(minutes=10)
"""An hour that closed just now is no history yet: it is read when it has filled (design, feed "hours")."""
A_PAGE_TAKES = timedelta(seconds=2)
"""To be asked for, read and stored (api-facts 2.4: some 1.5 s on the way)."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """The history at a moment, some of it unread."""

    hours: int
    """All that the history has."""
    unread: int
    """How many of them are not known in whole."""
    requests: int
    """At the present size of a page."""
    done_at: datetime
    """When the last of the requests can have been answered, within the budget as it is now."""


def backfill(
    look: Look, now: datetime, requests_per_hour: int = budget.DEFAULT_HOURLY, *, is_paced: bool = True
) -> Backfill | None:
    """The backfill that goes on, or None: then the reader of hours waits for the next hour to close.

    All of it is told by the store, so a session that only follows sees the same as the one that reads.
    """
    state = feeds.load(look.transaction).get(HOURS_FEED)
    if state is not None and state.next_at is not None and state.next_at > now:
        return None
    window = history.history(now)
    unread = unread_hours(look, window, now)
    if not unread:
        return None
    requests = history.pages(unread, BucketWidth.HOUR, page_size(look, window, unread[0]))
    hours = window.duration // BucketWidth.HOUR.delta
    done_at = finish(look, now, requests, requests_per_hour, is_paced=is_paced)
    return Backfill(hours, len(unread), requests, done_at)


def unread_hours(look: Look, window: Window, now: datetime) -> Sequence[datetime]:
    """The hours of a window that should be there and are not, or in part; newest first."""
    sources = look.sources(window)
    latest = now - READABLE_AFTER - BucketWidth.HOUR.delta
    return [
        hour
        for hour in window.starts(BucketWidth.HOUR)
        if hour <= latest and (hour not in sources or hour in sources.partial)
    ][::-1]


def page_size(look: Look, window: Window, newest_unread: datetime) -> int:
    """How many hours of a window the next page holds: as the hours that were read before it tell."""
    start = newest_unread + BucketWidth.HOUR.delta
    if start >= window.end:
        return history.FIRST_PAGE
    read_before = Window(start, min(start + BucketWidth.DAY.delta, window.end))
    return history.hours_a_page(sums.most_rows_of_an_hour(look.transaction, read_before))


def finish(
    look: Look, now: datetime, requests: int, requests_per_hour: int, *, is_paced: bool = True
) -> datetime:
    """When so many requests of the backfill can have been answered."""
    at_once = now + requests * A_PAGE_TAKES
    if not is_paced:
        return at_once
    sent = budget.last_of(look.transaction, now, Priority.BACKFILL, requests, requests_per_hour)
    return max(at_once, sent + A_PAGE_TAKES)
