"""The three panes: each shows one frozen result, and says in words when there is nothing to show."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from meterdeck.app.widgets.arrangement import Arrangement
from meterdeck.app.widgets.chart import RatesChart
from meterdeck.app.widgets.filter_line import FilterLine
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.table import LiveTable
from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.present import arranging, breakdown, bucket_table, costs, on_demand, rates
from meterdeck.present.arranging import Arranged
from meterdeck.present.columns import Column, Row
from meterdeck.present.empty import LOADING, has_no_rates, why_empty
from meterdeck.present.forms import Form
from meterdeck.present.parts import Part
from meterdeck.present.readout import end_of, readout
from meterdeck.present.sorting import Order, ordered, with_marks
from meterdeck.queries.deck import Deck
from meterdeck.queries.on_demand import State

_TABLE_MARGIN = 3
_FOCUSED, _BLURRED = "▌", " "
MARKED = "◆"
_WIDEST_FIELD = 30


class Pane(Vertical):
    """A title line over content. Focus is shown by the title's colour and by a mark before it."""

    name_shown: ClassVar[str]

    def __init__(self, number: int, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes="pane -empty")
        self._number = number
        self._deck: Deck | None = None
        self.is_zoomed = False
        """Whether it has the screen for itself, and says more."""
        self._title: tuple[Sequence[Part], Sequence[Part]] = ([Part(self.name_shown, "accent")], [])

    def on_mount(self) -> None:
        """Show the name while there is nothing else to show."""
        self._show_title()

    def compose(self) -> ComposeResult:
        """Lay out the title, the content and the words for when there is none."""
        yield StatusLine(classes="pane-title", margin=0)
        yield from self.compose_content()
        yield Static(LOADING, classes="pane-words", markup=False)

    def compose_content(self) -> ComposeResult:
        """Lay out what the pane is for."""
        raise NotImplementedError

    def show(self, deck: Deck) -> None:
        """Show a deck; called again with the same one after a resize."""
        self._deck = deck
        self.draw(deck)

    def draw(self, deck: Deck) -> None:
        """Fill the content."""
        raise NotImplementedError

    def zoom(self, *, zoomed: bool) -> None:
        """Say more, or as much as before."""
        self.is_zoomed = zoomed
        if self._deck is not None:
            self.draw(self._deck)

    def focus_content(self) -> None:
        """Give the keyboard to the pane."""
        self.query_one(".pane-content").focus()

    def on_resize(self) -> None:
        """Fit the content to the new width."""
        if self._deck is not None:
            self.draw(self._deck)

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Mark the title."""
        self._show_title()

    def on_descendant_blur(self, _: events.DescendantBlur) -> None:
        """Take the mark away."""
        self._show_title()

    def set_title(self, left: Sequence[Part], right: Sequence[Part]) -> None:
        """Show a title."""
        self._title = (left, right)
        self._show_title()

    def set_words(self, words: str | None) -> None:
        """Show words in the place of the content, or the content."""
        self.set_class(words is not None, "-empty")
        label = self.query_one(".pane-words", Static)
        if words is not None and str(label.content) != words:
            label.update(words)

    def _show_title(self) -> None:
        left, right = self._title
        mark = _FOCUSED if self.has_focus_within else _BLURRED
        self.query_one(".pane-title", StatusLine).set_parts(
            [Part(f"{mark}{self._number}", "accent", 99), *left], right
        )


class RatesPane(Pane):
    """The scope's time as a chart over the last hour by minute, or over what the chart's cursor stands on.

    On a screen of its own, the buckets' figures too.
    """

    name_shown = "Rates"

    def compose_content(self) -> ComposeResult:
        """Lay out the chart, the line beneath, and the table of buckets."""
        chart = RatesChart(classes="pane-content")
        chart.can_focus = True
        if getattr(self.app, "ascii", False):  # glyphs by glyphs, the parts of a bar would look alike
            chart.form = Form.ASCII
        yield chart
        yield StatusLine(classes="minutes", margin=0, gap=0)
        table = LiveTable(classes="buckets")
        table.can_focus = False  # the chart has the keyboard
        yield table

    @property
    def table(self) -> LiveTable:
        """The buckets, shown on a screen of its own."""
        return self.query_one(LiveTable)

    @property
    def chart(self) -> RatesChart:
        """The chart, for its cursor."""
        return self.query_one(RatesChart)

    @property
    def is_read_off(self) -> bool:
        """Whether the chart has a cursor; none before anything was read."""
        return self._deck is not None and self.chart.cursor is not None

    @property
    def bucket(self) -> Window | None:
        """The time that the bar under the cursor stands for."""
        if self._deck is None or (bar := self.chart.bar) is None:
            return None
        inside = [
            of.window
            for of in self._deck.rates.bars
            if bar.start <= of.start < end_of(bar, self._deck.rates.width.delta)
        ]
        return Window(inside[0].start, inside[-1].end) if inside else None

    def draw(self, deck: Deck) -> None:
        """Show the buckets and the minutes."""
        zone = deck.question.zone
        self.set_title(*rates.title(deck.rates, deck.figures.pace, deck.now, zone))
        self.set_words(why_empty(deck) if has_no_rates(deck) else None)
        marks = [mark._replace(at=mark.at.astimezone(zone)) for mark in deck.rates.marks]
        self.chart.set_bars(
            rates.bars(deck.rates, zone),
            marks,
            legend=rates.legend(deck.rates),
            measure=rates.WRITTEN[deck.rates.measure],
            width=deck.rates.width.delta,
        )
        self._show_line()
        if self.is_zoomed:
            self.table.set_rows(*bucket_table.table(deck.rates, zone))

    @on(RatesChart.Highlighted)
    def _show_line(self) -> None:
        """Show what the cursor stands on, else the minutes."""
        line, chart = self.query_one(".minutes", StatusLine), self.chart
        if chart.bar is not None:
            line.gap = 2
            line.set_parts(readout(chart.bar, chart.subject, chart.pen))
        elif self._deck is not None:
            line.gap = 0
            line.set_parts(*rates.minutes(self._deck.rates, self.size.width, chart.subject.left))


class TablePane(Pane):
    """A pane of rows, which the user sorts, filters and marks. All of it works on the rows that are held."""

    class Typed(Message):
        """A character of the filter was typed: its rows are waited for."""

    def __init__(self, number: int, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(number, id=id)
        self._arrangement = Arrangement()
        self._field: FilterLine | None = None
        self._made: tuple[list[Column], list[Row]] = ([], [])
        self._made_of: tuple[Deck | None, int, bool, bool, bool] = (None, 0, False, False, False)
        """What the rows were made of: another order of them needs no new text."""
        self.one_scale = False
        """Whether the lines of all rows are measured by the highest of them, else each by its own."""

    def compose_content(self) -> ComposeResult:
        """Lay out the table."""
        yield LiveTable(classes="pane-content")

    @property
    def table(self) -> LiveTable:
        """The table, for the cursor."""
        return self.query_one(LiveTable)

    @property
    def is_sorted(self) -> bool:
        """Whether the user has chosen the order."""
        return self._arrangement.is_sorted

    @property
    def is_filtered(self) -> bool:
        """Whether a filter was typed."""
        return self._arrangement.filter is not None

    @property
    def is_typing(self) -> bool:
        """Whether the filter's field is open."""
        return self._field is not None

    @property
    def marks(self) -> tuple[Hashable, ...]:
        """The keys of the marked rows, the older mark first."""
        return self._arrangement.marks

    def make(self, deck: Deck) -> tuple[list[Column], list[Row]]:
        """All columns and rows, as they come."""
        raise NotImplementedError

    def kind_and_listing(self, deck: Deck) -> tuple[Hashable, Hashable]:
        """For what kind of columns an order is kept, and for which rows a filter and marks."""
        raise NotImplementedError

    def default_order(self, deck: Deck) -> Order:
        """The order of who has chosen none."""
        raise NotImplementedError

    def title_of(self, deck: Deck, left: list[Row] | None) -> tuple[list[Part], list[Part]]:
        """The title's parts; ``left`` are the rows that a filter left, if there is one."""
        raise NotImplementedError

    def draw(self, deck: Deck) -> None:
        """Show the rows in the user's order, as far as the filter leaves them."""
        arranged = self._arrangement
        arranged.is_for(*self.kind_and_listing(deck), default=self.default_order(deck))
        columns, rows = self._rows_of(deck)
        order = arranged.order_among(column.key for column in columns)
        typed = arranged.filter
        left = typed.left(rows) if typed else rows
        signed = [replace(row, sign=MARKED) if row.key in arranged.marks else row for row in left]
        self.table.set_rows(with_marks(columns, order, arranged.chosen), ordered(columns, signed, order))
        titled, at_right = self.title_of(deck, left if typed and typed.matches else None)
        titles = {column.key: column.title for column in columns}
        self.set_title(*arranging.title(titled, at_right, self._arranged(titles, order)))
        self.set_words(self.why_empty(deck) if not rows else None)

    def why_empty(self, deck: Deck) -> str:
        """Why there are no rows."""
        return why_empty(deck)

    def choose_column(self, step: int) -> None:
        """Choose the next column to the right, or to the left, for the next sort."""
        if self.table.column_keys:
            self._arrangement.choose(step, self.table.column_keys)
            self._draw_again()

    def sort(self) -> None:
        """Sort by the chosen column; once more turns the order round."""
        self._arrangement.sort(*self._made)
        self._draw_again()

    def switch_scale(self) -> None:
        """Measure the lines of all rows by one scale, or each by its own."""
        self.one_scale = not self.one_scale
        self._draw_again()

    def turn_round(self) -> None:
        """Turn the order round."""
        self._arrangement.turn_round()
        self._draw_again()

    def mark_row(self) -> None:
        """Mark or unmark the row under the cursor."""
        if self.table.rows:
            self._arrangement.mark(self.table.cursor_key)
            self._draw_again()

    def open_filter(self) -> None:
        """Give the keyboard to the filter's field, at the right of the title."""
        if not self.is_typing and self._made[1]:
            typed = self._arrangement.filter
            self._field = FilterLine(typed.text if typed else "", self._cells_to_type)
            self.mount(self._field)
            self._field.focus()
            self._draw_again()

    def close_filter(self) -> None:
        """Take the field away; what was typed goes on filtering."""
        if self._field is not None:
            if self.has_focus_within:
                self.focus_content()
            self._field.remove()
            self._field = None
            self._draw_again()

    def clear_filter(self) -> None:
        """Show every row again."""
        self._arrangement.narrow("")
        self._draw_again()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        event.stop()
        self.post_message(self.Typed())
        self._arrangement.narrow(event.value)
        self._draw_again()

    def on_filter_line_done(self, event: FilterLine.Done) -> None:
        """Give the keyboard back to the rows."""
        event.stop()
        self.close_filter()

    @property
    def _cells_to_type(self) -> int:
        return min(_WIDEST_FIELD, self.size.width // 2)

    def _arranged(self, titles: dict[str, str], order: Order) -> Arranged:
        by = self._arrangement
        return Arranged(
            typed=by.filter,
            field_cells=self._cells_to_type if self.is_typing else 0,
            sorted_by=f"{titles.get(order.column, order.column)} {order.mark}",
            is_sorted=by.is_sorted,
            chosen=None if by.chosen in {None, order.column} else titles.get(by.chosen or ""),
            marks=len(by.marks),
        )

    def _rows_of(self, deck: Deck) -> tuple[list[Column], list[Row]]:
        made_of = (deck, self.size.width, self.is_zoomed, self.is_sorted, self.one_scale)
        if deck is not self._made_of[0] or made_of[1:] != self._made_of[1:]:
            self._made, self._made_of = self.make(deck), made_of
        return self._made

    def _draw_again(self) -> None:
        if self._deck is not None:
            self.draw(self._deck)


class BreakdownPane(TablePane):
    """Members ranked by pace."""

    name_shown = "Breakdown"

    def make(self, deck: Deck) -> tuple[list[Column], list[Row]]:
        """The members."""
        if deck.on_demand is not None:
            return on_demand.table(deck.on_demand)
        zoomed_to = self.size.width if self.is_zoomed else None
        return breakdown.table(
            deck.breakdown, deck.now, deck.question.zone, zoomed_to=zoomed_to, one_scale=self.one_scale
        )

    def kind_and_listing(self, deck: Deck) -> tuple[Hashable, Hashable]:
        """A time up to now has other columns than one that is past; a listing is of a scope by a dimension."""
        return (deck.scope.is_live, deck.on_demand is None), (deck.scope.filters, deck.scope.by)

    def default_order(self, deck: Deck) -> Order:
        """The fastest first; of what was read on demand, who took most."""
        return on_demand.ORDER if deck.on_demand is not None else breakdown.order(deck.breakdown)

    def title_of(self, deck: Deck, left: list[Row] | None) -> tuple[list[Part], list[Part]]:
        """What it is by, how many there are, and how much of all the filter left."""
        if deck.on_demand is not None:
            return on_demand.title(deck.on_demand, deck.now)
        kept = None if left is None else {cast("str | None", row.key) for row in left}
        return breakdown.title(deck.breakdown, deck.now, deck.question.zone, kept)

    def announce(self, by: Dimension) -> None:
        """Say what was asked for, before its rows are there."""
        if self._deck is not None and self._deck.scope.by is not by:
            self.set_title(
                [Part(self.name_shown, "accent", 9), Part(f"by {by.title}", "muted", 8)], [Part("…", "muted")]
            )

    def why_empty(self, deck: Deck) -> str:
        """Of what is read on demand: how far the answer is."""
        asked = deck.on_demand
        if asked is None or asked.state is State.THERE:
            return why_empty(deck)
        return on_demand.words(asked, deck.now)


class CostsPane(TablePane):
    """The bill by day, and estimates where it is not in."""

    name_shown = "Costs"

    @property
    def day(self) -> datetime | None:
        """The day under the cursor; None on the subtotal of a month, and in an empty table."""
        key = self.table.cursor_key
        return key if isinstance(key, datetime) else None

    def make(self, deck: Deck) -> tuple[list[Column], list[Row]]:
        """The days, with as many members as there is room for; the sign of an order may need a cell."""
        return costs.table(deck.costs, self.size.width - _TABLE_MARGIN - self.is_sorted)

    def kind_and_listing(self, deck: Deck) -> tuple[Hashable, Hashable]:
        """Members are columns here; days are listed anew for each scope."""
        return deck.costs.costs.scope.by, deck.scope.filters

    def default_order(self, _: Deck) -> Order:
        """The newest day first."""
        return costs.ORDER

    def title_of(self, deck: Deck, left: list[Row] | None) -> tuple[list[Part], list[Part]]:
        """What it is by, what is amiss, and how many days the filter left."""
        days = None if left is None else sum(not row.is_sum for row in left)
        return costs.title(deck.costs, deck.back_test, days)
