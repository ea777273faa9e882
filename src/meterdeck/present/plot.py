"""The large chart, drawn with plotext: bars over time from zero, a labelled scale, clock times beneath.

plotext keeps one figure for the whole process, so a chart is built in one synchronous call that clears it first. It
places characters; what each of them means to the eye is kept beside it, for it knows no ground behind a character.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import plotext

from meterdeck.present.axis import axis_row, mark_ticks
from meterdeck.present.bars import Bar, merged, spans
from meterdeck.present.braille import ACROSS
from meterdeck.present.canvas import Cell, Ink, Row, filled, in_form, written
from meterdeck.present.charts import Chart, Subject
from meterdeck.present.forms import PLAIN, Form, Pen
from meterdeck.present.legend import entries_in, legend
from meterdeck.present.measures import Measure, mean_of
from meterdeck.present.painting import Painted, Spot, is_split, paint_bars
from meterdeck.present.scale import round_values
from meterdeck.present.ticks import MARK, Tick, time_ticks

GRID = "┈"
"""Leads from a label of the scale across the canvas."""

_FEWEST_COLUMNS = 4
_FEWEST_LINES = 3
_LEGEND_FROM = 6
"""Lines from which on one is spared for the legend."""
_GRID_FROM = (40, 8)
"""Columns and rows of a canvas that has room for a grid."""
_AIR = 2
"""Blank cells between the names of parts and what stands behind them."""
_FEWEST_ENTRIES = 2
"""A legend that names but one of several parts is no help."""


def rates_chart(subject: Subject, pen: Pen = PLAIN, *, width: int, height: int) -> Chart:
    """Draw a subject in exactly ``width`` × ``height`` cells; marks stand on the axis of time.

    Below 4 columns beside the scale, or 3 lines, the chart is blank. More bars than columns are merged into means
    (`bars.merged`).
    """
    left = subject.left
    columns = width - left
    if columns < _FEWEST_COLUMNS or height < _FEWEST_LINES:
        return Chart((filled([], max(0, width)),) * max(0, height), pen)
    fine = ACROSS if pen.form is Form.BRAILLE else 1
    per_bar, shown = merged(subject.bars, columns * fine, even=fine == 1)
    spaces = spans(len(shown), columns * fine, least=1 if pen.lettered else 2, even=fine == 1)
    places = [range(space.start // fine, (space.stop - 1) // fine + 1) for space in spaces]
    seen = _parts_seen(shown, len(subject.legend), pen)
    mean = mean_of(subject.width, per_bar) if per_bar > 1 else ""
    has_head = height >= _LEGEND_FROM and (any(seen) or bool(mean))
    rows = height - 1 - has_head
    scale = _scale(shown, rows, subject.measure)
    marks = mark_ticks(subject.marks, shown, places)
    grid = scale if columns >= _GRID_FROM[0] and rows >= _GRID_FROM[1] else ()
    end = places[-1].stop if places else columns
    bars = paint_bars(shown, spaces, rows, pen)
    is_narrow = bool(places) and len(places[0]) == 1
    painted = _grid(grid, range(end)) | bars | _lines(bars, marks, rows, is_narrow=is_narrow)
    drawn = _draw(painted, scale, columns, rows, left)
    if has_head:
        drawn.insert(0, _head(subject, seen, mean, width, pen))
    else:
        drawn[0] = _with_legend(drawn[0], subject, seen, mean, pen)
    starts = [bar.start for bar in shown]
    ticks = time_ticks(starts, [place.start for place in places], columns)
    axis = axis_row(ticks, marks, columns, left)
    return Chart(
        tuple(in_form(row, pen) for row in [*drawn, axis]),
        pen,
        per_bar,
        tuple(shown),
        tuple(places),
        range(int(has_head), int(has_head) + rows),
        left,
        tuple(ticks),
        tuple(marks),
    )


def _parts_seen(bars: Sequence[Bar], count: int, pen: Pen) -> list[bool]:
    """Which of so many parts some bar shows."""
    split = [bar.parts for bar in bars if is_split(bar, pen) and len(bar.parts) == count]
    return [any(parts[part] for parts in split) for part in range(count)]


def _scale(bars: Sequence[Bar], rows: int, measure: Measure) -> dict[int, str]:
    """The labels of the scale by row: 0 in the lowest, and round values, each where a bar of that value ends."""
    top = max((bar.value for bar in bars if bar.value is not None), default=0)
    most = next(parts for fewest, parts in ((24, 5), (15, 4), (6, 3), (3, 2), (0, 1)) if rows >= fewest)
    ends = {-(-value * rows // top) - 1: value for value in round_values(top, most, measure.grain(top))}
    return {0: "0", **{row: measure.label(value, top) for row, value in ends.items() if row}}


def _grid(rows: Iterable[int], columns: range) -> Painted:
    """A faint line at each of these rows but zero, where no bar stands."""
    faint = Cell(GRID, Ink("grid"))
    return {Spot(column, row): faint for row in rows if row for column in columns}


def _lines(bars: Painted, marks: Iterable[Tick], rows: int, *, is_narrow: bool) -> Painted:
    """The lines of marks, through the bars that they stand in; a bar of one column keeps its top, for its height."""
    lines: Painted = {}
    for mark in marks:
        column = [Spot(mark.column, row) for row in range(rows)]
        top = max((spot for spot in column if spot in bars), default=None)
        for spot in column:
            if not (is_narrow and spot == top):
                behind = bars[spot].ink.behind if spot in bars else ""
                lines[spot] = Cell(MARK, Ink("mark", behind))
    return lines


def _draw(painted: Painted, scale: dict[int, str], columns: int, rows: int, left: int) -> list[Row]:
    """The scale and the canvas, row by row from the top."""
    plotext.clear_figure()
    plotext.limit_size(False, False)  # noqa: FBT003 - plotext's own signature
    plotext.theme("clear")
    plotext.plotsize(left + columns, rows + 1)
    plotext.xaxes(False, False)  # noqa: FBT003
    plotext.yaxes(True, False)  # noqa: FBT003
    plotext.xlim(0, columns - 1)
    plotext.ylim(0, rows - 1)
    plotext.yticks(list(scale), [label.rjust(left - 1) for label in scale.values()])
    plotext.xticks([0], [" "])  # without a tick plotext gives the line of labels to the canvas
    plotext.scatter(
        [spot.column for spot in painted],
        [spot.row for spot in painted],
        marker=[cell.char for cell in painted.values()],
    )
    drawn: str = plotext.uncolorize(plotext.build())
    lines = drawn.split("\n")[:rows]
    blank, axis = Cell(), Ink("axis")
    return [
        tuple(
            Cell(char, painted.get(Spot(x - left, row), blank).ink if x >= left else axis)
            for x, char in enumerate(line)
        )
        for row, line in zip(range(rows - 1, -1, -1), lines, strict=True)
    ]


def _head(subject: Subject, seen: Sequence[bool], mean: str, width: int, pen: Pen) -> Row:
    """The line above the canvas: the unit of the scale, the names of the parts, and of what a bar is the mean."""
    left = subject.left
    unit = subject.measure.per(subject.width).rjust(left - 1)
    cells = [*filled(written(unit, Ink("axis")), left), Cell()]
    return filled([*cells, *_words(subject, seen, mean, width - len(cells), pen)], width)


def _with_legend(row: Row, subject: Subject, seen: Sequence[bool], mean: str, pen: Pen) -> Row:
    """The highest row of the canvas with these words in its longest free stretch, if they fit there."""
    stretches = [list(run) for free, run in groupby(range(len(row)), lambda x: row[x].char == " ") if free]
    longest = max(stretches, key=len, default=[])
    words = _words(subject, seen, mean, len(longest) - 2, pen)
    if not words or entries_in(words) < min(_FEWEST_ENTRIES, sum(seen)):
        return row
    start = longest[0] + 1
    return (*row[:start], *words, *row[start + len(words) :])


def _words(subject: Subject, seen: Sequence[bool], mean: str, width: int, pen: Pen) -> list[Cell]:
    """The names of the parts, and behind them what a bar is, which the peak in the title is not."""
    names = legend(subject.legend, width, pen, only=seen)
    for words, fewest in ((f"bars: {mean}", entries_in(names)), (mean, min(_FEWEST_ENTRIES, sum(seen)))):
        room = width - len(words) - (_AIR if names else 0)
        beside = legend(subject.legend, room, pen, only=seen)
        if mean and room >= 0 and entries_in(beside) >= fewest:
            return [*beside, *[Cell()] * (_AIR if beside else 0), *written(words, Ink("axis"))]
    return names
