"""The line above the footer: what is to be said for as long as it is true."""

from __future__ import annotations

from textual.widgets import Static

from meterdeck.app.widgets.spelling import is_ascii, said
from meterdeck.present.names import cell_width
from meterdeck.present.wrapping import in_lines

Words = str | tuple[str, ...]
"""What is to be said; or the same in ever fewer words, of which one line is enough where lines are few."""

_MOST_LINES = 3
_LOW = 19
"""A screen of fewer lines has one for what can be said in fewer words."""
_PADDING = 2


class Notice(Static):
    """Takes as many lines as it needs, up to three; says by its last sign that there is more where it is cut.

    On a low screen it takes one, for what can be said in fewer words.

    The first line of the screen is never its own: there stand the figures.
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's names
        super().__init__("", id=id, markup=False)
        self._words: Words | None = None

    def say(self, words: Words | None) -> None:
        """Say this, or nothing."""
        if words != self._words:
            self._words = words
            self.fit()

    def fit(self) -> None:
        """Take the lines that the screen has room for."""
        size = self.screen.size
        # In ASCII the sign that words are cut takes a cell more.
        width, most = size.width - _PADDING - is_ascii(self), min(_MOST_LINES, size.height - 1)
        words = self._words or ""
        if not isinstance(words, str):
            full, fewest = words[0], words[-1]
            most = 1 if size.height < _LOW else most
            words = next((way for way in words if cell_width(way) <= width), fewest) if most == 1 else full
        lines = in_lines(said(self, words), width, most)
        self.set_class(bool(lines), "-shown")
        self.update(said(self, lines))
