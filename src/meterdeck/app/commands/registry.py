"""All commands at once: found by place and by name, and with keys of the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from meterdeck.app.commands.asking import ASKING
from meterdeck.app.commands.keynames import label
from meterdeck.app.commands.model import Command, Group, Where
from meterdeck.app.commands.moving import MOVING
from meterdeck.app.commands.rows import COMPARE, FILTER, ROWS
from meterdeck.app.commands.scoping import SCOPING
from meterdeck.app.commands.screens import DAY, HELP, LINE, PICKER, WITHOUT_FIGURES
from meterdeck.app.commands.taking import EXPORT, TAKING
from meterdeck.app.commands.timing import TIMING


@dataclass(frozen=True)
class Registry:
    """Every command there is, under the headings of the help; ``keymap`` holds the keys that a user changed."""

    groups: tuple[Group, ...]
    keymap: Mapping[str, tuple[str, ...]]

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """All of them, in the order of the help."""
        return tuple(command for group in self.groups for command in group.commands)

    def on(self, where: Where) -> tuple[Command, ...]:
        """The commands of one screen, without those of everywhere."""
        return tuple(command for command in self.commands if command.where is where)

    def reachable(self, where: Where) -> tuple[Command, ...]:
        """The commands of one screen and, unless it stands alone, those of everywhere."""
        return (*self.on(where), *(() if where.is_alone else self.on(Where.EVERYWHERE)))

    def footer_of(self, where: Where) -> tuple[Command, ...]:
        """The commands whose keys the footer shows: the most useful first, and last what leads to all the others."""
        own = [command for command in self.on(where) if command.footer and command.keys]
        others = [c for c in self.reachable(where) if c.where is not where and c.footer and c.keys]
        return (*sorted(own, key=lambda command: command.stays), *others)

    def of(self, command_id: str) -> Command:
        """The command of an id; raises `KeyError` where there is none."""
        return self._by_id[command_id]

    def with_keys(self, keymap: Mapping[str, tuple[str, ...]]) -> Registry:
        """The same commands with other keys, in Textual's names."""

        def changed(command: Command) -> Command:
            keys = keymap.get(command.id)
            if keys is None:
                return command
            return replace(command, keys=keys, shown_key=" ".join(label(key) for key in keys))

        groups = (replace(group, commands=tuple(map(changed, group.commands))) for group in self.groups)
        return Registry(tuple(groups), keymap)

    @cached_property
    def _by_id(self) -> dict[str, Command]:
        return {command.id: command for command in self.commands}


REGISTRY = Registry(
    (
        Group("Scope", SCOPING),
        Group("Time", TIMING),
        Group("Rows", ROWS),
        Group("Moving", MOVING),
        Group("Take with you", TAKING),
        Group("Commands", ASKING),
        Group("On the command line", LINE),
        Group("While a filter is typed", FILTER),
        Group("In a comparison", COMPARE),
        Group("In the lines of a day", DAY),
        Group("In the choice of a form to export in", EXPORT),
        Group("In the picker", PICKER),
        Group("Before there are figures", WITHOUT_FIGURES),
        Group("In the help", HELP),
    ),
    {},
)


def registry_of(app: object) -> Registry:
    """An app's commands, with its user's keys."""
    found = getattr(app, "registry", REGISTRY)
    return found if isinstance(found, Registry) else REGISTRY
