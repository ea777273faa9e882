"""A cursor over a chart: the bar that it stands on, lit, with its time on the axis."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

from meterdeck.present.axis import axis_row
from meterdeck.present.canvas import Row, in_form
from meterdeck.present.charts import Chart
from meterdeck.present.ticks import Tick

POINTER = "▲"
"""Stands under the bar that the cursor is on."""

_DAY = timedelta(days=1)


def bar_at(chart: Chart, start: datetime) -> int | None:
    """Which bar holds the bucket that starts at a moment; the nearest one where it is shown no more."""
    if not chart.bars:
        return None
    return max(0, bisect_right([bar.began for bar in chart.bars], start.astimezone(UTC)) - 1)


def pointed(chart: Chart, index: int) -> tuple[Row, ...]:
    """The rows of a chart with the cursor on one of its bars."""
    place = chart.places[index]
    lit = range(chart.left + place.start, chart.left + place.stop)
    *rows, axis = chart.rows
    rows = [_lit(row, lit) if y in chart.canvas else row for y, row in enumerate(rows)]
    tag = Tick(place.start, f"{POINTER}{_moment(chart, index)}")
    columns = len(axis) - chart.left
    axis = axis_row(chart.ticks, chart.marks, columns, chart.left, pointer=tag)
    return (*rows, in_form(axis, chart.pen))


def _lit(row: Row, columns: range) -> Row:
    return tuple(
        cell._replace(ink=cell.ink._replace(lit=True)) if x in columns else cell for x, cell in enumerate(row)
    )


def _moment(chart: Chart, index: int) -> str:
    """The time of a bar, with its day where there are several, and alone where bars are days."""
    start, last = chart.bars[index].start, chart.bars[-1].start
    length = chart.bars[-1].began - chart.bars[0].began
    day = f"{start:%a} {start.day}"
    others = chart.bars[1:] if chart.bars[0].is_cut else chart.bars
    if all(bar.start.time() == last.time() for bar in others) and length >= _DAY:
        return day
    return f"{start:%H:%M}" if length <= _DAY else f"{day} {start:%H:%M}"
