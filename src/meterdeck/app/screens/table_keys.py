"""The keys that move the cursor of a screen's only table."""

from __future__ import annotations

from textual.screen import Screen

from meterdeck.app.widgets.table import LiveTable


class TableScreen(Screen[None]):
    """A screen over the deck with one table."""

    @property
    def table(self) -> LiveTable:
        """The table."""
        return self.query_one(LiveTable)

    def action_close(self) -> None:
        """Go back to the deck as it was left."""
        self.dismiss()

    def action_cursor_down(self) -> None:
        """Move the cursor down."""
        self.table.action_cursor_down()

    def action_cursor_up(self) -> None:
        """Move the cursor up."""
        self.table.action_cursor_up()

    def action_cursor_page_down(self) -> None:
        """Move the cursor a page down."""
        self.table.action_cursor_page_down()

    def action_cursor_page_up(self) -> None:
        """Move the cursor a page up."""
        self.table.action_cursor_page_up()

    def action_cursor_home(self) -> None:
        """Move the cursor to the first line."""
        self.table.action_cursor_home()

    def action_cursor_end(self) -> None:
        """Move the cursor to the last line."""
        self.table.action_cursor_end()
