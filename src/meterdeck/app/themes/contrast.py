"""How far two colours are apart in brightness, as WCAG 2 defines it: 1 for the same, 21 for black and white."""

from __future__ import annotations

from textual.color import Color


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two opaque colours."""
    darker, brighter = sorted((_luminance(one), _luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour.rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
