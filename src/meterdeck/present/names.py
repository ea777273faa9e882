"""Names as text: made harmless, measured in terminal cells, cut and padded to fit.

Widths come from `unicodedata` alone. That is exact because `clean` removes what terminals disagree about:
joiners, variation selectors, skin tones, and characters this Python does not know.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

from meterdeck.domain.models import short_model
from meterdeck.domain.text import ELLIPSIS, clean

__all__ = [
    "ELLIPSIS",
    "Align",
    "cell_width",
    "clean",
    "cut_middle",
    "first_cells",
    "model_short",
    "pad",
]

Align = Literal["left", "right"]


def cell_width(text: str) -> int:
    """How many terminal cells a clean text takes."""
    return len(text) if text.isascii() else sum(_char_width(char) for char in text)


def cut_middle(text: str, width: int) -> str:
    """``checkout-pro…-eu``: the text in at most ``width`` cells, its end kept for what tells names apart.

    One that is shortened already is cut at that place.
    """
    if cell_width(text) <= width:
        return text
    if width < 1:
        return ""
    head, ellipsis, tail = text.rpartition(ELLIPSIS)
    if ellipsis and cell_width(tail) <= width // 2:
        head = head.rstrip()
    else:
        head, tail = text, _last_cells(text, (width - 1) // 3).rpartition(ELLIPSIS)[2]
    return first_cells(head, width - 1 - cell_width(tail)).rstrip(ELLIPSIS) + ELLIPSIS + tail


def pad(text: str, width: int, align: Align = "left") -> str:
    """The text filled up with spaces to ``width`` cells; a wider text stays whole."""
    fill = " " * (width - cell_width(text))
    return fill + text if align == "right" else text + fill


def model_short(model: str) -> str:
    """``claude-haiku-4-5-20251001`` → ``haiku-4-5``: without the family's prefix and the release date."""
    return short_model(clean(model))


def _char_width(char: str) -> int:
    if unicodedata.category(char)[0] == "M":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def first_cells(text: str, width: int) -> str:
    """The longest beginning of the text that takes at most ``width`` cells."""
    used = 0
    for index, char in enumerate(text):
        used += _char_width(char)
        if used > width:
            return text[:index]
    return text


def _last_cells(text: str, width: int) -> str:
    """The longest end of the text that takes at most ``width`` cells and starts with a whole character."""
    used, start = 0, len(text)
    for index in range(len(text) - 1, -1, -1):
        used += _char_width(text[index])
        if used > width:
            break
        if _char_width(text[index]):
            start = index
    return text[start:]
