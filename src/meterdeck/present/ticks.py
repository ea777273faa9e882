"""Ticks under a chart over time: round times of the clock in use, as many as leave the labels air."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from meterdeck.present.bars import local_seconds
from meterdeck.present.names import cell_width, cut_middle

MARK = "▏"
"""Stands where a mark is."""

_AIR = 3
"""The fewest blank columns between two labels."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


_SHORTEST_NAME = 6
"""Cells that a mark's name is not cut below for its time."""


class Flag(NamedTuple):
    """What a mark's sign stands for: a name that may be cut, a time that may not, and how many more marks."""

    name: str
    time: str
    others: int = 0

    def words(self, room: int) -> str:
        """``T0 checkout 13:05 +1`` in so many cells: the name is cut first, then the time goes, then the name."""
        others = f"+{self.others}" if self.others else ""
        for told, shortest in ((f"{self.time} {others}".rstrip(), _SHORTEST_NAME), (others, 2)):
            left = room - (cell_width(told) + 1 if told else 0)
            if left >= min(shortest, cell_width(self.name)):
                return f"{cut_middle(self.name, left)} {told}".strip()
        return others if cell_width(others) <= room else ""


class Tick(NamedTuple):
    """A label and the column of its first character; a mark's has its sign at one end."""

    column: int
    label: str
    flag: Flag | None = None

    @property
    def end(self) -> int:
        """The column after the label."""
        return self.column + cell_width(self.label)


def time_ticks(starts: Sequence[datetime], lefts: Sequence[int], columns: int) -> list[Tick]:
    """Label the buckets that begin at a round time, each from the left edge of its bar.

    Takes the finest step whose labels fit: minutes (``14:05``) or hours (``15``) within two days, else days
    (``Mon 16``, ``16``), Mondays, or some of these.
    """
    for step, label in _steps(starts):
        ticks = [
            Tick(lefts[index], text)
            for index in _round_starts(starts, step)
            if lefts[index] + len(text := label(starts[index])) <= columns
        ]
        if ticks and all(left.end + _AIR <= right.column for left, right in pairwise(ticks)):
            return ticks
    return []


def with_marks(ticks: Sequence[Tick], marks: Sequence[Tick], columns: int) -> list[Tick]:
    """The ticks with marks among them, each with its sign in its own column, and as much of its flag as fits.

    The words follow the sign, or stand before it where there is more room. Ticks that a mark needs the place of give
    way. No two marks are in one column.
    """
    shown: list[Tick] = []
    for mark, following in pairwise([*marks, Tick(columns, "")]):
        after, before = following.column - mark.column - 1, mark.column - (shown[-1].end + 1 if shown else 0)
        if mark.flag is None:
            continue
        behind, ahead = mark.flag.words(after), mark.flag.words(before)
        if cell_width(ahead) <= cell_width(behind):
            shown.append(mark._replace(label=f"{MARK}{behind}"))
        else:
            shown.append(mark._replace(column=mark.column - cell_width(ahead), label=f"{ahead}{MARK}"))
    free = [tick for tick in ticks if all(tick.end < mark.column or mark.end < tick.column for mark in shown)]
    return _in_order([*free, *shown])


def with_pointer(
    shown: Sequence[Tick], pointer: Tick, columns: int, *, whole: Sequence[Tick]
) -> tuple[Tick, list[Tick]]:
    """The cursor's label as it stands, its sign in its own column, and all labels with it among them.

    Where it reaches over the end its words stand before the sign, or nowhere. A mark that begins before it keeps
    as much of its flag as it does not reach. What makes sense only ``whole`` (a time) is left out, as is what begins
    under it.
    """
    sign, words = pointer.label[:1], pointer.label[1:]
    if pointer.end > columns:
        fits = len(words) <= pointer.column
        pointer = Tick(pointer.column - len(words), f"{words}{sign}") if fits else Tick(pointer.column, sign)
    beside = []
    for tick in shown:
        air = 1 if tick in whole else 0
        if tick.column >= pointer.end + air or tick.end + air <= pointer.column:
            beside.append(tick)
        elif tick.column < pointer.column and tick.flag is not None:
            room = pointer.column - tick.column
            sign = MARK if tick.label.startswith(MARK) else ""
            beside.append(tick._replace(label=f"{sign}{tick.flag.words(room - len(sign))}"))
    return pointer, _in_order([*beside, pointer])


def _in_order(ticks: Iterable[Tick]) -> list[Tick]:
    return sorted(ticks, key=lambda tick: tick.column)


def _steps(starts: Sequence[datetime]) -> list[tuple[int, Callable[[datetime], str]]]:
    """The steps worth trying: not finer than a bucket, and whole days where hours would repeat."""
    span = (starts[-1].astimezone(UTC) - starts[0].astimezone(UTC)).total_seconds() if starts else 0
    bucket = span / max(1, len(starts) - 1)
    return [(step, label) for step, label in _STEPS if step >= (bucket if span <= 2 * _DAY else _DAY)]


def _round_starts(starts: Sequence[datetime], step: int) -> Iterator[int]:
    """The indexes of the starts that are the first at or after a multiple of ``step`` seconds."""
    for index, start in enumerate(starts):
        seconds = local_seconds(start)
        if seconds % step == 0 or (index and local_seconds(starts[index - 1]) // step < seconds // step):
            yield index


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def _hour(moment: datetime) -> str:
    return f"{moment:%H}"


def _weekday(moment: datetime) -> str:
    return f"{moment:%a} {moment.day}"


def _day(moment: datetime) -> str:
    return f"{moment.day:2}"


_STEPS: tuple[tuple[int, Callable[[datetime], str]], ...] = (
    *((minutes * _MINUTE, _clock) for minutes in (1, 5, 10, 15, 30)),
    *((hours * _HOUR, _hour) for hours in (1, 3, 6, 12)),
    (_DAY, _weekday),
    (_DAY, _day),
    *((weeks * 7 * _DAY, _weekday) for weeks in (1, 2, 4, 13)),
)
