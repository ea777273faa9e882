"""The large chart of rates: redrawn when its data, size or pen changes, repainted where a cell differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from meterdeck.present.bars import Bar
from meterdeck.present.canvas import Ink, Row
from meterdeck.present.charts import Chart, Subject
from meterdeck.present.forms import Form, Pen
from meterdeck.present.measures import TOKENS, Measure
from meterdeck.present.pointer import bar_at, pointed
from meterdeck.store.marks import Mark


class RatesChart(Widget):
    """Bars over time with a scale and clock times, in all of the widget's cells, and a cursor over them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rateschart--bar",
        "rateschart--running",
        "rateschart--settling",
        "rateschart--axis",
        "rateschart--grid",
        "rateschart--mark",
        "rateschart--pointer",
        "rateschart--lit",
        "rateschart--series-1",
        "rateschart--series-2",
        "rateschart--series-3",
        "rateschart--series-4",
        "rateschart--series-5",
        "rateschart--series-6",
    }

    # The colours of parts are in deck.tcss: their variables are our own, and a widget must do in any app.
    DEFAULT_CSS = """
    RatesChart { height: 1fr; }
    RatesChart > .rateschart--bar { color: $primary; }
    RatesChart > .rateschart--running { color: $accent; }
    RatesChart > .rateschart--settling { color: $secondary; }
    RatesChart > .rateschart--axis { color: $text-muted; }
    RatesChart > .rateschart--grid { color: $foreground 25%; }
    RatesChart > .rateschart--mark { color: $text-warning; }
    RatesChart > .rateschart--pointer { color: $text-accent; }
    RatesChart > .rateschart--lit { background: $foreground 15%; }
    """

    @dataclass
    class Highlighted(Message):
        """Another bar is under the cursor, or the same one has changed; None when there is no cursor any more."""

        chart: RatesChart
        bar: Bar | None

        @property
        def control(self) -> RatesChart:
            """The chart, as `textual.on` selects by it."""
            return self.chart

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's names
        super().__init__(id=id, classes=classes)
        self._subject = Subject()
        self._form = Form.BLOCKS
        self._chart = Chart()
        self._rows: tuple[Row, ...] = ()
        self._drawn: tuple[Size, Pen] = (Size(0, 0), Pen())
        self._cursor: datetime | None = None
        self._told: tuple[datetime, Bar, tzinfo] | None = None

    @property
    def buckets_per_bar(self) -> int:
        """How many buckets one bar stands for: more than one when there are more buckets than columns."""
        return self._chart.per_bar

    @property
    def subject(self) -> Subject:
        """What is shown, for the words about the bar under the cursor."""
        return self._subject

    @property
    def pen(self) -> Pen:
        """What is drawn with; parts are letters where there are sixteen colours or none."""
        return Pen(self._form, letters=self.app.native_ansi_color)

    @property
    def form(self) -> Form:
        """The glyphs in use."""
        return self._form

    @form.setter
    def form(self, form: Form) -> None:
        if form is not self._form:
            self._form = form
            self._draw_again()

    @property
    def cursor(self) -> datetime | None:
        """The start of the bucket that the cursor stands on, wherever its bar is; None while there is no cursor."""
        return self._cursor

    @property
    def bar(self) -> Bar | None:
        """The bar under the cursor."""
        index = self._index
        return None if index is None else self._chart.bars[index]

    def set_bars(
        self,
        bars: Sequence[Bar],
        marks: Sequence[Mark] = (),
        *,
        legend: Sequence[str] = (),
        measure: Measure = TOKENS,
        width: timedelta = timedelta(hours=1),
        zone: tzinfo = UTC,
    ) -> None:
        """Show these bars and marks, oldest first; nothing happens if they are the same as before.

        ``legend`` names the parts of the bars; each bar stands for one bucket of a ``width``, and starts by the clock
        of the ``zone``.
        """
        subject = Subject(tuple(bars), tuple(marks), tuple(legend), measure, width, zone)
        if subject != self._subject:
            self._subject = subject
            self._draw_again()

    def on_resize(self) -> None:
        """Draw in the new size; all of it is painted anyway."""
        self._draw()

    def action_cursor_left(self) -> None:
        """Put the cursor on the bar before; at first on the newest."""
        self._move(-1)

    def action_cursor_right(self) -> None:
        """Put the cursor on the bar after; at first on the newest."""
        self._move(1)

    def action_cursor_home(self) -> None:
        """Put the cursor on the oldest bar."""
        self._put(0)

    def action_cursor_end(self) -> None:
        """Put the cursor on the newest bar."""
        self._put(len(self._chart.bars) - 1)

    def point_to(self, start: datetime) -> None:
        """Put the cursor on the bar of the bucket that starts at a moment."""
        self._cursor = start.astimezone(UTC)
        self._show()

    def clear_cursor(self) -> None:
        """Take the cursor away."""
        self._cursor = None
        self._show()

    def render_line(self, y: int) -> Strip:
        """Paint one line of the chart, each cell in the colours of what it means."""
        if self._drawn != (self.size, self.pen):  # all is being painted
            self._draw()
        row = self._rows[y] if y < len(self._rows) else ()
        segments = [
            Segment("".join(cell.char for cell in run), self._style(ink))
            for ink, run in groupby(row, lambda cell: cell.ink)
        ]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _style(self, ink: Ink) -> Style:
        style = self.get_component_rich_style(f"rateschart--{ink.front}") if ink.front else self.rich_style
        if ink.behind:
            behind = self.get_component_rich_style(f"rateschart--{ink.behind}")
            return style + Style(bgcolor=behind.color)
        if ink.inverse:
            return style + Style(reverse=True)
        if ink.lit:
            return style + Style(bgcolor=self.get_component_rich_style("rateschart--lit").bgcolor)
        return style

    @property
    def _index(self) -> int | None:
        return None if self._cursor is None else bar_at(self._chart, self._cursor)

    def _move(self, step: int) -> None:
        last = len(self._chart.bars) - 1
        index = self._index
        self._put(last if index is None else max(0, min(last, index + step)))

    def _put(self, index: int) -> None:
        if self._chart.bars:
            self._cursor = self._chart.bars[index].began
            self._show()

    def _draw_again(self) -> None:
        """Draw, and repaint what differs; all of it where the size or the pen is another one."""
        if not self.is_attached:
            return
        before = self._rows, self._drawn
        self._draw()
        self._repaint(*before)

    def _draw(self) -> None:
        self._drawn = (self.size, self.pen)
        if self._subject.bars:
            from meterdeck.present.plot import rates_chart  # plotext stays unloaded until there is data

            size = self.size
            self._chart = rates_chart(self._subject, self.pen, width=size.width, height=size.height)
        else:
            self._chart = Chart()
        self._place_cursor()

    def _show(self) -> None:
        """Show the cursor where it was put."""
        before = self._rows
        self._place_cursor()
        self._repaint(before, self._drawn)

    def _place_cursor(self) -> None:
        """Lay the cursor over the bar that its bucket is in now, and tell what it stands on."""
        index = self._index
        if index is not None and self._cursor is not None:
            self._cursor = max(self._cursor, self._chart.bars[0].began)  # its own bucket may be gone
        self._rows = self._chart.rows if index is None else pointed(self._chart, index)
        bar = self.bar
        told = None if bar is None else (bar.began, bar, self._subject.zone)
        if told != self._told:
            self._told = told
            self.post_message(self.Highlighted(self, bar))

    def _repaint(self, before: tuple[Row, ...], drawn: tuple[Size, Pen]) -> None:
        """Repaint the cells that differ; all where the size or the pen is another one."""
        if drawn != self._drawn or len(before) != len(self._rows):
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            for start, length in _changed(old, new):
                self.refresh(Region(start, y, length, 1))


def _changed(old: Row, new: Row) -> Iterator[tuple[int, int]]:
    """The runs of cells in which two rows of one width differ: where each starts, and how long it is."""
    for differs, run in groupby(range(len(new)), lambda x: old[x] != new[x]):
        if differs:
            columns = list(run)
            yield columns[0], len(columns)
