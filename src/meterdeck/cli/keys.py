"""`meterdeck keys`: every command of the deck with its keys, the user's own among them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable

from meterdeck import config, paths
from meterdeck.app.commands import Command, Group, Registry
from meterdeck.cli import keymap
from meterdeck.present.names import cell_width, pad


def run(arguments: argparse.Namespace) -> int:
    """Print them; return 0."""
    settings = config.load(
        arguments.config or paths.default_config(),
        required=arguments.config is not None,
        profile=arguments.profile,
        base_url=arguments.base_url,
    )
    print(FORMATS[arguments.format](keymap.registry_of(settings)))
    return 0


def table(registry: Registry) -> str:
    """Columns under headings, as in the help."""
    keys = max(cell_width(command.key_label) for command in registry.commands) + 2
    usages = max(cell_width(command.usage) for command in registry.commands) + 2

    def line(command: Command) -> str:
        return f"  {pad(command.key_label, keys)}{pad(command.usage, usages)}{command.title}"

    return "\n\n".join("\n".join([group.title, *map(line, group.commands)]) for group in registry.groups)


def markdown(registry: Registry, groups: Iterable[Group] | None = None) -> str:
    """One table; each heading is a row."""
    lines = ["| key | command | does |", "| --- | --- | --- |"]
    for group in groups or registry.groups:
        lines.append(f"| **{group.title}** | | |")
        lines += [
            f"| {_code(command.key_label)} | {_code(command.usage)} | {command.title} |"
            for command in group.commands
        ]
    return "\n".join(lines)


def document(registry: Registry) -> str:
    """A list of commands, each with its id, which the configuration's keys are given to."""
    commands = [
        {
            "id": command.id,
            "keys": list(command.keys),
            "shown_as": command.key_label,
            "name": command.name or None,
            "argument": command.takes.argument.value if command.takes else None,
            "does": command.title,
            "where": command.where.value,
            "group": group.title,
            "is_changed": command.id in registry.keymap,
        }
        for group in registry.groups
        for command in group.commands
    ]
    return json.dumps({"commands": commands}, indent=2, ensure_ascii=False)


FORMATS = {"table": table, "markdown": markdown, "json": document}


def _code(text: str) -> str:
    """Text that a table of Markdown shows as it is."""
    return " ".join(f"`{word}`" for word in [text.replace("|", r"\|")] if word)
