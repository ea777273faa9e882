"""The Costs pane as text: its title line, its columns, its rows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from meterdeck.domain.dimensions import Dimension
from meterdeck.present.columns import GAP_CELLS, Cell, Column, Row, Tone, Value
from meterdeck.present.members import labels
from meterdeck.present.names import cell_width
from meterdeck.present.numbers import NOTHING, UNPRICED, change, usd, usd_whole
from meterdeck.present.parts import Part
from meterdeck.present.prices import back_test_words
from meterdeck.present.sorting import Order
from meterdeck.queries.back_test import BackTest
from meterdeck.queries.cost_table import CostTable, DayRow, Money, MonthRow

UNSETTLED = "…"
"""Stands behind a day whose bill is in and may still change."""
STEPS = (
    Dimension.WORKSPACE,
    Dimension.MODEL,
    Dimension.TOKEN_TYPE,
    Dimension.SERVICE_TIER,
    Dimension.CONTEXT_WINDOW,
    Dimension.INFERENCE_GEO,
    Dimension.COST_TYPE,
    Dimension.DESCRIPTION,
)
"""What the bill can be split by, in the order in which a user steps through it."""
_FEWEST_MEMBERS = 2
"""With less room than for so many members, the change against the week goes first."""
ORDER = Order("day")
"""As days come: the newest first, each month's subtotal below its days."""


def title(
    table: CostTable, checked: BackTest, left_of_days: int | None = None, elsewhere: str | None = None
) -> tuple[list[Part], list[Part]]:
    """Left and right parts of the pane's title line; ``left_of_days`` is how many days a filter left, if there is one.

    ``elsewhere`` is the time that the other panes show, where it must be told here: days of the bill do not follow it.
    """
    by = table.costs.scope.by
    left = [
        Part("Costs", "accent", 10),
        Part(f"by {by.title}", "muted", 7),
        Part("USD, UTC days", "muted", 4),
    ]
    if left_of_days is not None:
        days = sum(isinstance(row, DayRow) for row in table.rows)
        left.insert(2, Part(f"{left_of_days} of {days}", "", 9))
    if elsewhere is not None:
        left.append(Part(f"other panes: {elsewhere}", "muted", 9))
    right: list[Part] = []
    if not table.costs.billed_by_scope:
        words = "the bill does not know this filter: all estimated"
        right.append(Part(words, "estimate", 8, short="all estimated", short_at=5))
    if table.costs.unbilled_tokens:
        right.append(Part("no Priority", "muted", 6))
    today = next((row for row in table.rows if isinstance(row, DayRow) and row.running), None)
    if today is not None:
        billed = "not billed yet" if today.reported is None else f"billed {usd(today.reported)}"
        right.append(Part(f"today {billed}", "muted", 3))
    back_test = back_test_words(checked)
    if back_test is not None:
        whole = checked.whole
        right.append(Part(back_test, "warn" if whole and whole.beyond_bound else "muted", 7))
    return left, right


def table(found: CostTable, width: int) -> tuple[list[Column], list[Row]]:
    """Columns and rows that fit a width: as many of the largest members as have room, the rest added up."""
    fixed = [_fixed_cells(row) for row in found.rows]
    names = labels(found.costs.scope.by, found.columns)
    titles = [names[member] for member in found.columns]
    widths = [_widest(title, [row.members[i] for row in found.rows]) for i, title in enumerate(titles)]
    heads = {"day": "day", "total": "total", "day_change": "Δ day", "week_change": "Δ week"}
    fixed_widths = [
        max([cell_width(head), *(cell_width(cells[i].text) for cells in fixed)])
        for i, head in enumerate(heads.values())
    ]
    other_width = _widest("other", [sum(row.members, start=row.other) for row in found.rows])
    shown = _how_many(widths, width - _taken([*fixed_widths, other_width]))
    with_week = shown >= min(_FEWEST_MEMBERS, len(widths))
    if not with_week:
        del heads["week_change"]
        shown = _how_many(widths, width - _taken([*fixed_widths[:-1], other_width]))
    has_other = shown < len(titles) or any(row.other.usd for row in found.rows)
    columns = [
        Column(
            key=key,
            title=head,
            width=fixed_widths[i],
            align="left" if key == "day" else "right",
            priority=99 - i,
            keeps_groups=key == ORDER.column,
        )
        for i, (key, head) in enumerate(heads.items())
    ]
    columns += [
        Column(
            key=f"member {found.columns[i].id}",
            title=titles[i],
            width=widths[i],
            align="right",
            priority=90 - i,
        )
        for i in range(shown)
    ]
    if has_other:
        columns.append(Column(key="other", title="other", width=other_width, align="right", priority=95))
    rows = [
        Row(
            _key(row),
            (*cells[: len(heads)], *_member_cells(row, shown, has_other=has_other)),
            (*_fixed_values(row)[: len(heads)], *_member_values(row, shown, has_other=has_other)),
            _words(row),
            is_sum=isinstance(row, MonthRow),
        )
        for row, cells in zip(found.rows, fixed, strict=True)
    ]
    return columns, rows


