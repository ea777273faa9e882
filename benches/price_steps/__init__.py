"""How far off every dollar is around a change of prices: each report against the final bill of the same tokens.

One organisation, its prices multiplied at 00:00Z some days ago; today's bill absent, empty or partial; yesterday's read
twice or once. `python -m benches price_steps` prints the table of docs/benchmarks.md, `python -m benches.price_steps`
chosen rows, with the figures that are furthest off.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benches.price_steps.cases import Bench, Case
from benches.price_steps.table import COLUMNS, others, rows, steady, steps

__all__ = ["COLUMNS", "run"]


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Measure every case."""
    bench = Bench(folder)
    yield from rows(bench, steady(Case()), every_reading=True)
    yield from rows(bench, steps(Case()), every_reading=True)
    yield from rows(bench, others(Case()), every_reading=False)
