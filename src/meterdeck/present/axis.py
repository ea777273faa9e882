"""The line of labels under the canvas. (plotext centres labels, and shifts those near an edge; ours stand under bars.)"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC

from meterdeck.present.bars import Bar
from meterdeck.present.canvas import Cell, Ink, Row, filled
from meterdeck.present.names import cell_width, clean
from meterdeck.present.ticks import Tick, with_marks, with_pointer
from meterdeck.store.marks import Mark

MARK = "▏"
"""Stands where a mark is."""

_POINTER = Ink("pointer", inverse=True)


def axis_row(
    ticks: Sequence[Tick], marks: Sequence[Tick], columns: int, left: int, *, pointer: Tick | None = None
) -> Row:
    """The ticks, and the marks and the cursor's time for which they give way."""
    shown = with_marks(ticks, marks, columns)
    if pointer is not None:
        pointer, shown = with_pointer(shown, pointer, columns, whole=ticks)
    cells: list[Cell] = [Cell()] * left
    for tick in shown:
        cells += [Cell()] * (left + tick.column - len(cells))
        ink = _POINTER if tick == pointer else Ink("axis" if tick in ticks else "mark")
        cells += [Cell(char, ink) for char in tick.label]
    return filled(cells, left + columns)


def mark_ticks(marks: Sequence[Mark], bars: Sequence[Bar], places: Sequence[range]) -> list[Tick]:
    """``▏T0 checkout 13:05`` at the bar that holds the moment; what lies outside of all bars is left out."""
    starts = [bar.began for bar in bars]
    ticks = []
    for mark in marks:
        index = bisect_right(starts, mark.at.astimezone(UTC)) - 1
        if index >= 0:
            ticks.append(Tick(places[index].start, f"{MARK}{_narrow(mark.name)} {mark.at:%H:%M}"))
    return ticks


def _narrow(name: str) -> str:
    """A name in characters of one cell each, as the columns of an axis are counted."""
    return "".join(char if cell_width(char) == 1 else "?" for char in clean(name) if cell_width(char))
