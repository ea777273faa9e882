"""Learned prices: what settled days cost ÷ the tokens they took, both sides summed first (api-facts 3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Context, Decimal

from meterdeck.domain.buckets import Window
from meterdeck.domain.money import BILL_DECIMALS, from_units, to_units
from meterdeck.domain.reports import PriceKey
from meterdeck.domain.tokens import TokenType
from meterdeck.queries.early_prices import raise_prices, with_doubt
from meterdeck.queries.list_prices import list_prices
from meterdeck.queries.look import Look
from meterdeck.queries.price_history import (
    DAY,
    Key,
    PaidDay,
    PriceHistory,
    known_by_both,
    read_history,
)
from meterdeck.queries.price_periods import Periods, own_periods, price_periods
from meterdeck.queries.prices import PRICE_DECIMALS, SEARCH, Origin, Price, PriceBook, PriceChange
from meterdeck.store import sums
from meterdeck.store.topics import Topic

FEWEST_DAYS = 2
FEWEST_TOKENS = 1000
"""A workspace's own price needs as many settled days (all of them, just after a change), and as many tokens."""
FEWEST_SEARCHES = 10
"""Or searches: each costs as much as thousands of tokens."""
SAME_PRICE = 10**6
"""A workspace's price that differs by less than one part in so many is the organisation's."""

_DIVIDE = Context(prec=60)
_QUANTUM = Decimal(1).scaleb(-PRICE_DECIMALS)


def learn(look: Look, now: datetime) -> PriceBook:
    """The prices that the bills of the last 31 days teach, and the list for what they do not."""
    key = ("prices", now, look.revision(Topic.USAGE), look.revision(Topic.MIX), look.revision(Topic.COVERAGE))
    return look.kept(Topic.COSTS, key, lambda: prices_of(look, read_history(look, now), now))


def prices_of(look: Look, history: PriceHistory, now: datetime) -> PriceBook:
    """The prices of open days: those of settled days, corrected by bills that are not settled, each in its period."""
    book = replace(book_of(history), as_of=now, confirmed=history.confirmed)
    first_open = min(history.open_days(), default=now)
    changed = sorted({change.day for change in book.changes if change.day > first_open})
    eras = tuple((day, replace(book_of(history, at=day - DAY), as_of=now)) for day in changed)
    book = replace(book, eras=eras)
    return with_doubt(raise_prices(book, history, now, lambda day: _hours_of(look, day)))


def _hours_of(look: Look, day: datetime) -> dict[Key, list[int]]:
    """Tokens (or searches) of each workspace and kind in each hour of a day."""
    found: dict[Key, list[int]] = {}
    kinds = look.kinds
    types = (*TokenType, None)
    for hour, of, *counters in sums.counters_of_each_hour(look.transaction, Window(day, day + DAY)):
        workspace, model, tier, context = kinds[of]
        for token_type, count in zip(types, counters, strict=True):
            if count:
                key = SEARCH if token_type is None else PriceKey(model, token_type, tier, context)
                found.setdefault((workspace, key), [0] * 24)[hour] += count
    return found


def book_of(
    history: PriceHistory, without: datetime | None = None, *, at: datetime | None = None
) -> PriceBook:
    """The prices that a history teaches: of its newest days, or those of the period of a day (``at``).

    ``without`` leaves that day out and takes those of its period: for a back-test. A day counts only where both
    reports know it, and only with days since the same price change. A period without a settled day is told by days
    whose bill two reads agree on: its prices are early.
    """
    at = at or without
    known = {key: known_by_both(days, without) for key, days in history.told_of_all.items()}
    days_of_all = {key: days for key, days in known.items() if days}
    days_of_each = {key: known_by_both(days, without) for key, days in history.told_of_each.items()}
    periods = price_periods(days_of_all, days_of_each)
    settled = history.settled - {without} if without else history.settled
    prices: dict[PriceKey, Price] = {}
    for key, days in days_of_all.items():
        prices[key] = _price(periods[key].of(days, at), settled, Origin.ORGANISATION)
    own = {}
    for (workspace, key), days in days_of_each.items():
        if key in prices and days:
            fewest = FEWEST_SEARCHES if key == SEARCH else FEWEST_TOKENS
            price = _own_price(own_periods(days, periods[key]).of(days, at), settled, prices[key], fewest)
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
    changes = _changes(days_of_all, periods, settled)
    prices = _doubted(prices, changes)
    return PriceBook(prices, settled, own, changes, listed=list_prices())


def _doubted(prices: dict[PriceKey, Price], changes: Sequence[PriceChange]) -> dict[PriceKey, Price]:
    """Early prices with a range that reaches half-way back to what was paid before."""
    found = dict(prices)
    for change in changes:
        price = prices[change.key]
        if price.early and price.first == change.day:
            half = from_units(
                (to_units(change.before, PRICE_DECIMALS) + to_units(price.cents, PRICE_DECIMALS)) // 2,
                PRICE_DECIMALS,
            )
            found[change.key] = replace(price, low=min(half, price.cents), high=max(half, price.cents))
    return found


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
    days_of_all: dict[PriceKey, list[PaidDay]],
    periods: dict[PriceKey, Periods],
    settled: frozenset[datetime],
) -> tuple[PriceChange, ...]:
    """Each price change, newest first, with what was paid the day before and since."""
    changes = []
    for key, days in days_of_all.items():
        sound = [day for day in days if day.day not in periods[key].odd]
        for start in periods[key].starts:
            before = [day for day in sound if day.day < start]
            since = [day for day in sound if day.day >= start]
            if before and since:
                early = not any(day.day in settled for day in since)
                changes.append(
                    PriceChange(key, since[0].day, _cents(before[-1:]), _cents(since[:1]), early=early)
                )
    return tuple(sorted(changes, key=lambda change: (change.day, str(change.key)), reverse=True))


def _own_price(
    days: Sequence[PaidDay], settled: frozenset[datetime], common: Price, fewest: int
) -> Price | None:
    """A workspace's own price, where its days suffice and it is another than the organisation's."""
    if len(days) < min(FEWEST_DAYS, common.days) or sum(day.tokens for day in days) < fewest:
        return None
    price = _price(days, settled, Origin.WORKSPACE)
    return price if abs(price.cents - common.cents) * SAME_PRICE > common.cents else None


def _price(days: Sequence[PaidDay], settled: frozenset[datetime], origin: Origin) -> Price:
    """The price of some days of one period: of those that are settled, if any is."""
    told = [day for day in days if day.day in settled]
    days = told or days
    ratios = [day.ratio for day in days]
    return Price(
        _cents(days),
        len(days),
        from_units(min(ratios), PRICE_DECIMALS),
        from_units(max(ratios), PRICE_DECIMALS),
        days[0].day,
        origin,
        early=not told,
    )


def _cents(days: Sequence[PaidDay]) -> Decimal:
    paid = from_units(sum(day.units for day in days), BILL_DECIMALS)
    tokens = Decimal(sum(day.tokens for day in days))
    return _DIVIDE.divide(paid, tokens).quantize(_QUANTUM, context=_DIVIDE)
