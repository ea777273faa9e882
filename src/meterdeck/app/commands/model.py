"""What a command is: its keys, its word behind ``:``, what it takes, and where it lives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum


class Where(StrEnum):
    """The screen on which a command lives."""

    EVERYWHERE = "everywhere"
    DECK = "deck"
    LINE = "command line"
    FILTER = "filter"
    COMPARE = "compare"
    EXPORT = "export"
    DAY = "day"
    NO_KEY = "no key"
    UNKNOWN_KEY = "unknown key"
    PICKER = "picker"
    HELP = "help"

    @property
    def is_typed_in(self) -> bool:
        """Whether letters go into a field there, and nowhere else."""
        return self in {Where.LINE, Where.PICKER, Where.FILTER}

    @property
    def is_alone(self) -> bool:
        """Whether the commands of everywhere are out of reach there."""
        return self.is_typed_in or self is Where.HELP


class Argument(Enum):
    """What a command takes behind its word; the value stands for it in a list of commands."""

    WORKSPACE = "WORKSPACE"
    MODEL = "MODEL"
    API_KEY = "KEY"
    DIMENSION = "DIMENSION"
    SPAN = "LENGTH"
    MOMENT = "TIME"
    PANE = "PANE"
    THEME = "THEME"
    CHART = "FORM"
    PROFILE = "PROFILE"
    VIEW = "VIEW"
    VIEW_NAME = "NAME"


@dataclass(frozen=True, slots=True)
class Takes:
    """An argument and the deck's method that is called with its text; it raises `UsageError` for one that can't be."""

    argument: Argument
    method: str
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a user can do. ``keys`` are in Textual's names, the first is shown; ``footer`` is its short word.

    ``name`` is its word behind ``:``. A command that needs what it ``takes`` has no ``action``.
    """

    id: str
    keys: tuple[str, ...]
    action: str
    title: str
    where: Where
    footer: str = ""
    shown_key: str = ""
    priority: bool = False
    name: str = ""
    takes: Takes | None = None
    panes: tuple[str, ...] = ()
    """The panes that give it a meaning of its own; in the others it means nothing or the same as anywhere."""
    needs_rows: bool = False
    """Whether it means what the deck shows: it waits while that is still of another scope."""
    stays: bool = False
    """Whether it stays in the footer to the last."""

    @property
    def key_label(self) -> str:
        """The key as a person writes it; empty where there is none."""
        return self.shown_key or (self.keys[0] if self.keys else "")

    @property
    def usage(self) -> str:
        """``:since TIME``; empty for a command without a word."""
        if not self.name:
            return ""
        if self.takes is None:
            return f":{self.name}"
        value = self.takes.argument.value
        return f":{self.name} {value if self.takes.is_required else f'[{value}]'}"


@dataclass(frozen=True, slots=True)
class Group:
    """Commands under one heading of the help."""

    title: str
    commands: tuple[Command, ...]
