"""Bars of several parts, cut into the cells of a column without losing or gaining height."""

from __future__ import annotations

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
    bounds = list(accumulate(heights))
    end = bounds[-1] if bounds else 0
    cells: list[tuple[Slice, ...]] = []
    part = 0
    for bottom in range(0, end, per_cell):
        top = min(bottom + per_cell, end)
        while bounds[part] <= bottom:
            part += 1
        if bounds[part] >= top:
            cells.append((Slice(part, top - bottom),))
        else:
            cells.append(_meeting(bounds, part, bottom, top, most if top - bottom == per_cell else 1))
    return cells


def _meeting(bounds: Sequence[int], first: int, bottom: int, top: int, most: int) -> tuple[Slice, ...]:
    """The cell from ``bottom`` to ``top``, in which a part and those after it meet: the largest of them."""
    inside: dict[int, int] = {}
    for part in range(first, len(bounds)):
        upper = min(bounds[part], top)
        if upper > bottom:
            inside[part] = upper - bottom
            bottom = upper
    largest = sorted(inside, key=lambda part: -inside[part])[:most]
    inside[largest[0]] += sum(height for part, height in inside.items() if part not in largest)
    return tuple(Slice(part, inside[part]) for part in sorted(largest))
