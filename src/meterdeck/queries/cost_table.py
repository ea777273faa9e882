"""The daily cost table: days as rows, the largest members as columns, month subtotals; sums that add up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth, month_start
from meterdeck.domain.dollars import Dollars
from meterdeck.queries.bill import DayAmounts
from meterdeck.queries.costs import Costs, usd_of
from meterdeck.queries.names import Member
from meterdeck.queries.outlook import Range
from meterdeck.queries.spend import Spend, total_spend

DAY = BucketWidth.DAY.delta


@dataclass(frozen=True, slots=True)
class DayRow:
    """One UTC day, with what the day before and the same weekday before cost (None where nothing is known)."""

    day: datetime
    total: Dollars
    """As billed where the day is settled, else its worth so far."""
    reported: Decimal | None
    """What an open day was billed so far."""
    day_before: Decimal | None
    week_before: Decimal | None
    running: bool
    settled: bool
    """Whether the bill of this day will not change any more."""
    members: tuple[Dollars, ...]
    other: Dollars
    end: Range | None = None
    """What the running day will have cost at its end."""

    @property
    def compared(self) -> Decimal | None:
        """What stands beside other days: of the running day what it is foreseen to come to."""
        if self.running:
            return self.end.middle if self.end else None
        return self.total.amount


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month's subtotal over the days held; ``whole`` says whether those are all of its days so far."""

    month: datetime
    total: Dollars
    members: tuple[Dollars, ...]
    other: Dollars
    whole: bool


@dataclass(frozen=True, slots=True)
class CostTable:
    """The Costs pane: newest day first, each month's subtotal below its days."""

    costs: Costs
    columns: tuple[Member, ...]
    rows: tuple[DayRow | MonthRow, ...]


def cost_table(costs: Costs, now: datetime, *, columns: int, end: Range | None = None) -> CostTable:
    """Pivot costs into days, months and the largest members; what has no column of its own is "other".

    ``end`` is what the running day of this scope is foreseen to come to.
    """
    members = costs.members
    largest = _largest(costs, members, columns)
    pivot = _Pivot(
        costs,
        _Column(costs, members),
        [_Column(costs, {member}) for member in largest],
        _Column(costs, members.difference(largest)),
        end,
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
        self._cells: dict[datetime, list[Spend]] = {}
        for member in members:
            for day, spend in costs.cells.get(member, {}).items():
                self._cells.setdefault(day, []).append(spend)

    def __contains__(self, day: datetime) -> bool:
        return day in self._billed or day in self._cells

    def spend(self, day: datetime, *, settled: bool) -> Spend:
        """One day's money. What a settled bill has no line of is $0; of an open day nothing is known then."""
        parts = list(self._cells.get(day, ()))
        if day in self._billed:
            parts.append(Spend(billed=self._billed[day], billed_parts=1))
        elif settled and not parts:
            parts.append(Spend(billed_parts=1))
        return total_spend(parts)


@dataclass(frozen=True, slots=True)
class _Pivot:
    """The table's columns, from which its rows are read."""

    costs: Costs
    whole: _Column
    columns: Sequence[_Column]
    other: _Column
    end: Range | None

    def day_row(self, day: datetime, now: datetime) -> DayRow:
        """The row of one day."""
        total, members, other = self._dollars([day])
        running = day + DAY > now
        reported = self.costs.reported_on(day) if day not in self.costs.settled else None
        return DayRow(
            day,
            total,
            usd_of(reported),
            self._total(day - DAY),
            self._total(day - 7 * DAY),
            running,
            day in self.costs.settled,
            members,
            other,
            self.end if running else None,
        )

    def month_row(self, days: Sequence[datetime], now: datetime) -> MonthRow:
        """The subtotal of a month's days."""
        month = month_start(days[0])
        total, members, other = self._dollars(days)
        until = min(BucketWidth.DAY.after(now), month_start(month + 32 * DAY))
        whole = days[0] == month and len(days) == (until - month) // DAY
        return MonthRow(month, total, members, other, whole)

    def _dollars(self, days: Sequence[datetime]) -> tuple[Dollars, tuple[Dollars, ...], Dollars]:
        columns = tuple(self._of(column, days) for column in self.columns)
        return self._of(self.whole, days), columns, self._of(self.other, days)

    def _of(self, column: _Column, days: Sequence[datetime]) -> Dollars:
        settled = self.costs.settled if self.costs.billed_by_scope else frozenset()
        return total_spend(column.spend(day, settled=day in settled) for day in days).dollars

    def _total(self, day: datetime) -> Decimal | None:
        return self._of(self.whole, [day]).amount if day in self.whole else None


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
        cells = costs.cells.get(member, {}).values()
        return (billed.total if billed else 0) + sum(spend.units for spend in cells)

    totals = {member: total(member) for member in members}
    return sorted(totals, key=lambda member: (-totals[member], member.name, member.id or ""))[:count]
