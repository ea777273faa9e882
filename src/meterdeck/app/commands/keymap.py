"""Keys of the user's own: which can't be, and why."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import NamedTuple

from meterdeck.app.commands.keynames import label, read, types
from meterdeck.app.commands.model import Command, Where
from meterdeck.app.commands.registry import REGISTRY, Registry
from meterdeck.domain.errors import UsageError

NEVER = frozenset({"left_square_bracket", "O", "A", "B", "C", "D"})
"""What is left of an arrow key when a slow line cuts its escape sequence in two (`ESC [ A`, `ESC O A`)."""
_OF_THE_TERMINAL = {
    "ctrl+c": "it quits from anywhere",
    "ctrl+q": "it quits from anywhere",
    "ctrl+z": "it leaves for the shell",
    "ctrl+i": "terminals can't tell it from Tab",
    "ctrl+m": "terminals can't tell it from Enter",
    "ctrl+j": "terminals can't tell it from Enter",
    "ctrl+h": "terminals can't tell it from Backspace",
    "ctrl+left_square_bracket": "terminals can't tell it from Escape",
}
_FIXED = "app.interrupt"


class Wish(NamedTuple):
    """The keys that a command should have, as they are written, and where that stands (file:line)."""

    keys: tuple[str, ...]
    place: str


def with_wishes(wishes: Mapping[str, Wish]) -> Registry:
    """The commands with the user's keys; raises `UsageError` with the place and the reason for any that can't be."""
    keymap = {command_id: _keys(_command(command_id, wish), wish) for command_id, wish in wishes.items()}
    changed = REGISTRY.with_keys(keymap)
    for command_id, wish in wishes.items():
        _check_free(changed, changed.of(command_id), wish.place)
    return changed


def _command(command_id: str, wish: Wish) -> Command:
    known = {command.id: command for command in REGISTRY.commands if command.keys and command.id != _FIXED}
    if command_id in known:
        return known[command_id]
    keyless = {command.id: command for command in REGISTRY.commands if not command.keys}
    if command_id in keyless:
        reason = f"{command_id} has no key to change; it is {keyless[command_id].usage}."
    elif command_id == _FIXED:
        reason = f"{_FIXED} stays as it is: it is the way out from anywhere."
    else:
        near = difflib.get_close_matches(command_id, known, n=1)
        guess = f" (did you mean {near[0]}?)" if near else ""
        reason = f"there is no command {command_id[:64]!a}{guess}."
    raise UsageError(f"{wish.place}: {reason}", next="meterdeck keys --format json lists them all.")


def _keys(command: Command, wish: Wish) -> tuple[str, ...]:
    keys = []
    for written in wish.keys:
        try:
            key = read(written)
            _check_possible(command, key)
        except ValueError as error:
            raise UsageError(f"{wish.place}: {command.id}: {written[:32]!a} {error}.") from None
        if key not in keys:
            keys.append(key)
    return tuple(keys)


def _check_possible(command: Command, key: str) -> None:
    if key in NEVER:
        raise ValueError("can't be a key: it is what is left of an arrow key that a slow line cuts in two")
    if key in _OF_THE_TERMINAL:
        raise ValueError(f"can't be a key: {_OF_THE_TERMINAL[key]}")
    if command.where.is_typed_in and types(key) and key not in command.keys:
        raise ValueError(f"can't be a key there: it is typed in the {command.where}")


def _check_free(registry: Registry, command: Command, place: str) -> None:
    """Refuse a key that another command has where this one is reached."""
    others = [
        other for other in registry.commands if other.id != command.id and _meet(command.where, other.where)
    ]
    for key in command.keys:
        taken = next((other for other in others if key in other.keys), None)
        if taken is not None:
            raise UsageError(
                f"{place}: {label(key)} can't be the key of {command.id}: it is that of {taken.id} ({taken.title}).",
                next=f"Give {taken.id} another key, or choose another one.",
            )


def _meet(one: Where, other: Where) -> bool:
    """Whether a key could mean both of two places."""
    return one is other or (Where.EVERYWHERE in {one, other} and not (one.is_alone or other.is_alone))
