"""Ticks under a chart over time: round times of the clock in use, as many as leave the labels air."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from meterdeck.present.bars import local_seconds

_AIR = 3
"""The fewest blank columns between two labels."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class Tick(NamedTuple):
    """A label and the column of its first character."""

    column: int
    label: str

    @property
    def end(self) -> int:
        """The column after the label."""
        return self.column + len(self.label)


def time_ticks(starts: Sequence[datetime], lefts: Sequence[int], columns: int) -> list[Tick]:
    """Label the buckets that begin at a round time, each from the left edge of its bar.

    Takes the finest step whose labels fit: minutes (``14:05``) or hours (``15``) within two days, else days
    (``Mon 16``, ``16``) or Mondays.
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
    """The ticks with marks among them, each with its sign (a mark's first character) in its own column.

    The label follows the sign, or stands before it where there is more room, and is cut where there is none. Ticks
    that a mark needs the place of give way; of marks in one column the last one is shown.
    """
    shown: list[Tick] = []
    for mark, following in pairwise([*marks, Tick(columns, "")]):
        sign, label = mark.label[:1], mark.label[1:]
        after, before = following.column - mark.column - 1, mark.column - (shown[-1].end if shown else 0)
        if after < 0:
            continue
        if len(label) <= after or before < len(label):
            shown.append(Tick(mark.column, f"{sign}{label[:after]}".rstrip()))
        else:
            shown.append(Tick(mark.column - len(label), f"{label}{sign}"))
    free = [tick for tick in ticks if all(tick.end < mark.column or mark.end < tick.column for mark in shown)]
    return sorted([*free, *shown])


def with_pointer(
    shown: Sequence[Tick], pointer: Tick, columns: int, *, whole: Sequence[Tick]
) -> tuple[Tick, list[Tick]]:
    """The cursor's label as it stands, its sign in its own column, and all labels with it among them.

    Where it reaches over the end its words stand before the sign, or nowhere. What begins before it keeps the
    words that it does not reach, but for what makes sense only ``whole`` (a time): that is left out, as is what
    begins under it.
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
        elif tick.column < pointer.column and not air:
            beside.append(Tick(tick.column, _whole_words(tick.label, pointer.column - tick.column)))
    return pointer, sorted([*beside, pointer])


def _whole_words(text: str, length: int) -> str:
    """The words of a text that ``length`` characters hold; the first one is cut if even that is too long."""
    cut = text[:length]
    return (cut if text[length : length + 1] in {"", " "} else cut.rpartition(" ")[0] or cut).rstrip()


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
    (7 * _DAY, _weekday),
)
