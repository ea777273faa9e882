"""What was odd about an answer that was read all the same: said to whoever asked, so that nothing is read in silence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Remark(NamedTuple):
    """One oddity of an answer: what it is, what was made of it, and where it stands.

    ``what`` and ``taken`` are parts of a sentence in words of our own, and so is ``place``: names of the API stand
    in them only where they hold nothing but letters, digits and underscores.
    """

    what: str
    """``output_tokens is missing``."""
    taken: str
    """``it counts as 0``."""
    place: str = ""
    """Where it stands first, as in ``data.0.results.3``; empty where it is of the whole page."""
    rows: int = 0
    """In how many rows; 0 where it is of the whole page."""

    @property
    def sentence(self) -> str:
        """For a person: ``output_tokens is missing in 3 rows (first at data.0.results.3): it counts as 0.``"""
        if not self.rows:
            return f"{self.what}: {self.taken}."
        rows = f"1 row (at {self.place})" if self.rows == 1 else f"{self.rows:,} rows (first at {self.place})"
        return f"{self.what} in {rows}: {self.taken}."


def joined(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Each oddity once, with all its rows and its first place: of rows, of pages, of answers."""
    found: dict[tuple[str, str], Remark] = {}
    for remark in remarks:
        key = (remark.what, remark.taken)
        have = found.get(key)
        found[key] = remark if have is None else have._replace(rows=have.rows + remark.rows)
    return tuple(found.values())
