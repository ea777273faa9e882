"""The line that names the parts of the bars, bottom first, in the room there is."""

from __future__ import annotations

from collections.abc import Sequence

from meterdeck.present.canvas import LETTERS, SERIES, Cell, Ink, place_of, written
from meterdeck.present.forms import Form, Pen
from meterdeck.present.heights import BLOCKS
from meterdeck.present.names import cell_width, clean, cut_middle

_AIR = 2
"""Blank cells between two entries."""
_SIGN = 2
"""Cells of a sign and the blank after it."""
_SHORTEST = 10
"""Cells that a name is not cut below; a name that finds no room is left out."""


def legend(names: Sequence[str], width: int, pen: Pen, *, only: Sequence[bool]) -> list[Cell]:
    """``█ prod-chat  █ batch-etl``: as many entries as fit from the first on, long names cut in the middle.

    ``only`` tells which parts there are to be seen.
    """
    entries = [(part, clean(name)) for part, name in enumerate(names) if only[part]]
    while entries and (cap := _longest([name for _, name in entries], width)) is None:
        entries.pop()
    cells: list[Cell] = []
    for part, name in entries:
        cells += [Cell()] * (_AIR if cells else 0)
        cells += [
            _sign(place_of(part, len(names)), pen),
            Cell(),
            *written(cut_middle(name, cap or 0), Ink("axis")),
        ]
    return cells


def _longest(names: Sequence[str], width: int) -> int | None:
    """How long a name may be for all entries to fit; None where they don't."""
    room = width - len(names) * (_SIGN + _AIR) + _AIR
    widths = [cell_width(name) for name in names]
    caps = range(max(widths), min(_SHORTEST, max(widths)) - 1, -1)
    return next((cap for cap in caps if sum(min(cap, wide) for wide in widths) <= room), None)


def entries_in(cells: Sequence[Cell]) -> int:
    """How many parts a legend names."""
    return sum(cell.ink.front in SERIES for cell in cells)


def _sign(place: int, pen: Pen) -> Cell:
    ink = Ink(SERIES[place], inverse=pen.lettered)
    return Cell(LETTERS[place] if pen.lettered else "⣿" if pen.form is Form.BRAILLE else BLOCKS[-1], ink)
