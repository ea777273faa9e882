"""Learned prices: what settled days cost ÷ the tokens they took, both sides summed first (api-facts 3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Context, Decimal
from itertools import pairwise

from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.money import BILL_DECIMALS, from_units
from meterdeck.domain.reports import PriceKey
from meterdeck.queries.list_prices import list_prices
from meterdeck.queries.look import Look
from meterdeck.queries.price_history import (
    Key,
    PaidDay,
    PriceHistory,
    added_by_day,
    known_by_both,
    read_history,
)
from meterdeck.queries.prices import PRICE_DECIMALS, Origin, Price, PriceBook, PriceChange
from meterdeck.store import feeds

FEWEST_DAYS = 2
FEWEST_TOKENS = 1000
"""A workspace's own price needs as many settled days, and as many tokens on them."""
SAME_PRICE = 10**6
"""A workspace's price that differs by less than one part in so many is the organisation's."""
CHANGE_PERCENT = 1
"""A price that moves by less from one day to the next has not changed."""
CHANGE_OF_NOISE = 6
"""Nor has one that moves by less than so many times what it moves on other days, as averages over a mix do."""

_DIVIDE = Context(prec=60)
_QUANTUM = Decimal(1).scaleb(-PRICE_DECIMALS)


def learn(look: Look, now: datetime) -> PriceBook:
    """The prices that the settled days of the last 31 teach, and the list for what they do not."""
    return book_of(read_history(look, now))


def book_of(history: PriceHistory, without: datetime | None = None) -> PriceBook:
    """The prices that a history teaches; for a back-test, without one day of it.

    A day counts only where both reports know it, and after a price change only the days since then.
    """
    days_of_each = history.settled_of_each(without)
    prices: dict[PriceKey, Price] = {}
    changes: list[PriceChange] = []
    since: dict[PriceKey, datetime] = {}
    for key, days in _of_all_workspaces(days_of_each).items():
        run, change = newest_run(days)
        since[key] = run[0].day
        prices[key] = _price(run, Origin.ORGANISATION)
        if change is not None:
            before, after = change
            changes.append(PriceChange(key, run[0].day, before, after))
    own = {}
    for (workspace, key), days in days_of_each.items():
        if key in prices:
            run = [day for day in known_by_both(days) if day.day >= since[key]]
            price = _own_price(run, prices[key])
            if price is not None:
                own[workspace, key] = price
    changes.sort(key=lambda change: (change.day, str(change.key)), reverse=True)
    settled = history.settled - {without} if without else history.settled
    return PriceBook(prices, settled, own, tuple(changes), list_prices())


def newest_run(days: Sequence[PaidDay]) -> tuple[list[PaidDay], tuple[Decimal, Decimal] | None]:
    """The days since the price last changed, and the prices before and after that, if it did.

    Days come oldest first. What counts as a change is a step from one day to the next that is much larger than
    the steps of other days.
    """
    steps = [_permyriad(one.ratio, other.ratio) for one, other in pairwise(days)]
    if len(steps) < FEWEST_DAYS:
        return list(days), None
    noise = sorted(steps)[(len(steps) - 1) // 2]
    least = max(100 * CHANGE_PERCENT, CHANGE_OF_NOISE * noise)
    for at in range(len(steps), 0, -1):
        if steps[at - 1] > least:
            run = list(days[at:])
            return run, (_cents(days[at - 1 : at]), _cents(run))
    return list(days), None


def _permyriad(before: int, after: int) -> int:
    """By how many hundredths of a percent one ratio differs from another."""
    return abs(after - before) * 10_000 // max(before, 1)


def _of_all_workspaces(days_of_each: dict[Key, list[PaidDay]]) -> dict[PriceKey, list[PaidDay]]:
    days: dict[PriceKey, list[PaidDay]] = {}
    for (_, key), of_workspace in days_of_each.items():
        days.setdefault(key, []).extend(of_workspace)
    found = {key: known_by_both(added_by_day(some)) for key, some in days.items()}
    return {key: some for key, some in found.items() if some}


def _own_price(days: Sequence[PaidDay], common: Price) -> Price | None:
    """A workspace's own price, where its days suffice and it is another than the organisation's."""
    if len(days) < FEWEST_DAYS or sum(day.tokens for day in days) < FEWEST_TOKENS:
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


class PriceCache:
    """Keeps the learned prices until something they rest on was read again, or a day has passed."""

    def __init__(self) -> None:
        self._book = PriceBook()
        self._rests_on: object = None

    def learn(self, look: Look, now: datetime) -> PriceBook:
        """The price book of a moment."""
        states = feeds.load(look.transaction)
        rests_on = (BucketWidth.DAY.floor(now), states.get("hours"), states.get("costs"))
        if rests_on != self._rests_on:
            self._book = learn(look, now)
            self._rests_on = rests_on
        return self._book
