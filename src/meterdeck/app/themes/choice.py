"""Which theme a terminal gets: what the user wants, as far as the terminal can show it."""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import Theme

from meterdeck.app.themes.own import DARK, LIGHT, SIXTEEN_DARK, SIXTEEN_LIGHT

AUTO = "auto"
"""Ours: dark, or light where the terminal says that its background is (COLORFGBG)."""

_SIXTEEN_COLOURS = ("linux", "screen", "vt100", "xterm", "ansi")
_LIGHT_BACKGROUNDS = {"7", "15"}
"""White, and the brighter one, of a terminal's sixteen colours."""


def has_few_colours(environment: Mapping[str, str]) -> bool:
    """Whether the terminal has sixteen colours at most, or none are wanted (https://no-color.org)."""
    if environment.get("NO_COLOR"):
        return True
    has_more = environment.get("COLORTERM", "") in {"truecolor", "24bit"}
    return environment.get("TERM", "") in _SIXTEEN_COLOURS and not has_more


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
