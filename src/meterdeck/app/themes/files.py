"""A user's theme: a file of TOML with Textual's fields of a theme, every value checked before the screen takes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

from meterdeck.config.document import Document, Names
from meterdeck.config.settings import kind, near, shown, text
from meterdeck.domain.errors import UsageError

COLOURS = (
    "primary", "secondary", "warning", "error", "success", "accent",
    "foreground", "background", "surface", "panel", "boost",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_VARIABLE = re.compile(r"[a-z0-9-]{1,64}")
_ALPHA = re.compile(r"(?P<colour>.*?)(?: +(?P<percent>\d{1,3})%)?")
_STYLES = {"none", "bold", "italic", "underline", "reverse", "dim", "strike", "not"}

Check = Callable[[Any], object]


def read_theme(path: Path) -> Theme:
    """Read a file; raises `UsageError` with file, line and reason."""
    document = Document.read(path, required=True, what="theme file")
    fields: dict[str, Any] = {"name": path.stem}
    for name, value in document.content.items():
        if name == "variables":
            fields[name] = _variables(document, value)
        elif name in _FIELDS:
            fields[name] = _checked(document, (name,), value, _FIELDS[name])
        else:
            known = (*_FIELDS, "variables")
            raise UsageError(
                f"{document.at((name,))}: a theme has no {shown(name)}{near(name, known)}.",
                next=f"Known: {', '.join(known)}.",
            )
    if not _NAME.fullmatch(fields["name"]):
        raise UsageError(
            f"{path}: name may hold only letters, digits, . - and _; the file's own will not do."
        )
    if "primary" not in fields:
        raise UsageError(f'{path}: a theme needs a primary colour at least, such as primary = "#56a5dc".')
    return Theme(**fields)


def _variables(document: Document, table: object) -> Mapping[str, str]:
    if not isinstance(table, dict):
        raise UsageError(f"{document.at(('variables',))}: variables must be a table: [variables].")
    variables = {}
    for name, value in table.items():
        names = ("variables", name)
        if not _VARIABLE.fullmatch(name):
            raise UsageError(
                f"{document.at(names)}: {shown(name)} is no name of a variable, such as text-muted."
            )
        check = _text_style if name.endswith("-style") else _shade
        variables[name] = _checked(document, names, value, check)
    return variables


def _checked(document: Document, names: Names, value: object, check: Callable[[Any], Any]) -> Any:
    try:
        return check(value)
    except ValueError as error:
        raise UsageError(f"{document.at(names)}: {names[-1]} {str(error).rstrip('.')}.") from None


def _theme_name(value: object) -> str:
    if not _NAME.fullmatch(text(value)):
        raise ValueError("may hold only letters, digits, . - and _, and begins with a letter or digit")
    return text(value)


def _colour(value: object) -> str:
    try:
        Color.parse(text(value))
    except ColorParseError:
        raise ValueError('must be a colour, such as "#56a5dc" or "ansi_cyan"') from None
    return text(value)


def _shade(value: object) -> str:
    """A colour, or `auto`, and how much of it: ``auto 60%``."""
    parts = _ALPHA.fullmatch(text(value))
    if parts is None or int(parts["percent"] or 0) > 100:
        raise ValueError('must be a colour, such as "#56a5dc", "#56a5dc 50%" or "auto 60%"')
    if parts["colour"] != "auto":
        _colour(parts["colour"])
    return text(value)


def _text_style(value: object) -> str:
    if not set(text(value).split()) <= _STYLES:
        raise ValueError(f"must be words of {', '.join(sorted(_STYLES))}")
    return text(value)


def _flag(value: object) -> bool:
    if type(value) is not bool:
        raise ValueError(f"must be true or false, not {kind(value)}")
    return value


def _share(value: object) -> float:
    if type(value) not in {int, float} or not 0 <= value <= 1:  # type: ignore[operator] # it is a number by now
        raise ValueError("must be a number between 0 and 1")
    return float(value)  # type: ignore[arg-type]


_FIELDS: Mapping[str, Check] = {
    "name": _theme_name,
    "dark": _flag,
    "ansi": _flag,
    **dict.fromkeys(COLOURS, _colour),
    "luminosity_spread": _share,
    "text_alpha": _share,
}
