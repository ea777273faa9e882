"""Which rows are left by what a user types: a part of a name or id, ``!`` for all others, ``/…/`` for an expression."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from meterdeck.present.columns import Row, groups_of

INVERT, EXPRESSION = "!", "/"


@dataclass(frozen=True, slots=True)
class RowFilter:
    """What was typed, understood once. One that can't be understood says so and leaves every row."""

    text: str
    matches: Callable[[str], bool] | None = None
    """None: nothing is filtered."""
    inverted: bool = False
    trouble: str | None = None

    def keeps(self, words: Iterable[str]) -> bool:
        """Whether a row with these names and ids is left."""
        if self.matches is None:
            return True
        return any(map(self.matches, words)) is not self.inverted

    def left(self, rows: Iterable[Row]) -> list[Row]:
        """The rows that are left, in their order; a sum only where all that it adds up is."""
        if self.matches is None:
            return list(rows)
        left: list[Row] = []
        for of, total in groups_of(rows):
            kept = [row for row in of if self.keeps(row.words)]
            left += kept
            if total is not None and len(kept) == len(of):
                left.append(total)
        return left


def row_filter(text: str) -> RowFilter:
    """Understand what was typed so far. An expression need not be closed: it works while it is typed."""
    text = text.strip()
    inverted = text.startswith(INVERT)
    wanted = text.removeprefix(INVERT).strip()
    if not wanted.startswith(EXPRESSION):
        part = wanted.casefold()
        return RowFilter(text, (lambda word: part in word.casefold()) if part else None, inverted)
    pattern = wanted.removeprefix(EXPRESSION).removesuffix(EXPRESSION)
    if not pattern:
        return RowFilter(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a later Python may read otherwise: nobody could see it
            expression = re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        return RowFilter(text, trouble=_reason(error))
    return RowFilter(text, lambda word: expression.search(word) is not None, inverted)


def _reason(error: Exception) -> str:
    """``missing )``: as few words as a title has room for."""
    return str(getattr(error, "msg", error)).partition(",")[0]
