"""The bars of a chart as cells: in blocks or ASCII, whole or stacked, closed, settling or running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from meterdeck.present.bars import Bar
from meterdeck.present.braille import ACROSS, UP, dotted
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
        for row, chars in enumerate(_bar_cells(bar, len(place), rows, top, pen)):
            painted.update({Spot(column, row): cell for column, cell in zip(place, chars, strict=True)})
    return painted


def paint_of(bar: Bar, part: int, pen: Pen) -> Paint:
    """The colour of a part; a bar that is not split tells by its colour how sure it is."""
    if not is_split(bar, pen):
        return _WHOLE[bar.state]
    return SERIES[place_of(part, len(bar.parts))]


def is_split(bar: Bar, pen: Pen) -> bool:
    """Whether the bar shows its parts."""
    return pen.splits and any(bar.parts)


def _parts(bar: Bar, height: int, pen: Pen) -> tuple[int, ...]:
    return apportioned(height, bar.parts) if is_split(bar, pen) else (height,)


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
    for row, slices in enumerate(sliced(_parts(bar, height, pen), EIGHTHS, most=most)):
        yield [_cell(bar, slices, row + column, pen) for column in range(width)]


def _cell(bar: Bar, slices: Sequence[Slice], step: int, pen: Pen) -> Cell:
    """One cell; ``step`` counts cells across and up, for a chequered fill."""
    lowest = slices[0]
    front = paint_of(bar, lowest.part, pen)
    if pen.lettered and is_split(bar, pen):
        return _lettered(bar, lowest, Ink(front), step)
    if bar.state == "running":
        return Cell(RUNNING, Ink(front))
    if bar.state == "settling":
        return Cell(SETTLING, Ink(front))
    if len(slices) > 1:
        return Cell(BLOCKS[lowest.height], Ink(front, paint_of(bar, slices[1].part, pen)))
    # Full cells are painted on their own colour: a font whose blocks leave a seam shows none.
    return Cell(BLOCKS[lowest.height], Ink(front, front if lowest.height == EIGHTHS else ""))


def _lettered(bar: Bar, of: Slice, ink: Ink, step: int) -> Cell:
    """``A`` on a solid ground, ``a`` while it settles, and among the hatch while it runs."""
    letter = LETTERS[place_of(of.part, len(bar.parts))]
    if bar.state == "running":
        return Cell(RUNNING if step % 2 else letter.lower(), ink)
    if bar.state == "settling":
        return Cell(letter.lower(), ink)
    if of.height < EIGHTHS:
        return Cell(BLOCKS[of.height], ink)
    return Cell(letter, ink._replace(inverse=True))


def _paint_dots(bars: Sequence[Bar], places: Sequence[range], rows: int, top: int, pen: Pen) -> Painted:
    """Bars of dots; a cell in which several meet has the colour of the one with most dots in it."""
    dots: dict[Spot, set[tuple[int, int]]] = {}
    paints: dict[Spot, Counter[Paint]] = {}
    painted: Painted = {}
    for bar, place in zip(bars, places, strict=True):
        if bar.value is None:
            painted.update({Spot(column // ACROSS, 0): _GAP for column in place})
            continue
        heights = _parts(bar, steps(bar.value, top, rows * UP), pen)
        up = [paint_of(bar, part, pen) for part, height in enumerate(heights) for _ in range(height)]
        for across, column in enumerate(place):
            for row, paint in enumerate(up):
                if _is_dotted(bar, across, row):
                    spot = Spot(column // ACROSS, row // UP)
                    dots.setdefault(spot, set()).add((column % ACROSS, row % UP))
                    paints.setdefault(spot, Counter())[paint] += 1
    for spot, of_cell in dots.items():
        painted[spot] = Cell(dotted(of_cell), Ink(paints[spot].most_common(1)[0][0]))
    return painted


def _is_dotted(bar: Bar, across: int, row: int) -> bool:
    """Every dot of a closed bar, every second row of a settling one, a chequer of a running one."""
    if bar.state == "running":
        return (across + row) % 2 == 0
    return bar.state == "closed" or row % 2 == 0
