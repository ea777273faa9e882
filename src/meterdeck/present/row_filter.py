"""Which rows are left by what a user types: a part of a name or id, ``!`` for all others, ``/…/`` for an expression."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from meterdeck.present.columns import Row, groups_of
from meterdeck.present.patience import TooLong, at_most

INVERT, EXPRESSION = "!", "/"
LONGEST = timedelta(milliseconds=50)
"""How long an expression may take for all rows: a screen that stands still longer is noticed."""

Of = TypeVar("Of")


@dataclass(slots=True)
class RowFilter:
    """What was typed, understood once.

    One that can't be understood, or turns out to take too long, says so and leaves every row.
    """

    text: str
    matches: Callable[[str], bool] | None = None
    """None: nothing is filtered."""
    inverted: bool = False
    trouble: str | None = None
    """Why an expression can't be understood."""
    is_expression: bool = False
    is_too_slow: bool = False

    @property
    def sentence(self) -> str | None:
        """What must be said of one that takes too long: what works instead."""
        if not self.is_too_slow:
            return None
        return (
            f"The filter {self.text} takes too long, so every row is shown. A part of a name works at once; "
            "so does an expression without a + or * inside another."
        )

    def kept(self, things: Iterable[Of], words: Callable[[Of], Iterable[str]]) -> list[Of]:
        """The things that are left by their names and ids, in their order."""
        everything = list(things)
        matches = self.matches
        if matches is None:
            return everything
        try:
            with self._patience:
                return [thing for thing in everything if any(map(matches, words(thing))) is not self.inverted]
        except TooLong:
            self.matches, self.is_too_slow = None, True
            return everything

    def left(self, rows: Iterable[Row]) -> list[Row]:
        """The rows that are left, in their order; a sum only where all that it adds up is."""
        rows = list(rows)
        kept = {row.key for row in self.kept((row for row in rows if not row.is_sum), lambda row: row.words)}
        if self.matches is None:
            return rows
        left: list[Row] = []
        for of, total in groups_of(rows):
            of_these = [row for row in of if row.key in kept]
            left += of_these
            if total is not None and len(of_these) == len(of):
                left.append(total)
        return left

    @property
    def _patience(self) -> AbstractContextManager[None]:
        return at_most(LONGEST) if self.is_expression else nullcontext()


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
    return RowFilter(text, lambda word: expression.search(word) is not None, inverted, is_expression=True)


def _reason(error: Exception) -> str:
    """``missing )``: as few words as a title has room for."""
    return str(getattr(error, "msg", error)).partition(",")[0]
