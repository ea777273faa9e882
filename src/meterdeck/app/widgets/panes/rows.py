"""What the panes of rows are: sorted, filtered and marked by the user, over the rows that are held."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Input

from meterdeck.app.widgets.arrangement import Arrangement
from meterdeck.app.widgets.filter_line import FilterLine
from meterdeck.app.widgets.panes.pane import Pane
from meterdeck.app.widgets.spelling import form_of
from meterdeck.app.widgets.table import LiveTable
from meterdeck.present import arranging
from meterdeck.present.arranging import Arranged
from meterdeck.present.columns import Column, Row
from meterdeck.present.empty import why_empty
from meterdeck.present.forms import Form
from meterdeck.present.parts import Part
from meterdeck.present.sorting import Order, ordered, with_marks
from meterdeck.queries.deck import Deck

MARKED = "✓"
TABLE_MARGIN = 3
"""Cells of a table before its first column."""
_WIDEST_FIELD = 30


class TablePane(Pane):
    """A pane of rows, which the user sorts, filters and marks. All of it works on the rows that are held."""

    class Typed(Message):
        """A character of the filter was typed: its rows are waited for."""

    def __init__(self, number: int, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(number, id=id)
        self._arrangement = Arrangement()
        self._field: FilterLine | None = None
        self._made: tuple[list[Column], list[Row]] = ([], [])
        self._made_of: tuple[Deck | None, int, bool, bool, bool, Form] = (
            None, 0, False, False, False, Form.BLOCKS,
        )  # fmt: skip
        """What the rows were made of: another order of them needs no new text."""
        self.one_scale = False
        """Whether the lines of all rows are measured by the highest of them, else each by its own."""

    def compose_content(self) -> ComposeResult:
        """Lay out the table."""
        yield LiveTable(classes="pane-content")

    @property
    def table(self) -> LiveTable:
        """The table, for the cursor."""
        return self.query_one(LiveTable)

    @property
    def row_count(self) -> int:
        """How many rows there are, whatever a filter leaves of them."""
        return len(self._made[1])

    @property
    def is_sorted(self) -> bool:
        """Whether the user has chosen the order."""
        return self._arrangement.is_sorted

    @property
    def is_filtered(self) -> bool:
        """Whether a filter was typed."""
        return self._arrangement.filter is not None

    @property
    def filtered_by(self) -> str | None:
        """What was typed, where it filters the rows."""
        typed = self._arrangement.filter
        return typed.text if typed is not None and typed.matches is not None else None

    @property
    def filter_sentence(self) -> str | None:
        """What must be said of the filter for as long as it is there."""
        typed = self._arrangement.filter
        return typed.sentence if typed is not None else None

    @property
    def is_typing(self) -> bool:
        """Whether the filter's field is open."""
        return self._field is not None

    @property
    def marks(self) -> tuple[Hashable, ...]:
        """The keys of the marked rows, the older mark first."""
        return self._arrangement.marks

    def make(self, deck: Deck) -> tuple[list[Column], list[Row]]:
        """All columns and rows, as they come."""
        raise NotImplementedError

    def kind_and_listing(self, deck: Deck) -> tuple[Hashable, Hashable]:
        """For what kind of columns an order is kept, and for which rows a filter and marks."""
        raise NotImplementedError

    def default_order(self, deck: Deck) -> Order:
        """The order of who has chosen none."""
        raise NotImplementedError

    def title_of(self, deck: Deck, left: list[Row] | None) -> tuple[list[Part], list[Part]]:
        """The title's parts; ``left`` are the rows that a filter left, if there is one."""
        raise NotImplementedError

    def draw(self, deck: Deck) -> None:
        """Show the rows in the user's order, as far as the filter leaves them."""
        arranged = self._arrangement
        arranged.is_for(*self.kind_and_listing(deck), default=self.default_order(deck))
        columns, rows = self._rows_of(deck)
        order = arranged.order_among(column.key for column in columns)
        typed = arranged.filter
        left = typed.left(rows) if typed else rows
        signed = [replace(row, sign=MARKED) if row.key in arranged.marks else row for row in left]
        self.table.set_rows(with_marks(columns, order, arranged.chosen), ordered(columns, signed, order))
        titled, at_right = self.title_of(deck, left if typed and typed.matches else None)
        titles = {column.key: column.title for column in columns}
        self.set_title(*arranging.title(titled, at_right, self._arranged(titles, order)))
        self.set_words(self.why_empty(deck) if not rows else None)

    def why_empty(self, deck: Deck) -> str:
        """Why there are no rows."""
        return why_empty(deck)

    def choose_column(self, step: int) -> None:
        """Choose the next column to the right, or to the left, for the next sort."""
        if self.table.column_keys:
            self._arrangement.choose(step, self.table.column_keys)
            self._draw_again()

    def sort(self) -> None:
        """Sort by the chosen column; once more turns the order round."""
        self._arrangement.sort(*self._made)
        self._draw_again()

    def switch_scale(self) -> None:
        """Measure the lines of all rows by one scale, or each by its own."""
        self.one_scale = not self.one_scale
        self._draw_again()

    def turn_round(self) -> None:
        """Turn the order round."""
        self._arrangement.turn_round()
        self._draw_again()

    def mark_row(self) -> None:
        """Mark or unmark the row under the cursor."""
        if self.table.rows:
            self._arrangement.mark(self.table.cursor_key)
            self._draw_again()

    def open_filter(self) -> None:
        """Give the keyboard to the filter's field, at the right of the title."""
        if not self.is_typing and self._made[1]:
            typed = self._arrangement.filter
            self._field = FilterLine(typed.text if typed else "", self._cells_to_type)
            self.mount(self._field)
            self._field.focus()
            self._draw_again()

    def close_filter(self) -> None:
        """Take the field away; what was typed goes on filtering."""
        if self._field is not None:
            if self.has_focus_within:
                self.focus_content()
            self._field.remove()
            self._field = None
            self._draw_again()

    def clear_filter(self) -> None:
        """Show every row again."""
        self._arrangement.narrow("")
        self._draw_again()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        event.stop()
        self.post_message(self.Typed())
        self._arrangement.narrow(event.value)
        self._draw_again()

    def on_filter_line_done(self, event: FilterLine.Done) -> None:
        """Give the keyboard back to the rows."""
        event.stop()
        self.close_filter()

    @property
    def _cells_to_type(self) -> int:
        return min(_WIDEST_FIELD, self.size.width // 2)

    def _arranged(self, titles: dict[str, str], order: Order) -> Arranged:
        by = self._arrangement
        return Arranged(
            typed=by.filter,
            field_cells=self._cells_to_type if self.is_typing else 0,
            sorted_by=f"{titles.get(order.column, order.column)} {order.mark}",
            is_sorted=by.is_sorted,
            chosen=None if by.chosen in {None, order.column} else titles.get(by.chosen or ""),
            marks=len(by.marks),
        )

    def _rows_of(self, deck: Deck) -> tuple[list[Column], list[Row]]:
        made_of = (deck, self.size.width, self.is_zoomed, self.is_sorted, self.one_scale, form_of(self))
        if deck is not self._made_of[0] or made_of[1:] != self._made_of[1:]:
            self._made, self._made_of = self.make(deck), made_of
        return self._made

    def _draw_again(self) -> None:
        if self._deck is not None:
            self.draw(self._deck)
