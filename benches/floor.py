"""Run as a program: the floor that the deck is measured against, Textual's own header, sparkline, table and footer.

Nothing is read and nothing computed. ``t`` changes ten numbers of the table and the newest column of the sparkline,
the arrow keys move the cursor, ``q`` quits.
"""

from __future__ import annotations

import os
import sys

os.environ |= {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_FPS": "15", "ESCDELAY": "250"}  # as the deck has them

from textual.app import App, ComposeResult
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Footer, Header, Sparkline

COMMAND = (sys.executable, "-m", "benches.floor")
READY = b"workspace-00"
"""Stands in the first frame that has everything."""
ROWS, COLUMNS, HOURS = 20, 6, 24


class Floor(App[None]):
    """One screen of the widgets that every dashboard has."""

    TITLE = "floor"
    ENABLE_COMMAND_PALETTE = False
    CSS = "Sparkline { height: 8; } DataTable { height: 1fr; }"
    BINDINGS = [("t", "tick", "Tick"), ("q", "quit", "Quit")]  # noqa: RUF012 - Textual's own manner

    def compose(self) -> ComposeResult:
        """Make the widgets."""
        yield Header()
        yield Sparkline([float(hour) for hour in range(HOURS)])
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        """Fill the table, and let it have the keys."""
        self._ticks = 0
        table = self.query_one(DataTable)
        table.add_columns("workspace", *(f"column {number}" for number in range(1, COLUMNS)))
        for row in range(ROWS):
            table.add_row(f"workspace-{row:02}", *(self._figure(row, column) for column in range(1, COLUMNS)))
        table.focus()

    def action_tick(self) -> None:
        """Change what a refresh of a quiet organisation changes."""
        self._ticks += 1
        table = self.query_one(DataTable)
        for row in range(5):
            for column in (1, 2):
                table.update_cell_at(Coordinate(row, column), self._figure(row, column))
        line = self.query_one(Sparkline)
        line.data = [*[float(hour) for hour in range(HOURS - 1)], 5.0 + self._ticks % 9]

    def _figure(self, row: int, column: int) -> str:
        return f"{(row * 7919 + column * 104729 + self._ticks * 1301) % 100_000:>7,}"


if __name__ == "__main__":
    Floor().run(mouse=False)
