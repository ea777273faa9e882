"""The keys of the configuration: a table of commands, each with a key or a list of keys, as they are written.

Which commands there are, and which keys can be, the deck's registry says; here they are text with a place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meterdeck.config import settings
from meterdeck.config.document import Document, Names
from meterdeck.domain.errors import UsageError

SETTING = "keys"


def checked(document: Document, value: object) -> dict[str, tuple[tuple[str, ...], str]]:
    """The keys of each command, with the place where they are set; raises `UsageError` with file, line and reason.

    A command's id may stand in quotes or not: without them TOML takes its point for a table in a table.
    """
    if type(value) is not dict:
        raise UsageError(f"{document.at((SETTING,))}: {SETTING} must be a table: [{SETTING}].")
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for names, keys in _flat(value, (SETTING,)):
        command, place = ".".join(names[1:]), document.at(names)
        if command in found:
            raise UsageError(f"{place}: {command} is set twice, first at {found[command][1]}.")
        try:
            found[command] = _keys(keys), place
        except ValueError as error:
            raise UsageError(f"{place}: {command} {error}.") from None
    return found


def _flat(table: Mapping[str, Any], above: Names) -> Iterator[tuple[Names, object]]:
    for name, value in table.items():
        if type(value) is dict:
            yield from _flat(value, (*above, name))
        else:
            yield (*above, name), value


def _keys(value: object) -> tuple[str, ...]:
    if type(value) is str:
        return (_key(value),)
    if type(value) is not list or not value:
        raise ValueError(f'must be a key such as "T", or a list of keys, not {settings.kind(value)}')
    return tuple(_key(each) for each in value)


def _key(value: object) -> str:
    return " " if value == " " else settings.text(value)
