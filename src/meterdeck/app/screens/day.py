"""A day of the Costs pane, opened: every line of its bill that the scope keeps."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.widgets import Static

from meterdeck.app.commands import Where, bindings_of
from meterdeck.app.messages import DayFailed, DayLoaded
from meterdeck.app.screens.table_keys import TableScreen
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.panes.rows import TABLE_MARGIN
from meterdeck.app.widgets.spelling import said
from meterdeck.app.widgets.table import LiveTable
from meterdeck.present import day_lines
from meterdeck.present.empty import LOADING
from meterdeck.present.parts import Part
from meterdeck.queries.day_lines import DayLines
from meterdeck.store import StoreError


class DayScreen(TableScreen):
    """Reads the lines by ``read``, in a thread; `read_again` follows what the store says since."""

    BINDINGS = bindings_of(Where.DAY)
    AUTO_FOCUS = "#day-lines"

    def __init__(self, read: Callable[[], DayLines]) -> None:
        super().__init__(classes="-empty")
        self._read_lines = read
        self._found: DayLines | None = None

    def compose(self) -> ComposeResult:
        """Lay out the title, what is to be known, the lines and the footer."""
        yield StatusLine(id="day-title")
        yield Static("", id="day-notes", markup=False)
        yield LiveTable(id="day-lines")
        yield Static(said(self, LOADING), id="day-words", markup=False)
        yield KeyFooter(Where.DAY)

    def on_mount(self) -> None:
        """Read the lines."""
        self.query_one("#day-title", StatusLine).set_parts([Part("Bill", "accent")])
        self.read_again()

    def read_again(self) -> None:
        """Read the lines as the store has them now."""
        self.run_worker(
            self._read, group="day.read", thread=True, exit_on_error=False, description="Reading the bill"
        )

    def on_day_loaded(self, message: DayLoaded) -> None:
        """Show what was read."""
        found = message.lines
        self.query_one("#day-title", StatusLine).set_parts(*day_lines.title(found))
        self._say(day_lines.notes(found))
        self.set_class(not found.lines, "-empty")
        self.query_one("#day-words", Static).update(day_lines.words_for_nothing(found))
        self._found = found
        self._show_lines()

    def on_resize(self) -> None:
        """Show the lines in the columns that the new width has room for."""
        self._show_lines()

    def _show_lines(self) -> None:
        if self._found is not None:
            self.table.set_rows(*day_lines.table(self._found, max(0, self.size.width - TABLE_MARGIN)))

    def on_day_failed(self, message: DayFailed) -> None:
        """Keep what is on screen, and say why it is not newer."""
        self._say([f"✕ {message.sentence}"])

    def _say(self, sentences: list[str]) -> None:
        label = self.query_one("#day-notes", Static)
        label.set_class(bool(sentences), "-shown")
        label.update("\n".join(sentences))

    def _read(self) -> None:
        try:
            found = self._read_lines()
        except StoreError as error:
            self.post_message(DayFailed(str(error)))
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not close the screen
            self.post_message(DayFailed(f"Reading the bill failed by a mistake: {error!r}."))
        else:
            self.post_message(DayLoaded(found))
