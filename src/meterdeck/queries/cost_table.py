"""The daily cost table: days as rows, the largest members as columns, month subtotals; sums that add up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth, month_start
from meterdeck.domain.money import sum_exactly
from meterdeck.queries.bill import DayAmounts
from meterdeck.queries.costs import CostCell, Costs, usd_of
from meterdeck.queries.names import Member

DAY = BucketWidth.DAY.delta


@dataclass(frozen=True, slots=True)
class Money:
    """Dollars, and how they are known. ``usd`` is None where nothing is known; an incomplete sum lacks a part."""

    usd: Decimal | None
    estimated: bool = False
    incomplete: bool = False

    def __add__(self, other: Money) -> Money:
        known = [usd for usd in (self.usd, other.usd) if usd is not None]
        return Money(
            sum_exactly(known) if known else None,
            self.estimated or other.estimated,
            self.incomplete or other.incomplete,
        )


@dataclass(frozen=True, slots=True)
class DayRow:
    """One UTC day, with what the day before and the same weekday before cost (None where nothing is known)."""

    day: datetime
    total: Money
    reported: Decimal | None
    """A partial bill of a day that is estimated."""
    day_before: Decimal | None
    week_before: Decimal | None
    running: bool
    settled: bool
    """Whether the bill of this day will not change any more."""
    members: tuple[Money, ...]
    other: Money


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month's subtotal over the days held; ``whole`` says whether those are all of its days so far."""

    month: datetime
    total: Money
    members: tuple[Money, ...]
    other: Money
    whole: bool


@dataclass(frozen=True, slots=True)
class CostTable:
    """The Costs pane: newest day first, each month's subtotal below its days."""

    costs: Costs
    columns: tuple[Member, ...]
    rows: tuple[DayRow | MonthRow, ...]


def cost_table(costs: Costs, now: datetime, *, columns: int) -> CostTable:
    """Pivot costs into days, months and the largest members; what has no column of its own is "other"."""
    members = {*costs.billed, *costs.estimated}
    largest = _largest(costs, members, columns)
    pivot = _Pivot(
        costs,
        _Column(costs, members),
        [_Column(costs, {member}) for member in largest],
        _Column(costs, members.difference(largest)),
    )
    days = _known_days(costs, pivot.whole)
    rows: list[DayRow | MonthRow] = []
    for index, day in enumerate(reversed(days)):
        rows.append(pivot.day_row(day, now))
        month = month_start(day)
        is_last_of_month = index + 1 == len(days) or days[-index - 2] < month
        if is_last_of_month:
            rows.append(pivot.month_row([d for d in days if month_start(d) == month], now))
    return CostTable(costs, tuple(largest), tuple(rows))


class _Column:
    """Some members added up."""

    def __init__(self, costs: Costs, members: Collection[Member]) -> None:
        billed = [costs.billed[member] for member in members if member in costs.billed]
        self._billed = dict(DayAmounts.added_up(billed).items(costs.days)) if billed else {}
        self._estimated: dict[datetime, list[CostCell]] = {}
        for member in members:
            for day, cell in costs.estimated.get(member, {}).items():
                self._estimated.setdefault(day, []).append(cell)

    def __contains__(self, day: datetime) -> bool:
        return day in self._billed or day in self._estimated

    def money(self, days: Iterable[datetime], *, estimated: bool) -> Money:
        """The exact sum of some days; no bill and no price is not $0."""
        wanted = list(days)
        known = [self._billed[day] for day in wanted if day in self._billed]
        cells = [cell for day in wanted for cell in self._estimated.get(day, ())]
        known += [cell.units for cell in cells if cell.units is not None]
        nothing_known = not known and (cells or estimated)
        incomplete = any(cell.unpriced_tokens for cell in cells)
        return Money(None if nothing_known else usd_of(sum(known)), estimated, incomplete)

    def reported(self, day: datetime) -> Decimal | None:
        """The partial bill of a day that is estimated."""
        partial = [cell.reported for cell in self._estimated.get(day, ()) if cell.reported is not None]
        return usd_of(sum(partial)) if partial else None


@dataclass(frozen=True, slots=True)
class _Pivot:
    """The table's columns, from which its rows are read."""

    costs: Costs
    whole: _Column
    columns: Sequence[_Column]
    other: _Column

    def day_row(self, day: datetime, now: datetime) -> DayRow:
        """The row of one day."""
        estimated = day in self.costs.unreported
        total, members, other = self._money([day])
        return DayRow(
            day,
            total,
            self.whole.reported(day),
            self._total(day - DAY),
            self._total(day - 7 * DAY),
            day + DAY > now,
            not estimated and (day in self.costs.settled or day not in self.whole),
            members,
            other,
        )

    def month_row(self, days: Sequence[datetime], now: datetime) -> MonthRow:
        """The subtotal of a month's days."""
        month = month_start(days[0])
        total, members, other = self._money(days)
        until = min(BucketWidth.DAY.after(now), month_start(month + 32 * DAY))
        whole = days[0] == month and len(days) == (until - month) // DAY
        return MonthRow(month, total, members, other, whole)

    def _money(self, days: Sequence[datetime]) -> tuple[Money, tuple[Money, ...], Money]:
        estimated = any(day in self.costs.unreported for day in days)
        columns = tuple(column.money(days, estimated=estimated) for column in self.columns)
        return (
            self.whole.money(days, estimated=estimated),
            columns,
            self.other.money(days, estimated=estimated),
        )

    def _total(self, day: datetime) -> Decimal | None:
        return self.whole.money([day], estimated=False).usd if day in self.whole else None


def _known_days(costs: Costs, whole: _Column) -> list[datetime]:
    """Days that were read, oldest first; leading days before the first cost are left out: nothing is known of them."""
    days = costs.days
    with_costs = [day for day in days if day in whole]
    if not with_costs:
        return []
    return [
        day
        for day in days
        if day >= with_costs[0]
        and (day in whole or not any(gap.start <= day < gap.end for gap in costs.gaps))
    ]


def _largest(costs: Costs, members: Collection[Member], count: int) -> list[Member]:
    def total(member: Member) -> int:
        billed = costs.billed.get(member)
        cells = costs.estimated.get(member, {}).values()
        return (billed.total if billed else 0) + sum(cell.units or 0 for cell in cells)

    totals = {member: total(member) for member in members}
    return sorted(totals, key=lambda member: (-totals[member], member.name, member.id or ""))[:count]
