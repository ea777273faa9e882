"""The deck in a single line, for a terminal without room for more: how fast, whether that holds, of what, how old."""

from __future__ import annotations

from dataclasses import replace

from meterdeck.present.header import AGE, NARROWED
from meterdeck.present.parts import Part

_PACE, _SIGN, _MORE = 40, 39, 10
_AGE = 18
"""As much as a name of the scope: those are cut for it, and it goes before one of them does."""
_SHORTEST_CRUMB = 7

Line = tuple[list[Part], list[Part]]
"""The left and the right parts of a line."""


def one_line(header: Line, figures: Line) -> Line:
    """Left: the scope where it is narrowed, and the key figures. Right: what the header tells of time.

    The pace stays longest, then the sign of the state, then the scope and the age, then the state's words; the
    other figures come last.
    """
    (_, *scope), (*times, state) = header
    pace, *others = figures[0]
    narrowed = [_cut_more(_lifted(part)) for part in scope if part.priority >= NARROWED]
    return [*narrowed, replace(pace, priority=_PACE), *others], [*map(_timed, times), _signed(state)]


def _lifted(part: Part) -> Part:
    """What counts in the header counts more than any figure but the pace."""
    if part.priority < NARROWED:
        return part
    return replace(part, priority=part.priority + _MORE, short_at=part.short_at + _MORE)


def _cut_more(part: Part) -> Part:
    return part if part.shrink_at_last is None else replace(part, shrink_at_last=_SHORTEST_CRUMB)


def _timed(part: Part) -> Part:
    """The age says what it is of only where there is room."""
    lifted = _lifted(part)
    if not part.text.startswith(AGE):
        return lifted
    return replace(
        lifted, priority=max(_AGE, lifted.priority), short=part.text.removeprefix(AGE), short_at=_AGE - 1
    )


def _signed(state: Part) -> Part:
    """The state in its words, in a few of them, by its sign."""
    sign = state.text[0]
    if not state.short:
        return replace(state, priority=_SIGN, short=sign, short_at=_AGE - 1)
    return replace(state, priority=_SIGN, short_at=NARROWED + _MORE - 1, shortest=sign, shortest_at=_AGE - 1)
