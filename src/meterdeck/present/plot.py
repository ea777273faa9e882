"""The large chart, drawn with plotext: bars over time from zero, a labelled scale, clock times beneath.

plotext keeps one figure for the whole process, so a chart is built in one synchronous call that clears it first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import plotext

from meterdeck.present.bars import Bar, merged, spans
from meterdeck.present.names import cell_width, clean
from meterdeck.present.numbers import tokens, unit_for
from meterdeck.present.sparkline import BLOCKS, GAP, eighths
from meterdeck.present.ticks import Tick, time_ticks, with_marks
from meterdeck.store.marks import Mark

RUNNING = "░"
"""Fills the bar of the running bucket."""

SETTLING = "▒"
"""Fills the bar of a bucket that ended but may still grow."""

MARK = "▏"
"""Stands where a mark is."""

AXIS_COLUMNS = 5
"""Columns of the scale at the left: four for a label (``131M``, ``1.9M``), one for the axis."""

_FULL = BLOCKS[-1]
_LABEL_COLUMNS = AXIS_COLUMNS - 1
_FEWEST_COLUMNS = AXIS_COLUMNS + 4
_FEWEST_LINES = 3


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart: its lines, all equally wide, and how many buckets one bar stands for."""

    lines: tuple[str, ...]
    per_bar: int


class _Point(NamedTuple):
    """One character of the canvas; row 0 is at the bottom."""

    column: int
    row: int
    char: str


def rates_chart(bars: Sequence[Bar], marks: Sequence[Mark] = (), *, width: int, height: int) -> Chart:
    """Draw the bars, oldest first, in exactly ``width`` × ``height`` cells; marks stand on the axis of time.

    Below 9 × 3 the chart is blank. More bars than columns are merged into means (`bars.merged`).
    """
    if width < _FEWEST_COLUMNS or height < _FEWEST_LINES:
        return Chart((" " * max(0, width),) * max(0, height), per_bar=1)
    columns, rows = width - AXIS_COLUMNS, height - 1
    per_bar, shown = merged(bars, columns)
    places = spans(len(shown), columns)
    top = max((bar.value for bar in shown if bar.value is not None), default=0)
    points = [
        point
        for bar, place in zip(shown, places, strict=True)
        for point in _bar_points(bar, place, rows, top)
    ]
    ticks = time_ticks([bar.start for bar in shown], [place.start for place in places], columns)
    ticks = with_marks(ticks, _mark_ticks(marks, shown, places), columns)
    return Chart(_draw(points, _scale(top, rows), ticks, columns, rows), per_bar)


def _mark_ticks(marks: Sequence[Mark], bars: Sequence[Bar], places: Sequence[range]) -> list[Tick]:
    """``▏T0 checkout 13:05`` at the bar that holds the moment; what lies outside of all bars is left out."""
    starts = [bar.start for bar in bars]
    ticks = []
    for mark in marks:
        index = bisect_right(starts, mark.at) - 1
        if index >= 0:
            ticks.append(Tick(places[index].start, f"{MARK}{_narrow(mark.name)} {mark.at:%H:%M}"))
    return ticks


def _narrow(name: str) -> str:
    """A name in characters of one cell each, as the columns of an axis are counted."""
    return "".join(char if cell_width(char) == 1 else "?" for char in clean(name) if cell_width(char))


def _bar_points(bar: Bar, place: range, rows: int, top: int) -> Iterator[_Point]:
    """The characters of one bar; hatched bars rise by whole rows, closed ones by eighths."""
    for row, char in enumerate(_bar_characters(bar, rows, top)):
        for column in place:
            yield _Point(column, row, char)


def _bar_characters(bar: Bar, rows: int, top: int) -> str:
    """The bar's characters from the bottom up."""
    if bar.value is None:
        return GAP
    height = eighths(bar.value, top, cells=rows)
    if bar.state == "closed":
        return _FULL * (height // 8) + BLOCKS[height % 8].strip()
    hatch = RUNNING if bar.state == "running" else SETTLING
    return hatch * max(min(height, 1), (height + 4) // 8)


def _scale(top: int, rows: int) -> dict[int, str]:
    """The labels of the scale by row: ``top`` in the highest, 0 in the lowest, evenly spaced ones between."""
    unit = unit_for([top], digits=2)
    parts = 1 if rows < 3 else 2 if rows < 6 else 3
    labels = {0: "0"}
    for part in range(1, parts + 1):
        row = (part * (rows - 1) + parts // 2) // parts
        label = tokens(top * row // (rows - 1), unit)
        if label not in labels.values():
            labels[row] = label
    return labels


def _draw(
    points: Sequence[_Point], scale: dict[int, str], ticks: Sequence[Tick], columns: int, rows: int
) -> tuple[str, ...]:
    plotext.clear_figure()
    plotext.limit_size(False, False)  # noqa: FBT003 - plotext's own signature
    plotext.theme("clear")
    plotext.plotsize(AXIS_COLUMNS + columns, rows + 1)
    plotext.xaxes(False, False)  # noqa: FBT003
    plotext.yaxes(True, False)  # noqa: FBT003
    plotext.xlim(0, columns - 1)
    plotext.ylim(0, rows - 1)
    plotext.yticks(list(scale), [label.rjust(_LABEL_COLUMNS) for label in scale.values()])
    plotext.xticks([0], [" "])  # without a tick plotext gives the line of labels to the canvas
    plotext.scatter(
        [point.column for point in points],
        [point.row for point in points],
        marker=[point.char for point in points],
    )
    drawn: str = plotext.uncolorize(plotext.build())
    # plotext centres labels, and shifts those near an edge; ours stand where their bars do.
    return (*drawn.split("\n")[:rows], _axis(ticks, columns))


def _axis(ticks: Sequence[Tick], columns: int) -> str:
    """The line of labels under the canvas."""
    line = ""
    for tick in ticks:
        line = line.ljust(tick.column) + tick.label
    return " " * AXIS_COLUMNS + line.ljust(columns)
