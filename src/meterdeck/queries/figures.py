"""The strip of key figures: pace, dollars an hour, today, the month to date, how well the cache works."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth, Window, month_start
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import EXACT, cents_to_usd, sum_exactly
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import NO_TOKENS, TokenCounts
from meterdeck.queries import usage_window
from meterdeck.queries.costs import CostRow, Costs, estimates_by_day
from meterdeck.queries.pace import Pace, pace_window, paces
from meterdeck.queries.prices import Estimate, PriceBook
from meterdeck.store import Transaction, usage

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


def key_figures(
    transaction: Transaction, scope: Scope, now: datetime, book: PriceBook, costs: Costs
) -> KeyFigures:
    """The figures of a scope at a moment; its window does not matter to them.

    ``costs`` are those of the scope, by whatever dimension, over days that hold this month.
    """
    window = pace_window(now)
    hour = timedelta(hours=1)
    today = BucketWidth.DAY.floor(now)
    billed = _settled_by_day(costs)
    unsettled = [
        day for day in Window(month_start(now), today + DAY).starts(BucketWidth.DAY) if day not in billed
    ]
    estimates = estimates_by_day(transaction, scope, Window(min(unsettled), today + DAY), book)
    covered = usage.hour_sources(transaction, Window(today, today + DAY))
    return KeyFigures(
        _pace(transaction, window, scope, book),
        _pace(transaction, Window(window.start - hour, window.end - hour), scope, book),
        estimates.get(today, Estimate()) if covered.read_at else None,
        _month_to_date(costs, now, billed, estimates),
        _cache_hit_ratio(transaction, scope, now),
    )


def _pace(transaction: Transaction, window: Window, scope: Scope, book: PriceBook) -> Pace | None:
    found = paces(transaction, window, Dimension.MODEL, scope.filters, book)
    return None if found is None else sum(found.values(), start=Pace())


def _month_to_date(
    costs: Costs, now: datetime, settled: dict[datetime, Decimal], estimates: dict[datetime, Estimate]
) -> MonthToDate:
    month = Window(month_start(now), BucketWidth.DAY.after(now))
    reported = _by_day(row for row in costs.rows if not row.estimated)
    dollars: list[Decimal] = []
    incomplete = any(gap.end > month.start for gap in costs.gaps)
    for day in month.starts(BucketWidth.DAY):
        estimate = estimates.get(day)
        if day in settled:
            dollars.append(settled[day])
        elif estimate is not None and estimate.known:
            dollars.append(cents_to_usd(estimate.cents))
            incomplete = incomplete or estimate.unpriced_tokens > 0
        elif day in reported:  # billed, and nothing to estimate it by
            dollars.append(reported[day])
        elif estimate is not None:
            incomplete = True
    return MonthToDate(sum_exactly(dollars) if dollars else None, incomplete)


def _settled_by_day(costs: Costs) -> dict[datetime, Decimal]:
    return _by_day(row for row in costs.rows if row.settled)


def _by_day(rows: Iterable[CostRow]) -> dict[datetime, Decimal]:
    found: dict[datetime, Decimal] = {}
    for row in rows:
        if row.usd is not None:
            found[row.day] = EXACT.add(found.get(row.day, Decimal(0)), row.usd)
    return found


def _cache_hit_ratio(transaction: Transaction, scope: Scope, now: datetime) -> float | None:
    end = BucketWidth.HOUR.after(now)
    hours = usage_window.look(transaction, Window(end - DAY, end), now)
    tokens: TokenCounts = next(
        (total.tokens for total in usage.totals(transaction, hours.sources, (), scope.filters)), NO_TOKENS
    )
    return tokens.cache_read / tokens.input if tokens.input else None
