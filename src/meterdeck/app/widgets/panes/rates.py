"""The pane of the chart, of the minutes beneath it and, on a screen of its own, of the buckets."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime

from textual import on
from textual.app import ComposeResult

from meterdeck.app.widgets.chart import RatesChart
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.panes.pane import Pane
from meterdeck.app.widgets.pointed_table import PointedTable
from meterdeck.app.widgets.spelling import form_of
from meterdeck.app.widgets.table import NO_ROW, LiveTable
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.present import bucket_table, rates
from meterdeck.present.empty import has_no_rates, why_empty
from meterdeck.present.readout import end_of, readout
from meterdeck.queries.deck import Deck

_LINES_FOR_BUCKETS = 11
"""The title, the least of a chart, the line beneath it, and the least of a table: with fewer the chart has them all."""


class RatesPane(Pane):
    """The scope's time as a chart over the last hour by minute, or over what the chart's cursor stands on.

    On a screen of its own, the buckets' figures too. There is one cursor: the chart's, and its bucket's row.
    """

    name_shown = "Rates"

    _entered_at: datetime | None = None
    """Where entering a bucket put the cursor."""

    def compose_content(self) -> ComposeResult:
        """Lay out the chart, the line beneath, and the table of buckets."""
        chart = RatesChart(classes="pane-content")
        chart.can_focus = True
        yield chart
        yield StatusLine(classes="minutes", margin=0, gap=0)
        yield PointedTable(classes="buckets")

    @property
    def table(self) -> PointedTable:
        """The buckets, shown on a screen of its own."""
        return self.query_one(PointedTable)

    @property
    def chart(self) -> RatesChart:
        """The chart, for its cursor."""
        return self.query_one(RatesChart)

    @property
    def is_read_off(self) -> bool:
        """Whether the chart has a cursor; none where there is no bar to stand on."""
        return self._deck is not None and self.chart.bar is not None

    @property
    def is_pointed_at(self) -> bool:
        """Whether the chart's cursor stands where a key for cursors put it, and not where entering a bucket did."""
        return self.is_read_off and self.chart.cursor != self._entered_at

    @property
    def bucket(self) -> Window | None:
        """The time that the bar under the cursor stands for; of several buckets in one bar, the row's alone."""
        if self._deck is None or (bar := self.chart.bar) is None:
            return None
        if self.is_zoomed and self.table.has_cursor:
            key = self.table.cursor_key
            return next((of.window for of in self._deck.rates.bars if of.start == key), None)
        inside = [
            of.window
            for of in self._deck.rates.bars
            if bar.began <= of.start < end_of(bar, self._deck.rates.width.delta)
        ]
        return Window(inside[0].start, inside[-1].end) if inside else None

    def on_resize(self) -> None:
        """Have the table of buckets only where the chart is whole beside it."""
        self.set_class(self.size.height < _LINES_FOR_BUCKETS, "-low")
        super().on_resize()

    def go_into(self, bucket: Window) -> None:
        """Leave the cursor of a bucket that is entered: on the whole screen for its newest row, else for none."""
        if self.is_zoomed:
            self._entered_at = bucket.end - BucketWidth.MINUTE.delta
            self.chart.point_to(self._entered_at)
        else:
            self.chart.clear_cursor()

    def draw(self, deck: Deck) -> None:
        """Show the buckets and the minutes."""
        zone = deck.question.zone
        self.set_title(*rates.title(deck.rates, deck.figures.pace, deck.now, zone))
        is_empty = has_no_rates(deck)
        self.set_words(why_empty(deck) if is_empty else None)
        self.chart.form = form_of(self)  # in ASCII glyph by glyph, the parts of a bar would look alike
        marks = [mark._replace(at=mark.at.astimezone(zone)) for mark in deck.rates.marks]
        self.chart.set_bars(
            () if is_empty else rates.bars(deck.rates, zone),
            marks,
            legend=rates.legend(deck.rates, deck.known),
            measure=rates.written_on(deck.rates),
            width=deck.rates.width.delta,
            zone=zone,
        )
        self._show_line()
        if self.is_zoomed:
            self.table.set_rows(*bucket_table.table(deck.rates, zone, deck.known))
            self._point()

    def move(self, action: Callable[[LiveTable], None]) -> None:
        """Move the cursor by the rows of buckets; at first to the newest, which stands on top."""
        table = self.table
        if table.has_cursor:
            action(table)
        else:
            table.move_to(0)
        if isinstance(table.cursor_key, datetime):
            self.chart.point_to(table.cursor_key)
            self._point()

    def _point(self) -> None:
        """Show in the table where the chart's cursor stands: on the bucket that holds its moment."""
        cursor = self.chart.cursor if self.chart.bar is not None else None
        if cursor is None or self._deck is None:
            self.table.point_to(NO_ROW)
        else:
            starts = [bar.start for bar in self._deck.rates.bars]
            self.table.point_to(starts[max(0, bisect_right(starts, cursor) - 1)])

    @on(RatesChart.Highlighted)
    def _cursor_moved(self) -> None:
        self._show_line()
        self._point()

    def _show_line(self) -> None:
        """Show what the cursor stands on, else the minutes."""
        line, chart = self.query_one(".minutes", StatusLine), self.chart
        if chart.bar is not None:
            line.gap = 2
            line.set_parts(readout(chart.bar, chart.subject, chart.pen))
        elif self._deck is not None:
            line.gap = 0
            line.set_parts(
                *rates.minutes(self._deck.rates, self.size.width, chart.subject.left, form_of(self))
            )
