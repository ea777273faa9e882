"""Our two themes, and which theme a terminal gets. Everything else speaks in theme variables."""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import Theme

DARK = Theme(
    name="meterdeck-dark",
    primary="#5fafd7",
    secondary="#d7af5f",
    accent="#87d7af",
    warning="#ffaf5f",
    error="#ff8787",
    success="#87d787",
    foreground="#d7dae0",
    background="#16181d",
    surface="#1c1f26",
    panel="#262a33",
    dark=True,
    variables={"block-cursor-background": "#2f4b63", "block-cursor-foreground": "#ffffff"},
)
LIGHT = Theme(
    name="meterdeck-light",
    primary="#005f87",
    secondary="#875f00",
    accent="#005f5f",
    warning="#af5f00",
    error="#af0000",
    success="#005f00",
    foreground="#1c1f26",
    background="#fbfbf8",
    surface="#f1f1ec",
    panel="#e4e4de",
    dark=False,
    variables={"block-cursor-background": "#b8d4e3", "block-cursor-foreground": "#000000"},
)
ANSI = "ansi-dark"
"""Sixteen colours and none: the terminal's own (see NO_COLOR, https://no-color.org)."""

_SIXTEEN_COLOURS = ("linux", "screen", "vt100", "xterm", "ansi")


def theme_for(environment: Mapping[str, str]) -> str:
    """The name of the theme that a terminal can show."""
    if environment.get("NO_COLOR"):
        return ANSI
    has_more = environment.get("COLORTERM", "") in {"truecolor", "24bit"}
    if environment.get("TERM", "") in _SIXTEEN_COLOURS and not has_more:
        return ANSI
    return DARK.name


_SERIES = {
    # Five members from the bottom up, and all others; the terminal's own colours where it has but sixteen.
    "dark": ("#5f9fd7", "#d7a05f", "#6fc3a1", "#b48fd9", "#d98794", "#7c8494"),
    "light": ("#2f76ad", "#b8741a", "#2f8f68", "#7d55ad", "#b04a5c", "#8a8f99"),
    "ansi": ("ansi_blue", "ansi_yellow", "ansi_green", "ansi_magenta", "ansi_cyan", "ansi_white"),
}


def series_colours(theme: Theme) -> dict[str, str]:
    """The variables ``series-1`` to ``series-6`` for a theme that has none of its own."""
    colours = _SERIES["ansi" if theme.ansi else "dark" if theme.dark else "light"]
    return {f"series-{number}": colour for number, colour in enumerate(colours, 1)}
