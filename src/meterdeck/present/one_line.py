"""The deck in a single line, for a terminal without room for more: how fast, whether that holds, of what, how old."""

from __future__ import annotations

from dataclasses import replace

from meterdeck.present.header import NARROWED
from meterdeck.present.parts import Part

_PACE, _SIGN, _MORE = 40, 39, 10

Line = tuple[list[Part], list[Part]]
"""The left and the right parts of a line."""


def one_line(header: Line, figures: Line) -> Line:
    """Left: the scope where it is narrowed, and the key figures. Right: what the header tells of time.

    The pace stays longest, then the sign of the state, then the scope and the age, then the state's words; the other
    figures come last.
    """
    (_, *scope), (*times, state) = header
    pace, *others = figures[0]
    narrowed = [_lifted(part) for part in scope if part.priority >= NARROWED]
    signed = replace(state, priority=_SIGN, short=state.text[0], short_at=NARROWED + _MORE)
    return [*narrowed, replace(pace, priority=_PACE), *others], [*map(_lifted, times), signed]


def _lifted(part: Part) -> Part:
    """What counts in the header counts more than any figure but the pace."""
    if part.priority < NARROWED:
        return part
    return replace(part, priority=part.priority + _MORE, short_at=part.short_at + _MORE)
