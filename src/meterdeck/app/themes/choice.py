"""Which theme a terminal gets: what the user wants, as far as the terminal can show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from rich.console import Console
from textual.theme import Theme

from meterdeck.app.themes.own import DARK, LIGHT, SIXTEEN_DARK, SIXTEEN_LIGHT

AUTO = "auto"
"""Ours: dark, or light where the terminal says that its background is (COLORFGBG)."""

_MANY_COLOURS = ("256", "truecolor")
"""What Rich calls the ways to send colours that can tell all of ours apart."""
_LIGHT_BACKGROUNDS = {"7", "15"}
"""White, and the brighter one, of a terminal's sixteen colours."""


def has_few_colours(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is sent sixteen colours at most, or none are wanted (https://no-color.org)."""
    return bool(environment.get("NO_COLOR")) or _colours_sent(environment) not in _MANY_COLOURS


def _colours_sent(environment: Mapping[str, str]) -> str | None:
    """What Textual will send: it asks Rich, whose rules no list of terminals would keep up with."""
    wanted = cast("Literal['auto']", environment.get("TEXTUAL_COLOR_SYSTEM", "auto"))
    console = Console(color_system=wanted, force_terminal=True, legacy_windows=False, _environ=environment)
    return console.color_system


def choose(wanted: Theme | None, environment: Mapping[str, str]) -> Theme:
    """The theme that is wanted (None: ours); where there are few colours, one that is made of them."""
    is_dark = wanted.dark if wanted else not _has_light_background(environment)
    if has_few_colours(environment):
        if wanted is not None and wanted.ansi:
            return wanted
        return SIXTEEN_DARK if is_dark else SIXTEEN_LIGHT
    return wanted or (DARK if is_dark else LIGHT)


def _has_light_background(environment: Mapping[str, str]) -> bool:
    """Whether the terminal says so: ``0;15`` is black on white, some put a third number in between."""
    return environment.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_BACKGROUNDS
