"""The configuration file as it is written: every setting with its line, nothing yet believed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from meterdeck.domain.errors import UsageError

Names = tuple[str, ...]
"""The way to a setting; the third table of a list of tables is ``"2"`` under the list's name."""
LARGEST_FILE = 64 * 1024
_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class Document:
    """A file of TOML; `line` finds where a setting stands, when somebody wants to know."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._text = text
        self._lines: dict[Names, int] | None = None
        self.content: Mapping[str, Any] = _parsed(path, text)

    @classmethod
    def read(cls, path: Path, *, required: bool, what: str = "configuration file") -> Document:
        """Read a file; one that need not exist is empty if it does not. Raises `UsageError`."""
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST_FILE + 1)
            if len(content) > LARGEST_FILE:
                raise UsageError(f"The {what} {path} is far too long.")
            return cls(path, content.decode("utf-8-sig"))
        except FileNotFoundError:
            if not required:
                return cls(path, "")
            raise UsageError(
                f"There is no configuration file {path}.", next="meterdeck config init writes one."
            ) from None
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise UsageError(f"{path}:{line}: this is no UTF-8 text.") from None
        except OSError as error:
            raise UsageError(f"The {what} {path} can't be read: {error.strerror}.") from None

    def line(self, names: Names) -> int:
        """The line on which a setting or a table begins."""
        if self._lines is None:
            self._lines = dict(_numbered(self._text))
        return self._lines.get(names, 1)

    def at(self, names: Names) -> str:
        """The place of a setting, as editors read it."""
        return f"{self.path}:{self.line(names)}"


def _parsed(path: Path, text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        position = _POSITION.search(said)
        line = int(position[1]) if position and position[1] else max(1, len(text.splitlines()))
        reason = said[: position.start()] if position else said
    except RecursionError:
        line, reason = 1, "nested too deeply"
    raise UsageError(f"{path}:{line}: this is no TOML: {reason[:1].lower()}{reason[1:]}.")


def _numbered(text: str) -> Iterator[tuple[Names, int]]:
    """Each name of a valid document and the line of the statement that sets it.

    A statement ends with the first line up to which it is TOML by itself, so the parser decides, not a pattern.
    """
    table: Names = ()
    lists: dict[Names, int] = {}
    statement, first = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        if not statement:
            first = number
            if not line.strip() or line.lstrip().startswith("#"):
                continue
        statement += line + "\n"
        try:
            said = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if statement.lstrip().startswith("["):
            table = _table(said, lists)
            yield table, first
        else:
            yield from ((table + names, first) for names in _names(said))
        statement = ""


def _table(said: Mapping[str, Any], lists: dict[Names, int]) -> Names:
    """The way to the table that a heading opens; ``lists`` counts the tables of each ``[[list]]`` so far."""
    way: Names = ()
    rest: Any = said
    while rest:
        name, rest = next(iter(rest.items()))
        way = (*way, name)
        if isinstance(rest, list):
            lists[way] = lists.get(way, -1) + 1
            rest = rest[0]
        if way in lists:
            way = (*way, str(lists[way]))
    return way


def _names(content: Mapping[str, Any], above: Names = ()) -> Iterator[Names]:
    for name, value in content.items():
        yield (*above, name)
        for at, item in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(item, dict):
                yield from _names(
                    item, (*above, name, str(at)) if isinstance(value, list) else (*above, name)
                )
