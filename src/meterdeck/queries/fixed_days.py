"""A UTC day whose money is given, hour by hour and minute by minute: shared out top-down, as it is asked for.

A series' amount of the day is shared among its hours by their tokens, an hour's among its minutes: the parts of any day
add up to it to the last digit, in whatever order they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from meterdeck.domain.apportion import apportion
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.queries.look import Look
from meterdeck.queries.spend import UNIT_DECIMALS
from meterdeck.store import sums
from meterdeck.store.allocation import FEWEST_DECIMALS
from meterdeck.store.sums import Counters

HOUR, MINUTE, DAY = BucketWidth.HOUR, BucketWidth.MINUTE, BucketWidth.DAY
COARSEST: int = 10 ** (UNIT_DECIMALS - FEWEST_DECIMALS)
Amounts = tuple[int | None, ...]
"""Six amounts in units of a `Spend`, five token types and web searches; None: not given."""

Minutes = Mapping[datetime, Mapping[int, tuple[Counters, Amounts]]]
"""Counters and amounts of each minute by series."""


class FixedDay:
    """One day's given amounts by series, and the hours that they are shared out to."""

    def __init__(
        self,
        day: datetime,
        amounts: Mapping[int, Amounts],
        hours: Mapping[datetime, Mapping[int, Counters]],
        grain: int,
    ) -> None:
        """``grain`` is the one unit, in those of a `Spend`, in which all of the day is shared out: see `grain_of`."""
        self.day = day
        self.amounts = amounts
        self._hours = hours
        self._grain = grain
        self._shared: dict[int, dict[datetime, Amounts]] = {}
        self._minutes: dict[datetime, Minutes] = {}

    def hour(self, start: datetime) -> Mapping[int, Counters]:
        """The counters of one hour by series."""
        return self._hours.get(start, {})

    def of_hour(self, series: int, start: datetime) -> Amounts:
        """A series' amounts of one hour of the day."""
        if series not in self._shared:
            self._shared[series] = self._share(series)
        return self._shared[series].get(start, _NOT_GIVEN)

    def of_minutes(self, look: Look, hour: datetime) -> Minutes:
        """The counters and amounts of each minute of an hour by series, as far as its minutes are kept."""
        if hour not in self._minutes:
            self._minutes[hour] = self._share_hour(look, hour)
        return self._minutes[hour]

    def _share_hour(self, look: Look, hour: datetime) -> Minutes:
        minutes = sums.of_each(look.transaction, MINUTE, Window(hour, hour + HOUR.delta))
        found: dict[datetime, dict[int, tuple[Counters, Amounts]]] = {minute: {} for minute in minutes}
        for of in sorted({of for of_series in minutes.values() for of in of_series}):
            used = [(minute, of_series[of]) for minute, of_series in minutes.items() if of in of_series]
            whole = self.hour(hour).get(of, _NONE)
            columns = [
                _among_minutes(amount, [row[place] for _, row in used], whole[place], self._grain)
                for place, amount in enumerate(self.of_hour(of, hour))
            ]
            for at, (minute, counters) in enumerate(used):
                amounts = tuple(None if column is None else column[at] for column in columns)
                found[minute][of] = counters, amounts
        return found

    def _share(self, series: int) -> dict[datetime, Amounts]:
        used = [(start, of_series[series]) for start, of_series in self._hours.items() if series in of_series]
        columns = [
            None if amount is None else _among([row[place] for _, row in used], amount, self._grain)
            for place, amount in enumerate(self.amounts.get(series, _NOT_GIVEN))
        ]
        return {
            start: tuple(None if column is None else column[at] for column in columns)
            for at, (start, _) in enumerate(used)
        }


_NONE: Counters = (0, 0, 0, 0, 0, 0)
_NOT_GIVEN: Amounts = (None, None, None, None, None, None)


def hours_of(look: Look, day: datetime) -> Mapping[datetime, Mapping[int, Counters]]:
    """The counters of each hour of a day by series, oldest first."""
    return sums.of_each(look.transaction, HOUR, Window(day, day + DAY.delta))


def grain_of(amounts: Iterable[int]) -> int:
    """The unit in which some amounts are shared out: 10⁻¹² cents, or finer where one of them is; in those of a `Spend`."""
    grain = COARSEST
    for amount in amounts:
        while amount % grain:
            grain //= 10
    return grain


def in_grains(amount: int, counts: Sequence[int], grain: int) -> list[int]:
    """An amount shared out by counts, not all of them 0, in whole grains; it is some number of them."""
    return [share * grain for share in apportion(amount // grain, counts)]


def _among(counts: Sequence[int], amount: int, grain: int) -> list[int]:
    return in_grains(amount, counts, grain) if any(counts) else [0] * len(counts)


def _among_minutes(amount: int | None, counts: Sequence[int], whole: int, grain: int) -> list[int] | None:
    """An hour's amount shared among its minutes; where they are fewer than the hour has, a part stays with none."""
    if amount is None:
        return None
    elsewhere = max(0, whole - sum(counts))
    return _among([*counts, elsewhere], amount, grain)[: len(counts)]
