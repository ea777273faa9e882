"""The three panes: each shows one frozen result, and says in words when there is nothing to show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from meterdeck.app.widgets.chart import RatesChart
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.table import LiveTable
from meterdeck.present import breakdown, costs, on_demand, rates
from meterdeck.present.parts import Part
from meterdeck.queries.deck import Deck
from meterdeck.queries.on_demand import State

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
        yield Static("loading…", classes="pane-words", markup=False)

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
    """Tokens by hour as a chart, and by minute as a line."""

    name_shown = "Rates"

    def compose_content(self) -> ComposeResult:
        """Lay out the chart and the line of minutes."""
        chart = RatesChart(classes="pane-content")
        chart.can_focus = True
        yield chart
        yield StatusLine(classes="minutes", margin=0, gap=0)

    def draw(self, deck: Deck) -> None:
        """Show the hours and minutes."""
        self.set_title(*rates.title(deck.rates, deck.figures.pace))
        nothing_read = all(bar.tokens is None for bar in deck.rates.bars)
        self.set_words(_why_empty(deck) if nothing_read else None)
        self.query_one(RatesChart).set_bars(rates.bars(deck.rates), deck.rates.marks)
        self.query_one(".minutes", StatusLine).set_parts(*rates.minutes(deck.rates, self.size.width))


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
        asked = deck.on_demand
        if asked is None:
            self.set_title(*breakdown.title(deck.breakdown))
            self.table.set_rows(*breakdown.table(deck.breakdown))
        else:
            self.set_title(*on_demand.title(asked, deck.now))
            self.table.set_rows(*on_demand.table(asked))
        self.set_words(_why_no_members(deck) if not deck.breakdown.rows else None)


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
        self.set_words(_why_empty(deck) if not deck.costs.rows else None)


def _why_no_members(deck: Deck) -> str:
    if deck.on_demand is None or deck.on_demand.state is State.THERE:
        return _why_empty(deck)
    return on_demand.state_words(deck.on_demand, deck.now)


def _why_empty(deck: Deck) -> str:
    if deck.breakdown.breakdown.hours.as_of is None:
        return "nothing was read yet: the last line says why" if deck.status.failing else "loading…"
    return "nothing in this scope" if deck.scope.filters else "no usage in this time"
