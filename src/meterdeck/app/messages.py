"""Messages between workers, screens and the app: small frozen facts."""

from __future__ import annotations

from textual.message import Message

from meterdeck.config.views import View
from meterdeck.domain.scope import Scope
from meterdeck.queries.day_lines import DayLines
from meterdeck.queries.deck import Deck


class StoreChanged(Message):
    """The store says something new; floods of it are one."""

    def can_replace(self, message: Message) -> bool:
        """Let a newer one stand for this."""
        return isinstance(message, StoreChanged)


class DeckLoaded(Message):
    """A deck was read; ``generation`` tells whether a newer question was asked since.

    ``more`` says that the same deck comes once more, when the past hours for its outlook are read.
    """

    def __init__(self, deck: Deck, generation: int, *, more: bool = False) -> None:
        super().__init__()
        self.deck = deck
        self.generation = generation
        self.more = more


class DeckFailed(Message):
    """The store could not be read."""

    def __init__(self, sentence: str, generation: int) -> None:
        super().__init__()
        self.sentence = sentence
        self.generation = generation


class ViewFound(Message):
    """The members of a saved view were found."""

    def __init__(self, view: View, scope: Scope) -> None:
        super().__init__()
        self.view = view
        self.scope = scope


class DayLoaded(Message):
    """The lines of a day's bill were read."""

    def __init__(self, lines: DayLines) -> None:
        super().__init__()
        self.lines = lines


class DayFailed(Message):
    """The lines could not be read."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence
