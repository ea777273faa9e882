"""What every pane is: a title line over content, or over words that say why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.spelling import said
from meterdeck.present.empty import LOADING
from meterdeck.present.parts import Part
from meterdeck.queries.deck import Deck

_FOCUSED, _BLURRED = "▌", " "


class Pane(Vertical):
    """A title line over content. Focus is shown by the title's colour and by a mark before it."""

    name_shown: ClassVar[str]

    def __init__(self, number: int, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes="pane -empty")
        self._number = number
        self._deck: Deck | None = None
        self.is_zoomed = False
        """Whether it has the screen for itself, and says more."""
        self._title: tuple[Sequence[Part], Sequence[Part]] = ([Part(self.name_shown, "accent")], [])

    def on_mount(self) -> None:
        """Show the name while there is nothing else to show."""
        self._show_title()

    def compose(self) -> ComposeResult:
        """Lay out the title, the content and the words for when there is none."""
        yield StatusLine(classes="pane-title", margin=0)
        yield from self.compose_content()
        yield Static(said(self, LOADING), classes="pane-words", markup=False)

    def compose_content(self) -> ComposeResult:
        """Lay out what the pane is for."""
        raise NotImplementedError

    def show(self, deck: Deck) -> None:
        """Show a deck; called again with the same one after a resize."""
        self._deck = deck
        self.draw(deck)

    def draw(self, deck: Deck) -> None:
        """Fill the content."""
        raise NotImplementedError

    def zoom(self, *, zoomed: bool) -> None:
        """Say more, or as much as before."""
        self.is_zoomed = zoomed
        if self._deck is not None:
            self.draw(self._deck)

    def focus_content(self) -> None:
        """Give the keyboard to the pane."""
        self.query_one(".pane-content").focus()

    def on_resize(self) -> None:
        """Fit the content to the new width."""
        if self._deck is not None:
            self.draw(self._deck)

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Mark the title."""
        self._show_title()

    def on_descendant_blur(self, _: events.DescendantBlur) -> None:
        """Take the mark away."""
        self._show_title()

    def set_title(self, left: Sequence[Part], right: Sequence[Part]) -> None:
        """Show a title."""
        self._title = (left, right)
        self._show_title()

    def set_words(self, words: str | None) -> None:
        """Show words in the place of the content, or the content."""
        self.set_class(words is not None, "-empty")
        label = self.query_one(".pane-words", Static)
        if words is not None and str(label.content) != (shown := said(self, words)):
            label.update(shown)

    def _show_title(self) -> None:
        left, right = self._title
        mark = _FOCUSED if self.has_focus_within else _BLURRED
        self.query_one(".pane-title", StatusLine).set_parts(
            [Part(f"{mark}{self._number}", "accent", 99), *left], right
        )
