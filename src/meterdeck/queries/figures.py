"""The strip of key figures: pace, dollars an hour, today, the month to date, how well the cache works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth, Window, month_start
from meterdeck.domain.scope import Filter, Scope
from meterdeck.queries.costs import Costs
from meterdeck.queries.look import Look
from meterdeck.queries.pace import Pace, newest_whole, pace_of, pace_window
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.spend import UNREAD, Spend, total_spend
from meterdeck.queries.split import whole_of_window

DAY, HOUR = BucketWidth.DAY.delta, BucketWidth.HOUR.delta


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """Figures of a whole scope; None where nothing is known."""

    pace: Pace | None
    pace_before: Pace | None
    today: Spend | None
    month: Spend | None
    """Since 00:00Z on the 1st: settled days as billed, every open day at its worth so far (design)."""
    cache_hit_ratio: float | None
    """Cache reads as a share of all input tokens of the last 24 hours, 0 to 1."""


def key_figures(look: Look, scope: Scope, now: datetime, book: PriceBook, costs: Costs) -> KeyFigures:
    """The figures of a scope at a moment; its window does not matter to them.

    ``costs`` are those of the scope, by whatever dimension, over days that hold this month.
    """
    filters = scope.filters
    window = newest_whole(look, now)
    return KeyFigures(
        pace_of(look, window, filters, book),
        pace_of(look, Window(window.start - HOUR, window.end - HOUR), filters, book),
        used_so_far(look, BucketWidth.DAY.floor(now), DAY, filters, book),
        month_to_date(costs, now),
        _cache_hit_ratio(look, scope, now, book),
    )


def unread_before(figures: KeyFigures, now: datetime) -> set[datetime]:
    """The hours whose minutes are lacking to tell how the pace has changed: a first fill reads but the newest ones."""
    if figures.pace is None or figures.pace_before is not None:
        return set()
    window = pace_window(now)
    before = Window(window.start - HOUR, window.end - HOUR)
    return {BucketWidth.HOUR.floor(minute) for minute in before.starts(BucketWidth.MINUTE)}


def used_so_far(
    look: Look, start: datetime, duration: timedelta, filters: tuple[Filter, ...], book: PriceBook
) -> Spend | None:
    """What a day or an hour is worth so far; None where nothing was read of it."""
    day = BucketWidth.DAY.floor(start)
    read_at = look.sources(Window(day, day + DAY)).read_at
    window = Window(start, start + duration)
    if not any(hour in read_at for hour in window.starts(BucketWidth.HOUR)):
        return None
    return whole_of_window(look, filters, window, book).spend


def month_to_date(costs: Costs, now: datetime) -> Spend | None:
    """Add up the days of the month, which ``costs`` of the scope hold: settled bills, and the worth of open days.

    None where nothing is known of any of them; a day that was not read makes the sum lack it.
    """
    month = Window(month_start(now), BucketWidth.DAY.after(now))
    known = [spend for day, spend in costs.by_day.items() if day in month]
    if not any(spend.known for spend in known):
        return None
    if any(gap.end > month.start for gap in costs.gaps):
        known.append(UNREAD)
    return total_spend(known)


def _cache_hit_ratio(look: Look, scope: Scope, now: datetime, book: PriceBook) -> float | None:
    end = BucketWidth.HOUR.after(now)
    tokens = whole_of_window(look, scope.filters, Window(end - DAY, end), book).tokens
    return tokens.cache_read / tokens.input if tokens.input else None
