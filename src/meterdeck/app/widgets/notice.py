"""The line above the footer: what is to be said for as long as it is true."""

from __future__ import annotations

from textual.widgets import Static

from meterdeck.app.widgets.spelling import is_ascii, said
from meterdeck.present.wrapping import in_lines

_MOST_LINES = 3
_PADDING = 2


class Notice(Static):
    """Takes as many lines as it needs, up to three; says by its last sign that there is more where it is cut.

    The first line of the screen is never its own: there stand the figures.
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's names
        super().__init__("", id=id, markup=False)
        self._words: str | None = None

    def say(self, words: str | None) -> None:
        """Say this, or nothing."""
        if words != self._words:
            self._words = words
            self.fit()

    def fit(self) -> None:
        """Take the lines that the screen has room for."""
        size = self.screen.size
        width = size.width - _PADDING - is_ascii(self)  # there the sign that words are cut takes a cell more
        words = in_lines(said(self, self._words or ""), width, min(_MOST_LINES, size.height - 1))
        self.set_class(bool(words), "-shown")
        self.update(said(self, words))
