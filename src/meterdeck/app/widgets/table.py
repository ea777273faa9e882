"""A table for numbers that change: keyed rows, a cursor bound to a key, and only changed cells repainted."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from meterdeck.app.widgets.spelling import is_ascii, said
from meterdeck.present.ascii import spelled
from meterdeck.present.columns import GAP_CELLS, Cell, Column, Place, Row, fitted, lay_out
from meterdeck.present.names import cell_width, cut_middle, pad
from meterdeck.present.wrapping import in_lines

_CURSOR = "▶"
_MARGIN = 3
"""Cells left of the first column: the cursor's mark, a row's sign, and air."""
_SIGN_X = 1

_HEADER_LINES = 1


class NoRow(Enum):
    """The type of `NO_ROW`."""

    NO_ROW = "no row"


NO_ROW: Final = NoRow.NO_ROW
"""Stands for the key of a row where there is none; None is a key, that of the default workspace."""


class LiveTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows with a fixed header line, drawn by the line API.

    It binds no keys: the command registry maps them to the ``action_cursor_*`` methods.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "livetable--header",
        "livetable--chosen",
        "livetable--cursor",
        "livetable--cursor-blurred",
        "livetable--muted",
        "livetable--accent",
        "livetable--estimate",
        "livetable--up",
        "livetable--down",
        "livetable--warn",
        "livetable--error",
    }

    DEFAULT_CSS = """
    LiveTable {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size: 0 0;
    }
    LiveTable > .livetable--header { color: $text-muted; }
    LiveTable > .livetable--chosen { color: $text-accent; text-style: reverse; }
    LiveTable > .livetable--cursor {
        color: $block-cursor-foreground;
        background: $block-cursor-background;
        text-style: $block-cursor-text-style;
    }
    LiveTable > .livetable--cursor-blurred {
        color: $block-cursor-blurred-foreground;
        background: $block-cursor-blurred-background;
        text-style: $block-cursor-blurred-text-style;
    }
    LiveTable > .livetable--muted { color: $text-muted; }
    LiveTable > .livetable--accent { color: $text-accent; }
    LiveTable > .livetable--estimate { color: $text-secondary; }
    LiveTable > .livetable--up { color: $text-warning; }
    LiveTable > .livetable--down { color: $text-success; }
    LiveTable > .livetable--warn { color: $text-warning; text-style: bold; }
    LiveTable > .livetable--error { color: $text-error; text-style: bold; }
    """

    @dataclass
    class _RowMessage(Message):
        table: LiveTable
        key: Hashable

        @property
        def control(self) -> LiveTable:
            """The table, for `textual.on` selectors."""
            return self.table

    class Highlighted(_RowMessage):
        """The cursor came to another row."""

    class Selected(_RowMessage):
        """The user chose the row under the cursor."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's names
        super().__init__(id=id, classes=classes)
        self._columns: tuple[Column, ...] = ()
        self._rows: tuple[Row, ...] = ()
        self._places: tuple[Place, ...] = ()
        self._laid_out_width = 0
        self._cursor = 0
        self._was_moved = False
        self._expected: Hashable = NO_ROW

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows on show, in their order."""
        return self._rows

    @property
    def column_keys(self) -> tuple[str, ...]:
        """The keys of the columns that there is room for, from left to right."""
        return tuple(self._columns[place.index].key for place in self._places)

    @property
    def cursor_key(self) -> Hashable:
        """The key of the row under the cursor; `NO_ROW` in an empty table."""
        return self._rows[self._cursor].key if self._rows else NO_ROW

    @property
    def has_cursor(self) -> bool:
        """Whether the cursor is shown."""
        return True

    @property
    def has_keyboard(self) -> bool:
        """Whether keys move the cursor."""
        return self.has_focus

    @property
    def position(self) -> str:
        """``7 of 120``: where the cursor is; empty in an empty table."""
        return f"{self._cursor + 1} of {len(self._rows)}" if self._rows else ""

    def set_rows(self, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Show these rows; only cells that differ from what is on screen are repainted.

        The cursor stays on its key, wherever the row went; if the row is gone, on the nearest index. Until it
        is moved for the first time it stays on top. From an empty table it comes back to its row.
        """
        if is_ascii(self):
            columns, rows = [_spelled_column(each) for each in columns], [_spelled_row(each) for each in rows]
        key, cursor_before, rows_before = self.cursor_key, self._cursor, self._rows
        layout_before = self._columns, self._places
        self._columns, self._rows = tuple(columns), tuple(rows)
        self._lay_out()
        self._cursor = self._index_of(key) if self._was_moved else 0
        if not self._rows and self._was_moved and self._expected is NO_ROW:
            self._expected = key
        self._go_to_expected()
        if (self._columns, self._places) != layout_before:
            self.refresh()
        else:
            self._refresh_changes(rows_before, cursor_before)
        if len(rows_before) != len(self._rows):
            self.virtual_size = Size(1, _HEADER_LINES + len(self._rows))
        self._follow_cursor()
        if self.cursor_key != key:
            self._announce()

    def expect(self, key: Hashable) -> None:
        """Put the cursor on the row of a key when rows with it come; a move by the user takes that back."""
        self._expected = key

    def move_to(self, index: int) -> None:
        """Move the cursor to the row of an index, or as near as there are rows."""
        self._was_moved = True
        self._expected = NO_ROW
        index = max(0, min(index, len(self._rows) - 1))
        if index == self._cursor or not self._rows:
            return
        self._refresh_cursor(self._cursor)
        self._cursor = index
        self._refresh_cursor(index)
        self._follow_cursor()
        self._announce()

    def move_to_key(self, key: Hashable) -> bool:
        """Move the cursor to the row of a key; False if there is none."""
        index = next((index for index, row in enumerate(self._rows) if row.key == key), None)
        if index is not None:
            self.move_to(index)
        return index is not None

    def action_cursor_up(self) -> None:
        """Move the cursor one row up."""
        self.move_to(self._cursor - 1)

    def action_cursor_down(self) -> None:
        """Move the cursor one row down."""
        self.move_to(self._cursor + 1)

    def action_cursor_home(self) -> None:
        """Move the cursor to the first row."""
        self.move_to(0)

    def action_cursor_end(self) -> None:
        """Move the cursor to the last row."""
        self.move_to(len(self._rows) - 1)

    def action_cursor_page_up(self) -> None:
        """Move the cursor up by as many rows as are on screen."""
        self.move_to(self._cursor - self._rows_on_screen)

    def action_cursor_page_down(self) -> None:
        """Move the cursor down by as many rows as are on screen."""
        self.move_to(self._cursor + self._rows_on_screen)

    def action_select(self) -> None:
        """Choose the row under the cursor."""
        if self._rows:
            self.post_message(self.Selected(self, self._rows[self._cursor].key))

    def on_resize(self) -> None:
        """Keep the cursor on screen when lines are taken away."""
        self._follow_cursor()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked row; a second click chooses it."""
        index = self._row_at(event.y)
        if index is None:
            return
        self.move_to(index)
        if event.chain == 2:
            self.action_select()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the widget: the header, a row, or nothing."""
        if self._laid_out_width != self.size.width:
            self._lay_out()
        if y < _HEADER_LINES:
            return self._header()
        index = self._row_at(y)
        if index is None:
            return Strip.blank(self.size.width, self.rich_style)
        cells, sign = self._rows[index].cells, self._rows[index].sign
        if index != self._cursor or not self.has_cursor:
            return self._line(" " + sign, cells, self.rich_style)
        beyond = self.rich_style
        if self.has_keyboard:
            plain = [  # one colour: tones may be unreadable on the cursor's
                cell if column.drawn else Cell(cell.text)
                for cell, column in zip(cells, self._columns, strict=True)
            ]
            return self._line(
                _CURSOR + sign, plain, self.get_component_rich_style("livetable--cursor"), beyond
            )
        blurred = self.get_component_rich_style("livetable--cursor-blurred")
        return self._line(_CURSOR + sign, cells, blurred, beyond)

    def _header(self) -> Strip:
        header = self.get_component_rich_style("livetable--header")
        chosen = header + self.get_component_rich_style("livetable--chosen", partial=True)
        segments = [Segment(" " * _MARGIN, header)]
        for place in self._places:
            column = self._columns[place.index]
            title = cut_middle(column.title, place.width - len(column.mark)) + column.mark
            fill = " " * (place.width - cell_width(title))
            words = Segment(title, chosen if column.is_chosen else header)
            filled = (
                [Segment(fill, header), words] if column.align == "right" else [words, Segment(fill, header)]
            )
            segments += [*filled, Segment(" " * GAP_CELLS, header)]
        return Strip(segments).adjust_cell_length(self.size.width, header)

    @property
    def _rows_on_screen(self) -> int:
        return max(1, self.size.height - _HEADER_LINES)

    def _row_at(self, y: int) -> int | None:
        """The index of the row on a line of the widget."""
        index = y - _HEADER_LINES + self.scroll_offset.y
        return index if y >= _HEADER_LINES and index < len(self._rows) else None

    def _index_of(self, key: Hashable) -> int:
        """The index of the row of a key, else the index nearest to the cursor's."""
        nearest = max(0, min(self._cursor, len(self._rows) - 1))
        return next((index for index, row in enumerate(self._rows) if row.key == key), nearest)

    def _go_to_expected(self) -> None:
        index = next((index for index, row in enumerate(self._rows) if row.key == self._expected), None)
        if index is not None:
            self._cursor, self._was_moved, self._expected = index, True, NO_ROW

    def _lay_out(self) -> None:
        self._laid_out_width = self.size.width
        columns = fitted(self._columns, self._rows)
        self._places = lay_out(columns, max(0, self.size.width - _MARGIN))

    def _line(self, mark: str, cells: Sequence[Cell], style: Style, beyond: Style | None = None) -> Strip:
        """A line in a style; columns that are drawn, and what follows them, are in the one ``beyond``.

        Blanks between columns are in the style of the cell before them: each change of style costs some 25 bytes.
        """
        segments = [Segment(pad(mark, _MARGIN), style)]
        for place in self._places:
            text, tone = cells[place.index]
            column = self._columns[place.index]
            cut = self._cut_prose if column.is_prose else cut_middle
            padded = pad(cut(text, place.width), place.width, column.align)
            if column.drawn and beyond is not None:
                style = beyond
            segments.append(Segment(padded + " " * GAP_CELLS, self._toned(style, tone)))
        return Strip(segments).adjust_cell_length(self.size.width, style).simplify()

    def _cut_prose(self, text: str, width: int) -> str:
        if cell_width(text) <= width:
            return text
        return said(self, in_lines(text, width - is_ascii(self), 1))

    def _toned(self, style: Style, tone: str) -> Style:
        """The tone's colour on the line's background."""
        if not tone:
            return style
        return self.get_component_rich_style(f"livetable--{tone}") + Style(bgcolor=style.bgcolor)

    def _refresh_changes(self, before: Sequence[Row], cursor_before: int) -> None:
        """Repaint what differs between the rows before and now, as far as it is on screen."""
        if cursor_before != self._cursor:
            self._refresh_cursor(cursor_before)
            self._refresh_cursor(self._cursor)
        first = self.scroll_offset.y
        for index in range(first, first + self._rows_on_screen):
            old = before[index] if index < len(before) else None
            new = self._rows[index] if index < len(self._rows) else None
            if old is None or new is None:
                if old is not new:
                    self._refresh_row(index)
                continue
            changed = list(self._changed_places(old.cells, new.cells))
            if old.sign != new.sign:
                self.refresh(self._region(index, _SIGN_X, 1))
            if changed:
                # One region for all: Textual writes a line from its start to the end of each region in it.
                x, end = changed[0].x, changed[-1].x + changed[-1].width
                self.refresh(self._region(index, _MARGIN + x, end - x))

    def _changed_places(self, old: Sequence[Cell], new: Sequence[Cell]) -> Iterator[Place]:
        return (place for place in self._places if old[place.index] != new[place.index])

    def _refresh_cursor(self, index: int) -> None:
        """Repaint as much of a row as the cursor covers."""
        drawn = (_MARGIN + place.x for place in self._places if self._columns[place.index].drawn)
        self._refresh_row(index, next(drawn, self.size.width))

    def _refresh_row(self, index: int, width: int | None = None) -> None:
        if 0 <= index - self.scroll_offset.y < self._rows_on_screen:
            self.refresh(self._region(index, 0, self.size.width if width is None else width))

    def _region(self, index: int, x: int, width: int) -> Region:
        return Region(x, index - self.scroll_offset.y + _HEADER_LINES, width, 1)

    def _follow_cursor(self) -> None:
        """Scroll no further than needed to have the cursor on screen."""
        top, last = self.scroll_offset.y, self.scroll_offset.y + self._rows_on_screen - 1
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor > last:
            self.scroll_to(y=self._cursor - self._rows_on_screen + 1, animate=False, force=True)

    def _announce(self) -> None:
        if self._rows:
            self.post_message(self.Highlighted(self, self._rows[self._cursor].key))


def _spelled_column(column: Column) -> Column:
    """A column for a terminal that shows ASCII; its mark, of which some are letters, stands apart from the title."""
    return replace(column, title=spelled(column.title), mark=f" {column.mark}" if column.mark else "")


def _spelled_row(row: Row) -> Row:
    return replace(row, cells=tuple(Cell(spelled(cell.text), cell.tone) for cell in row.cells))
