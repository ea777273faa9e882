"""The field in a pane's title that a filter for its rows is typed into."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Input

from meterdeck.app.commands import Where, bindings_of
from meterdeck.present.names import cell_width

_HINTS = ("name or id, !not, /re/", "name, !not, /re/", "name or id", "name")
"""What can be typed; the longest that the field has room for, beside the cursor behind it, stands in it."""


class FilterLine(Input):
    """Takes every printable key: the first takes the place of a text that is there. Nothing blinks on an idle screen."""

    BINDINGS = bindings_of(Where.FILTER)

    class Done(Message):
        """The user gives the keyboard back."""

    def __init__(self, text: str, cells: int) -> None:
        super().__init__(
            text,
            placeholder=next((hint for hint in _HINTS if cell_width(hint) < cells), ""),
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
