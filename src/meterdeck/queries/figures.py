"""The strip of key figures: pace, dollars an hour, today, the month to date, how well the cache works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth, Window, month_start
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import cents_to_usd, sum_exactly
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import NO_TOKENS
from meterdeck.queries.costs import CostCell, Costs, usd_of
from meterdeck.queries.look import Chosen, Look
from meterdeck.queries.pace import Pace, pace_window, paces
from meterdeck.queries.prices import Estimate, PriceBook
from meterdeck.queries.split import choose, whole_of_hours

DAY = BucketWidth.DAY.delta


@dataclass(frozen=True, slots=True)
class MonthToDate:
    """Dollars since 00:00Z on the 1st: settled days as billed, every other day as estimated (design)."""

    usd: Decimal | None
    incomplete: bool
    """Whether a part is missing: a day that was not read, or tokens without a price."""


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
    window = pace_window(now)
    hour = timedelta(hours=1)
    today = BucketWidth.DAY.floor(now)
    used_today = whole_of_hours(look, Window(today, today + DAY), chosen, book)
    covered = look.sources(Window(today, today + DAY))
    return KeyFigures(
        _pace(look, window, chosen, book),
        _pace(look, Window(window.start - hour, window.end - hour), chosen, book),
        (used_today.estimate if used_today else Estimate()) if covered.read_at else None,
        _month_to_date(look, costs, chosen, now, book),
        _cache_hit_ratio(look, chosen, now, book),
    )


def _pace(look: Look, window: Window, chosen: Chosen, book: PriceBook) -> Pace | None:
    found = paces(look, window, chosen, Dimension.MODEL, book)
    return None if found is None else sum(found.values(), start=Pace())


def _month_to_date(look: Look, costs: Costs, chosen: Chosen, now: datetime, book: PriceBook) -> MonthToDate:
    """Add up the days of the month: a settled bill, else an estimate, else a bill that may still rise."""
    month = Window(month_start(now), BucketWidth.DAY.after(now))
    billed = costs.billed_by_day()
    estimated = costs.estimated_by_day()
    days = [
        _day(look, day, costs, billed.get(day), estimated.get(day), chosen, book)
        for day in month.starts(BucketWidth.DAY)
    ]
    known = [usd for usd, _ in days if usd is not None]
    incomplete = any(gap.end > month.start for gap in costs.gaps) or any(lacks for _, lacks in days)
    return MonthToDate(sum_exactly(known) if known else None, incomplete)


def _day(
    look: Look,
    day: datetime,
    costs: Costs,
    billed: int | None,
    estimated: CostCell | None,
    chosen: Chosen,
    book: PriceBook,
) -> tuple[Decimal | None, bool]:
    """Dollars of one day, and whether they lack a part."""
    if estimated is not None:  # it has no bill of its own
        return usd_of(estimated.units), estimated.unpriced_tokens > 0
    if billed is None or day in costs.settled:
        return usd_of(billed), False
    used = whole_of_hours(look, Window(day, day + DAY), chosen, book)
    if used is None or not used.estimate.known:  # there is nothing to estimate it by
        return usd_of(billed), False
    return cents_to_usd(used.estimate.cents), used.estimate.unpriced_tokens > 0


def _cache_hit_ratio(look: Look, chosen: Chosen, now: datetime, book: PriceBook) -> float | None:
    end = BucketWidth.HOUR.after(now)
    whole = whole_of_hours(look, Window(end - DAY, end), chosen, book)
    tokens = whole.tokens if whole else NO_TOKENS
    return tokens.cache_read / tokens.input if tokens.input else None
