"""A chart before and after it is drawn: what it shows, and its rows of cells with what stands where in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo

from meterdeck.present.bars import Bar
from meterdeck.present.canvas import Row
from meterdeck.present.forms import PLAIN, Pen
from meterdeck.present.measures import TOKENS, Measure
from meterdeck.present.ticks import Tick
from meterdeck.store.marks import Mark


@dataclass(frozen=True, slots=True)
class Subject:
    """What a chart shows: bars, oldest first, marks, the names of the bars' parts, and what is measured."""

    bars: tuple[Bar, ...] = ()
    marks: tuple[Mark, ...] = ()
    legend: tuple[str, ...] = ()
    measure: Measure = TOKENS
    width: timedelta = timedelta(hours=1)
    """The time that a bucket takes."""
    zone: tzinfo = UTC
    """Whose clock the bars go by: starts of two zones are equal, and are not written alike."""

    @property
    def left(self) -> int:
        """The columns of the scale: its labels, and the axis."""
        return self.measure.columns + 1


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart: its rows of cells, all equally wide, and what stands where in them."""

    rows: tuple[Row, ...] = ()
    pen: Pen = PLAIN
    per_bar: int = 1
    """How many buckets one bar stands for."""
    bars: tuple[Bar, ...] = ()
    """Those that are shown, merged where they are too many."""
    places: tuple[range, ...] = ()
    """The columns of each bar, counted from the canvas' left edge."""
    canvas: range = range(0)
    """The rows of the canvas."""
    left: int = 0
    """Where the canvas begins."""
    ticks: tuple[Tick, ...] = ()
    marks: tuple[Tick, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The characters alone."""
        return tuple("".join(cell.char for cell in row) for row in self.rows)
