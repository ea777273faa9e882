"""Parts of a line, some at its left and some at its right end, and which of them fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from meterdeck.present.columns import Tone
from meterdeck.present.names import cell_width, cut_middle


@dataclass(frozen=True, slots=True)
class Part:
    """A text that is shown whole or not at all; the lowest ``priority`` goes first when cells are short.

    A text that may be cut (a name, a sentence, never a number) says to how many cells: ``shrink_to``.
    """

    text: str
    tone: Tone = ""
    priority: int = 0
    shrink_to: int | None = None

    @property
    def least(self) -> int:
        """The fewest cells the part can do with."""
        width = cell_width(self.text)
        return width if self.shrink_to is None else min(width, self.shrink_to)


class Placed(NamedTuple):
    """A text where it stands: its first cell, its tone."""

    x: int
    text: str
    tone: Tone


def place(left: Sequence[Part], right: Sequence[Part], width: int, *, gap: int) -> tuple[Placed, ...]:
    """Place the parts in ``width`` cells, ``gap`` apart, dropping the least important ones that don't fit."""
    parts = [*left, *right]
    kept = _kept(parts, width, gap)
    spare = width - _least(parts, kept, gap)
    texts: dict[int, str] = {}
    for index in kept:
        extra = min(spare, cell_width(parts[index].text) - parts[index].least)
        texts[index] = cut_middle(parts[index].text, parts[index].least + extra)
        spare -= extra
    first_at_right = next((index for index in kept if index >= len(left)), None)
    placed, x = [], 0
    for index, text in texts.items():
        x += spare if index == first_at_right else 0
        placed.append(Placed(x, text, parts[index].tone))
        x += cell_width(text) + gap
    return tuple(placed)


def _kept(parts: Sequence[Part], width: int, gap: int) -> list[int]:
    kept = list(range(len(parts)))
    while kept and _least(parts, kept, gap) > width:
        kept.remove(min(reversed(kept), key=lambda index: parts[index].priority))
    return kept


def _least(parts: Sequence[Part], kept: Sequence[int], gap: int) -> int:
    """The fewest cells in which these parts fit beside one another."""
    return sum(parts[index].least for index in kept) + gap * max(0, len(kept) - 1)
