"""Braille: cells of two by four dots, so that a line of them holds twice as many bars."""

from __future__ import annotations

from collections.abc import Iterable

ACROSS, UP = 2, 4
"""The dots of a cell."""

_BLANK = 0x2800
_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""By column, from the bottom up."""


def bits(column: int, rows: Iterable[int]) -> int:
    """The dots of a column in some rows, counted from the bottom, as bits that can be joined with others."""
    return sum(_BITS[column][row] for row in rows)


def dotted(joined: int) -> str:
    """The character with these dots."""
    return chr(_BLANK + joined)
