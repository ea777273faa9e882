"""Price changes found in what settled days cost: a step from one day to the next that other days do not make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from meterdeck.domain.reports import PriceKey
from meterdeck.queries.price_history import PaidDay

LEAST_STEP = 100
"""Hundredths of a percent: a price that moves by less from one day to the next has not changed."""
STEP_OF_USUAL = 8
"""Nor has one that moves by less than so many times what it usually moves, as averages over a mix do."""
FEWEST_STEPS = 2
"""With fewer steps nobody can tell which of the days is the odd one."""


@dataclass(frozen=True, slots=True)
class Periods:
    """How one kind of token's price went."""

    starts: tuple[datetime, ...] = ()
    """The days on which it became another, oldest first."""
    odd: frozenset[datetime] = frozenset()
    """Days that cost clearly more or less than both days beside them, which agree: they teach nothing."""

    def of(self, days: Sequence[PaidDay], at: datetime | None = None) -> list[PaidDay]:
        """The days of the newest period that has any; or of the newest one that began before some day."""
        sound = [day for day in days if day.day not in self.odd] or list(days)
        began = [start for start in self.starts if at is None or start <= at]
        for start in reversed(began):
            end = next((later for later in self.starts if later > start), None)
            period = [day for day in sound if start <= day.day and (end is None or day.day < end)]
            if period:
                return period
        return [day for day in sound if not self.starts or day.day < self.starts[0]] or sound


def price_periods(days_of_each: Mapping[PriceKey, Sequence[PaidDay]]) -> dict[PriceKey, Periods]:
    """How the price of each kind of token went.

    Where at least half of a model's kinds changed on a day, all of them did: an average over a mix is too restless
    to tell by itself.
    """
    found = {key: _own_periods(days) for key, days in days_of_each.items()}
    kinds: Counter[str | None] = Counter(
        key.model for key, days in days_of_each.items() if len(days) > FEWEST_STEPS
    )
    changed = Counter((key.model, day) for key, periods in found.items() for day in periods.starts)
    together = {
        (model, day) for (model, day), count in changed.items() if count > 1 and 2 * count >= kinds[model]
    }
    return {
        key: Periods(
            tuple(sorted({*periods.starts, *(day for model, day in together if model == key.model)})),
            periods.odd,
        )
        for key, periods in found.items()
    }


def _own_periods(days: Sequence[PaidDay]) -> Periods:
    """Find the steps that are much larger than usual, and tell a day that was odd from a price that changed."""
    steps = [_permyriad(one.ratio, other.ratio) for one, other in pairwise(days)]
    if len(steps) < FEWEST_STEPS:
        return Periods()
    usual = sorted(steps)[(len(steps) - 1) * 3 // 4]
    least = max(LEAST_STEP, STEP_OF_USUAL * usual)
    odd = {
        middle.day
        for before, middle, after in zip(days, days[1:], days[2:], strict=False)
        if _permyriad(before.ratio, middle.ratio) > least
        and _permyriad(after.ratio, middle.ratio) > least
        and _permyriad(before.ratio, after.ratio) <= least
    }
    sound = [day for day in days if day.day not in odd]
    starts = [later.day for one, later in pairwise(sound) if _permyriad(one.ratio, later.ratio) > least]
    return Periods(tuple(starts), frozenset(odd))


def _permyriad(before: int, after: int) -> int:
    """By how many hundredths of a percent one ratio differs from another."""
    return abs(after - before) * 10_000 // max(before, 1)
