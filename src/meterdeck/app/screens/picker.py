"""The picker: choose several members of a dimension; type to narrow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from meterdeck.app.commands import Where, bindings_of
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.table import LiveTable
from meterdeck.domain.dimensions import Dimension
from meterdeck.present.arranging import too_slow
from meterdeck.present.columns import Cell, Column, Row
from meterdeck.present.members import labels
from meterdeck.present.parts import Part
from meterdeck.present.row_filter import row_filter
from meterdeck.queries.names import Member

_ALL = "all"
_COLUMNS = (
    Column(key="mark", title="", width=1, priority=2),
    Column(key="name", title="name", width=20, min_width=10, grow=3, max_width=40, priority=3),
    Column(key="id", title="id", width=10, min_width=8, grow=1, priority=1),
)

Members = frozenset[str | None]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A row's key: tells the default workspace (None) from the row of all."""

    member_id: str | None


class SearchInput(Input):
    """A field for a search word; the space bar marks a row instead, and nothing blinks on an idle screen."""

    def on_mount(self) -> None:
        """Keep the cursor still: blinking costs bytes."""
        self.cursor_blink = False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Take every printable key but the space bar."""
        return key != "space" and super().check_consume_key(key, character)


class Picker(ModalScreen[Members | None]):
    """Answers the chosen ids (none of them: no filter), or None if the user left it as it was."""

    BINDINGS = bindings_of(Where.PICKER)
    AUTO_FOCUS = "SearchInput"

    def __init__(
        self, dimension: Dimension, members: Iterable[Member], chosen: Members, why_empty: str = ""
    ) -> None:
        super().__init__()
        self.dimension = dimension
        self._labels = labels(dimension, members)
        self._why_empty = why_empty
        """What is said while there are no members."""
        self._marked = set(chosen)
        self._typed = row_filter("")
        self._was_touched = False
        """Whether a mark was changed: until then Enter means the row under the cursor."""

    def compose(self) -> ComposeResult:
        """Lay out the search field, the list and the footer."""
        with Vertical(id="picker"):
            yield StatusLine(id="picker-title")
            yield SearchInput(placeholder="type to narrow", id="picker-search", compact=True)
            found = LiveTable(id="picker-list")
            found.can_focus = False  # the keyboard stays in the search field, whatever Tab does
            yield found
        yield KeyFooter(Where.PICKER)

    def on_mount(self) -> None:
        """Show everything at first, the cursor on what is chosen now."""
        self._show()
        self._go_to_chosen()

    def offer(self, members: Iterable[Member], why_empty: str = "") -> None:
        """Show who is known by now; marks, the cursor and what is typed stay."""
        known = labels(self.dimension, members)
        if (known, why_empty) != (self._labels, self._why_empty):
            was_empty = not self._labels
            self._labels, self._why_empty = known, why_empty
            self._show()
            if was_empty and not self._was_touched:
                self._go_to_chosen()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self._typed = row_filter(event.value)
        self._show()

    def action_cursor_down(self) -> None:
        """Go down in the list while the search field keeps the keys."""
        self._list.action_cursor_down()

    def action_cursor_up(self) -> None:
        """Go up in the list."""
        self._list.action_cursor_up()

    def action_mark(self) -> None:
        """Mark or unmark the row under the cursor and go to the next."""
        key = self._list.cursor_key
        if isinstance(key, _Choice):
            self._marked ^= {key.member_id}
            self._was_touched = True
            self._show()
            self._list.action_cursor_down()

    def action_mark_all(self) -> None:
        """Mark every row that is listed; if all of them are, none."""
        listed = {member.id for member in self._listed()}
        self._was_touched = True
        self._marked = self._marked - listed if listed <= self._marked else self._marked | listed
        self._show()

    def action_invert(self) -> None:
        """Mark every row that is listed and not marked, and unmark the others of the list."""
        self._was_touched = True
        self._marked ^= {member.id for member in self._listed()}
        self._show()

    def action_apply(self) -> None:
        """Choose the marked members if a mark was changed; else the row under the cursor."""
        key = self._list.cursor_key
        if self._was_touched:
            self.dismiss(frozenset(self._marked))
        elif isinstance(key, _Choice):
            self.dismiss(frozenset({key.member_id}))
        elif key == _ALL:
            self.dismiss(frozenset())
        else:
            self.dismiss(None)

    def action_cancel(self) -> None:
        """Leave everything as it was."""
        self.dismiss(None)

    @property
    def _list(self) -> LiveTable:
        return self.query_one("#picker-list", LiveTable)

    def _listed(self) -> list[Member]:
        return self._typed.kept(
            self._labels, lambda member: (self._labels[member], member.name, member.id or "")
        )

    def _go_to_chosen(self) -> None:
        chosen = next((member.id for member in self._labels if member.id in self._marked), _ALL)
        self._list.move_to_key(_Choice(chosen) if self._marked else _ALL)

    def _show(self) -> None:
        listed = self._listed()
        rows = [
            Row(
                _Choice(member.id),
                (
                    Cell("✓" if member.id in self._marked else " ", "accent"),
                    Cell(self._labels[member]),
                    Cell(member.id or "", "muted"),
                ),
            )
            for member in listed
        ]
        if not self._typed.text:
            rows.insert(0, Row(_ALL, (Cell(" "), Cell(f"all {self.dimension.title}s", "accent"), Cell(""))))
        self._list.set_rows(_COLUMNS, rows)
        count = f"{len(listed)} of {len(self._labels)}, {len(self._marked)} marked"
        self.query_one("#picker-title", StatusLine).set_parts(
            [Part(f"Choose {self.dimension.title}s", "accent", 2), *too_slow(self._typed)],
            [Part(count if self._labels else self._why_empty, "muted", 1)],
        )
