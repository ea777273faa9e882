"""The Costs pane as text: its title line, its columns, its rows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.dollars import Dollars
from meterdeck.present.columns import GAP_CELLS, Cell, Column, Row, Value
from meterdeck.present.dollars import dollars_cell, left_out_part
from meterdeck.present.members import labels
from meterdeck.present.names import cell_width
from meterdeck.present.numbers import ESTIMATED, NOTHING, change, usd, usd_whole
from meterdeck.present.parts import Part
from meterdeck.present.prices import back_test_words, confirmed_words
from meterdeck.present.sorting import Order
from meterdeck.queries.back_test import BackTest
from meterdeck.queries.cost_table import CostTable, DayRow, MonthRow
from meterdeck.queries.prices import PriceBook

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
    table: CostTable,
    book: PriceBook,
    checked: BackTest,
    left_of_days: int | None = None,
    elsewhere: str | None = None,
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
        words = "the bill does not know this filter: shared out by tokens ≈"
        right.append(Part(words, "estimate", 8, short="shared out ≈", short_at=5))
    if left_out := left_out_part(table.costs.left_out):
        right.append(left_out)
    if table.costs.unbilled_tokens:
        right.append(Part("no Priority", "muted", 6))
    today = next((row for row in table.rows if isinstance(row, DayRow) and row.running), None)
    if today is not None:
        billed = "not billed yet" if today.reported is None else f"billed {usd(today.reported)}"
        right.append(Part(f"today {billed}", "muted", 3))
    right.append(Part(confirmed_words(book), "muted", 2))
    back_test = back_test_words(checked)
    if back_test is not None:
        whole = checked.whole
        right.append(Part(back_test, "warn" if whole and whole.beyond_bound else "muted", 7))
    return left, right


def table(found: CostTable, width: int) -> tuple[list[Column], list[Row]]:
    """Columns and rows that fit a width: as many of the largest members as have room, the rest added up."""
    names = labels(found.costs.scope.by, found.columns)
    titles = [names[member] for member in found.columns]
    widths = [_widest(title, [row.members[i] for row in found.rows]) for i, title in enumerate(titles)]
    other_width = _widest("other", [sum(row.members, start=row.other) for row in found.rows])
    fixed = [_fixed_cells(row) for row in found.rows]
    fixed_columns = _fixed_columns(fixed)
    shown = _how_many(widths, width - _taken([*(column.width for column in fixed_columns), other_width]))
    for dropped in ("end", "week_change"):
        if shown < min(_FEWEST_MEMBERS, len(widths)):
            fixed_columns = [column for column in fixed_columns if column.key != dropped]
            shown = _how_many(
                widths, width - _taken([*(column.width for column in fixed_columns), other_width])
            )
    kept = [_FIXED.index(str(column.key)) for column in fixed_columns]
    # Without a member beside it, what all others took is the total once more.
    has_other = shown > 0 and (shown < len(titles) or any(row.other.amount for row in found.rows))
    columns = list(fixed_columns)
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
            (*(cells[i] for i in kept), *_member_cells(row, shown, has_other=has_other)),
            (*(_fixed_values(row)[i] for i in kept), *_member_values(row, shown, has_other=has_other)),
            _words(row),
            is_sum=isinstance(row, MonthRow),
        )
        for row, cells in zip(found.rows, fixed, strict=True)
    ]
    return columns, rows


_FIXED = ("day", "billed", "total", "end", "day_change", "week_change")
_HEADS = ("day", "billed", "total", "→ end", "Δ day", "Δ week")
"""The columns that are not of members: what an open day was billed so far, its worth, what the running one comes to."""


def _fixed_columns(fixed: Sequence[Sequence[Cell]]) -> list[Column]:
    """Those of them that tell anything; day, total and changes always do."""
    columns = []
    for i, (key, head) in enumerate(zip(_FIXED, _HEADS, strict=True)):
        if key in {"billed", "end"} and not any(cells[i].text for cells in fixed):
            continue
        columns.append(
            Column(
                key=key,
                title=head,
                width=max([cell_width(head), *(cell_width(cells[i].text) for cells in fixed)]),
                align="left" if key == "day" else "right",
                priority=99 - i,
                keeps_groups=key == ORDER.column,
            )
        )
    return columns


def _widest(title: str, money: Iterable[Dollars]) -> int:
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


def _fixed_cells(row: DayRow | MonthRow) -> tuple[Cell, ...]:
    """What stands in each of `_FIXED`."""
    blank = Cell("")
    if isinstance(row, MonthRow):
        name = f"{row.month:%b}" if row.whole else f"{row.month:%b} part"
        return Cell(name, "accent"), blank, _total(row.total), blank, blank, blank
    name = f"{row.day:%a} {row.day.day:>2}{UNSETTLED if not row.settled and not row.running else ''}"
    return (
        Cell(name, "accent" if row.running else ""),
        blank if row.reported is None else Cell(usd(row.reported), "muted"),
        _total(row.total),
        Cell(usd_whole(row.end.middle, sign=ESTIMATED), "estimate") if row.end else blank,
        _change(row, row.day_before),
        _change(row, row.week_before),
    )


def _fixed_values(row: DayRow | MonthRow) -> tuple[Value, ...]:
    """What these cells sort by. A subtotal has its place and is not sorted."""
    if isinstance(row, MonthRow):
        return None, None, row.total.amount, None, None, None
    end = row.end.middle if row.end else None
    changes = _growth(row, row.day_before), _growth(row, row.week_before)
    return row.day.toordinal(), row.reported, row.total.amount, end, *changes


def _growth(row: DayRow, before: Decimal | None) -> Fraction | None:
    if row.compared is None or not before:
        return None
    return Fraction(row.compared) / Fraction(before)


def _words(row: DayRow | MonthRow) -> tuple[str, ...]:
    """What a filter finds a row by: ``Sat 21 Nov``, ``2026-11-21``; a month by its name."""
    if isinstance(row, MonthRow):
        return (f"{row.month:%b}", f"{row.month:%Y-%m}")
    return (f"{row.day:%a} {row.day.day} {row.day:%b}", f"{row.day:%Y-%m-%d}")


def _member_values(row: DayRow | MonthRow, shown: int, *, has_other: bool) -> list[Value]:
    values: list[Value] = [money.amount for money in row.members[:shown]]
    return [*values, sum(row.members[shown:], start=row.other).amount] if has_other else values


def _member_cells(row: DayRow | MonthRow, shown: int, *, has_other: bool) -> list[Cell]:
    cells = [_whole(money) for money in row.members[:shown]]
    return [*cells, _whole(sum(row.members[shown:], start=row.other))] if has_other else cells


def _total(money: Dollars) -> Cell:
    """To the cent where it is billed: the cents of an estimate say nothing."""
    return dollars_cell(money, usd_whole if money.estimated else usd)


def _whole(money: Dollars) -> Cell:
    return dollars_cell(money, usd_whole, symbol="")


def _change(row: DayRow, before: Decimal | None) -> Cell:
    """Against a whole day; the running day by what it is foreseen to come to: a part of a day would read as a fall."""
    if row.compared is None or before is None:
        return Cell(NOTHING, "muted")
    sign = ESTIMATED if row.running else ""
    return Cell(f"{sign}{change(before, row.compared)}", "estimate" if row.running else "")
