"""Bars of several parts, cut into the cells of a column without losing or gaining height."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple


class Slice(NamedTuple):
    """How much of a cell a part takes: its number (0 is the lowest), and a height in fractions of a cell."""

    part: int
    height: int


def apportioned(whole: int, weights: Sequence[int]) -> tuple[int, ...]:
    """``whole`` divided as the weights are, in whole numbers that add up to it; nothing where all weigh nothing."""
    total = sum(weights)
    if not total:
        return (0,) * len(weights)
    bounds = [(2 * whole * until + total) // (2 * total) for until in accumulate(weights, initial=0)]
    return tuple(upper - lower for lower, upper in pairwise(bounds))


def sliced(heights: Sequence[int], per_cell: int, *, most: int = 2) -> list[tuple[Slice, ...]]:
    """The cells of a stack from the bottom up, each with its slices, lowest first.

    A full cell shows at most ``most`` parts (one in front of another), one that is not full shows one: what is too
    thin to be shown is given to the largest in the cell, so that the whole keeps its height.
    """
    steps = [part for part, height in enumerate(heights) for _ in range(height)]
    cells = []
    for bottom in range(0, len(steps), per_cell):
        inside = Counter(steps[bottom : bottom + per_cell])
        ranked = inside.most_common(most if inside.total() == per_cell else 1)
        largest, kept = ranked[0][0], dict(ranked)
        kept[largest] += inside.total() - sum(kept.values())
        cells.append(tuple(Slice(part, kept[part]) for part in sorted(kept)))
    return cells
