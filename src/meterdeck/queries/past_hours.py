"""What the hours of past weeks were worth for a scope: read a day at a time, and kept until that day changes.

Dollars by the hour need every row of every hour, a million of them in a large organisation's month. So a day is read
once, and again only when its hours, or the prices, have become others. Whoever looks in between gets what is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Filter
from meterdeck.queries.forecast import Past
from meterdeck.queries.look import Look
from meterdeck.queries.prices import PriceBook, worth
from meterdeck.queries.rhythm import Hours, learn_rhythm
from meterdeck.queries.split import choose
from meterdeck.queries.usage_window import USAGE_DELAY
from meterdeck.store import coverage, sums
from meterdeck.store.coverage import Report
from meterdeck.store.topics import Topic

LOOKS_BACK = timedelta(days=56)
"""Eight weeks: enough for a median, and young enough to be like the weeks ahead."""
MOST_SCOPES = 40
DAY = BucketWidth.DAY.delta
HOUR = BucketWidth.HOUR.delta

Filters = tuple[Filter, ...]
_Reads = Mapping[datetime, tuple[tuple[int, datetime], ...]]
"""Of each day that was read at all: which of its hours, each with since when it says what it says."""


@dataclass(frozen=True, slots=True)
class _Day:
    """A day as it was read."""

    rests_on: object
    units: tuple[int | None, ...]


class PastHours:
    """Past hours of scopes, for one store and one thread."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._book = PriceBook()
        self._books = 0
        self._days: dict[Filters, dict[datetime, _Day]] = {}
        self._pasts: dict[Filters, tuple[datetime, Past]] = {}
        self.days_read = 0
        """Grows with every day that is read."""

    def past(self, filters: Filters, now: datetime) -> Past | None:
        """What is kept of a scope's hours; None where nothing is."""
        today = BucketWidth.DAY.floor(now)
        found = self._pasts.get(filters)
        if found is None or found[0] != today:
            days = self._days.get(filters)
            if not days:
                return None
            hours = _joined(days, today)
            found = self._pasts[filters] = today, Past(hours, learn_rhythm(hours, self._zone))
        return found[1]

    def outdated(self, look: Look, filters: Filters, now: datetime, book: PriceBook) -> list[datetime]:
        """The days of a scope that should be read, newest first."""
        if book is not self._book and book != self._book:
            self._books += 1
        self._book = book
        kept = self._days.get(filters, {})
        return [
            day
            for day, hours in _reads(look, now).items()
            if day not in kept or kept[day].rests_on != (self._books, hours)
        ][::-1]

    def read(self, look: Look, filters: Filters, day: datetime, now: datetime) -> None:
        """Read a day of a scope at the prices last given, if anything of it was read from the API."""
        reads = _reads(look, now).get(day)
        if reads is None:
            return
        if filters not in self._days and len(self._days) >= MOST_SCOPES:
            oldest = next(iter(self._days))
            del self._days[oldest]
            self._pasts.pop(oldest, None)
        units = self._units(look, filters, Window(day, day + DAY), {hour for hour, _ in reads})
        self._days.setdefault(filters, {})[day] = _Day((self._books, reads), units)
        self._pasts.pop(filters, None)
        self.days_read += 1

    def _units(self, look: Look, filters: Filters, window: Window, known: set[int]) -> tuple[int | None, ...]:
        """The worth of each hour at the prices of now, searches too; None where it was not read, or nothing is priced.

        What is to come is paid at these prices, whatever was paid then.
        """
        kinds, book = look.kinds, self._book
        series = list(choose(look, filters, Dimension.MODEL)) if filters else None
        units = [0] * 24
        has_price, lacks_price = set(), set()
        for hour, of, *counters in sums.counters_of_each_hour(look.transaction, window, series):
            more, _, priced, unpriced, *_ = worth(counters, book.vector(*kinds[of]))
            units[hour] += more
            if priced:
                has_price.add(hour)
            elif unpriced:
                lacks_price.add(hour)
        told = known - (lacks_price - has_price)
        return tuple(amount if hour in told else None for hour, amount in enumerate(units))


def _joined(days: Mapping[datetime, _Day], today: datetime) -> Hours:
    """The hours of all days, up to the newest that is known."""
    first = max(min(days), today - LOOKS_BACK)
    units: list[int | None] = []
    for day in Window(first, today + DAY).starts(BucketWidth.DAY):
        units += days[day].units if day in days else [None] * 24
    while units and units[-1] is None:
        units.pop()
    return Hours(first, units)


def _reads(look: Look, now: datetime) -> _Reads:
    """What was read of each day: hours that had filled when they were read."""
    today = BucketWidth.DAY.floor(now)
    return look.kept(
        Topic.COVERAGE, ("hours read", today), lambda: _read(look, Window(today - LOOKS_BACK, today + DAY))
    )


def _read(look: Look, window: Window) -> _Reads:
    found: dict[datetime, list[tuple[int, datetime]]] = {}
    covered = coverage.covered(look.transaction, Report.USAGE, BucketWidth.HOUR, window)
    for hour, read in covered.items():
        if read.read_at >= hour + HOUR + USAGE_DELAY:
            found.setdefault(BucketWidth.DAY.floor(hour), []).append((hour.hour, read.unchanged_since))
    return {day: tuple(hours) for day, hours in found.items()}
