"""A UTC day whose money is given, hour by hour and minute by minute: shared out top-down, as it is asked for.

A series' amount of the day is shared among its hours by their tokens, an hour's among its minutes: the parts of any day
add up to it to the last digit, in whatever order they are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from meterdeck.domain.apportion import apportion
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.queries.look import Look
from meterdeck.store import sums
from meterdeck.store.sums import Counters
from meterdeck.store.topics import Topic

HOUR, MINUTE, DAY = BucketWidth.HOUR, BucketWidth.MINUTE, BucketWidth.DAY
Amounts = tuple[int | None, ...]
"""Six amounts in units of a `Spend`, five token types and web searches; None: not given."""

Minutes = Mapping[datetime, Mapping[int, tuple[Counters, Amounts]]]
"""Counters and amounts of each minute by series."""


class FixedDay:
    """One day's given amounts by series, and the hours that they are shared out to.

    ``unit`` is what they are shared out in, as units of a `Spend`; every amount is a whole number of them.
    """

    def __init__(
        self,
        day: datetime,
        amounts: Mapping[int, Amounts],
        hours: Mapping[datetime, Mapping[int, Counters]],
        unit: int,
    ) -> None:
        self.day = day
        self.amounts = amounts
        self._unit = unit
        self._hours = hours
        self._shared: dict[int, dict[datetime, Amounts]] = {}
        self._minutes: dict[datetime, tuple[int, Minutes]] = {}

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
        read = look.revision(Topic.USAGE)  # a day is fixed long before its minutes are asked for, or go
        if hour not in self._minutes or self._minutes[hour][0] != read:
            self._minutes[hour] = read, self._share_hour(look, hour)
        return self._minutes[hour][1]

    def _share_hour(self, look: Look, hour: datetime) -> Minutes:
        minutes = sums.of_each(look.transaction, MINUTE, Window(hour, hour + HOUR.delta))
        found: dict[datetime, dict[int, tuple[Counters, Amounts]]] = {minute: {} for minute in minutes}
        for of in sorted({of for of_series in minutes.values() for of in of_series}):
            used = [(minute, of_series[of]) for minute, of_series in minutes.items() if of in of_series]
            whole = self.hour(hour).get(of, _NONE)
            columns = [
                self._among_minutes(amount, [row[place] for _, row in used], whole[place])
                for place, amount in enumerate(self.of_hour(of, hour))
            ]
            for at, (minute, counters) in enumerate(used):
                amounts = tuple(None if column is None else column[at] for column in columns)
                found[minute][of] = counters, amounts
        return found

    def _share(self, series: int) -> dict[datetime, Amounts]:
        used = [(start, of_series[series]) for start, of_series in self._hours.items() if series in of_series]
        columns = [
            None if amount is None else self._among([row[place] for _, row in used], amount)
            for place, amount in enumerate(self.amounts.get(series, _NOT_GIVEN))
        ]
        return {
            start: tuple(None if column is None else column[at] for column in columns)
            for at, (start, _) in enumerate(used)
        }

    def _among(self, counts: Sequence[int], amount: int) -> list[int]:
        if not any(counts):
            return [0] * len(counts)
        return [share * self._unit for share in apportion(amount // self._unit, counts)]

    def _among_minutes(self, amount: int | None, counts: Sequence[int], whole: int) -> list[int] | None:
        """An hour's amount shared among its minutes; where they are fewer than the hour has, a part stays with none."""
        if amount is None:
            return None
        elsewhere = max(0, whole - sum(counts))
        return self._among([*counts, elsewhere], amount)[: len(counts)]


_NONE: Counters = (0, 0, 0, 0, 0, 0)
_NOT_GIVEN: Amounts = (None, None, None, None, None, None)


def hours_of(look: Look, day: datetime) -> Mapping[datetime, Mapping[int, Counters]]:
    """The counters of each hour of a day by series, oldest first."""
    return sums.of_each(look.transaction, HOUR, Window(day, day + DAY.delta))
