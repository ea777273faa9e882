"""The bars of a chart as cells: in blocks or ASCII, whole or stacked, closed, settling or running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from meterdeck.present.bars import Bar
from meterdeck.present.braille import ACROSS, UP, bits, dotted
from meterdeck.present.canvas import LETTERS, SERIES, Cell, Ink, Paint, place_of
from meterdeck.present.forms import Form, Pen
from meterdeck.present.heights import BLOCKS, EIGHTHS, GAP, eighths, steps
from meterdeck.present.stacks import Slice, apportioned, sliced

RUNNING = "░"
"""Fills the bar of the running bucket."""

SETTLING = "▒"
"""Fills the bar of a bucket that ended but may still grow."""

_WHOLE: dict[str, Paint] = {"closed": "bar", "settling": "settling", "running": "running"}
_GAP = Cell(GAP, Ink("axis"))


class Spot(NamedTuple):
    """A place on the canvas; row 0 is at the bottom."""

    column: int
    row: int


Painted = dict[Spot, Cell]


def paint_bars(bars: Sequence[Bar], places: Sequence[range], rows: int, pen: Pen) -> Painted:
    """The cells of all bars, of which each stands in its place (in braille: in columns of dots)."""
    top = max((bar.value for bar in bars if bar.value is not None), default=0)
    painted: Painted = {}
    if pen.form is Form.BRAILLE:
        return _paint_dots(bars, places, rows, top, pen)
    for bar, place in zip(bars, places, strict=True):
        for row, cells in enumerate(_bar_cells(bar, len(place), rows, top, pen)):
            for column, cell in zip(place, cells, strict=True):
                painted[Spot(column, row)] = cell
    return painted


def is_split(bar: Bar, pen: Pen) -> bool:
    """Whether the bar shows its parts."""
    return pen.splits and any(bar.parts)


def _stacked(bar: Bar, height: int, pen: Pen) -> tuple[tuple[int, ...], Sequence[Paint]]:
    """The heights of the parts and their colours; a bar that is not split tells by its colour how sure it is."""
    if not is_split(bar, pen):
        return (height,), (_WHOLE[bar.state],)
    count = len(bar.parts)
    return apportioned(height, bar.parts), [SERIES[place_of(part, count)] for part in range(count)]


def _bar_cells(bar: Bar, width: int, rows: int, top: int, pen: Pen) -> Iterator[list[Cell]]:
    """One bar from the bottom up; hatched bars rise by whole rows, closed ones by eighths."""
    if bar.value is None:
        yield [_GAP] * width
        return
    height = eighths(bar.value, top, cells=rows)
    closed = bar.state == "closed"
    if not closed:
        height = EIGHTHS * max(min(height, 1), (height + EIGHTHS // 2) // EIGHTHS)
    most = 2 if closed and not pen.lettered else 1
    heights, paints = _stacked(bar, height, pen)
    lettered = pen.lettered and is_split(bar, pen)
    for row, slices in enumerate(sliced(heights, EIGHTHS, most=most)):
        if lettered:
            ink = Ink(paints[slices[0].part])
            yield [_lettered(bar, slices[0], ink, row + column) for column in range(width)]
        else:
            yield [_cell(bar, slices, paints)] * width


def _cell(bar: Bar, slices: Sequence[Slice], paints: Sequence[Paint]) -> Cell:
    lowest = slices[0]
    front = paints[lowest.part]
    if bar.state == "running":
        return Cell(RUNNING, Ink(front))
    if bar.state == "settling":
        return Cell(SETTLING, Ink(front))
    if len(slices) > 1:
        return Cell(BLOCKS[lowest.height], Ink(front, paints[slices[1].part]))
    # Full cells are painted on their own colour: a font whose blocks leave a seam shows none.
    return Cell(BLOCKS[lowest.height], Ink(front, front if lowest.height == EIGHTHS else ""))


def _lettered(bar: Bar, of: Slice, ink: Ink, step: int) -> Cell:
    """``A`` on a solid ground, ``a`` while it settles, and in a chequer with the hatch while it runs.

    ``step`` counts cells across and up.
    """
    letter = LETTERS[place_of(of.part, len(bar.parts))]
    if bar.state == "running":
        return Cell(RUNNING if step % 2 else letter.lower(), ink)
    if bar.state == "settling":
        return Cell(letter.lower(), ink)
    if of.height < EIGHTHS:
        return Cell(BLOCKS[of.height], ink)
    return Cell(letter, ink._replace(inverse=True))


def _paint_dots(bars: Sequence[Bar], places: Sequence[range], rows: int, top: int, pen: Pen) -> Painted:
    """Bars of dots; a cell in which several meet has the colour of the one with the greatest height in it."""
    dots: dict[Spot, int] = {}
    paints: dict[Spot, Counter[Paint]] = {}
    painted: Painted = {}
    for bar, place in zip(bars, places, strict=True):
        if bar.value is None:
            painted.update({Spot(column // ACROSS, 0): _GAP for column in place})
            continue
        heights, of_parts = _stacked(bar, steps(bar.value, top, rows * UP), pen)
        for row, slices in enumerate(sliced(heights, UP, most=UP)):
            filled = sum(of.height for of in slices)
            for across, column in enumerate(place):
                spot = Spot(column // ACROSS, row)
                seen = bits(column % ACROSS, _dotted_rows(bar, across, filled))
                dots[spot] = dots.get(spot, 0) | seen
                weights = paints.setdefault(spot, Counter())
                for of in slices:
                    weights[of_parts[of.part]] += of.height
    for spot, joined in dots.items():
        if joined:
            painted[spot] = Cell(dotted(joined), Ink(paints[spot].most_common(1)[0][0]))
    return painted


def _dotted_rows(bar: Bar, across: int, filled: int) -> range:
    """Every dot of a closed bar, every second row of a settling one, a chequer of a running one."""
    if bar.state == "closed":
        return range(filled)
    return range(across % 2 if bar.state == "running" else 0, filled, 2)
