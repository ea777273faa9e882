"""Questions on demand: what one request can tell of a dimension that the series leave out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, SERIES_DIMENSIONS, Dimension
from meterdeck.domain.errors import UsageError
from meterdeck.domain.scope import Filter, Scope, Since, Span

MOST_GROUPED = 5
"""Dimensions that one request may group by (api-facts 2.1)."""
PRICE_DIMENSIONS = tuple(dimension for dimension in SERIES_DIMENSIONS if dimension is not Dimension.API_KEY)
"""What a price depends on, beside the token type."""
MOST_ROWS = 50_000
"""In one answer: some 20 MB, a third of what one page may have."""


class Asked(NamedTuple):
    """What of time a question asks for at a moment."""

    window: Window
    width: BucketWidth

    @property
    def buckets(self) -> int:
        """How many buckets that is."""
        return self.window.duration // self.width.delta

    @property
    def requests(self) -> int:
        """How many requests they take, as many buckets to a page as there can be."""
        return -(-self.buckets // self.width.page_limit)


@dataclass(frozen=True, slots=True)
class Question:
    """A scope by a dimension of `ON_DEMAND_DIMENSIONS`. A window up to now moves with the clock; it stays the same question.

    A filter can't name null (the default workspace, use of the Console): where one keeps it, that dimension is
    grouped by too, and the rows are filtered here. The rest of the five that can be grouped by goes to what a price
    depends on. Raises `UsageError` for what no single request can tell.
    """

    dimension: Dimension
    filters: tuple[Filter, ...] = ()
    span: Span = Span.DAY
    """How far back from now, where it has no time of its own."""
    time: Since | Window | None = None

    def __post_init__(self) -> None:
        if self.dimension not in ON_DEMAND_DIMENSIONS:
            raise UsageError(f"Usage by {self.dimension.title} is in the store; nobody need be asked.")
        for kept in self.filters:
            if kept.dimension not in SERIES_DIMENSIONS:
                raise UsageError(f"What is read on demand can't be filtered by {kept.dimension.title}.")
            if not kept.members:
                raise UsageError(f"The {kept.dimension.title} filter keeps nothing.")
        in_order = sorted(self.filters, key=lambda kept: SERIES_DIMENSIONS.index(kept.dimension))
        object.__setattr__(self, "filters", tuple(in_order))
        if self.time is not None:  # however one came to it, it is the same time
            start, until = BucketWidth.MINUTE.floor(self.time.start), None
            if isinstance(self.time, Window):
                until = self.time.end
            object.__setattr__(self, "time", Window(start, until) if until else Since(start))
            object.__setattr__(self, "span", Span.DAY)
        if len(self._must_group) > MOST_GROUPED:
            raise UsageError(
                f"One request can't tell so many dimensions apart; it groups by {MOST_GROUPED} at most.",
                next="Take a filter away.",
            )

    @classmethod
    def of(cls, scope: Scope) -> Question:
        """What a scope asks."""
        return cls(scope.by, scope.filters, scope.span, scope.at)

    @property
    def group_by(self) -> tuple[Dimension, ...]:
        """The dimensions to group by, five at most; the one that is asked for comes first."""
        must = self._must_group
        priced = [d for d in PRICE_DIMENSIONS if d not in must and d not in self.pinned]
        return (*must, *priced) if len(must) + len(priced) <= MOST_GROUPED else must

    @property
    def is_priced(self) -> bool:
        """Whether each row of the answer tells all that a price depends on."""
        return {*self.group_by, *self.pinned} >= set(PRICE_DIMENSIONS)

    @property
    def pinned(self) -> Mapping[Dimension, str]:
        """What every row of the answer has, for a filter keeps nothing else: not worth a place to group by it."""
        found = {}
        for kept in self.filters:
            (member, *others) = kept.members
            if member is not None and not others:
                found[kept.dimension] = member
        return found

    @property
    def sent(self) -> dict[Dimension, tuple[str, ...]]:
        """The filters that a request can carry."""
        return {
            kept.dimension: tuple(sorted(member for member in kept.members if member is not None))
            for kept in self.filters
            if None not in kept.members
        }

    def keeps(self, group_by: Sequence[Dimension], members: Sequence[str | None]) -> bool:
        """Whether a row of the answer passes the filters that no request can carry."""
        return all(
            members[group_by.index(kept.dimension)] in kept.members
            for kept in self.filters
            if None in kept.members
        )

    def at(self, now: datetime, rows_an_hour: int = 0) -> Asked:
        """The window at a moment, in buckets so wide that it fits in one page: minutes, hours or days.

        Where that would give more rows than `MOST_ROWS`, a week too is asked for in days. A time that begins or
        ends within an hour is asked for in minutes where they fit; else it is widened to whole buckets, and the
        answer is of what was asked (`is_told_by`).
        """
        minutes, hours, days = (self._in_buckets(width, now) for width in BucketWidth)
        if minutes.window.duration <= timedelta(hours=1):
            return minutes
        newest = BucketWidth.MINUTE.after(now)
        cuts_hours = hours.window.start < minutes.window.start or minutes.window.end < min(
            hours.window.end, newest
        )
        if cuts_hours and minutes.requests == 1 and minutes.buckets * rows_an_hour <= MOST_ROWS:
            return minutes
        is_much = hours.buckets * rows_an_hour > MOST_ROWS and minutes.window.duration > timedelta(days=1)
        return hours if hours.requests == 1 and not is_much else days

    def is_told_by(self, asked: Asked) -> bool:
        """Whether what was asked for is the very time, and not one that was widened to whole buckets."""
        if self.time is None:
            return True
        is_within = isinstance(self.time, Since) or asked.window.end <= self.time.end
        return is_within and asked.window.start == self.time.start

    def _in_buckets(self, width: BucketWidth, now: datetime) -> Asked:
        """The time in whole buckets of one width, the running one at most."""
        if self.time is None:
            return Asked(self.span.window(width, now), width)
        start, end = width.floor(self.time.start), width.after(now)
        if isinstance(self.time, Window):
            end = min(end, width.ceil(self.time.end))
        return Asked(Window(start, max(end, start + width.delta)), width)

    @property
    def _must_group(self) -> tuple[Dimension, ...]:
        nulls = [kept.dimension for kept in self.filters if None in kept.members]
        return (self.dimension, *nulls)


def missing(asked: Asked, came: Collection[datetime]) -> Iterator[datetime]:
    """The starts of the buckets that were asked for and did not come."""
    return (start for start in asked.window.starts(asked.width) if start not in came)
