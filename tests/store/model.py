"""What a store should hold after some reads, told without a database: the newest read of each hour wins."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.reports import Series, UsageBucket
from meterdeck.store.coverage import Coverage
from meterdeck.store.hours import SETTLES_AFTER
from values import series, used

HOUR, MINUTE, DAY = BucketWidth.HOUR, BucketWidth.MINUTE, BucketWidth.DAY
SERIES = (series("wrkspc_a"), series("wrkspc_b"), series(None), series("wrkspc_a", key=None))

Content = dict[Series, int]
"""Output tokens by series."""


class Read(NamedTuple):
    """One answer of the API: what it says of a window, and when that was asked."""

    width: BucketWidth
    window: Window
    read_at: datetime
    edition: int
    """The same bucket in the same edition says the same; in another one it is restated."""
    has_holes: bool = False
    """Whether some buckets of the window do not come."""

    def answer(self) -> dict[datetime, Content]:
        """What each bucket says that came."""
        said: dict[datetime, Content] = {}
        for start in self.window.starts(self.width):
            lots = random.Random(f"{self.width} {start} {self.edition}")
            content = {of: lots.randrange(1000) for of in SERIES if lots.random() < 0.6}
            if not (self.has_holes and lots.random() < 0.2):
                said[start] = content
        return said

    def buckets(self) -> list[UsageBucket]:
        """The same as the client hands it over."""
        return [used(start, content, self.width) for start, content in self.answer().items()]


class _Known(NamedTuple):
    content: Content
    coverage: Coverage


@dataclass
class Model:
    """The hours and minutes that were read, each as its newest read left it."""

    own: dict[datetime, _Known] = field(default_factory=dict)
    minutes: dict[datetime, _Known] = field(default_factory=dict)

    def take(self, read: Read) -> None:
        """Put a read in the place of what was known, but for what is known from a later one."""
        known = self.own if read.width is HOUR else self.minutes
        said = read.answer()
        before = {hour: self.hour(hour) for hour in read.window.starts(HOUR)}
        for start in read.window.starts(read.width):
            if self._is_older(read, start):
                continue
            had = known.pop(start, None)
            if start in said:
                was = before.get(start) if read.width is HOUR else had and had.content
                same = had is not None and (was or {}) == said[start]
                since = had.coverage.unchanged_since if had and same else read.read_at
                known[start] = _Known(said[start], Coverage(read.read_at, since))
        for hour in {HOUR.floor(start) for start in read.window.starts(read.width)}:
            if self._minutes_win(hour):
                self.own.pop(hour, None)  # what is older and has been replaced is gone
                since_all = self._all_minutes_since(hour)
                if since_all is not None and since_all >= hour + HOUR.delta + SETTLES_AFTER:
                    content = _added(part.content for part in self._minutes_of(hour))
                    self.own[hour] = _Known(content, Coverage(since_all, since_all))

    def hour(self, hour: datetime) -> Content | None:
        """What holds for an hour; None where nothing of it was read."""
        if hour in self.own:
            return self.own[hour].content
        parts = self._minutes_of(hour)
        return _added(part.content for part in parts) if parts else None

    def day(self, day: datetime) -> Content | None:
        """The sum of a day of which all is known, else None."""
        hours = list(Window(day, day + DAY.delta).starts(HOUR))
        if not all(self.is_whole(hour) for hour in hours):
            return None
        return _added(content for hour in hours if (content := self.hour(hour)) is not None)

    def total(self, window: Window) -> Content:
        """The sum of the known hours that start inside a window."""
        return _added(c for hour in window.starts(HOUR) if (c := self.hour(hour)) is not None)

    def is_whole(self, hour: datetime) -> bool:
        """Whether all of an hour is known."""
        return hour in self.own or len(self._minutes_of(hour)) == 60

    def read_at(self, hour: datetime) -> datetime:
        """When what holds for a known hour was last read."""
        if hour in self.own:
            return self.own[hour].coverage.read_at
        return max(part.coverage.read_at for part in self._minutes_of(hour))

    def _minutes_of(self, hour: datetime) -> list[_Known]:
        starts = Window(hour, hour + HOUR.delta).starts(MINUTE)
        return [self.minutes[start] for start in starts if start in self.minutes]

    def _all_minutes_since(self, hour: datetime) -> datetime | None:
        parts = self._minutes_of(hour)
        return min(part.coverage.read_at for part in parts) if len(parts) == 60 else None

    def _minutes_win(self, hour: datetime) -> bool:
        since = self._all_minutes_since(hour)
        return since is not None and (hour not in self.own or since > self.own[hour].coverage.read_at)

    def _is_older(self, read: Read, start: datetime) -> bool:
        known = self.own if read.width is HOUR else self.minutes
        if start in known and known[start].coverage.read_at > read.read_at:
            return True
        since = self._all_minutes_since(start) if read.width is HOUR else None
        return since is not None and since > read.read_at


def _added(contents: Iterable[Content]) -> Content:
    total: Counter[Series] = Counter()
    seen: set[Series] = set()
    for content in contents:
        total.update(content)
        seen |= content.keys()
    return {of: total[of] for of in seen}
