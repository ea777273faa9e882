"""Two members beside each other, and the difference: from what the deck holds, and as fresh."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.widgets import Static

from meterdeck.app.commands import Where, bindings_of
from meterdeck.app.screens.table_keys import TableScreen
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.spelling import form_of
from meterdeck.app.widgets.table import LiveTable
from meterdeck.present import comparison
from meterdeck.present.parts import Part
from meterdeck.queries.breakdown import BreakdownRow
from meterdeck.queries.deck import Deck


class CompareScreen(TableScreen):
    """Shows two rows of Breakdown; `show_deck` brings their newest figures."""

    BINDINGS = bindings_of(Where.COMPARE)
    AUTO_FOCUS = "#compare-lines"

    def __init__(self, deck: Deck, two: tuple[BreakdownRow, BreakdownRow]) -> None:
        super().__init__()
        self._deck = deck
        self._two = two
        self._is_old = False
        """Whether the deck has come to a scope or a time without one of the two."""

    def compose(self) -> ComposeResult:
        """Lay out the title, a line for each, the figures and the footer."""
        yield StatusLine(id="compare-title")
        yield Static("", id="compare-sparks", markup=False)
        yield LiveTable(id="compare-lines")
        yield KeyFooter(Where.COMPARE)

    def show_deck(self, deck: Deck) -> None:
        """Show the figures of a newer deck, if both are in it; else keep those on screen, and say that they are old."""
        held = {row.part.member.key: row for row in deck.breakdown.rows}
        first, second = (held.get(row.part.member.key) for row in self._two)
        self._is_old = first is None or second is None or deck.scope.by is not self._deck.scope.by
        if not self._is_old and first is not None and second is not None:
            self._deck, self._two = deck, (first, second)
        self._show()

    def on_resize(self, _: events.Resize) -> None:
        """Draw the sparklines as wide as the screen is."""
        self._show()

    def _show(self) -> None:
        left, right = comparison.title(self._deck)
        if self._is_old:
            right = [Part("◌ as it was: one of them has no usage now", "warn", 9)]
        self.query_one("#compare-title", StatusLine).set_parts(left, right)
        lines = "\n".join(comparison.sparks(self._deck, self._two, self.size.width - 2, form_of(self)))
        sparks = self.query_one("#compare-sparks", Static)
        if str(sparks.content) != lines:
            sparks.update(lines)
        self.table.set_rows(*comparison.table(self._deck, self._two))
