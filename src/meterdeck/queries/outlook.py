"""Dollars ahead: what today and the month will have cost at their ends, and when each budget will be gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from meterdeck.domain.buckets import Window
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.money import EXACT, cents_to_usd, from_units, in_whole_cents
from meterdeck.domain.scope import Filter
from meterdeck.queries.forecast import Projection
from meterdeck.queries.names import Member
from meterdeck.queries.prices import PRICE_DECIMALS
from meterdeck.queries.rhythm import SCALE


class Range(NamedTuple):
    """Dollars when a period ends. ``low`` and ``high`` are None where no past forecast tells how far off it may be."""

    low: Decimal | None
    middle: Decimal
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """A period of a scope: dollars so far, and at its end. All of them are estimates; None: nothing is known."""

    period: Period
    window: Window
    so_far: Decimal | None
    lacks: bool = False
    """Whether the dollars so far lack a part: tokens without a price, or days that were not read."""
    projection: Projection | None = None
    """Of what is still to come."""

    @property
    def end(self) -> Range | None:
        """Dollars when the period ends."""
        if self.so_far is None or self.projection is None:
            return None
        low, middle, high = self.projection.low, self.projection.middle, self.projection.high
        return Range(
            None if low is None else _with(self.so_far, low),
            _with(self.so_far, middle),
            None if high is None else _with(self.so_far, high),
        )


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
