"""The line of labels under the canvas. (plotext centres labels, and shifts those near an edge; ours stand under bars.)"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC

from meterdeck.present.bars import Bar
from meterdeck.present.canvas import Cell, Ink, Row, filled, written
from meterdeck.present.names import clean
from meterdeck.present.ticks import MARK, Flag, Tick, with_marks, with_pointer
from meterdeck.store.marks import Mark

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
        cells += written(tick.label, ink)
    return filled(cells, left + columns)


def mark_ticks(marks: Sequence[Mark], bars: Sequence[Bar], places: Sequence[range]) -> list[Tick]:
    """A sign at each bar that holds marks, oldest first, with the name and time of its newest and how many more.

    What lies outside of all bars is left out.
    """
    starts = [bar.began for bar in bars]
    ticks: dict[int, Tick] = {}
    for mark in sorted(marks, key=lambda mark: mark.at):
        index = bisect_right(starts, mark.at.astimezone(UTC)) - 1
        if index >= 0:
            column = places[index].start
            before = ticks[column].flag if column in ticks else None
            others = before.others + 1 if before else 0
            ticks[column] = Tick(column, MARK, Flag(clean(mark.name), f"{mark.at:%H:%M}", others))
    return list(ticks.values())
