"""How much of the history is still unread, in how many requests, and when it will be there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.queries.look import Look
from meterdeck.store import budget, coverage, feeds, sums
from meterdeck.store.budget import Priority
from meterdeck.store.coverage import Report

HOURS_FEED = "hours"
READABLE_AFTER = timedelta(minutes=10)
"""An hour that closed just now is no history yet: it is read when it has filled (design, feed "hours")."""
A_PAGE_TAKES = timedelta(seconds=2)
"""To be asked for, read and stored (api-facts 2.4: some 1.5 s on the way)."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """The history at a moment."""

    hours: int
    """All that the history has."""
    unread: int
    """How many of them are not known in whole."""
    requests: int
    """At the present size of a page, those for the bill among them."""
    done_at: datetime
    """When the last of the requests can have been answered, within the budget as it is now."""
    bills: int = 0
    """The days of the history, where their bill is asked for."""
    unbilled: int = 0
    """How many of them have no bill, or none since it settled."""


def backfill(
    look: Look, now: datetime, requests_per_hour: int = budget.DEFAULT_HOURLY, *, is_paced: bool = True
) -> Backfill | None:
    """The backfill that goes on, or None: then the reader of hours waits for the next hour to close.

    All of it is told by the store, so a session that only follows sees the same as the one that reads.
    """
    state = feeds.load(look.transaction).get(HOURS_FEED)
    if state is not None and state.next_at is not None and state.next_at > now:
        return None
    found = history_left(look, now, history.HISTORY_DAYS, requests_per_hour, is_paced=is_paced)
    return found if found.unread else None


def history_left(
    look: Look,
    now: datetime,
    days: int,
    requests_per_hour: int = budget.DEFAULT_HOURLY,
    *,
    is_paced: bool = True,
    with_bill: bool = False,
) -> Backfill:
    """What is left to read of a history of so many days."""
    window = history.history(now, days)
    unread = unread_hours(look, window, now)
    requests = history.pages(unread, BucketWidth.HOUR, page_size(look, window, unread[0])) if unread else 0
    unbilled = unbilled_days(look, now, days) if with_bill else ()
    requests += history.pages(unbilled, BucketWidth.DAY, BucketWidth.DAY.page_limit)
    return Backfill(
        window.duration // BucketWidth.HOUR.delta,
        len(unread),
        requests,
        finish(look, now, requests, requests_per_hour, is_paced=is_paced),
        days if with_bill else 0,
        len(unbilled),
    )


def unread_hours(look: Look, window: Window, now: datetime) -> Sequence[datetime]:
    """The hours of a window that should be there and are not, or in part; newest first."""
    sources = look.sources(window)
    latest = now - READABLE_AFTER - BucketWidth.HOUR.delta
    return [
        hour
        for hour in window.starts(BucketWidth.HOUR)
        if hour <= latest and (hour not in sources or hour in sources.partial)
    ][::-1]


def unbilled_days(look: Look, now: datetime, days: int) -> Sequence[datetime]:
    """The ended days of the history that have no bill, or none since it settled; newest first."""
    window = history.ended_days(now, days)
    read = coverage.covered(look.transaction, Report.COST, BucketWidth.DAY, window)
    return history.due_bills(now, {day: of.read_at for day, of in read.items()}, days)


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
