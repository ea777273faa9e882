"""Characters and what they mean to the eye: what a drawn chart consists of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from meterdeck.present.ascii import to_ascii
from meterdeck.present.forms import Form, Pen
from meterdeck.present.names import cell_width

Paint = Literal[
    "", "axis", "grid", "mark", "pointer", "bar", "running", "settling",
    "series-1", "series-2", "series-3", "series-4", "series-5", "series-6",
]  # fmt: skip
"""What a colour stands for; the theme decides which it is."""

SERIES: tuple[Paint, ...] = ("series-1", "series-2", "series-3", "series-4", "series-5", "series-6")
"""The colours of the parts of a bar, from the bottom up; the last is that of all others."""

LETTERS = "ABCDEO"
"""The same where letters tell parts apart; O for others."""


class Ink(NamedTuple):
    """How a character is painted."""

    front: Paint = ""
    behind: Paint = ""
    """A block's empty part belongs to somebody too, where two parts of a bar meet in a cell."""
    inverse: bool = False
    lit: bool = False
    """Whether it is in the column under the cursor."""


class Cell(NamedTuple):
    """A character and its ink; the second cell of a wide character holds none."""

    char: str = " "
    ink: Ink = Ink()


Row = tuple[Cell, ...]


def place_of(part: int, count: int) -> int:
    """The place among the colours and letters: all others, the last part, have one that nobody else has."""
    last = len(SERIES) - 1
    return last if part == count - 1 else min(part, last - 1)


def written(text: str, ink: Ink) -> list[Cell]:
    """A text, cell by cell."""
    cells: list[Cell] = []
    for char in text:
        width = cell_width(char)
        if width:
            cells += [Cell(char, ink), *[Cell("", ink)] * (width - 1)]
        elif cells:  # an accent stays with the letter before it, and without one is left out
            cells[-1] = Cell(cells[-1].char + char, ink)
    return cells


def filled(cells: Sequence[Cell], width: int) -> Row:
    """The cells, and blanks up to a width."""
    return (*cells, *[Cell()] * (width - len(cells)))


def in_form(row: Row, pen: Pen) -> Row:
    """The row in the characters that the form has."""
    if pen.form is not Form.ASCII:
        return row
    return tuple(Cell(to_ascii(cell.char), cell.ink) for cell in row)
