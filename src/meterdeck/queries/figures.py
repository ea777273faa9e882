"""The strip of key figures: pace, dollars an hour, today, the month to date, how well the cache works."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth, Window, month_start
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import EXACT, cents_to_usd
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import NO_TOKENS, TokenCounts
from meterdeck.queries import usage_window
from meterdeck.queries.costs import Costs, day_costs, estimates_by_day
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


def key_figures(transaction: Transaction, scope: Scope, now: datetime, book: PriceBook) -> KeyFigures:
    """The figures of a scope at a moment; its window does not matter to them."""
    window = pace_window(now)
    hour = timedelta(hours=1)
    today = BucketWidth.DAY.floor(now)
    estimates = estimates_by_day(transaction, scope, Window(month_start(now), today + DAY), book)
    covered = usage.hour_sources(transaction, Window(today, today + DAY))
    return KeyFigures(
        _pace(transaction, window, scope, book),
        _pace(transaction, Window(window.start - hour, window.end - hour), scope, book),
        estimates.get(today, Estimate()) if covered.read_at else None,
        _month_to_date(transaction, scope, now, book, estimates),
        _cache_hit_ratio(transaction, scope, now),
    )


def _pace(transaction: Transaction, window: Window, scope: Scope, book: PriceBook) -> Pace | None:
    found = paces(transaction, window, Dimension.MODEL, scope.filters, book)
    return None if found is None else sum(found.values(), start=Pace())


def _month_to_date(
    transaction: Transaction,
    scope: Scope,
    now: datetime,
    book: PriceBook,
    estimates: dict[datetime, Estimate],
) -> MonthToDate:
    days = Window(month_start(now), BucketWidth.DAY.after(now))
    # By a dimension that every bill knows: what the screen breaks down by must not change the month's sum.
    costs = day_costs(transaction, replace(scope, by=Dimension.WORKSPACE), days, now, book)
    billed = _billed_by_day(costs)
    cents_total = Decimal(0)
    incomplete = False
    known = False
    for day in days.starts(BucketWidth.DAY):
        settled, usd = billed.get(day, (False, None))
        estimate = estimates.get(day)
        if settled and usd is not None:
            cents_total = EXACT.add(cents_total, usd)
            known = True
        elif estimate is not None and estimate.known:
            cents_total = EXACT.add(cents_total, cents_to_usd(estimate.cents))
            incomplete = incomplete or estimate.unpriced_tokens > 0
            known = True
        elif usd is not None:  # billed, and nothing to estimate it by
            cents_total = EXACT.add(cents_total, usd)
            known = True
        elif estimate is not None:
            incomplete = True
    return MonthToDate(cents_total if known else None, incomplete or bool(costs.gaps))


def _billed_by_day(costs: Costs) -> dict[datetime, tuple[bool, Decimal]]:
    billed: dict[datetime, tuple[bool, Decimal]] = {}
    for row in costs.rows:
        if row.estimated or row.usd is None:
            continue
        _, usd = billed.get(row.day, (False, Decimal(0)))
        billed[row.day] = (row.settled, EXACT.add(usd, row.usd))
    return billed


def _cache_hit_ratio(transaction: Transaction, scope: Scope, now: datetime) -> float | None:
    end = BucketWidth.HOUR.after(now)
    hours = usage_window.look(transaction, Window(end - DAY, end), now)
    tokens: TokenCounts = next(
        (total.tokens for total in usage.totals(transaction, hours.sources, (), scope.filters)), NO_TOKENS
    )
    return tokens.cache_read / tokens.input if tokens.input else None
