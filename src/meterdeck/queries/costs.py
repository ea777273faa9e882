"""Daily costs: what the bill says of each UTC day, and an estimate where it says nothing yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window, joined
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import BILL_DECIMALS, cents_to_usd, from_units
from meterdeck.domain.reports import CostLine
from meterdeck.domain.scope import Filter, Scope
from meterdeck.queries.bill import Bill, DayAmounts
from meterdeck.queries.day_estimates import UNITS_OF_AN_ESTIMATE, day_estimates
from meterdeck.queries.look import Look
from meterdeck.queries.names import Member
from meterdeck.queries.prices import PriceBook, Worth
from meterdeck.queries.settled import is_settled
from meterdeck.queries.unbilled import unbilled_tokens
from meterdeck.queries.usage_window import usage_window
from meterdeck.store import coverage, sums
from meterdeck.store.coverage import Coverage, Report

DAY = BucketWidth.DAY.delta

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
class CostRow:
    """What one member cost on one UTC day, in USD.

    Billed where the day's bill is in; else estimated, with the partial bill (if one came) beside it, never
    added. ``usd`` is None where an estimate has no price to go by.
    """

    day: datetime
    member: Member
    usd: Decimal | None
    estimated: bool
    settled: bool
    reported_usd: Decimal | None = None
    unpriced_tokens: int = 0
    listed_tokens: int = 0
    """Tokens that are priced by the list, not by the organisation's own bill."""


class CostCell(NamedTuple):
    """What one member cost on one day, in units of 10⁻³⁰ cents; None: nothing known."""

    units: int | None
    reported: int | None = None
    """A partial bill of a day that is estimated."""
    unpriced_tokens: int = 0
    listed_tokens: int = 0

    def plus(self, other: CostCell) -> CostCell:
        """The two added; what nothing is known of adds nothing."""
        return CostCell(
            _plus(self.units, other.units),
            _plus(self.reported, other.reported),
            self.unpriced_tokens + other.unpriced_tokens,
            self.listed_tokens + other.listed_tokens,
        )


