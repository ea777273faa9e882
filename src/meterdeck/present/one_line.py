"""The deck in a single line, for a terminal without room for more: how fast, whether that holds, of what, how old."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from meterdeck.present.figures import key_figures
from meterdeck.present.header import NARROWED, header
from meterdeck.present.parts import Part
from meterdeck.present.state import Collecting
from meterdeck.queries.deck import Deck

_PACE, _SIGN, _MORE = 40, 39, 10


def one_line(deck: Deck, now: datetime, collecting: Collecting) -> tuple[list[Part], list[Part]]:
    """Left: the scope where it is narrowed, and the key figures. Right: what the header tells of time.

    The pace stays longest, then the sign of the state, then the scope and the age, then the state's words; the other
    figures come last.
    """
    (_, *scope), (*times, state) = header(deck, now, collecting)
    pace, *others = key_figures(deck)[0]
    narrowed = [_lifted(part) for part in scope if part.priority >= NARROWED]
    signed = replace(state, priority=_SIGN, short=state.text[0], short_at=NARROWED + _MORE)
    return [*narrowed, replace(pace, priority=_PACE), *others], [*map(_lifted, times), signed]


def _lifted(part: Part) -> Part:
    """What counts in the header counts more than any figure but the pace."""
    if part.priority < NARROWED:
        return part
    return replace(part, priority=part.priority + _MORE, short_at=part.short_at + _MORE)
