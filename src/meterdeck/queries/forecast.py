"""What is still to come: hours ahead projected from the hours known, as a range, and when an amount will be reached.

Pure: hours, a rhythm and a stretch of time in, whole numbers out. An amount is in units of 10⁻¹² cents.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from math import isqrt
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.queries.rhythm import DAY_HOURS, HOUR, SCALE, WEEK_HOURS, Hours, Rhythm

FEWEST_TRIALS = 4
"""Past forecasts that a range needs; with fewer there is a middle and no range."""
OUTSIDE = 20
"""A range leaves out a twentieth of the past forecasts at either end: it is meant to hold nine of ten."""
_MINUTE = BucketWidth.MINUTE.delta
_MINUTES = 60


class Level(NamedTuple):
    """Units for one unit of weight, as a fraction of whole numbers."""

    units: int
    weight: int

    def of(self, weight: int, parts: int = 1) -> int:
        """What a weight comes to, or one of so many equal parts of it, rounded to the nearest unit."""
        whole = 2 * self.weight * parts
        return (2 * self.units * weight + whole // 2) // whole


@dataclass(frozen=True, slots=True)
class Spread:
    """What came, as a part of what was foreseen: near the lowest and highest of the past, in parts of `SCALE`."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Projection:
    """Hours ahead. Its first hour may begin at any minute; all others are whole."""

    window: Window
    level: Level
    cumulative: tuple[int, ...]
    """The weight of all hours up to each one's end, times 60 minutes."""
    spread: Spread | None
    at_once: int = 0
    """What was used already, and no figure has yet: it comes whatever the hours ahead bring."""

    @property
    def middle(self) -> int:
        """What is to come by the end."""
        return self._units(self.cumulative[-1], SCALE)

    @property
    def low(self) -> int | None:
        """Nearly the least that is to come, as past forecasts over as long a time went; None where none did."""
        return None if self.spread is None else self._units(self.cumulative[-1], self.spread.low)

    @property
    def high(self) -> int | None:
        """Nearly the most."""
        return None if self.spread is None else self._units(self.cumulative[-1], self.spread.high)

    def reached(self, units: int, factor: int = SCALE) -> datetime | None:
        """The minute in which so much more has come, or None if not by the end; ``factor`` as in a `Spread`."""
        if units <= 0:
            return self.window.start
        if self._units(self.cumulative[-1], factor) < units:
            return None
        at = bisect_left(self.cumulative, units, key=lambda weight: self._units(weight, factor))
        starts = list(_starts(self.window))
        start, end = starts[at], starts[at + 1] if at + 1 < len(starts) else self.window.end
        before = self.cumulative[at - 1] if at else 0
        minutes = (end - start) // _MINUTE
        step = bisect_left(
            range(minutes + 1),
            units,
            key=lambda minute: self._units(
                before + (self.cumulative[at] - before) * minute // minutes, factor
            ),
        )
        return start + min(step, minutes) * _MINUTE

    def times(self, parts: int, whole: int, *, at_once: int = 0) -> Projection:
        """The same, multiplied by a fraction, with what comes at once."""
        return replace(
            self, level=Level(self.level.units * parts, self.level.weight * whole), at_once=at_once
        )

    def _units(self, weight: int, factor: int) -> int:
        return self.at_once + self.level.of(weight * factor, _MINUTES * SCALE)


