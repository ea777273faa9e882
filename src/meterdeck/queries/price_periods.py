"""Price changes found in what settled days cost: a step from one day to the next that other days do not make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from meterdeck.domain.reports import PriceKey
from meterdeck.queries.price_history import Key, PaidDay

LEAST_STEP = 100
"""Hundredths of a percent: a price that moves by less from one day to the next has not changed."""
STEP_OF_USUAL = 8
"""Nor has one that moves by less than so many times what it usually moves, as averages over a mix do."""
ALIKE = 300
"""Hundredths of a percent: steps of kinds or workspaces that differ by no more are one and the same."""
LARGEST_FACTOR = 2
"""A step that is larger is first taken for a mistake in one of the reports."""
FEWEST_STEPS = 2
"""With fewer steps nobody can tell which of the days is the odd one."""


@dataclass(frozen=True, slots=True)
class Periods:
    """How one kind of token's price went."""

    starts: tuple[datetime, ...] = ()
    """The days on which it became another, oldest first."""
    odd: frozenset[datetime] = frozenset()
    """Days that teach nothing: they cost clearly more or less than the days beside them, and no change tells why."""

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


def price_periods(
    days_of_all: Mapping[PriceKey, Sequence[PaidDay]], days_of_each: Mapping[Key, Sequence[PaidDay]]
) -> dict[PriceKey, Periods]:
    """How the organisation's price of each kind of token went.

    A step is a price change where at least half of a model's kinds, in the workspaces that use them, made it alike,
    by a factor that a price list could; or where it lasted, and at least half of the workspaces made it alike. Any
    other step is a correction, a report that lacks something, or one workspace's matter: the newest day teaches
    nothing then, until another tells.
    """
    steps = {key: _steps(days) for key, days in days_of_all.items()}
    of_kind: dict[PriceKey, list[_Seen]] = {}
    of_model: dict[str | None, list[_Seen]] = {}
    for (_, key), days in days_of_each.items():
        seen = (_steps(days), {day.day for day in days[1:]})
        of_kind.setdefault(key, []).append(seen)
        of_model.setdefault(key.model, []).append(seen)
    together = {
        (key.model, day)
        for key, own in steps.items()
        for day, factor in own.items()
        if plausible(factor) and _by_most(factor, day, of_model.get(key.model, ()))
    }
    found = {}
    for key, days in days_of_all.items():
        own = steps[key]
        changes = {day for model, day in together if model == key.model}
        changes |= {
            day
            for day, factor in own.items()
            if day != days[-1].day and _by_most(factor, day, of_kind.get(key, ()))
        }
        found[key] = _periods(days, own, changes)
    return found


def own_periods(days: Sequence[PaidDay], of_all: Periods) -> Periods:
    """How one workspace's price went: with the organisation's, and by steps of its own that lasted."""
    own = _steps(days)
    lasted = {day for day in own if days and day != days[-1].day}
    return _periods(days, own, {*of_all.starts, *lasted})


_Seen = tuple["_Steps", set[datetime]]
"""The steps of one kind in one workspace, and the days on which it could have made one."""

_Steps = dict[datetime, int]
"""The days that cost clearly more or less than the sound day before, and how many hundredths of a percent of it."""


def _steps(days: Sequence[PaidDay]) -> _Steps:
    ratios = [day.ratio for day in days]
    moves = [_permyriad(one, other) for one, other in pairwise(ratios)]
    if len(moves) < FEWEST_STEPS:
        return {}
    usual = sorted(moves)[(len(moves) - 1) * 3 // 4]
    least = max(LEAST_STEP, STEP_OF_USUAL * usual)
    if max(moves) <= least:
        return {}
    odd = {
        days[at].day
        for at in range(1, len(days) - 1)
        if moves[at - 1] > least
        and _permyriad(ratios[at + 1], ratios[at]) > least
        and _permyriad(ratios[at - 1], ratios[at + 1]) <= least
    }
    sound = [day for day in days if day.day not in odd]
    steps = {
        later.day: later.ratio * 10_000 // max(one.ratio, 1)
        for one, later in pairwise(sound)
        if _permyriad(one.ratio, later.ratio) > least
    }
    return steps | dict.fromkeys(odd, _ODD)


_ODD = -1
"""Stands for the factor of a day that was odd."""


def _periods(days: Sequence[PaidDay], steps: _Steps, changes: Iterable[datetime]) -> Periods:
    starts = sorted(day for day in changes if steps.get(day) != _ODD)
    odd = {day for day, factor in steps.items() if factor == _ODD}
    if days and days[-1].day in steps and days[-1].day not in starts:
        odd.add(days[-1].day)
    return Periods(tuple(starts), frozenset(odd))


def plausible(factor: int) -> bool:
    """Whether a price list could make such a step (hundredths of a percent): about the double or the half at most."""
    most = LARGEST_FACTOR * (10_000 + ALIKE)
    return 10_000 * 10_000 // most <= factor <= most


def _alike(factor: int, other: int | None) -> bool:
    return other is not None and factor > 0 and _permyriad(factor, other) <= ALIKE


def _by_most(factor: int, day: datetime, seen: Iterable[_Seen]) -> bool:
    """Whether at least half of those that have the day made the same step."""
    made = [_alike(factor, steps.get(day)) for steps, days in seen if day in days]
    return factor != _ODD and 2 * sum(made) >= len(made) > 0


def _permyriad(before: int, after: int) -> int:
    """By how many hundredths of a percent one figure differs from another."""
    return abs(after - before) * 10_000 // (before if before > 0 else 1)
