"""The daily cost table: days as rows, the largest members as columns, month subtotals; sums that add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth, month_start
from meterdeck.domain.money import EXACT, sum_exactly
from meterdeck.queries.costs import CostRow, Costs
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
    largest = _largest(costs.rows, columns)
    by_day: dict[datetime, list[CostRow]] = {}
    for row in costs.rows:
        by_day.setdefault(row.day, []).append(row)
    totals = {day: _sum(rows, estimated_day=day in costs.unreported) for day, rows in by_day.items()}
    rows: list[DayRow | MonthRow] = []
    known_days = sorted(_known_days(costs), reverse=True)
    for index, day in enumerate(known_days):
        rows.append(_day_row(day, by_day.get(day, []), totals, largest, costs, now))
        is_last_of_month = index + 1 == len(known_days) or month_start(known_days[index + 1]) != month_start(
            day
        )
        if is_last_of_month:
            month = month_start(day)
            days = [d for d in known_days if month_start(d) == month]
            rows.append(_month_row(month, days, by_day, largest, costs, now))
    return CostTable(costs, tuple(largest), tuple(rows))


def _known_days(costs: Costs) -> Iterable[datetime]:
    """Days that were read; leading days before the first cost are left out as nothing is known to show."""
    with_rows = {row.day for row in costs.rows}
    if not with_rows:
        return []
    first = min(with_rows)
    gaps = costs.gaps
    return [
        day
        for day in costs.window.starts(BucketWidth.DAY)
        if day >= first and (day in with_rows or not any(gap.start <= day < gap.end for gap in gaps))
    ]


def _largest(rows: Iterable[CostRow], count: int) -> list[Member]:
    sums: dict[Member, Decimal] = {}
    for row in rows:
        sums[row.member] = EXACT.add(sums.get(row.member, Decimal(0)), row.usd or Decimal(0))
    ranked = sorted(sums, key=lambda member: (-sums[member], member.name, member.id or ""))
    return ranked[:count]


def _sum(rows: list[CostRow], *, estimated_day: bool) -> Money:
    known = [row.usd for row in rows if row.usd is not None]
    incomplete = any(row.unpriced_tokens for row in rows)
    if not known and (rows or estimated_day):
        return Money(None, estimated=estimated_day, incomplete=incomplete)  # no bill and no price: not $0
    return Money(sum_exactly(known), estimated=estimated_day, incomplete=incomplete)


def _split(
    rows: list[CostRow], largest: list[Member], *, estimated_day: bool
) -> tuple[tuple[Money, ...], Money]:
    members = tuple(
        _sum([row for row in rows if row.member == member], estimated_day=estimated_day) for member in largest
    )
    return members, _sum([row for row in rows if row.member not in largest], estimated_day=estimated_day)


def _day_row(
    day: datetime,
    rows: list[CostRow],
    totals: dict[datetime, Money],
    largest: list[Member],
    costs: Costs,
    now: datetime,
) -> DayRow:
    estimated = day in costs.unreported
    members, other = _split(rows, largest, estimated_day=estimated)
    total = totals.get(day, Money(Decimal(0), estimated=estimated))
    partial = [row.reported_usd for row in rows if row.reported_usd is not None]
    return DayRow(
        day,
        total,
        sum_exactly(partial) if partial else None,
        totals[day - DAY].usd if day - DAY in totals else None,
        totals[day - 7 * DAY].usd if day - 7 * DAY in totals else None,
        day + DAY > now,
        all(row.settled for row in rows) and not estimated,
        members,
        other,
    )


def _month_row(
    month: datetime,
    days: list[datetime],
    by_day: dict[datetime, list[CostRow]],
    largest: list[Member],
    costs: Costs,
    now: datetime,
) -> MonthRow:
    rows = [row for day in days for row in by_day.get(day, [])]
    estimated = any(day in costs.unreported for day in days)
    members, other = _split(rows, largest, estimated_day=estimated)
    until = min(BucketWidth.DAY.after(now), month_start(month + 32 * DAY))
    whole = min(days) == month and len(days) == (until - month) // DAY
    return MonthRow(month, _sum(rows, estimated_day=estimated), members, other, whole)
