"""The rhythm of a day and a week, as percentages by the UTC hour and the weekday: integers, the same everywhere."""

from __future__ import annotations

from enum import Enum


class Rhythm(Enum):
    """When a workload runs; the value is its percentage of the peak in each of the 24 hours."""

    OFFICE = (16, 13, 11, 10, 10, 12, 20, 36, 58, 76, 88, 94, 92, 95, 100, 99, 96, 90, 80, 66, 50, 38, 28, 21)
    GLOBAL = (62, 58, 54, 52, 53, 56, 62, 70, 78, 84, 88, 91, 93, 96, 100, 99, 97, 95, 93, 90, 86, 80, 74, 68)
    NIGHT = (92, 100, 98, 90, 60, 24, 8, 4, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 6, 10, 18, 34, 60, 80)
    FLAT = (96, 97, 98, 97, 96, 97, 98, 99, 100, 99, 98, 99, 100, 99, 98, 97, 98, 99, 100, 99, 98, 97, 96, 97)
    BURST = (0, 0, 0, 0, 0, 0, 30, 80, 100, 20, 0, 0, 40, 90, 100, 60, 10, 0, 0, 50, 70, 0, 0, 0)

    def level(self, hour: int) -> int:
        """How much of the peak an hour takes, in hundredths of a percent; ``hour`` in seconds since the epoch."""
        hours = hour // 3600
        weekday = (hours // 24 + _EPOCH_WEEKDAY) % 7
        return _LEVELS[self.name][weekday][hours % 24]


_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday
_WORKDAYS = (98, 100, 100, 99, 94)
_WEEK = {
    "OFFICE": (*_WORKDAYS, 28, 24),
    "GLOBAL": (*_WORKDAYS, 78, 74),
    "NIGHT": (*_WORKDAYS, 88, 62),
    "FLAT": (100, 100, 100, 100, 100, 100, 100),
    "BURST": (*_WORKDAYS, 12, 6),
}
_LEVELS = {
    rhythm.name: [[hour * day for hour in rhythm.value] for day in _WEEK[rhythm.name]] for rhythm in Rhythm
}
