"""Heights from zero, in fractions of a cell, and the glyphs that show them."""

from __future__ import annotations

BLOCKS = " ▁▂▃▄▅▆▇█"
"""A cell filled by 0 to 8 eighths."""

GAP = "·"
"""No data, which is not zero."""

EIGHTHS = 8


def steps(value: int, top: int, full: int) -> int:
    """The height of a value in steps, of which ``top`` has ``full``; never 0 for more than zero."""
    if value <= 0 or top <= 0:
        return 0
    return min(full, max(1, (2 * value * full + top) // (2 * top)))


def eighths(value: int, top: int, *, cells: int = 1) -> int:
    """The height of a value in eighths of a cell, of ``cells`` cells for ``top``."""
    return steps(value, top, cells * EIGHTHS)
