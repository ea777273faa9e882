"""The strip of key figures: pace, dollars an hour, today, the month to date, how well the cache works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window, month_start
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import cents_to_usd, sum_exactly
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import NO_TOKENS
from meterdeck.queries.costs import CostCell, Costs, usd_of
from meterdeck.queries.look import Chosen, Look
from meterdeck.queries.pace import Pace, newest_whole, pace_window, paces
from meterdeck.queries.prices import Estimate, PriceBook
from meterdeck.queries.split import choose, whole_of_window

DAY, HOUR = BucketWidth.DAY.delta, BucketWidth.HOUR.delta


@dataclass(frozen=True, slots=True)
class MonthToDate:
    """Dollars since 00:00Z on the 1st: settled days as billed, every other day as estimated (design)."""

    usd: Decimal | None
    incomplete: bool
    """Whether a part is missing: a day that was not read, or tokens without a price."""
    estimated_usd: Decimal = Decimal(0)
    """How much of it is estimated."""


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """Figures of a whole scope; None where nothing is known."""

    pace: Pace | None
    pace_before: Pace | None
    today: Estimate | None
    month: MonthToDate
    cache_hit_ratio: float | None
    """Cache reads as a share of all input tokens of the last 24 hours, 0 to 1."""


def key_figures(look: Look, scope: Scope, now: datetime, book: PriceBook, costs: Costs) -> KeyFigures:
    """The figures of a scope at a moment; its window does not matter to them.

    ``costs`` are those of the scope, by whatever dimension, over days that hold this month.
    """
    chosen = choose(look, scope.filters, Dimension.MODEL)
    window = newest_whole(look, now)
    return KeyFigures(
        pace_of(look, window, chosen, book),
        pace_of(look, Window(window.start - HOUR, window.end - HOUR), chosen, book),
        used_so_far(look, BucketWidth.DAY.floor(now), DAY, chosen, book),
        month_to_date(look, costs, chosen, now, book),
        _cache_hit_ratio(look, chosen, now, book),
    )


def unread_before(figures: KeyFigures, now: datetime) -> set[datetime]:
    """The hours whose minutes are lacking to tell how the pace has changed: a first fill reads but the newest ones."""
    if figures.pace is None or figures.pace_before is not None:
        return set()
    window = pace_window(now)
    before = Window(window.start - HOUR, window.end - HOUR)
    return {BucketWidth.HOUR.floor(minute) for minute in before.starts(BucketWidth.MINUTE)}


def pace_of(look: Look, window: Window, chosen: Chosen, book: PriceBook) -> Pace | None:
    """The pace of all chosen series together over a window of 15 minutes, or None unless all of it was read."""
    found = paces(look, window, chosen, Dimension.MODEL, book)
    return None if found is None else sum(found.values(), start=Pace())


def used_so_far(
    look: Look, start: datetime, duration: timedelta, chosen: Chosen, book: PriceBook
) -> Estimate | None:
    """What was used of a day or an hour; None where nothing was read of it."""
    day = BucketWidth.DAY.floor(start)
    read_at = look.sources(Window(day, day + DAY)).read_at
    window = Window(start, start + duration)
    if not any(hour in read_at for hour in window.starts(BucketWidth.HOUR)):
        return None
    used = whole_of_window(look, window, chosen, book)
    return used.estimate if used else Estimate()


def month_to_date(look: Look, costs: Costs, chosen: Chosen, now: datetime, book: PriceBook) -> MonthToDate:
    """Add up the days of the month: a settled bill, else an estimate, else a bill that may still rise.

    ``costs`` are those of the chosen series' scope, by whatever dimension, over days that hold this month.
    """
    month = Window(month_start(now), BucketWidth.DAY.after(now))
    billed = costs.billed_by_day()
    estimated = costs.estimated_by_day()
    days = [
        _day(look, day, costs, billed.get(day), estimated.get(day), chosen, book)
        for day in month.starts(BucketWidth.DAY)
    ]
    known = [day.usd for day in days if day.usd is not None]
    estimates = [day.usd for day in days if day.usd is not None and day.estimated]
    incomplete = any(gap.end > month.start for gap in costs.gaps) or any(day.lacks for day in days)
    return MonthToDate(sum_exactly(known) if known else None, incomplete, sum_exactly(estimates))


class _Day(NamedTuple):
    """Dollars of one day, whether they lack a part, and whether they are of tokens alone, for want of any bill."""

    usd: Decimal | None
    lacks: bool = False
    estimated: bool = False


def _day(
    look: Look,
    day: datetime,
    costs: Costs,
    billed: int | None,
    estimated: CostCell | None,
    chosen: Chosen,
    book: PriceBook,
) -> _Day:
    if estimated is not None:  # it has no bill of its own
        return _Day(usd_of(estimated.units), estimated.unpriced_tokens > 0, estimated=True)
    if billed is None or day in costs.settled:
        return _Day(usd_of(billed))
    used = whole_of_window(look, Window(day, day + DAY), chosen, book)
    if used is None or not used.estimate.known or not _is_whole(look, day):
        return _Day(usd_of(billed))  # there is nothing, or not all, to estimate it by
    beside = usd_of(costs.beside_tokens.get(day, 0)) or Decimal(0)
    usd = sum_exactly([cents_to_usd(used.estimate.cents), beside])
    return _Day(usd, used.estimate.unpriced_tokens > 0)


def _is_whole(look: Look, day: datetime) -> bool:
    """Whether all hours of a day were read."""
    sources = look.sources(Window(day, day + DAY))
    return len(sources.read_at) == DAY // timedelta(hours=1) and not sources.partial


def _cache_hit_ratio(look: Look, chosen: Chosen, now: datetime, book: PriceBook) -> float | None:
    end = BucketWidth.HOUR.after(now)
    whole = whole_of_window(look, Window(end - DAY, end), chosen, book)
    tokens = whole.tokens if whole else NO_TOKENS
    return tokens.cache_read / tokens.input if tokens.input else None