def _plus(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


@dataclass(frozen=True, slots=True)
class Costs:
    """The costs of a scope's days by member: whole numbers, and as rows in USD for those who print them."""

    scope: Scope
    window: Window
    billed: Mapping[Member, DayAmounts]
    """Of the days of the window whose bill is in."""
    estimated: Mapping[Member, Mapping[datetime, CostCell]]
    """Of the other days."""
    excluded_usd: Decimal
    """Billed lines that the scope's filters can't be applied to: costs that are not for tokens."""
    billed_by_scope: bool
    """Whether the bill knows this split at all; where it does not, every row is an estimate."""
    gaps: tuple[Window, ...]
    as_of: datetime | None
    unreported: frozenset[datetime] = field(default_factory=frozenset)
    """Days without a bill of their own: today, and past days whose bill is not in."""
    settled: frozenset[datetime] = field(default_factory=frozenset)
    """Days whose bill will not change any more."""
    unbilled_tokens: int = 0
    """Tokens of the Priority Tier on these days in this scope: their cost is in no bill, ever (api-facts 3.2)."""

    beside_tokens: Mapping[datetime, int] = field(default_factory=dict)
    """What is billed on each day for anything but tokens, in units of 10⁻³⁰ cents."""

    @property
    def days(self) -> list[datetime]:
        """The days of the window, oldest first."""
        return list(self.window.starts(BucketWidth.DAY))

    @property
    def leaves_out_other_costs(self) -> bool:
        """Whether a filter is set that only token costs can answer to."""
        return any(f.dimension in TOKENS_ONLY for f in self.scope.filters)

    @property
    def rows(self) -> tuple[CostRow, ...]:
        """A row for each day and member, oldest day first."""
        rows = [
            CostRow(day, member, usd_of(units), estimated=False, settled=day in self.settled)
            for member, amounts in self.billed.items()
            for day, units in amounts.items(self.days)
        ]
        rows += [
            CostRow(
                day,
                member,
                usd_of(cell.units),
                estimated=True,
                settled=False,
                reported_usd=usd_of(cell.reported),
                unpriced_tokens=cell.unpriced_tokens,
                listed_tokens=cell.listed_tokens,
            )
            for member, cells in self.estimated.items()
            for day, cell in cells.items()
        ]
        return tuple(sorted(rows, key=lambda row: (row.day, row.member.name, row.member.id or "")))

    @property
    def total_usd(self) -> Decimal:
        """The exact sum of the rows that are not estimated."""
        return usd_of(sum(self.billed_by_day().values())) or Decimal(0)

    def billed_by_day(self) -> dict[datetime, int]:
        """What each day that is not estimated cost, in units of 10⁻³⁰ cents; a day without any line does not come."""
        if not self.billed:
            return {}
        return dict(DayAmounts.added_up(list(self.billed.values())).items(self.days))

    def estimated_by_day(self) -> dict[datetime, CostCell]:
        """What each day without a bill of its own is estimated at, all members together."""
        found: dict[datetime, CostCell] = {}
        for cells in self.estimated.values():
            for day, cell in cells.items():
                found[day] = found[day].plus(cell) if day in found else cell
        return found


def usd_of(units: int | None) -> Decimal | None:
    """Dollars for units of 10⁻³⁰ cents; None stays None."""
    return None if units is None else cents_to_usd(from_units(units, BILL_DECIMALS))


@dataclass(frozen=True, slots=True)
class _Days:
    """What is known of each day of the window."""

    read: dict[datetime, Coverage]
    estimated: frozenset[datetime]
    settled: frozenset[datetime]


def day_costs(look: Look, scope: Scope, window: Window, now: datetime, book: PriceBook) -> Costs:
    """Costs of each day of a window of UTC days, by the scope's dimension."""
    billed_by_scope = {scope.by, *(f.dimension for f in scope.filters)} <= BILL_DIMENSIONS
    bill = look.bill(window)
    days = _sort_days(look, window, now, bill, billed_by_scope=billed_by_scope)
    billed: dict[Member, DayAmounts] = {}
    partial: dict[tuple[datetime, str | None], int] = {}
    excluded = 0
    if billed_by_scope:
        in_bill, excluded = _billed(bill, scope, days.estimated)
        reported = bill.mask_of(days.estimated) ^ bill.all_days
        for member_id, amounts in in_bill.items():
            kept = amounts.only(reported)
            if kept.mask:
                billed[look.names.member(scope.by, member_id, in_bill=True)] = kept
            if amounts.mask != kept.mask:
                of_days = amounts.only(~reported).items(bill.days)
                partial |= {(day, member_id): units for day, units in of_days}
    estimated: dict[Member, dict[datetime, CostCell]] = {}
    for day, member, cell in _estimated(look, scope, days, book, bill, partial):
        estimated.setdefault(member, {})[day] = cell
    return Costs(
        scope,
        window,
        billed,
        estimated,
        usd_of(excluded) or Decimal(0),
        billed_by_scope,
        _gaps(look, window, days, now, billed_by_scope=billed_by_scope),
        coverage.newest_read(look.transaction, Report.COST if billed_by_scope else Report.USAGE),
        days.estimated,
        days.settled,
        unbilled_tokens(look, scope, window),
        _beside_tokens(bill, scope) if billed_by_scope else {},
    )


def _sort_days(look: Look, window: Window, now: datetime, bill: Bill, *, billed_by_scope: bool) -> _Days:
    read = coverage.covered(look.transaction, Report.COST, BucketWidth.DAY, window)
    billed = bill.billed_days()
    estimated, settled = set(), set()
    for day in window.starts(BucketWidth.DAY):
        coverage_of_day = read.get(day)
        reported = coverage_of_day is not None and coverage_of_day.read_at >= day + DAY
        if not billed_by_scope or not reported or (day not in billed and _has_tokens(look, day)):
            estimated.add(day)
        elif is_settled(day, coverage_of_day, now):
            settled.add(day)
    return _Days(read, frozenset(estimated), frozenset(settled))


def _has_tokens(look: Look, day: datetime) -> bool:
    """Whether tokens were used on a day: an empty bill of such a day is not in yet (api-facts 3.3)."""
    hours = sums.by_bucket(look.transaction, BucketWidth.HOUR, Window(day, day + DAY))
    return any(any(counters[:5]) for counters in hours.values())


def _billed(
    bill: Bill, scope: Scope, estimated: frozenset[datetime]
) -> tuple[dict[str | None, DayAmounts], int]:
    """Units by member and day, and the units of lines that the scope's filters can't be applied to."""
    found: dict[str | None, list[DayAmounts]] = {}
    excluded = 0
    leaves_out_other_costs = any(f.dimension in TOKENS_ONLY for f in scope.filters)
    for of, line in lines_kept(bill, scope.filters):
        amounts = bill.amounts[of]
        if leaves_out_other_costs and not line.is_tokens:
            excluded += amounts.only(~bill.mask_of(estimated)).total
        else:
            found.setdefault(line.member(scope.by), []).append(amounts)
    return {member: DayAmounts.added_up(some) for member, some in found.items()}, excluded


def _beside_tokens(bill: Bill, scope: Scope) -> dict[datetime, int]:
    """What the scope was billed on each day for searches, code execution and sessions."""
    if any(f.dimension in TOKENS_ONLY or f.dimension is Dimension.TOKEN_TYPE for f in scope.filters):
        return {}
    lines = [bill.amounts[of] for of, line in lines_kept(bill, scope.filters) if not line.is_tokens]
    return dict(DayAmounts.added_up(lines).items(bill.days)) if lines else {}


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


def _estimated(
    look: Look,
    scope: Scope,
    days: _Days,
    book: PriceBook,
    bill: Bill,
    partial: Mapping[tuple[datetime, str | None], int],
) -> Iterator[tuple[datetime, Member, CostCell]]:
    """A cell for each estimated day and member; what only a partial bill knows has no estimate of its own."""
    estimates = day_estimates(look, scope, days.estimated, book, bill)
    for day, member_id in estimates.keys() | partial.keys():
        worth = estimates.get((day, member_id))
        member = look.names.member(scope.by, member_id, in_bill=worth is None)
        reported = partial.get((day, member_id))
        if worth is None:
            yield day, member, CostCell(None, reported)
        else:
            yield day, member, CostCell(_units(worth), reported, worth[2], worth[4])


def _units(worth: Worth) -> int | None:
    units, priced, unpriced, unbilled, _ = worth
    return units * UNITS_OF_AN_ESTIMATE if priced or not (unpriced or unbilled) else None


def _gaps(
    look: Look, window: Window, days: _Days, now: datetime, *, billed_by_scope: bool
) -> tuple[Window, ...]:
    """Days without a read of their bill, and hours without usage on days that are estimated."""
    today = BucketWidth.DAY.floor(now)
    gaps: list[Window] = []
    for day in window.starts(BucketWidth.DAY):
        read = days.read.get(day)
        if day < today and billed_by_scope and (read is None or read.read_at < day + DAY):
            gaps.append(Window(day, day + DAY))
        elif day in days.estimated:
            hours = Window(day, min(day + DAY, BucketWidth.HOUR.after(now)))
            gaps += usage_window(look, hours, now).gaps
    return joined(gaps)


def days_of(scope: Scope, now: datetime) -> Window:
    """The UTC days of a scope's window, today among them."""
    return scope.span.window(BucketWidth.DAY, now)
