"""Columns of a table: which fit a width, how wide each becomes, and the rows that fill them. Widths are cells."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from meterdeck.present.names import Align, cell_width

GAP_CELLS = 2
"""Blank cells between two columns."""

Tone = Literal["", "muted", "accent", "estimate", "up", "down", "warn", "error"]
"""What a text means to the eye; the theme decides how it looks."""


class Cell(NamedTuple):
    """A text and its tone."""

    text: str
    tone: Tone = ""


Value = int | Decimal | Fraction | str | None
"""What a cell stands for, to sort rows by: of one kind in a column; None is nothing known, and comes last."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the key it is known by, however rows are ordered, and a cell for every column."""

    key: Hashable
    cells: tuple[Cell, ...]
    values: tuple[Value, ...] = ()
    """What each cell stands for; empty where rows keep their order."""
    words: tuple[str, ...] = ()
    """What a filter looks into: names and ids."""
    is_sum: bool = False
    """Whether it adds up the rows above it, up to the sum before."""
    sign: str = ""
    """One character before the first cell: the user's mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column needs.

    It is dropped when narrower than ``min_width`` (its ``width`` unless given: such a column is never
    cut); ``grow`` is its part of cells left over, up to ``max_width``. The lowest ``priority`` goes first.
    ``mark`` stands behind the title and is never cut.
    """

    key: str
    title: str
    width: int
    align: Align = "left"
    min_width: int | None = None
    max_width: int | None = None
    grow: int = 0
    priority: int = 0
    drawn: bool = False
    """Whether it holds a drawing, which keeps its colours under the cursor."""
    is_prose: bool = False
    """Whether it holds sentences, which are cut between words; names keep their ends."""
    mark: str = ""
    is_chosen: bool = False
    """Whether it is the one that the next sort goes by."""
    keeps_groups: bool = False
    """Whether rows that are sorted by it stay with their sum."""

    @property
    def least(self) -> int:
        """The fewest cells the column can do with."""
        return self.width if self.min_width is None else self.min_width

    @property
    def is_rigid(self) -> bool:
        """Whether the column has one width, as numbers do."""
        return self.least == self.width and not self.grow


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column stands: its index among all columns, its first cell, its width in cells."""

    index: int
    x: int
    width: int


def groups_of(rows: Iterable[Row]) -> list[tuple[list[Row], Row | None]]:
    """The rows that each sum adds up, with that sum; the last ones may have none."""
    groups: list[tuple[list[Row], Row | None]] = []
    above: list[Row] = []
    for row in rows:
        if row.is_sum:
            groups.append((above, row))
            above = []
        else:
            above.append(row)
    return [*groups, (above, None)] if above else groups


def fitted(columns: Sequence[Column], rows: Iterable[Row]) -> tuple[Column, ...]:
    """The columns with the rigid ones as wide as their widest text, so that no number is ever cut."""
    widest = [cell_width(column.title + column.mark) for column in columns]
    rigid = [index for index, column in enumerate(columns) if column.is_rigid]
    for row in rows:
        for index in rigid:
            widest[index] = max(widest[index], cell_width(row.cells[index].text))
    return tuple(
        replace(column, width=max(column.width, width), min_width=None) if column.is_rigid else column
        for column, width in zip(columns, widest, strict=True)
    )


def lay_out(columns: Sequence[Column], width: int) -> tuple[Place, ...]:
    """Place as many columns as ``width`` cells hold.

    Columns of the lowest priority are dropped until the rest fit at their least width (the last of equals
    first); then each gets its width, the highest priority first; then what is left goes to those that grow.
    """
    kept = _kept(columns, width)
    widths = {index: columns[index].least for index in kept}
    left = width - _total(list(widths.values()))
    for index in sorted(kept, key=lambda kept_index: -columns[kept_index].priority):
        extra = min(left, columns[index].width - widths[index])
        widths[index] += extra
        left -= extra
    _grow(columns, widths, left)
    places, x = [], 0
    for index in kept:
        places.append(Place(index, x, widths[index]))
        x += widths[index] + GAP_CELLS
    return tuple(places)


def _kept(columns: Sequence[Column], width: int) -> list[int]:
    kept = list(range(len(columns)))
    while kept and _total([columns[index].least for index in kept]) > width:
        kept.remove(min(reversed(kept), key=lambda index: columns[index].priority))
    return kept


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP_CELLS * max(0, len(widths) - 1)


def _grow(columns: Sequence[Column], widths: dict[int, int], left: int) -> None:
    """Hand out the cells left over in rounds: in each round a column gets as many as its `grow`."""
    given = dict.fromkeys(widths, 0)
    for _ in range(left):
        open_columns = [index for index in widths if _may_grow(columns[index], widths[index])]
        if not open_columns:
            return
        index = min(open_columns, key=lambda open_index: given[open_index] // columns[open_index].grow)
        given[index] += 1
        widths[index] += 1


def _may_grow(column: Column, width: int) -> bool:
    return column.grow > 0 and (column.max_width is None or width < column.max_width)
