"""Prices corrected by bills that may still rise: what is billed already is never less than what tokens are worth.

A running day's bill lacks what came late, so it can only raise a price (design, "open day"). By how much, is told by what
else is in the same bill: kinds of token whose price held show up to when the bill reaches, and the others' tokens up to
then give their price. Where every kind was raised nothing shows that, and the price is the least that it can be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from meterdeck.domain.money import from_units, to_units
from meterdeck.queries.price_history import DAY, UNITS_OF_A_PRICE, Key, PriceHistory
from meterdeck.queries.price_periods import ALIKE, LARGEST_FACTOR
from meterdeck.queries.prices import PRICE_DECIMALS, Price, PriceBook, PriceChange

TOLERANCE = 200
"""Hundredths of a percent: what late tokens and a mix explain of a bill that is above tokens × price."""
LONGEST_LAG = timedelta(hours=6)
"""How far a bill may be behind usage, where nothing shows it."""
SCALE = 10_000

HoursOf = Callable[[datetime], Mapping[Key, Sequence[int]]]
"""Tokens of each workspace and kind in each hour of a day."""


def raise_prices(book: PriceBook, history: PriceHistory, now: datetime, hours_of: HoursOf) -> PriceBook:
    """The book with the prices that bills of days which may still rise have disproved; the same where there are none."""
    for day in history.rising:
        evidence = _Evidence(history, book, day, now, hours_of)
        if evidence.raised:
            book = _with_raised(book, evidence, day)
    return book


@dataclass(frozen=True)
class _Billed:
    """One workspace and kind of token on the day, in units of a price."""

    cost: int
    worth: int
    tokens: int
    most: int
    """What the tokens are worth at the dearest price of settled days: a mix of geos or speeds is another each day."""

    @property
    def factor(self) -> int:
        """What is billed as a part of what the tokens are worth, in hundredths of a percent."""
        return self.cost * SCALE // self.worth

    @property
    def is_raised(self) -> bool:
        """Whether more is billed than the price, its mix and late tokens can explain."""
        return self.cost * SCALE > self.most * (SCALE + TOLERANCE)


class _Evidence:
    """What the bill of one day that may still rise says of prices."""

    def __init__(
        self, history: PriceHistory, book: PriceBook, day: datetime, now: datetime, hours_of: HoursOf
    ) -> None:
        self.day = day
        self._now = now
        self._hours_of = hours_of
        self.prices: dict[Key, Price] = {}
        self.billed: dict[Key, _Billed] = {}
        for of, by_day in history.paid.items():
            paid, price = by_day.get(day), book.price(*of)
            if paid is None or price is None or paid.units <= 0 or not paid.tokens:
                continue
            dearest = price.cents if price.early or price.high is None else max(price.cents, price.high)
            worth, most = (paid.tokens * to_units(cents, PRICE_DECIMALS) for cents in (price.cents, dearest))
            if worth:
                self.prices[of] = price
                self.billed[of] = _Billed(paid.units // UNITS_OF_A_PRICE, worth, paid.tokens, most)

    @cached_property
    def raised(self) -> dict[Key, _Billed]:
        """What is billed above its price."""
        return {of: billed for of, billed in self.billed.items() if billed.is_raised}

    @cached_property
    def _hours(self) -> Mapping[Key, Sequence[int]]:
        return self._hours_of(self.day)

    @cached_property
    def _minutes(self) -> int | None:
        """Up to which minute of the day the bill reaches, as the kinds tell whose price held; None where none does."""
        held = [of for of in self.billed if of not in self.raised and of in self._hours]
        if not held:
            return None
        cost = sum(self.billed[of].cost for of in held)
        for hour in range(24):
            before, after = (sum(self._worth(of, at) for of in held) for at in (hour, hour + 1))
            if after >= cost:
                return hour * 60 + (60 * (cost - before) // (after - before) if after > before else 60)
        return 24 * 60

    def _worth(self, of: Key, hours: int) -> int:
        price = to_units(self.prices[of].cents, PRICE_DECIMALS)
        return sum(self._hours[of][:hours]) * price

    def factor(self, of: Key) -> tuple[int, int, int]:
        """By what a price rose: at the least, most likely, and at the most, in hundredths of a percent."""
        billed = self.billed[of]
        least = billed.factor
        if self._now >= self.day + DAY:
            return least, least, least + TOLERANCE
        likely = least if self._minutes is None else self._factor_at(of, self._minutes, least)
        if self._minutes is not None:
            return least, likely, likely + TOLERANCE
        seen = max(0, int((self._now - LONGEST_LAG - self.day).total_seconds()) // 60)
        return least, likely, self._factor_at(of, seen, LARGEST_FACTOR * (SCALE + ALIKE))

    def _factor_at(self, of: Key, minutes: int, otherwise: int) -> int:
        """The factor if the bill reaches up to a minute; no more than a price list could make it."""
        hours = self._hours.get(of)
        if hours is None:
            return otherwise
        whole, part = divmod(minutes, 60)
        tokens = sum(hours[:whole]) * 60 + (hours[whole] * part if part else 0)
        if not tokens:
            return otherwise
        factor = self.billed[of].factor * self.billed[of].tokens * 60 // tokens
        return factor if factor <= LARGEST_FACTOR * (SCALE + ALIKE) else otherwise


def _with_raised(book: PriceBook, evidence: _Evidence, day: datetime) -> PriceBook:
    """A book in which what was disproved has another price, from the day on."""
    prices, own = dict(book.prices), dict(book.of_workspaces)
    changes: list[PriceChange] = []
    for key in dict.fromkeys(key for _, key in evidence.raised):
        of_key = [of for of in evidence.billed if of[1] == key]
        raised = [of for of in of_key if of in evidence.raised]
        factors = {of: evidence.factor(of) for of in raised}
        for of in raised:
            own[of] = _raised(evidence.prices[of], factors[of], day)
        common = book.prices.get(key)
        if 2 * len(raised) >= len(of_key) and common is not None:
            largest = max(raised, key=lambda of: evidence.billed[of].cost)
            prices[key] = _raised(common, factors[largest], day)
            changes.append(PriceChange(key, day, common.cents, prices[key].cents, early=True))
            for of in of_key:  # those that did not rise keep their price
                if of not in raised:
                    own.setdefault(of, evidence.prices[of])
        else:
            largest = max(raised, key=lambda of: evidence.billed[of].cost)
            changes.append(
                PriceChange(key, day, evidence.prices[largest].cents, own[largest].cents, early=True)
            )
    return replace(
        book,
        prices=prices,
        of_workspaces=own,
        changes=tuple(sorted([*changes, *book.changes], key=_day_and_key, reverse=True)),
        eras=tuple(sorted([*book.eras, (day, book)], key=lambda era: era[0])),
        number=PriceBook().number,
        _vectors={},
    )


def _day_and_key(change: PriceChange) -> tuple[datetime, str]:
    return change.day, str(change.key)


def _raised(price: Price, factors: tuple[int, int, int], day: datetime) -> Price:
    least, likely, most = (_times(price.cents, factor) for factor in factors)
    return replace(price, cents=likely, low=least, high=max(likely, most), first=day, early=True)


def _times(cents: Decimal, factor: int) -> Decimal:
    return from_units(to_units(cents, PRICE_DECIMALS) * factor // SCALE, PRICE_DECIMALS)


def with_doubt(book: PriceBook) -> PriceBook:
    """The book with what its early prices may be at the least and the most, where it has any."""
    if not any(price.early for price in (*book.prices.values(), *book.of_workspaces.values())):
        return book
    return replace(
        book,
        cheaper=_at(book, lambda price: price.low),
        dearer=_at(book, lambda price: price.high),
        number=PriceBook().number,
        _vectors={},
    )


def _at(book: PriceBook, bound: Callable[[Price], Decimal | None]) -> PriceBook:
    def bounded(price: Price) -> Price:
        cents = bound(price) if price.early else None
        return price if cents is None else replace(price, cents=cents)

    return replace(
        book,
        prices={key: bounded(price) for key, price in book.prices.items()},
        of_workspaces={of: bounded(price) for of, price in book.of_workspaces.items()},
        number=PriceBook().number,
        _vectors={},
    )
