"""Colours as eyes see them: how alike two are, in each kind of colour vision."""

from __future__ import annotations

import math

from textual.color import Color

Matrix = tuple[tuple[float, float, float], ...]

VISIONS: dict[str, Matrix] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    # Machado, Oliveira, Fernandes 2009: A Physiologically-based Model for Simulation of Color Vision Deficiency,
    # severity 1.0, for linear RGB.
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_TO_CONES: Matrix = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_OKLAB: Matrix = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def difference(one: str, other: str, vision: str) -> float:
    """How far two colours are apart, in hundredths of Oklab (Ottosson 2020): some 2 can just be told, 10 at a glance."""
    return 100 * math.dist(_seen(one, VISIONS[vision]), _seen(other, VISIONS[vision]))


def _seen(colour: str, vision: Matrix) -> list[float]:
    linear = [_linear(channel / 255) for channel in Color.parse(colour).rgb]
    simulated = [min(1.0, max(0.0, value)) for value in _times(vision, linear)]
    return _times(_TO_OKLAB, [math.cbrt(value) for value in _times(_TO_CONES, simulated)])


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _times(matrix: Matrix, vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]
