"""Where the keyboard is: the pane, and the cursor in it."""

from __future__ import annotations

from collections.abc import Callable

from meterdeck.app.deck.timing import Timing
from meterdeck.app.widgets.panes import Pane
from meterdeck.app.widgets.table import LiveTable


class Moving(Timing):
    """Moves focus and cursors."""

    def action_next_pane(self) -> None:
        """Give the keyboard to the next pane."""
        self._focus_pane(1)

    def action_previous_pane(self) -> None:
        """Give the keyboard to the pane before."""
        self._focus_pane(-1)

    def action_focus_pane(self, name: str) -> None:
        """Give the keyboard to a pane."""
        pane = self.query_one(f"#{name}", Pane)
        pane.add_class("-active")  # a hidden pane could not take the keyboard
        pane.focus_content()

    def action_cursor_down(self) -> None:
        """Move the cursor of the pane that has the keyboard."""
        self._move(LiveTable.action_cursor_down)

    def action_cursor_up(self) -> None:
        """Move the cursor up."""
        self._move(LiveTable.action_cursor_up)

    def action_cursor_page_down(self) -> None:
        """Move the cursor a page down."""
        self._move(LiveTable.action_cursor_page_down)

    def action_cursor_page_up(self) -> None:
        """Move the cursor a page up."""
        self._move(LiveTable.action_cursor_page_up)

    def action_cursor_home(self) -> None:
        """Move the cursor to the first row; in the chart alone to the oldest bucket."""
        if self.rates.has_focus_within and not self.is_in_buckets:
            self.rates.chart.action_cursor_home()
        else:
            self._move(LiveTable.action_cursor_home)

    def action_cursor_end(self) -> None:
        """Move the cursor to the last row; in the chart alone to the newest bucket."""
        if self.rates.has_focus_within and not self.is_in_buckets:
            self.rates.chart.action_cursor_end()
        else:
            self._move(LiveTable.action_cursor_end)

    @property
    def table(self) -> LiveTable:
        """The table that the keys for rows mean: the one with the keyboard, else that of Breakdown."""
        return self.focused if isinstance(self.focused, LiveTable) else self.breakdown.table

    @property
    def is_in_buckets(self) -> bool:
        """Whether keys for rows mean those of Rates: it has them on the whole screen alone."""
        return self.rates.is_zoomed and self.rates.has_focus_within

    @property
    def pane_with_keyboard(self) -> str:
        """The name of the pane that has the keyboard; empty where none has."""
        return next((pane.id for pane in self.query(Pane) if pane.id and pane.has_focus_within), "")

    def focus_again(self) -> None:
        """Give the keyboard back to the pane that lost it when no pane was shown."""
        active = next((pane.id for pane in self.query(Pane) if pane.has_class("-active")), None)
        if self.focused is None and active:
            self.action_focus_pane(active)

    def _move(self, action: Callable[[LiveTable], None]) -> None:
        if self.is_in_buckets:
            self.rates.move(action)
        else:
            action(self.table)

    def _focus_pane(self, step: int) -> None:
        panes = list(self.query(Pane))
        active = next((i for i, pane in enumerate(panes) if pane.has_focus_within), 0)
        name = panes[(active + step) % len(panes)].id
        if name:
            self.action_focus_pane(name)
