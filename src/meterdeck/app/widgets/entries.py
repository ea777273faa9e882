"""Entries of a list, each a head and a text, whose further lines begin under the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.geometry import Size
from textual.widgets import Static

from meterdeck.app.widgets.spelling import said
from meterdeck.present.names import pad
from meterdeck.present.wrapping import hanging

_FEWEST_CELLS = 24
"""Of a text; with fewer the word beside the head stands before the text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands at the left, a word beside it, and what there is to say."""

    head: str
    text: str
    word: str = ""


class Entries(Static):
    """A list in columns that fit the width."""

    def __init__(self, entries: Sequence[Entry], *, head_cells: int, word_cells: int = 0) -> None:
        super().__init__(markup=False)
        self._entries = entries
        self._head_cells = head_cells
        self._word_cells = word_cells

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """As many lines as the width makes of it."""
        return len(self._lines(width))

    def render(self) -> str:
        """The lines."""
        return "\n".join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[str]:
        indent = self._head_cells + self._word_cells
        stands_apart = width - indent >= _FEWEST_CELLS
        lines: list[str] = []
        for entry in self._entries:
            head, word, text = (said(self, words) for words in (entry.head, entry.word, entry.text))
            if stands_apart:
                lines += hanging(pad(head, self._head_cells) + word, text, indent, width)
            else:
                lines += hanging(head, f"{word}  {text}".strip(), self._head_cells, width)
        return lines
