"""Tokens of the Priority Tier: they are used and reported, and their cost is in no bill, ever (api-facts 3.2)."""

from __future__ import annotations

from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.scope import Scope
from meterdeck.queries.look import Look
from meterdeck.queries.prices import UNBILLED_TIER
from meterdeck.queries.split import choose
from meterdeck.store import sums
from meterdeck.store.topics import Topic


def unbilled_tokens(look: Look, scope: Scope, window: Window) -> int:
    """How many of a scope's tokens no bill holds, in the hours that start inside a window."""
    filters = tuple(f for f in scope.filters if f.dimension in SERIES_DIMENSIONS)
    of = [of for of, tier in choose(look, filters, Dimension.SERVICE_TIER).items() if tier == UNBILLED_TIER]
    if not of:
        return 0
    return look.kept(Topic.USAGE, ("unbilled", filters, window), lambda: _tokens(look, window, of))


def _tokens(look: Look, window: Window, of: list[int]) -> int:
    return sum(sum(counters[:5]) for _, _, counters in sums.days_by_series(look.transaction, window, of))
