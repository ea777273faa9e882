"""The values that a scale names: round steps from zero, as people expect of an axis."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count


def round_values(top: int, most: int, grain: int) -> list[int]:
    """At most so many multiples of a round step (1, 2, 2.5 or 5 × 10ⁿ) above zero, up to ``top``: as many as can be.

    ``grain`` is the smallest amount that the labels tell apart; each value is a multiple of it.
    """
    step = next(step for step in _steps() if step % grain == 0 and top // step <= most)
    return list(range(step, top + 1, step))


def _steps() -> Iterator[int]:
    for power in count():
        yield from (step * 10**power // 10 for step in (10, 20, 25, 50) if step * 10**power % 10 == 0)
