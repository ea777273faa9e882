"""The three panes: each shows one frozen result, and says in words when there is nothing to show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from meterdeck.app.widgets.chart import RatesChart
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.table import LiveTable
from meterdeck.domain.buckets import Window
from meterdeck.present import breakdown, costs, rates
from meterdeck.present.empty import LOADING, has_no_rates, why_empty
from meterdeck.present.parts import Part
from meterdeck.present.readout import end_of, readout
from meterdeck.queries.deck import Deck

_TABLE_MARGIN = 3
_FOCUSED, _BLURRED = "▌", " "


class Pane(Vertical):
    """A title line over content. Focus is shown by the title's colour and by a mark before it."""

    name_shown: ClassVar[str]

    def __init__(self, number: int, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes="pane -empty")
        self._number = number
        self._deck: Deck | None = None
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
    """The scope's time as a chart, and the last hour by minute; or what the chart's cursor stands on."""

    name_shown = "Rates"

    def compose_content(self) -> ComposeResult:
        """Lay out the chart and the line beneath."""
        chart = RatesChart(classes="pane-content")
        chart.can_focus = True
        yield chart
        yield StatusLine(classes="minutes", margin=0, gap=0)

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


class BreakdownPane(Pane):
    """Members ranked by pace."""

    name_shown = "Breakdown"

    def compose_content(self) -> ComposeResult:
        """Lay out the table."""
        yield LiveTable(classes="pane-content")

    @property
    def table(self) -> LiveTable:
        """The table, for the cursor."""
        return self.query_one(LiveTable)

    def draw(self, deck: Deck) -> None:
        """Show the members."""
        zone = deck.question.zone
        self.set_title(*breakdown.title(deck.breakdown, deck.now, zone))
        self.table.set_rows(*breakdown.table(deck.breakdown, deck.now, zone))
        self.set_words(why_empty(deck) if not deck.breakdown.rows else None)


class CostsPane(Pane):
    """The bill by day, and estimates where it is not in."""

    name_shown = "Costs"

    def compose_content(self) -> ComposeResult:
        """Lay out the table."""
        yield LiveTable(classes="pane-content")

    @property
    def day(self) -> datetime | None:
        """The day under the cursor; None on the subtotal of a month, and in an empty table."""
        key = self.query_one(LiveTable).cursor_key
        return key if isinstance(key, datetime) else None

    def draw(self, deck: Deck) -> None:
        """Show the days."""
        self.set_title(*costs.title(deck.costs, deck.back_test))
        self.query_one(LiveTable).set_rows(*costs.table(deck.costs, self.size.width - _TABLE_MARGIN))
        self.set_words(why_empty(deck) if not deck.costs.rows else None)
