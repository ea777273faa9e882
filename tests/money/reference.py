"""What dollars are, worked out slowly and with fractions alone: the rules that every report is held against.

A *pool* is the lines of a day's bill that differ only in geo and description. It is shared out by the tokens (or the
searches) that it pays for: to series, from a series' day to its hours, from an hour to its minutes; each time by the
largest remainder, of equal ones to the first (series by their id in the store, hours and minutes by time).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from meterdeck.domain.reports import CostLine, Series
from meterdeck.domain.tokens import TokenType

COUNTERS = ("uncached_input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "web_searches")
"""What usage counts and bills pay for, in the order of `Counts`."""
SEARCHES = "web_searches"
FINE = 12
"""Decimals of a cent in which money is shared out, or more where an amount has more."""

_OF_TYPE = {token_type.in_bill: token_type.value for token_type in TokenType}

Counts = tuple[int, int, int, int, int, int]
"""What a row of usage counts: five kinds of token, and searches."""
Usage = Mapping[datetime, Mapping[Series, Counts]]
"""Counts of buckets, of one width, by their start."""
Bill = Mapping[CostLine, Decimal]
"""The lines of one day, in cents."""


class Pool(NamedTuple):
    """Lines that are shared out together."""

    workspace: str | None
    model: str | None
    tier: str | None
    context: str | None
    counter: str


class Use(NamedTuple):
    """One counter of one series."""

    series: Series
    counter: str

    @property
    def pool(self) -> Pool:
        """The lines that pay for it; a bill knows of a search but its workspace."""
        if self.counter == SEARCHES:
            return Pool(self.series.workspace_id, None, None, None, SEARCHES)
        of = self.series
        return Pool(of.workspace_id, of.model, of.service_tier, of.context_window, self.counter)


def pool_of(line: CostLine) -> Pool | None:
    """The pool of a line; None for one that no counter can share out."""
    if line.cost_type == "web_search":
        return Pool(line.workspace_id, None, None, None, SEARCHES)
    counter = _OF_TYPE.get(line.token_type or "")
    if line.cost_type != "tokens" or counter is None:
        return None
    return Pool(line.workspace_id, line.model, line.service_tier, line.context_window, counter)


def apportioned(total: Fraction, weights: Sequence[int], unit: Fraction) -> list[Fraction]:
    """A whole number of units shared out by weights: rounded down, the rest to the largest remainders, the first first."""
    if total < 0:
        return [-part for part in apportioned(-total, weights, unit)]
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [part // unit * unit for part in exact]
    missing = (total - sum(parts)) / unit
    assert missing.denominator == 1, "the total is no whole number of units"
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: int(missing)]:
        parts[place] += unit
    return parts


@dataclass
class Day:
    """How one day's dollars are shared out, in cents."""

    unit: Fraction
    hours: Usage
    of_day: dict[Use, Fraction] = field(default_factory=dict)
    """What each series' counter is worth."""
    of_hour: dict[tuple[datetime, Use], Fraction] = field(default_factory=dict)
    """What it is worth in each hour; they add up to its day."""
    unpaid: set[Use] = field(default_factory=set)
    """What nothing pays for: it has no dollars."""
    mixed: set[Use] = field(default_factory=set)
    """What is paid for by several lines of one pool."""
    not_allocated: dict[CostLine, Fraction] = field(default_factory=dict)
    """Lines that nothing shares out."""

    def of_minutes(self, hour: datetime, minutes: Usage) -> dict[tuple[datetime, Use], Fraction]:
        """What each minute of an hour is worth, given what all of its minutes counted."""
        found: dict[tuple[datetime, Use], Fraction] = {}
        for (of, use), cents in self.of_hour.items():
            if of == hour:
                found |= _over_time(use, cents, minutes, self.unit)
        return found

    def unpaid_in(self, buckets: Usage, start: datetime) -> set[Use]:
        """What was used in one of some buckets of the day and has no dollars."""
        return {use for use in self.unpaid if start in counted(buckets, use)}


