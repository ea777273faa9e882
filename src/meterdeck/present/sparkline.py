"""Sparklines: a series in one row of eighth blocks, measured from zero."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

BLOCKS = " ▁▂▃▄▅▆▇█"
"""A cell filled by 0 to 8 eighths."""

GAP = "·"
"""No data, which is not zero."""

_EIGHTHS = 8


def sparkline(values: Sequence[int | None], width: int, *, top: int | None = None) -> str:
    """The series in exactly ``width`` cells, its newest value in the last one.

    A cell shows the mean of the known values that fall into it; a shorter series leaves the left empty. Zero
    is a space, a gap (None) is ``·``, and anything above zero shows at least ``▁``. The highest block stands
    for ``top``: the largest cell unless given, so that several rows can share one scale.
    """
    width = max(0, width)
    count = min(width, len(values))
    bounds = [cell * len(values) // count for cell in range(count + 1)] if count else []
    means = [_mean(values[start:end]) for start, end in pairwise(bounds)]
    scale = max((mean for mean in means if mean is not None), default=0) if top is None else top
    return "".join(GAP if mean is None else BLOCKS[eighths(mean, scale)] for mean in means).rjust(width)


def eighths(value: int, top: int, *, cells: int = 1) -> int:
    """The height of a value in eighths of a cell, of ``cells`` cells for ``top``; never 0 for more than zero."""
    if value <= 0 or top <= 0:
        return 0
    full = cells * _EIGHTHS
    return min(full, max(1, (2 * value * full + top) // (2 * top)))


def _mean(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return -(-sum(known) // len(known)) if known else None
