"""Learned prices: what settled days cost ÷ the tokens they took, both sides summed first (api-facts 3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Context, Decimal

from meterdeck.domain.money import BILL_DECIMALS, from_units
from meterdeck.domain.reports import PriceKey
from meterdeck.queries.list_prices import list_prices
from meterdeck.queries.look import Look
from meterdeck.queries.price_history import (
    PaidDay,
    PriceHistory,
    known_by_both,
    read_history,
)
from meterdeck.queries.price_periods import Periods, own_periods, price_periods
from meterdeck.queries.prices import PRICE_DECIMALS, Origin, Price, PriceBook, PriceChange

FEWEST_DAYS = 2
FEWEST_TOKENS = 1000
"""A workspace's own price needs as many settled days (all of them, just after a change), and as many tokens."""
SAME_PRICE = 10**6
"""A workspace's price that differs by less than one part in so many is the organisation's."""

_DIVIDE = Context(prec=60)
_QUANTUM = Decimal(1).scaleb(-PRICE_DECIMALS)


def learn(look: Look, now: datetime) -> PriceBook:
    """The prices that the settled days of the last 31 teach, and the list for what they do not."""
    return book_of(read_history(look, now))


def book_of(history: PriceHistory, without: datetime | None = None) -> PriceBook:
    """The prices that a history teaches: of its newest days, or as of one day and without it, for a back-test.

    A day counts only where both reports know it, and only with days since the same price change.
    """
    known = {key: known_by_both(days, without) for key, days in history.settled_of_all.items()}
    days_of_all = {key: days for key, days in known.items() if days}
    days_of_each = {key: known_by_both(days, without) for key, days in history.settled_of_each.items()}
    periods = price_periods(days_of_all, days_of_each)
    prices: dict[PriceKey, Price] = {}
    for key, days in days_of_all.items():
        prices[key] = _price(periods[key].of(days, without), Origin.ORGANISATION)
    own = {}
    for (workspace, key), days in days_of_each.items():
        if key in prices:
            price = _own_price(own_periods(days, periods[key]).of(days, without), prices[key])
            if price is not None:
                own[workspace, key] = price
    own_of: dict[PriceKey, list[Price]] = {}
    for (_, key), price in own.items():
        own_of.setdefault(key, []).append(price)
    for key, price in prices.items():
        if (key.model, key.service_tier) in history.mixed:
            prices[key] = _mixed(price, own_of.get(key, ()))
    for (workspace, key), price in own.items():
        if workspace in history.mixed.get((key.model, key.service_tier), ()):
            own[workspace, key] = replace(price, mixed=True)
    settled = history.settled - {without} if without else history.settled
    return PriceBook(prices, settled, own, _changes(days_of_all, periods), list_prices())


def _mixed(price: Price, of_workspaces: Sequence[Price]) -> Price:
    """The price marked as an average, with the range of what it is an average over, if there is one.

    The mix knows no context windows: where only one of two is mixed, what was paid tells which.
    """
    all_of_them = [price, *of_workspaces]
    low = min((one.low for one in all_of_them if one.low is not None), default=None)
    high = max((one.high for one in all_of_them if one.high is not None), default=None)
    if low is None or high is None or (high - low) * SAME_PRICE <= high:
        return price
    return replace(price, mixed=True, low=low, high=high)


def _changes(
    days_of_all: dict[PriceKey, list[PaidDay]], periods: dict[PriceKey, Periods]
) -> tuple[PriceChange, ...]:
    """Each price change, newest first, with what was paid the day before and since."""
    changes = []
    for key, days in days_of_all.items():
        sound = [day for day in days if day.day not in periods[key].odd]
        for start in periods[key].starts:
            before = [day for day in sound if day.day < start]
            since = [day for day in sound if day.day >= start]
            if before and since:
                changes.append(PriceChange(key, since[0].day, _cents(before[-1:]), _cents(since[:1])))
    return tuple(sorted(changes, key=lambda change: (change.day, str(change.key)), reverse=True))


def _own_price(days: Sequence[PaidDay], common: Price) -> Price | None:
    """A workspace's own price, where its days suffice and it is another than the organisation's."""
    if len(days) < min(FEWEST_DAYS, common.days) or sum(day.tokens for day in days) < FEWEST_TOKENS:
        return None
    price = _price(days, Origin.WORKSPACE)
    return price if abs(price.cents - common.cents) * SAME_PRICE > common.cents else None


def _price(days: Sequence[PaidDay], origin: Origin) -> Price:
    ratios = [day.ratio for day in days]
    return Price(
        _cents(days),
        len(days),
        from_units(min(ratios), PRICE_DECIMALS),
        from_units(max(ratios), PRICE_DECIMALS),
        days[0].day,
        origin,
    )


def _cents(days: Sequence[PaidDay]) -> Decimal:
    paid = from_units(sum(day.units for day in days), BILL_DECIMALS)
    tokens = Decimal(sum(day.tokens for day in days))
    return _DIVIDE.divide(paid, tokens).quantize(_QUANTUM, context=_DIVIDE)
