"""Parts of a line, some at its left and some at its right end, and which of them fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from meterdeck.present.columns import Tone
from meterdeck.present.names import cell_width, cut_middle


@dataclass(frozen=True, slots=True)
class Part:
    """A text that is shown whole or not at all; the lowest ``priority`` goes first when cells are short.

    A text that may be cut (a name, a sentence, never a number) says to how many cells: ``shrink_to``. One that can
    be said in fewer words has them in ``short``, and says as what priority the words that are left out count; what can
    be said in fewer still has these in ``shortest``. One that must not go unnoticed is ``counted``.
    """

    text: str
    tone: Tone = ""
    priority: int = 0
    shrink_to: int | None = None
    short: str = ""
    short_at: int = 0
    shortest: str = ""
    shortest_at: int = 0
    shrink_at_last: int | None = None
    """To how many cells it may be cut at last, when all that counts less has gone."""
    counted: str = ""
    """What stands in the place of all parts of this kind that are left out, with their number in it: ``▸ +{}``."""

    @property
    def least(self) -> int:
        """The fewest cells the part can do with."""
        width = cell_width(self.text)
        return width if self.shrink_to is None else min(width, self.shrink_to)

    @property
    def shortened(self) -> Part:
        """The part in fewer cells: cut more, or in fewer words."""
        if self.shrink_at_last is not None:
            return replace(self, shrink_to=self.shrink_at_last, shrink_at_last=None)
        return replace(self, text=self.short, short=self.shortest, short_at=self.shortest_at, shortest="")


_NOTICED = 10
"""By how much the number of what is left out counts more than a part of it."""


class Placed(NamedTuple):
    """A text where it stands: its first cell, its tone."""

    x: int
    text: str
    tone: Tone


def place(left: Sequence[Part], right: Sequence[Part], width: int, *, gap: int) -> tuple[Placed, ...]:
    """Place the parts in ``width`` cells, ``gap`` apart: the least important words that don't fit are left out."""
    parts = [*left, *right]
    kept = _fit(parts, width, gap)
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


def _fit(parts: list[Part], width: int, gap: int) -> list[int]:
    """Which parts fit; those that only fit in fewer words, or in a number with others, are replaced."""
    kept = list(range(len(parts)))
    fuller: list[tuple[int, Part]] = []
    counted: dict[str, list[int]] = {}
    while kept and _least(parts, kept, gap) > width:
        least = min(reversed(kept), key=lambda index: _next_to_go(parts[index]))
        part = parts[least]
        if part.shrink_at_last is not None or part.short:
            fuller.append((least, part))
            parts[least] = part.shortened
        elif part.counted:
            alike = counted.setdefault(part.counted, [])
            kept = [index for index in kept if index not in alike]
            alike.append(least)
            parts[least] = Part(part.counted.format(len(alike)), part.tone, part.priority + _NOTICED)
        else:
            kept.remove(least)
    # What went last may leave room for words that went before it.
    whole = set(kept).difference(*counted.values())
    for index, words in reversed(fuller):
        fewer = parts[index]
        if index in whole:
            parts[index] = words
        if _least(parts, kept, gap) > width:
            parts[index] = fewer
    return kept


def _next_to_go(part: Part) -> tuple[int, bool]:
    """How much a part counts; of those that count alike all are cut before one goes."""
    return min(part.short_at, part.priority) if part.short else part.priority, part.shrink_at_last is None


def _least(parts: Sequence[Part], kept: Sequence[int], gap: int) -> int:
    """The fewest cells in which these parts fit beside one another."""
    return sum(parts[index].least for index in kept) + gap * max(0, len(kept) - 1)