class Past:
    """Known hours with their weights, added up once for any number of projections."""

    def __init__(self, hours: Hours, rhythm: Rhythm) -> None:
        self.hours = hours.since_first_use()
        self.rhythm = rhythm
        known = [
            (units, rhythm.weight(hour)) if units is not None else (0, 0)
            for hour, units in zip(self.hours.starts(), self.hours.units, strict=True)
        ]
        self._units = [0, *accumulate(units for units, _ in known)]
        self._weights = [0, *accumulate(weight for _, weight in known)]
        self._read = [0, *accumulate(units is not None for units in self.hours.units)]

    def project(self, window: Window) -> Projection | None:
        """Project the time of a window; it starts on a minute and ends with an hour. None where nothing is known."""
        starts = list(_starts(window))
        level = self.level(len(self.hours.units), len(starts))
        if level is None or not self._units[-1]:
            return None  # nothing was ever used: no end can be foreseen from that
        minutes = [_MINUTES] * len(starts)
        minutes[0] = (BucketWidth.HOUR.after(starts[0]) - starts[0]) // _MINUTE
        weights = (self.rhythm.weight(BucketWidth.HOUR.floor(start)) for start in starts)
        cumulative = tuple(accumulate(weight * part for weight, part in zip(weights, minutes, strict=True)))
        return Projection(window, level, cumulative, self.spread(window.start, len(starts)))

    def level(self, at: int, ahead: int) -> Level | None:
        """What a unit of weight was worth of late, before the hour ``at``; None where no hour of a week is known.

        A blend of the last day and the last week. The last day counts the more the nearer the end is: a launch
        of this morning says much about tonight, and little about the end of the month.
        """
        week = self._level(max(0, at - WEEK_HOURS), at)
        day = self._level(max(0, at - DAY_HOURS), at)
        if week is None or day is None:
            return week
        return Level(
            DAY_HOURS * day.units * week.weight + ahead * week.units * day.weight,
            (DAY_HOURS + ahead) * week.weight * day.weight,
        )

    def spread(self, start: datetime, ahead: int) -> Spread | None:
        """How far forecasts went wrong that were made at this hour of the days before, over as long a time.

        Of more than a week (or a quarter of the hours known) too few were independent of each other: then the
        errors of forecasts over a week stand for them, wider by the root of how much longer the time is.
        """
        count = len(self.hours.units)
        tested = min(ahead, max(WEEK_HOURS, count // 4))
        before = min(WEEK_HOURS, count // 2)
        newest = count - tested
        newest -= (self.hours.start + newest * HOUR - BucketWidth.HOUR.floor(start)) // HOUR % DAY_HOURS
        came = sorted(
            part
            for at in range(newest, max(before, DAY_HOURS) - 1, -DAY_HOURS)
            if (part := self._part_that_came(at, tested)) is not None
        )
        if len(came) < FEWEST_TRIALS:
            return None
        left_out = max(0, (len(came) + 1) // OUTSIDE - 1)
        widening = isqrt(SCALE * SCALE * ahead // tested)
        low, high = (
            SCALE + (part - SCALE) * widening // SCALE for part in (came[left_out], came[-1 - left_out])
        )
        return Spread(max(0, min(low, SCALE)), max(high, SCALE))

    def _level(self, first: int, end: int) -> Level | None:
        units, weight = self._units[end] - self._units[first], self._weights[end] - self._weights[first]
        if self._read[end] == self._read[first]:
            return None
        return Level(units, weight) if weight else None

    def _part_that_came(self, at: int, ahead: int) -> int | None:
        """What came of what would have been foreseen at an hour; None where it can't be told."""
        end = at + ahead
        level = self.level(at, ahead)
        weight = self._weights[end] - self._weights[at]
        if level is None or (self._read[end] - self._read[at]) * 2 < ahead:
            return None
        foreseen = level.of(weight)
        return (self._units[end] - self._units[at]) * SCALE // foreseen if foreseen else None


def at_pace(window: Window, units_an_hour: int, usual: Projection | None) -> Projection:
    """The rest of one hour at a pace; the range is from there to what that time is ``usual``ly worth."""
    spread = None
    if usual is not None and units_an_hour:
        minutes = (window.end - window.start) // _MINUTE
        part = usual.middle * _MINUTES * SCALE // (units_an_hour * minutes)
        spread = Spread(min(part, SCALE), max(part, SCALE))
    weight = (window.end - window.start) // _MINUTE * SCALE
    return Projection(window, Level(units_an_hour, SCALE), (weight,), spread)


def _starts(window: Window) -> Iterator[datetime]:
    """The start of each hour of a window, the first one where the window starts."""
    moment = window.start
    while moment < window.end:
        yield moment
        moment = BucketWidth.HOUR.after(moment)