def settled_day(bill: Bill, hours: Usage, ids: Mapping[Series, int]) -> Day:
    """A settled day of which every hour was read: each pool is worth the sum of its lines."""

    def worth(lines: Sequence[Fraction], _: Pool, __: int) -> Fraction | None:
        return sum(lines, start=Fraction(0)) if lines else None

    return _shared_out(bill, hours, ids, worth)


def open_day(bill: Bill, hours: Usage, ids: Mapping[Series, int], prices: Mapping[Pool, Fraction]) -> Day:
    """A day whose bill may still rise, at some prices in cents of a token or a search.

    A pool is worth what is billed of it above zero or its tokens at their price, whichever is more, and what is
    billed of it below zero.
    """

    def worth(lines: Sequence[Fraction], pool: Pool, count: int) -> Fraction | None:
        price = prices.get(pool)
        if price is None and not lines:
            return None
        above = sum((cents for cents in lines if cents > 0), start=Fraction(0))
        below = sum((cents for cents in lines if cents < 0), start=Fraction(0))
        return max(above, count * (price or Fraction(0))) + below

    return _shared_out(bill, hours, ids, worth)


Worth = Callable[[Sequence[Fraction], Pool, int], Fraction | None]
"""What a pool is worth, by its lines and how much it pays for; None: nothing tells."""


def _shared_out(bill: Bill, hours: Usage, ids: Mapping[Series, int], worth: Worth) -> Day:
    decimals = max([FINE, *(decimals_of(cents) for cents in _in_dollars(bill).values())])
    day = Day(Fraction(1, 10**decimals), hours)
    lines: dict[Pool, dict[CostLine, Fraction]] = {}
    for line, amount in _in_dollars(bill).items():
        paid = pool_of(line)
        if paid is None:
            day.not_allocated[line] = Fraction(amount)
        else:
            lines.setdefault(paid, {})[line] = Fraction(amount)
    used = _used(hours)
    for pool in {use.pool for use in used} | lines.keys():
        uses = sorted((use for use in used if use.pool == pool), key=lambda use: ids[use.series])
        cents = worth(list(lines.get(pool, {}).values()), pool, sum(used[use] for use in uses))
        if not uses:
            day.not_allocated |= lines[pool]
        elif cents is None:
            day.unpaid.update(uses)
        else:
            if len(lines.get(pool, {})) > 1:
                day.mixed.update(uses)
            parts = apportioned(cents, [used[use] for use in uses], day.unit)
            for use, part in zip(uses, parts, strict=True):
                day.of_day[use] = part
                day.of_hour |= _over_time(use, part, hours, day.unit)
    return day


def _in_dollars(bill: Bill) -> Bill:
    return {line: cents for line, cents in bill.items() if line.currency == "USD"}


def decimals_of(cents: Decimal) -> int:
    """How many decimals an amount needs."""
    exponent = cents.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def counted(buckets: Usage, use: Use) -> dict[datetime, int]:
    """How much of one counter each bucket has, oldest first; buckets without any do not come."""
    place = COUNTERS.index(use.counter)
    found = {start: rows[use.series][place] for start, rows in sorted(buckets.items()) if use.series in rows}
    return {start: count for start, count in found.items() if count}


def _used(buckets: Usage) -> dict[Use, int]:
    """Everything that was used, and how much."""
    everything = {
        Use(series, counter) for rows in buckets.values() for series in rows for counter in COUNTERS
    }
    sums = {use: sum(counted(buckets, use).values()) for use in everything}
    return {use: count for use, count in sums.items() if count}


def _over_time(
    use: Use, cents: Fraction, buckets: Usage, unit: Fraction
) -> dict[tuple[datetime, Use], Fraction]:
    """An amount shared out to the buckets that its tokens were used in."""
    counts = counted(buckets, use)
    parts = apportioned(cents, list(counts.values()), unit)
    return {(start, use): part for start, part in zip(counts, parts, strict=True)}


def total(amounts: Iterable[Fraction]) -> Fraction:
    """The sum of some amounts."""
    return sum(amounts, start=Fraction(0))
