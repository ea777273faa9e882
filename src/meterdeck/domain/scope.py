"""A scope: what one look at the data covers. A frozen value that every pane answers to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from meterdeck.domain.buckets import BucketWidth, Window, last_buckets, month_start
from meterdeck.domain.dimensions import Dimension


class Span(Enum):
    """How far back a scope looks; the value is its name on the command line."""

    DAY = "24h"
    WEEK = "7d"
    MONTH_OF_DAYS = "31d"
    CALENDAR_MONTH = "month"

    def window(self, width: BucketWidth, now: datetime) -> Window:
        """The window that ends with the running bucket: N buckets, the running one among them."""
        if self is Span.CALENDAR_MONTH:
            return Window(month_start(now), width.after(now))
        return last_buckets(width, timedelta(days=_DAYS[self]) // width.delta, now)


_DAYS = {Span.DAY: 1, Span.WEEK: 7, Span.MONTH_OF_DAYS: 31}


@dataclass(frozen=True, slots=True)
class Filter:
    """Keep only these members of one dimension; an empty filter keeps nothing."""

    dimension: Dimension
    members: frozenset[str | None]


@dataclass(frozen=True, slots=True)
class Scope:
    """Filters (all must hold), how far back to look, and what to break down by."""

    filters: tuple[Filter, ...] = ()
    span: Span = Span.DAY
    by: Dimension = Dimension.WORKSPACE

    def members(self, dimension: Dimension) -> frozenset[str | None] | None:
        """The members a filter keeps, or None where the dimension is not filtered."""
        return next((f.members for f in self.filters if f.dimension is dimension), None)

    def filtered(self, dimension: Dimension, members: Iterable[str | None] | None) -> Scope:
        """The same scope with one dimension's filter replaced; None or no members takes the filter away."""
        others = tuple(f for f in self.filters if f.dimension is not dimension)
        kept = frozenset(members or ())
        return replace(self, filters=(*others, Filter(dimension, kept)) if kept else others)
