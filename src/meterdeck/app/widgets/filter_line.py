"""The field in a pane's title that a filter for its rows is typed into."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Input

from meterdeck.app.commands import Where, bindings_of


class FilterLine(Input):
    """Takes every printable key. Nothing blinks on an idle screen."""

    BINDINGS = bindings_of(Where.FILTER)

    class Done(Message):
        """The user gives the keyboard back."""

    def __init__(self, text: str, cells: int) -> None:
        super().__init__(
            text,
            placeholder="name or id, !not, /re/",
            select_on_focus=False,
            compact=True,
            classes="pane-filter",
        )
        self.styles.width = cells

    def on_mount(self) -> None:
        """Keep the cursor still: blinking costs bytes."""
        self.cursor_blink = False

    def action_keep(self) -> None:
        """Go on with what was typed."""
        self.post_message(self.Done())

    def action_clear(self) -> None:
        """Go on without a filter."""
        self.value = ""
        self.post_message(self.Done())
