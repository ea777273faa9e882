"""One line of parts, some at its left and some at its right end: header, key figures, titles, footer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from meterdeck.present.columns import Tone
from meterdeck.present.names import cell_width, cut_middle


@dataclass(frozen=True, slots=True)
class Part:
    """A text that is shown whole or not at all; the lowest ``priority`` goes first when cells are short.

    A text that may be cut (a name, a sentence, never a number) says to how many cells: ``shrink_to``.
    """

    text: str
    tone: Tone = ""
    priority: int = 0
    shrink_to: int | None = None

    @property
    def least(self) -> int:
        """The fewest cells the part can do with."""
        width = cell_width(self.text)
        return width if self.shrink_to is None else min(width, self.shrink_to)


class Placed(NamedTuple):
    """A text where it stands: its first cell, its tone."""

    x: int
    text: str
    tone: Tone


def place(left: Sequence[Part], right: Sequence[Part], width: int, *, gap: int) -> tuple[Placed, ...]:
    """Place the parts in ``width`` cells, ``gap`` apart, dropping the least important ones that don't fit."""
    parts = [*left, *right]
    kept = _kept(parts, width, gap)
    spare = width - _least(parts, kept, gap)
    texts: dict[int, str] = {}
    for index in kept:
        extra = min(spare, cell_width(parts[index].text) - parts[index].least)
        texts[index] = cut_middle(parts[index].text, parts[index].least + extra)
        spare -= extra
    first_at_right = next((index for index in kept if index >= len(left)), None)
    placed, x = [], 0
    for index, text in texts.items():
        x += spare if index == first_at_right else 0
        placed.append(Placed(x, text, parts[index].tone))
        x += cell_width(text) + gap
    return tuple(placed)


def _kept(parts: Sequence[Part], width: int, gap: int) -> list[int]:
    kept = list(range(len(parts)))
    while kept and _least(parts, kept, gap) > width:
        kept.remove(min(reversed(kept), key=lambda index: parts[index].priority))
    return kept


def _least(parts: Sequence[Part], kept: Sequence[int], gap: int) -> int:
    """The fewest cells in which these parts fit beside one another."""
    return sum(parts[index].least for index in kept) + gap * max(0, len(kept) - 1)


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
    def text(self) -> str:
        """The line as it stands, without trailing blanks."""
        return self.render_line(0).text.rstrip()

    def set_parts(self, left: Sequence[Part] = (), right: Sequence[Part] = ()) -> None:
        """Show these parts; only those that changed, or moved, are repainted."""
        if (tuple(left), tuple(right)) == (self._left, self._right):
            return
        self._left, self._right = tuple(left), tuple(right)
        before = set(self._placed)
        self._place()
        for changed in before ^ set(self._placed):
            self.refresh(Region(self._margin + changed.x, 0, cell_width(changed.text), 1))

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
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _style(self, tone: Tone) -> Style:
        return self.get_component_rich_style(f"statusline--{tone}") if tone else self.rich_style

    def _place(self) -> None:
        self._placed_width = self.size.width
        width = max(0, self.size.width - 2 * self._margin)
        self._placed = place(self._left, self._right, width, gap=self._gap)