def _widest(title: str, money: Iterable[Money]) -> int:
    return max([cell_width(title), *(cell_width(_whole(amount).text) for amount in money)])


def _taken(widths: Sequence[int]) -> int:
    return sum(widths) + GAP_CELLS * (len(widths) - 1)


def _how_many(widths: Sequence[int], left: int) -> int:
    """How many columns fit into what is left of the line."""
    count = 0
    for width in widths:
        left -= width + GAP_CELLS
        if left < 0:
            break
        count += 1
    return count


def _key(row: DayRow | MonthRow) -> Hashable:
    return row.day if isinstance(row, DayRow) else ("month", row.month)


def _fixed_cells(row: DayRow | MonthRow) -> tuple[Cell, Cell, Cell, Cell]:
    """Day, total and the two changes."""
    if isinstance(row, MonthRow):
        name = f"{row.month:%b}" if row.whole else f"{row.month:%b} part"
        return Cell(name, "accent"), _exact(row.total), Cell(""), Cell("")
    name = f"{row.day:%a} {row.day.day:>2}{'' if row.settled or row.total.estimated else UNSETTLED}"
    tone: Tone = "accent" if row.running else ""
    return Cell(name, tone), _exact(row.total), _change(row, row.day_before), _change(row, row.week_before)


def _fixed_values(row: DayRow | MonthRow) -> tuple[Value, Value, Value, Value]:
    """What these cells sort by. A subtotal has its place and is not sorted."""
    if isinstance(row, MonthRow):
        return None, row.total.usd, None, None
    return row.day.toordinal(), row.total.usd, _growth(row, row.day_before), _growth(row, row.week_before)


def _growth(row: DayRow, before: Decimal | None) -> Fraction | None:
    if row.running or row.total.usd is None or not before:
        return None
    return Fraction(row.total.usd) / Fraction(before)


def _words(row: DayRow | MonthRow) -> tuple[str, ...]:
    """What a filter finds a row by: ``Sat 21 Nov``, ``2026-11-21``; a month by its name."""
    if isinstance(row, MonthRow):
        return (f"{row.month:%b}", f"{row.month:%Y-%m}")
    return (f"{row.day:%a} {row.day.day} {row.day:%b}", f"{row.day:%Y-%m-%d}")


def _member_values(row: DayRow | MonthRow, shown: int, *, has_other: bool) -> list[Value]:
    values: list[Value] = [money.usd for money in row.members[:shown]]
    return [*values, sum(row.members[shown:], start=row.other).usd] if has_other else values


def _member_cells(row: DayRow | MonthRow, shown: int, *, has_other: bool) -> list[Cell]:
    cells = [_whole(money) for money in row.members[:shown]]
    return [*cells, _whole(sum(row.members[shown:], start=row.other))] if has_other else cells


def _exact(money: Money) -> Cell:
    if money.usd is None:
        return Cell(UNPRICED if money.incomplete else NOTHING, "muted")
    text = usd(money.usd, estimated=money.estimated)
    return Cell(f"{text}+" if money.incomplete else text, "estimate" if money.estimated else "")


def _whole(money: Money) -> Cell:
    if money.usd is None:
        return Cell(UNPRICED if money.incomplete else NOTHING, "muted")
    text = usd_whole(money.usd, estimated=money.estimated, symbol="")
    return Cell(f"{text}+" if money.incomplete else text, "estimate" if money.estimated else "")


def _change(row: DayRow, before: Decimal | None) -> Cell:
    """A running day is not compared: a part of a day against a whole one would read as a fall."""
    if row.running or row.total.usd is None or before is None:
        return Cell(NOTHING, "muted")
    return Cell(change(before, row.total.usd))
