"""The bill of some days by line, in whole numbers: exact, and quick to add up for any scope."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import BILL_DECIMALS, EXACT, in_whole, to_units
from meterdeck.domain.reports import CostLine
from meterdeck.domain.scope import Filter
from meterdeck.store import Transaction, costs
from meterdeck.store.costs import BilledLine

BILL_DIMENSIONS = frozenset(
    {
        Dimension.WORKSPACE,
        Dimension.MODEL,
        Dimension.SERVICE_TIER,
        Dimension.CONTEXT_WINDOW,
        Dimension.INFERENCE_GEO,
        Dimension.TOKEN_TYPE,
        Dimension.COST_TYPE,
        Dimension.DESCRIPTION,
    }
)
"""What the bill can be split by; it knows no keys (api-facts 3.1)."""
TOKENS_ONLY = frozenset({Dimension.MODEL, Dimension.SERVICE_TIER, Dimension.CONTEXT_WINDOW})
"""Dimensions that only token costs have: a filter on one leaves the other lines out."""


@dataclass(frozen=True, slots=True)
class DayAmounts:
    """Amounts of consecutive days, in units of 10⁻³⁰ cents (`BILL_DECIMALS`); a day may have none.

    An amount of 0 and none at all are two things, so ``mask`` has a bit for each day that has one.
    """

    mask: int
    units: list[int]

    @classmethod
    def added_up(cls, some: Sequence[DayAmounts]) -> DayAmounts:
        """The sums, day by day, of amounts (at least one) of the same days."""
        if len(some) == 1:
            return some[0]
        mask = 0
        for amounts in some:
            mask |= amounts.mask
        return cls(mask, list(map(sum, zip(*(amounts.units for amounts in some), strict=True))))

    @property
    def total(self) -> int:
        """The sum of all days."""
        return sum(self.units)

    def only(self, mask: int) -> DayAmounts:
        """The same, without the days that a mask leaves out."""
        if self.mask & mask == self.mask:
            return self
        units = [units if mask >> at & 1 else 0 for at, units in enumerate(self.units)]
        return DayAmounts(self.mask & mask, units)

    def items(self, days: Iterable[datetime]) -> Iterator[tuple[datetime, int]]:
        """The days that have an amount, of the days that it is about."""
        mask = self.mask
        return (
            (day, units)
            for at, (day, units) in enumerate(zip(days, self.units, strict=True))
            if mask >> at & 1
        )


@dataclass(frozen=True, slots=True)
class Bill:
    """What each line cost on each of some UTC days."""

    window: Window
    lines: Mapping[int, CostLine]
    amounts: Mapping[int, DayAmounts]
    """Of the lines in dollars."""
    in_other_currencies: tuple[BilledLine, ...] = ()
    """Lines in any other currency, oldest day first: they are in no sum of dollars."""

    @property
    def days(self) -> list[datetime]:
        """The days that it is about, oldest first."""
        return list(self.window.starts(BucketWidth.DAY))

    def billed_days(self) -> set[datetime]:
        """The days that have any line."""
        mask = 0
        for amounts in self.amounts.values():
            mask |= amounts.mask
        in_dollars = {day for at, day in enumerate(self.days) if mask >> at & 1}
        return in_dollars | {one.day for one in self.in_other_currencies}

    @property
    def all_days(self) -> int:
        """The mask of all its days."""
        return (1 << len(self.days)) - 1

    def mask_of(self, days: Collection[datetime]) -> int:
        """The mask of some of its days."""
        return sum(1 << at for at, day in enumerate(self.days) if day in days)

    def within(self, window: Window) -> Bill:
        """The same, of fewer days."""
        day = BucketWidth.DAY.delta
        first, count = (window.start - self.window.start) // day, window.duration // day
        kept = {}
        for of, amounts in self.amounts.items():
            mask = (amounts.mask >> first) & ((1 << count) - 1)
            if mask:
                kept[of] = DayAmounts(mask, amounts.units[first : first + count])
        others = tuple(one for one in self.in_other_currencies if one.day in window)
        return Bill(window, self.lines, kept, others)


def read_bill(transaction: Transaction, window: Window) -> Bill:
    """Read the bill of the days that start inside a window of whole days."""
    places = {day: at for at, day in enumerate(window.starts(BucketWidth.DAY))}
    masks: dict[int, int] = {}
    units: dict[int, list[int]] = {}
    lines = costs.line_ids(transaction)
    others: list[BilledLine] = []
    for day, of, cents in costs.amounts(transaction, window):
        if not lines[of].is_usd:
            others.append(BilledLine(day, lines[of], Decimal(cents)))
            continue
        at = places[day]
        if of not in units:
            units[of], masks[of] = [0] * len(places), 0
        units[of][at] = to_units(Decimal(cents), BILL_DECIMALS)
        masks[of] |= 1 << at
    return Bill(window, lines, {of: DayAmounts(masks[of], units[of]) for of in units}, tuple(others))


def by_currency(lines: Iterable[tuple[CostLine, Decimal]]) -> dict[str, Decimal]:
    """The exact sum in each other currency than dollars of lines and their amounts, in whole units of it."""
    found: dict[str, Decimal] = {}
    for line, amount in lines:
        if not line.is_usd:
            whole = in_whole(amount, line.currency)
            found[line.currency] = EXACT.add(found.get(line.currency, Decimal(0)), whole)
    return dict(sorted(found.items()))


def lines_kept(bill: Bill, filters: Iterable[Filter]) -> Iterable[tuple[int, CostLine]]:
    """The lines that all filters keep; a filter on a tokens-only dimension says nothing of other lines."""
    kept = [(of, bill.lines[of]) for of in bill.amounts]
    for f in filters:
        only_tokens = f.dimension in TOKENS_ONLY
        kept = [
            (of, line)
            for of, line in kept
            if line.member(f.dimension) in f.members or (only_tokens and not line.is_tokens)
        ]
    return kept
