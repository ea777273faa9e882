"""Where the six amounts of a series' part of a settled day stand, by a dimension that need not be one of the bill's."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache

from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenType
from meterdeck.queries.bill import TOKENS_ONLY
from meterdeck.queries.look import Look
from meterdeck.queries.prices import SEARCHES
from meterdeck.queries.split import BY_CELL, choose, member_of_cells
from meterdeck.queries.typed_rows import Cell

Place = tuple[str, str | None]
"""As of a line of the bill: with a member, ``not_tokens`` or ``not_allocated``."""
Group = tuple[Place, tuple[int, ...]]
"""A place, and which of the six amounts stand there."""

TOKENS = tuple(range(SEARCHES))


def places_of_shares(look: Look, scope: Scope, window: Window) -> Callable[[int], Collection[Group]]:
    """The groups of a series that the scope's filters keep; amounts that the filters leave out are in none.

    A series knows no geo: by it nothing is shared out.
    """
    by, types = scope.by, scope.members(Dimension.TOKEN_TYPE)
    kept = [at for at in TOKENS if types is None or tuple(TokenType)[at].value in types]
    if types is None and not any(f.dimension in TOKENS_ONLY for f in scope.filters):
        kept.append(SEARCHES)
    chosen = choose(look, scope.filters, by)
    member_of = member_of_cells(look, window, by, chosen) if by in BY_CELL else None

    def place(of: int, at: int) -> Place:
        if by is Dimension.INFERENCE_GEO:
            return "not_allocated", None
        if at == SEARCHES and (by in TOKENS_ONLY or by is Dimension.TOKEN_TYPE):
            return "not_tokens", None
        return "members", chosen[of] if member_of is None else member_of(Cell(of, at))

    @cache
    def groups(of: int) -> Collection[Group]:
        found: dict[Place, list[int]] = {}
        for at in kept:
            found.setdefault(place(of, at), []).append(at)
        return tuple((where, tuple(amounts)) for where, amounts in found.items())

    return groups
