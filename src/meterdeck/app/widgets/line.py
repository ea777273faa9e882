"""One line of parts, some at its left and some at its right end: header, key figures, titles, footer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from meterdeck.app.widgets.spelling import is_ascii
from meterdeck.present.ascii import spelled
from meterdeck.present.columns import Tone
from meterdeck.present.names import cell_width
from meterdeck.present.parts import Part, Placed, place


class StatusLine(Widget):
    """A line of parts. What did not change is not repainted, so a ticking clock costs only its own cells."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "statusline--muted",
        "statusline--accent",
        "statusline--estimate",
        "statusline--up",
        "statusline--down",
        "statusline--warn",
        "statusline--error",
    }

    DEFAULT_CSS = """
    StatusLine { height: 1; }
    StatusLine > .statusline--muted { color: $text-muted; }
    StatusLine > .statusline--accent { color: $text-accent; text-style: bold; }
    StatusLine > .statusline--estimate { color: $text-secondary; }
    StatusLine > .statusline--up { color: $text-warning; }
    StatusLine > .statusline--down { color: $text-success; }
    StatusLine > .statusline--warn { color: $text-warning; text-style: bold; }
    StatusLine > .statusline--error { color: $text-error; text-style: bold; }
    """

    def __init__(
        self,
        *,
        gap: int = 2,
        margin: int = 1,
        id: str | None = None,  # noqa: A002 - Textual's names
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._gap = gap
        self._margin = margin
        self._left: tuple[Part, ...] = ()
        self._right: tuple[Part, ...] = ()
        self._placed: tuple[Placed, ...] = ()
        self._placed_width = 0

    @property
    def gap(self) -> int:
        """Blank cells between two parts."""
        return self._gap

    @gap.setter
    def gap(self, cells: int) -> None:
        if cells != self._gap:
            self._gap = cells
            self._place()
            self.refresh()

    @property
    def text(self) -> str:
        """The line as it stands, without trailing blanks."""
        return self.render_line(0).text.rstrip()

    def set_parts(self, left: Sequence[Part] = (), right: Sequence[Part] = ()) -> None:
        """Show these parts; only those that changed, or moved, are repainted."""
        if is_ascii(self):
            left, right = _spelled(left), _spelled(right)
        if (tuple(left), tuple(right)) == (self._left, self._right):
            return
        self._left, self._right = tuple(left), tuple(right)
        before = set(self._placed)
        self._place()
        changed = before ^ set(self._placed)
        if changed:
            # One region for all: Textual writes a line from its start to the end of each region in it.
            x = min(part.x for part in changed)
            end = max(part.x + cell_width(part.text) for part in changed)
            self.refresh(Region(self._margin + x, 0, end - x, 1))

    def render_line(self, y: int) -> Strip:
        """Paint the parts, with blanks between them."""
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        if self._placed_width != self.size.width:
            self._place()
        segments, x = [], -self._margin
        for placed in self._placed:
            segments.append(Segment(" " * (placed.x - x), self.rich_style))
            segments.append(Segment(placed.text, self._style(placed.tone)))
            x = placed.x + cell_width(placed.text)
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style).simplify()

    def _style(self, tone: Tone) -> Style:
        return self.get_component_rich_style(f"statusline--{tone}") if tone else self.rich_style

    def _place(self) -> None:
        self._placed_width = self.size.width
        width = max(0, self.size.width - 2 * self._margin)
        self._placed = place(self._left, self._right, width, gap=self._gap)


def _spelled(parts: Sequence[Part]) -> list[Part]:
    return [
        replace(part, text=spelled(part.text), short=spelled(part.short), shortest=spelled(part.shortest))
        for part in parts
    ]
