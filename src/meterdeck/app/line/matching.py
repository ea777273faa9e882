"""Which commands a word means: by its name on the command line, by any of its words in the palette."""

from __future__ import annotations

from collections.abc import Iterable

from meterdeck.app.commands import Command


def named(commands: Iterable[Command], word: str) -> Command | None:
    """The command of exactly this name."""
    return next((command for command in commands if command.name == word.casefold()), None)


def found_by(commands: Iterable[Command], typed: str, *, anywhere: bool) -> list[Command]:
    """The commands that were meant, likeliest first: by the beginning of the name, by a part of it, by what it does.

    Beyond the name, every word that was typed must be found; the palette (``anywhere``) also takes letters that stand
    in a name in their order (``prp`` for ``previous-pane``).
    """
    words = typed.casefold().removeprefix(":").split()
    ranked = [
        (rank, command) for command in commands if (rank := _rank(command, words, anywhere)) is not None
    ]
    return [command for _, command in sorted(ranked, key=lambda each: each[0])]


def _rank(command: Command, words: list[str], anywhere: bool) -> int | None:  # noqa: FBT001 - passed on
    if not words:
        return 0
    if command.name.startswith(words[0]) and len(words) == 1:
        return 1
    if words[0] in command.name and len(words) == 1:
        return 2
    text = f"{command.name} {command.title}".casefold()
    if all(word in text for word in words):
        return 3
    return 4 if anywhere and len(words) == 1 and _holds_in_order(command.name, words[0]) else None


def _holds_in_order(name: str, letters: str) -> bool:
    rest = iter(name)
    return all(letter in rest for letter in letters)
