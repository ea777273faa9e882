"""The rows of a pane: sorted, filtered, marked, compared; and one pane on the whole screen."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime

from textual import events, on

from meterdeck.app.commands import COMMANDS, Where
from meterdeck.app.deck.moving import Moving
from meterdeck.app.deck.trail import Place
from meterdeck.app.messages import DeckLoaded
from meterdeck.app.screens.compare import CompareScreen
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.app.widgets.notice import Words
from meterdeck.app.widgets.panes import Pane, TablePane
from meterdeck.app.widgets.table import LiveTable
from meterdeck.queries.breakdown import BreakdownRow
from meterdeck.queries.question import Question

_ARRANGING = frozenset(c.action.partition("(")[0] for c in COMMANDS if c.id.startswith("rows."))


class Tables(Moving):
    """Arranges rows that are held: nothing here waits for the store, but what a zoomed pane has more to say."""

    _said_of_filters: str | None = None
    _zoomed_at: tuple[Place, datetime | None] | None = None
    """Where the trail and the chart's cursor were when a pane was given the whole screen."""

    @property
    def question(self) -> Question:
        """What is asked of the store: on the whole screen there is room for all that is told of a member."""
        asked = super().question
        return replace(asked, minutes=True, change=True) if self.is_zoomed else asked

    @property
    def is_zoomed(self) -> bool:
        """Whether one pane has the whole screen."""
        return self.has_class("-zoomed")

    @property
    def table(self) -> LiveTable:
        """The table that the keys for rows mean."""
        return self.rates.table if self.is_in_buckets else self._pane_of_rows.table

    @on(DeckLoaded)
    def _deck_came(self) -> None:
        """A comparison follows what the store says, once the deck has it; so does what is said of filters."""
        self.call_later(self._compare_again)
        self.call_later(self._say_again)

    @on(events.DescendantFocus)
    def _focus_went(self) -> None:
        """Who leaves a filter's field has typed enough."""
        for pane in self.query(TablePane):
            if not pane.has_focus_within:
                pane.close_filter()
        self.show_keys()

    @on(events.Resize)
    def _size_changed(self) -> None:
        """A wider screen has room for what was not asked for."""
        if self._deck is not None and self._deck.question != self.question:
            self.ask_anew()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Arrange no rows that nobody sees: those of Rates are always in the order of time."""
        if action in _ARRANGING and self.is_zoomed and self.is_in_buckets:
            return False
        return super().check_action(action, parameters)

    def action_widen(self) -> None:
        """Take away a filter for rows; else undo what was chosen last, the whole screen for a pane among the rest."""
        pane = self._filtered_pane
        if pane is not None:
            pane.clear_filter()
            pane.close_filter()
            self._say_again()
            self.show_keys()
        elif self.is_zoomed and not self._has_gone_on:
            self.action_zoom()
        else:
            super().action_widen()

    def action_filter_rows(self) -> None:
        """Type a filter for the rows."""
        self._pane_of_rows.open_filter()
        self.show_keys()

    def action_choose_column(self, step: int) -> None:
        """Choose the next column, or the one before, for the next sort."""
        self._pane_of_rows.choose_column(step)

    def action_sort_rows(self) -> None:
        """Sort by the chosen column; once more turns the order round."""
        self._pane_of_rows.sort()

    def action_turn_order(self) -> None:
        """Turn the order round."""
        self._pane_of_rows.turn_round()

    def action_mark_row(self) -> None:
        """Mark a member for a comparison, or take its mark away."""
        self.breakdown.mark_row()
        self.show_keys()

    def action_compare_rows(self) -> None:
        """Compare the two marked members; with one mark, that one and the one under the cursor."""
        if self._deck is not None and self._two is not None:
            self.app.push_screen(CompareScreen(self._deck, self._two))

    @on(TablePane.Typed)
    def _rows_are_waited_for(self) -> None:
        self.hurry()
        self._say_again()

    def standing_notice(self) -> Words | None:
        """What is to be said for as long as it is true, a filter that is too slow first: a key takes it away."""
        return self._of_filters or super().standing_notice()

    def action_switch_scale(self) -> None:
        """Measure the lines of Breakdown by one scale, or each by its own."""
        self.breakdown.switch_scale()

    def action_zoom(self) -> None:
        """Give the pane with the keyboard the whole screen, or the others their places back."""
        if self._deck is None:
            return
        before = self.question
        self.toggle_class("-zoomed")
        self._zoomed_at = self.trail.place, self.rates.chart.cursor
        for pane in self.query(Pane):
            pane.zoom(zoomed=self.is_zoomed)
        if self.question != before:
            self.ask_anew()
        self.show_keys()

    def show_keys(self) -> None:
        """Show what the keys do; in a filter's field they do something else."""
        where = Where.FILTER if self._pane_of_rows.is_typing else Where.DECK
        self.query_one(KeyFooter).refresh_keys(where)

    def can_arrange(self, command: str) -> bool:
        """Whether a command for rows does anything here and now."""
        if self._deck is None or self.is_in_buckets:
            return False
        if command == "rows.compare":
            return self._two is not None
        if command == "rows.mark":
            return bool(self.breakdown.table.rows) and not self.costs.has_focus_within
        return True

    @property
    def can_take_away(self) -> bool:
        """Whether something was put over the scope on show."""
        return self.is_zoomed or self._filtered_pane is not None

    @property
    def _has_gone_on(self) -> bool:
        """Whether a scope or a cursor was chosen since a pane was given the whole screen."""
        if self._zoomed_at is None:
            return False
        place, cursor = self._zoomed_at
        is_moved = self.rates.is_pointed_at and self.rates.chart.cursor != cursor
        return is_moved or self.trail.goes_on_from(place)

    @property
    def _filtered_pane(self) -> TablePane | None:
        """The pane whose filter Escape takes away: the one with the keyboard first; where one is zoomed, no other."""
        if self.is_in_buckets:
            return None
        mine = self._pane_of_rows
        panes = (
            [mine]
            if self.is_zoomed
            else [mine, *(pane for pane in self.query(TablePane) if pane is not mine)]
        )
        return next((pane for pane in panes if pane.is_typing or pane.is_filtered), None)

    @property
    def _pane_of_rows(self) -> TablePane:
        return self.costs if self.costs.has_focus_within else self.breakdown

    @property
    def _two(self) -> tuple[BreakdownRow, BreakdownRow] | None:
        """Who would be compared."""
        if self._deck is None:
            return None
        held: dict[Hashable, BreakdownRow] = {row.part.member.key: row for row in self._deck.breakdown.rows}
        wanted = [key for key in self.breakdown.marks if key in held]
        if len(wanted) == 1 and self.breakdown.table.rows and self.breakdown.table.cursor_key != wanted[0]:
            wanted.append(self.breakdown.table.cursor_key)
        return (held[wanted[0]], held[wanted[1]]) if len(wanted) == 2 else None

    def _say_again(self) -> None:
        """Say what is to be said of filters, or no more, where that has changed."""
        said = self._of_filters
        if said != self._said_of_filters:
            self._said_of_filters = said
            self.show_notice(self.standing_notice())

    @property
    def _of_filters(self) -> str | None:
        sentences = (pane.filter_sentence for pane in self.query(TablePane))
        return next((sentence for sentence in sentences if sentence), None)

    def _compare_again(self) -> None:
        if isinstance(self.app.screen, CompareScreen) and self._deck is not None:
            self.app.screen.show_deck(self._deck)
