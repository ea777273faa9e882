"""Dollars ahead: what today and the month will have cost at their ends, and when each budget will be gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from meterdeck.domain.buckets import Window
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.dollars import Dollars
from meterdeck.domain.money import EXACT, cents_to_usd, from_units, in_whole_cents
from meterdeck.domain.scope import Filter
from meterdeck.queries.forecast import Projection
from meterdeck.queries.names import Member
from meterdeck.queries.open_days import UNITS_OF_A_PRICE
from meterdeck.queries.prices import PRICE_DECIMALS
from meterdeck.queries.rhythm import SCALE
from meterdeck.queries.spend import Spend


class Range(NamedTuple):
    """Dollars when a period ends. ``low`` and ``high`` are None where no past forecast tells how far off it may be."""

    low: Decimal | None
    middle: Decimal
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """A period of a scope: dollars so far, and at its end, which is foreseen; None: nothing is known."""

    period: Period
    window: Window
    spent: Spend | None
    """What it is worth so far: what is settled as billed, the rest as open days are worth."""
    projection: Projection | None = None
    """Of what is still to come."""
    doubt: Doubt | None = None
    """How far prices that rest on bills which are not settled may be off."""
    reported: int = 0
    """What open days of it were billed so far, in units of a price: no doubt goes below that."""

    @property
    def dollars(self) -> Dollars | None:
        """Dollars so far."""
        return None if self.spent is None else self.spent.dollars

    @property
    def so_far(self) -> Decimal | None:
        """The amount of them."""
        return None if self.spent is None else self.spent.dollars.amount

    @property
    def end(self) -> Range | None:
        """Dollars when the period ends."""
        if self.so_far is None or self.projection is None:
            return None
        low, middle, high = self.projection.low, self.projection.middle, self.projection.high
        doubt = self.doubt
        if doubt is not None and self.spent is not None:
            estimated = self.spent.estimated // UNITS_OF_A_PRICE
            low = doubt.lower(middle if low is None else low, estimated, self.reported)
            high = doubt.higher(middle if high is None else high, estimated)
        return Range(
            None if low is None else _with(self.so_far, low),
            _with(self.so_far, middle),
            None if high is None else _with(self.so_far, high),
        )


class Doubt(NamedTuple):
    """What the same tokens are worth at the least, at the prices in use, and at the most, in units of a price."""

    least: int
    used: int
    most: int

    def lower(self, to_come: int, so_far: int, reported: int) -> int:
        """What is to come at the least, less what the estimates so far may be too high."""
        if not self.used:
            return to_come
        floor = min(so_far, reported)
        return to_come * self.least // self.used - min(
            so_far - so_far * self.least // self.used, so_far - floor
        )

    def higher(self, to_come: int, so_far: int) -> int:
        """What is to come at the most, and what the estimates so far may be too low."""
        if not self.used:
            return to_come
        return (to_come + so_far) * self.most // self.used - so_far


@dataclass(frozen=True, slots=True)
class BudgetAhead:
    """A budget, whose it is, and how its period stands."""

    budget: Budget
    owner: Member | None
    """None for the whole organisation."""
    filters: tuple[Filter, ...]
    """What of all usage it is about."""
    ahead: Ahead

    @property
    def used_up(self) -> bool:
        """Whether it is gone already."""
        return self.ahead.so_far is not None and self.ahead.so_far >= self.budget.usd

    @property
    def will_be_passed(self) -> bool:
        """Whether more is foreseen, by the middle of the range, than the budget holds."""
        end = self.ahead.end
        return self.used_up or (end is not None and end.middle > self.budget.usd)

    @property
    def gone(self) -> datetime | None:
        """When it will be gone, to the minute, by the middle of the range; None: not in this period, or not known."""
        return self._gone(SCALE)

    @property
    def gone_early(self) -> datetime | None:
        """When it will be gone if as much comes as the range allows."""
        spread = self.ahead.projection and self.ahead.projection.spread
        return self._gone(spread.high) if spread else None

    @property
    def gone_late(self) -> datetime | None:
        """When it will be gone if as little comes as the range allows."""
        spread = self.ahead.projection and self.ahead.projection.spread
        return self._gone(spread.low) if spread else None

    def _gone(self, factor: int) -> datetime | None:
        if self.used_up or self.ahead.so_far is None or self.ahead.projection is None:
            return None
        left = EXACT.subtract(self.budget.usd, self.ahead.so_far)
        return self.ahead.projection.reached(_to_units(left), factor)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Today, the month and all budgets."""

    today: Ahead
    month: Ahead
    """Both of the scope that is looked at."""
    budgets: tuple[BudgetAhead, ...] = ()
    problems: tuple[str, ...] = ()
    """Sentences about budgets whose workspace or model is not known."""


def _with(so_far: Decimal, units: int) -> Decimal:
    """The end, in whole cents: finer digits of what is foreseen say nothing. No rounding takes from what is spent."""
    end = in_whole_cents(EXACT.add(so_far, cents_to_usd(from_units(units, PRICE_DECIMALS))))
    return end if units < 0 else max(so_far, end)


def _to_units(usd: Decimal) -> int:
    """Dollars in units of 10⁻¹² cents, rounded up: a budget is gone when all of it is."""
    return int(EXACT.scaleb(usd, PRICE_DECIMALS + 2).to_integral_value(ROUND_CEILING))
