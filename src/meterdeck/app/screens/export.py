"""The choice of a form to export in."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from meterdeck.app.commands import Where, bindings_of
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.table import LiveTable
from meterdeck.present.columns import Cell, Column, Row
from meterdeck.present.exports import Export
from meterdeck.present.parts import Part

_COLUMNS = (
    Column(key="key", title="", width=1, priority=2),
    Column(key="name", title="", width=8, priority=3),
    Column(key="about", title="", width=20, min_width=8, grow=1, priority=1),
)
_WORDS = {
    Export.CSV: ("c", "CSV", "the rows, exact, for a spreadsheet"),
    Export.JSON: ("j", "JSON", "the document of `meterdeck report`"),
    Export.MARKDOWN: ("m", "Markdown", "a table to paste, and what must be known of it"),
    Export.SVG: ("s", "SVG", "the screen as a picture"),
}


class ExportScreen(ModalScreen[Export | None]):
    """Answers the chosen form, or None if the user left."""

    BINDINGS = bindings_of(Where.EXPORT)
    AUTO_FOCUS = "#export-list"

    def __init__(self, what: str, first: Export) -> None:
        super().__init__()
        self._what = what
        self._first = first

    def compose(self) -> ComposeResult:
        """Lay out the title, the forms and the footer."""
        with Vertical(id="export"):
            yield StatusLine(id="export-title")
            yield LiveTable(id="export-list")
        yield KeyFooter(Where.EXPORT)

    def on_mount(self) -> None:
        """Show the forms, the cursor on the one that was chosen last."""
        self.query_one("#export-title", StatusLine).set_parts([Part(f"Export {self._what}", "accent")])
        rows = [
            Row(form, (Cell(key, "accent"), Cell(name), Cell(about, "muted")))
            for form, (key, name, about) in _WORDS.items()
        ]
        self._list.set_rows(_COLUMNS, rows)
        self._list.move_to_key(self._first)

    def action_choose(self, form: str) -> None:
        """Export in this form."""
        self.dismiss(Export(form))

    def action_choose_row(self) -> None:
        """Export in the form under the cursor."""
        self.dismiss(Export(str(self._list.cursor_key)))

    def action_cancel(self) -> None:
        """Write nothing."""
        self.dismiss(None)

    def action_cursor_down(self) -> None:
        """Move the cursor down."""
        self._list.action_cursor_down()

    def action_cursor_up(self) -> None:
        """Move the cursor up."""
        self._list.action_cursor_up()

    @property
    def _list(self) -> LiveTable:
        return self.query_one("#export-list", LiveTable)
