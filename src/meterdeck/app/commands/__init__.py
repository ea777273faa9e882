"""The command registry: every key a user can press, and every word behind ``:``.

Bindings, footer, help, command line, palette, `meterdeck keys` and the README's table derive from it. It is data without Textual,
which is loaded when the first screen asks for its bindings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from meterdeck.app.commands.model import Argument, Command, Group, Takes, Where
from meterdeck.app.commands.registry import REGISTRY, Registry, registry_of

if TYPE_CHECKING:
    from textual.binding import BindingType

__all__ = [
    "COMMANDS", "REGISTRY", "Argument", "Command", "Group", "Registry", "Takes", "Where",
    "bindings_of", "commands_on", "footer_of", "registry_of",
]  # fmt: skip

COMMANDS = REGISTRY.commands


def commands_on(where: Where) -> tuple[Command, ...]:
    """The commands of one screen, without those of everywhere."""
    return REGISTRY.on(where)


def footer_of(where: Where) -> tuple[Command, ...]:
    """The commands whose keys the footer shows."""
    return REGISTRY.footer_of(where)


def bindings_of(where: Where) -> list[BindingType]:
    """Textual's bindings for one screen (or, for everywhere, for the app). Keys of the user's come over them."""
    from textual.binding import Binding

    return [
        Binding(
            ",".join(command.keys),
            command.action,
            command.title,
            id=command.id,
            show=False,
            tooltip=command.title,
            priority=command.priority,
        )
        for command in commands_on(where)
        if command.keys
    ]
