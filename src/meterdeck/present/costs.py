"""The Costs pane as text: its title line, its columns, its rows."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from meterdeck.present.columns import GAP_CELLS, Cell, Column, Row
from meterdeck.present.members import labels
from meterdeck.present.names import cell_width
from meterdeck.present.numbers import NOTHING, UNPRICED, change, usd, usd_whole
from meterdeck.present.parts import Part
from meterdeck.queries.cost_table import CostTable, DayRow, Money, MonthRow

_DAY_WIDTH, _TOTAL_WIDTH, _CHANGE_WIDTH = 8, 12, 6
_MEMBER_LEAST, _MEMBER_MOST = 8, 16


def title(table: CostTable) -> tuple[list[Part], list[Part]]:
    """Left and right parts of the pane's title line."""
    by = table.costs.scope.by
    left = [
        Part("Costs", "accent", 9),
        Part("USD by UTC day", "muted", 6),
        Part(f"and {by.title}", "muted", 4),
    ]
    right: list[Part] = []
    if not table.costs.billed_by_scope:
        right.append(Part("the bill does not know this filter: all estimated", "estimate", 5))
    today = next((row for row in table.rows if isinstance(row, DayRow) and row.running), None)
    if today is not None:
        billed = "not billed yet" if today.reported is None else f"billed so far {usd(today.reported)}"
        right.append(Part(f"today {billed}", "muted", 3))
    return left, right


def table(found: CostTable, width: int) -> tuple[list[Column], list[Row]]:
    """Columns and rows that fit a width: as many of the largest members as have room, the rest added up."""
    names = labels(found.costs.scope.by, found.columns)
    titles = [names[member] for member in found.columns]
    shown = _how_many(titles, width)
    columns = [
        Column(key="day", title="day", width=_DAY_WIDTH, priority=99),
        Column(key="total", title="total", width=_TOTAL_WIDTH, align="right", priority=98),
        Column(key="day_change", title="Δ day", width=_CHANGE_WIDTH, align="right", priority=97),
        Column(key="week_change", title="Δ week", width=_CHANGE_WIDTH, align="right", priority=96),
        *(
            Column(
                key=f"member {index}",
                title=name,
                width=_member_width(name),
                align="right",
                priority=90 - index,
            )
            for index, name in enumerate(titles[:shown])
        ),
    ]
    has_other = shown < len(titles) or any(row.other.usd for row in found.rows)
    if has_other:
        columns.append(Column(key="other", title="other", width=_MEMBER_LEAST, align="right", priority=95))
    rows = [_row(row, shown, has_other=has_other) for row in found.rows]
    return columns, rows


def _how_many(titles: list[str], width: int) -> int:
    """How many members fit beside the fixed columns and "other"."""
    fixed = _DAY_WIDTH + _TOTAL_WIDTH + 2 * _CHANGE_WIDTH + _MEMBER_LEAST + 4 * GAP_CELLS
    left = width - fixed
    count = 0
    for name in titles:
        left -= _member_width(name) + GAP_CELLS
        if left < 0:
            break
        count += 1
    return count


def _member_width(name: str) -> int:
    return min(_MEMBER_MOST, max(_MEMBER_LEAST, cell_width(name)))


def _row(row: DayRow | MonthRow, shown: int, *, has_other: bool) -> Row:
    members = [_whole(money) for money in row.members[:shown]]
    other = sum(row.members[shown:], start=row.other)
    rest = [*members, _whole(other)] if has_other else members
    if isinstance(row, MonthRow):
        name = f"{row.month:%b}" if row.whole else f"{row.month:%b} part"
        blank = Cell("")
        return Row(("month", row.month), (Cell(name, "accent"), _exact(row.total), blank, blank, *rest))
    return Row(
        row.day,
        (
            Cell(_day_name(row.day), "accent" if row.running else ""),
            _exact(row.total),
            _change(row, row.day_before),
            _change(row, row.week_before),
            *rest,
        ),
    )


def _day_name(day: datetime) -> str:
    """``Sat 21``, the day's number always two cells wide."""
    return f"{day:%a} {day.day:>2}"


def _exact(money: Money) -> Cell:
    if money.usd is None:
        return Cell(UNPRICED if money.incomplete else NOTHING, "muted")
    text = usd(money.usd, estimated=money.estimated)
    return Cell(f"{text}+" if money.incomplete else text, "estimate" if money.estimated else "")


def _whole(money: Money) -> Cell:
    if money.usd is None:
        return Cell(UNPRICED if money.incomplete else NOTHING, "muted")
    return Cell(
        usd_whole(money.usd, estimated=money.estimated, symbol=""), "estimate" if money.estimated else ""
    )


def _change(row: DayRow, before: Decimal | None) -> Cell:
    """A running day is not compared: a part of a day against a whole one would read as a fall."""
    if row.running or row.total.usd is None or before is None:
        return Cell(NOTHING, "muted")
    return Cell(change(before, row.total.usd))
