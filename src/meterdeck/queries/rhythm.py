"""The rhythm of use: what each hour of a week is worth beside the others, by the clock of a time zone.

All of it is whole numbers, so that use that repeats itself exactly is foreseen exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from meterdeck.domain.buckets import BucketWidth

HOUR = BucketWidth.HOUR.delta
DAY_HOURS, WEEK_HOURS = 24, 168
SCALE = 10**30
"""What an hour of average worth weighs. Weights round down; so fine that no sum of dollars ever shows it."""
MOST_UNREAD = 5
"""A week or day of which more than a fifth was not read teaches no rhythm."""


@dataclass(frozen=True, slots=True)
class Hours:
    """What consecutive hours were worth, oldest first, in units of 10⁻¹² cents; None: not known."""

    start: datetime
    units: Sequence[int | None]

    @property
    def end(self) -> datetime:
        """The end of the newest hour."""
        return self.start + len(self.units) * HOUR

    def starts(self) -> Iterator[datetime]:
        """The start of each hour."""
        return (self.start + at * HOUR for at in range(len(self.units)))

    def since_first_use(self) -> Hours:
        """Without what was before the first hour that was worth anything: use that began lately was not 0 before.

        Where no hour was worth anything, all of them stay.
        """
        first = next((at for at, units in enumerate(self.units) if units), 0)
        return Hours(self.start + first * HOUR, self.units[first:])


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How much each hour of the week weighs. Two hours of one name (when a clock is set back) weigh the same."""

    zone: tzinfo
    weights: tuple[int, ...]
    """Of 168 hours, from Monday 00:00 on; an average hour weighs about `SCALE`."""

    def weight(self, hour: datetime) -> int:
        """The weight of the hour that starts at a moment."""
        return self.weights[_slot(hour, self.zone)]


def learn_rhythm(hours: Hours, zone: tzinfo) -> Rhythm:
    """The rhythm of some hours: of the week from two weeks on, of the day from two days on, else none.

    Each week (or day) is taken relative to its own mean, so growth is no rhythm. An hour then weighs the median over the
    weeks, so what happened once is no rhythm either. Weeks without any use teach nothing.
    """
    hours = hours.since_first_use()
    count = len(hours.units)
    for period in (WEEK_HOURS, DAY_HOURS):
        weights = _medians(hours, zone, period) if count >= 2 * period else ()
        if any(weights):
            return Rhythm(zone, tuple(weights) * (WEEK_HOURS // period))
    return Rhythm(zone, (SCALE,) * WEEK_HOURS)


def _medians(hours: Hours, zone: tzinfo, period: int) -> list[int]:
    """The median of each hour's worth beside its week's (or day's) mean; nothing where one of them is never told."""
    seen: list[list[int]] = [[] for _ in range(period)]
    slots = [_slot(hour, zone) % period for hour in hours.starts()]
    for end in range(len(hours.units), period - 1, -period):
        places = range(end - period, end)
        known = [(slots[at], units) for at in places if (units := hours.units[at]) is not None]
        whole = sum(units for _, units in known)
        if whole and (period - len(known)) * MOST_UNREAD <= period:
            for slot, units in known:
                seen[slot].append(units * len(known) * SCALE // whole)
    return [_median(some) for some in seen] if all(seen) else []


def _median(some: list[int]) -> int:
    ordered = sorted(some)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2


def _slot(hour: datetime, zone: tzinfo) -> int:
    """Which hour of the zone's week an hour starts in; in zones half an hour off, that of its first half."""
    local = hour.astimezone(zone)
    return local.weekday() * DAY_HOURS + local.hour
