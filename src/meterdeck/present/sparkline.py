"""Sparklines: a series in one row of eighth blocks, braille dots or ASCII, measured from zero."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from meterdeck.present.ascii import to_ascii
from meterdeck.present.braille import ACROSS, UP, bits, dotted
from meterdeck.present.forms import Form
from meterdeck.present.heights import BLOCKS, GAP, eighths, steps
from meterdeck.present.measures import TOKENS, Measure
from meterdeck.present.numbers import NOTHING

Series = Sequence[int | None]


def sparkline(values: Series, width: int, *, top: int | None = None, form: Form = Form.BLOCKS) -> str:
    """The series in exactly ``width`` cells, its newest value in the last one.

    A cell (in braille half of one) shows the mean of the known values that fall into it; a shorter series leaves the
    left empty. Zero is a space, a gap (None) is ``·``, and anything above zero shows at least ``▁``. The highest
    block stands for ``top``: the largest mean unless given, so that several rows can share one scale.
    """
    width = max(0, width)
    means = _means(values, width, form)
    scale = _largest(means) if top is None else top
    if form is Form.BRAILLE:
        heights = [None if mean is None else steps(mean, scale, UP) for mean in means]
        return "".join(_dots(*heights[at : at + ACROSS]) for at in range(0, len(heights), ACROSS))
    line = "".join(GAP if mean is None else BLOCKS[eighths(mean, scale)] for mean in means).rjust(width)
    return to_ascii(line) if form is Form.ASCII else line


def cells_for(count: int, most: int, form: Form) -> int:
    """How many cells a line of so many values takes: in blocks ``most``, in dots no more than hold two values each."""
    return min(most, -(-count // ACROSS)) if form is Form.BRAILLE else most


def sparklines(rows: Sequence[Series], width: int, *, shared: bool, form: Form = Form.BLOCKS) -> list[str]:
    """The lines of several series, each on a scale of its own, or all on that of the largest."""
    top = max((_largest(_means(row, max(0, width), form)) for row in rows), default=0) if shared else None
    return [sparkline(row, width, top=top, form=form) for row in rows]


def last_and_most(values: Series, measure: Measure = TOKENS) -> tuple[str, str]:
    """The newest value and the largest, to stand beside the line; ``—`` where nothing was read."""
    known = [value for value in values if value is not None]
    last = measure.short(values[-1]) if values else NOTHING
    return last, measure.short(max(known)) if known else NOTHING


def _means(values: Series, width: int, form: Form) -> list[int | None]:
    """What each column shows; of braille two columns make a cell, and the left of the first one may be empty."""
    columns = width * ACROSS if form is Form.BRAILLE else width
    count = min(columns, len(values))
    bounds = [column * len(values) // count for column in range(count + 1)] if count else []
    means = [_mean(values[start:end]) for start, end in pairwise(bounds)]
    left: list[int | None] = [0] * (columns - count if form is Form.BRAILLE else 0)
    return left + means


def _mean(values: Series) -> int | None:
    known = [value for value in values if value is not None]
    return -(-sum(known) // len(known)) if known else None


def _largest(means: Series) -> int:
    return max((mean for mean in means if mean is not None), default=0)


def _dots(*columns: int | None) -> str:
    """One cell; a column without a value is no dots."""
    joined = sum(bits(column, range(height or 0)) for column, height in enumerate(columns))
    return dotted(joined) if joined else GAP if None in columns else " "
