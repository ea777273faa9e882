"""A sentence in lines of so many cells."""

from __future__ import annotations

import re

from meterdeck.present.names import ELLIPSIS, cell_width, first_cells, pad

_PART_ENDS = re.compile(r"(?<=[,;]) ")
_SENTENCE_ENDS = re.compile(r"(?<=\.) (?=[A-Z])")


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines, broken between words; only a word wider than a line is broken itself."""
    lines = [""]
    for word in text.split(" "):
        left = word
        if lines[-1] and cell_width(f"{lines[-1]} {left}") > width:
            lines.append("")
        while cell_width(left) > width:
            piece = first_cells(left, width) or left[0]
            lines[-1], left = piece, left[len(piece) :]
            lines.append("")
        lines[-1] = f"{lines[-1]} {left}" if lines[-1] else left
    return [line.rstrip() for line in lines if line]


def hanging(head: str, text: str, indent: int, width: int) -> list[str]:
    """A head and, from ``indent`` on, what there is to say of it: further lines begin there too."""
    first, *more = wrapped(text, max(1, width - indent)) or [""]
    return [pad(head, indent) + first, *(" " * indent + line for line in more)]


def in_lines(text: str, width: int, most: int) -> str:
    """The text in at most so many lines, ``…`` at its end where some of it has no room."""
    lines = wrapped(text, max(1, width))
    if len(lines) > most > 0:
        lines[most - 1] = _broken_off(lines[most - 1], width)
    return "\n".join(lines[:most])


def briefly(text: str) -> tuple[str, str]:
    """The text, and its first sentence for where one line must do."""
    return text, _SENTENCE_ENDS.split(text, maxsplit=1)[0]


def _broken_off(line: str, width: int) -> str:
    if cell_width(line) < width:
        return line + ELLIPSIS
    return (line.rpartition(" ")[0] or first_cells(line, width - 1)) + ELLIPSIS


def shortened(text: str, width: int) -> str:
    """The text without so many of its parts, which commas and semicolons end, that it fits; the last one stays.

    ``…`` stands where they were. No figure is cut: a part that is too long by itself ends after a word.
    """
    if cell_width(text) <= width:
        return text
    *parts, last = _PART_ENDS.split(text)
    while parts and cell_width(" ".join([*parts, ELLIPSIS, last])) > width:
        parts.pop()
    return " ".join([*parts, ELLIPSIS, last]) if parts else in_lines(text, width, 1)
