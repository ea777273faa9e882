"""The colours of series, `$series-1` to `$series-6`: told apart in every kind of colour vision.

Simulated by the matrices of Machado, Oliveira and Fernandes (2009), any two of ours differ, neighbours the most; a
test adds it up. A theme that has none of its own takes ours, as far from its background as they must be.
"""

from __future__ import annotations

from textual.color import Color
from textual.theme import Theme

from meterdeck.app.themes.contrast import contrast
from meterdeck.app.themes.own import DARK, LIGHT, SIXTEEN_DARK, SIXTEEN_LIGHT

SERIES = tuple(f"series-{number}" for number in range(1, 7))
LEAST_CONTRAST = 3.0
"""Of what is no text (WCAG 2, 1.4.11)."""
_STEPS = 20


def series_of(theme: Theme) -> dict[str, str]:
    """The colours of a theme's series, by the names of their variables."""
    background = Color.parse(theme.to_color_system().generate()["background"])
    if theme.ansi or background.ansi is not None:
        ours = (SIXTEEN_DARK if theme.dark else SIXTEEN_LIGHT).variables
    else:
        away = background.get_contrast_text(1.0)
        like = DARK if background.brightness < 0.5 else LIGHT
        ours = {name: _apart(Color.parse(like.variables[name]), background, away).hex for name in SERIES}
    return {name: theme.variables.get(name, ours[name]) for name in SERIES}


def _apart(colour: Color, background: Color, away: Color) -> Color:
    """The colour, blended as far away from the background as it must be to stand out."""
    blends = (colour.blend(away, step / _STEPS) for step in range(_STEPS))
    return next((blend for blend in blends if contrast(blend, background) >= LEAST_CONTRAST), away)
