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
_SHORTEST = 8
"""Cells that a name is not cut below; a name that finds no room is left out."""


def legend(names: Sequence[str], width: int, pen: Pen, *, only: Sequence[bool]) -> list[Cell]:
    """``█ prod-chat  █ batch-etl  +2  █ 7 others``: all others, and as many of the first as fit.

    Long names are cut in the middle first; then the last of them are left out, and counted. ``only`` tells which
    parts there are to be seen.
    """
    entries = [(part, clean(name)) for part, name in enumerate(names) if only[part]]
    first = [entry for entry in entries if entry[0] < len(names) - 1]
    others = entries[len(first) :]
    for count in range(len(first), -1, -1):
        missing = f"+{len(first) - count}" if count < len(first) else ""
        room = width + _AIR - sum(_SIGN + cell_width(name) + _AIR for _, name in others)
        room -= cell_width(missing) + _AIR if missing else 0
        cap = _longest([name for _, name in first[:count]], room)
        if cap is not None and (count or others):
            shown = [_entry(part, cut_middle(name, cap), len(names), pen) for part, name in first[:count]]
            shown += [written(missing, Ink("axis"))] if missing else []
            shown += [_entry(part, name, len(names), pen) for part, name in others]
            return _joined(shown)
    return []


def _entry(part: int, name: str, count: int, pen: Pen) -> list[Cell]:
    return [_sign(place_of(part, count), pen), Cell(), *written(name, Ink("axis"))]


def _joined(entries: Sequence[list[Cell]]) -> list[Cell]:
    cells: list[Cell] = []
    for entry in entries:
        cells += [Cell()] * (_AIR if cells else 0) + entry
    return cells


def _longest(names: Sequence[str], room: int) -> int | None:
    """How long a name may be for all entries to fit, each with the air behind it; None where they don't."""
    if not names:
        return 0 if room >= 0 else None
    room -= len(names) * (_SIGN + _AIR)
    widths = [cell_width(name) for name in names]
    caps = range(max(widths), min(_SHORTEST, max(widths)) - 1, -1)
    return next((cap for cap in caps if sum(min(cap, wide) for wide in widths) <= room), None)


def entries_in(cells: Sequence[Cell]) -> int:
    """How many parts a legend names."""
    return sum(cell.ink.front in SERIES for cell in cells)


def _sign(place: int, pen: Pen) -> Cell:
    ink = Ink(SERIES[place], inverse=pen.lettered)
    return Cell(LETTERS[place] if pen.lettered else "⣿" if pen.form is Form.BRAILLE else BLOCKS[-1], ink)
