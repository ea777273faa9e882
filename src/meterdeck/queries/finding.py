"""Members from what a user typed: an id, a name of the directory, a model's short name."""

from __future__ import annotations

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.errors import UsageError
from meterdeck.domain.models import models_called
from meterdeck.queries.look import Look
from meterdeck.store import sums

NAMED = (Dimension.WORKSPACE, Dimension.API_KEY)
"""Dimensions whose members have names in the directory."""


def find_members(look: Look, dimension: Dimension, typed: str) -> frozenset[str | None]:
    """The ids for what was typed: one, or several models of one name or family.

    Raises `UsageError` for a name that nobody has, or that could be one of several.
    """
    if dimension is Dimension.MODEL:
        seen = _seen(look, dimension)
        return frozenset(models_called(typed, seen)) if seen else frozenset({typed})
    return frozenset({find_member(look, dimension, typed)})


def find_member(look: Look, dimension: Dimension, typed: str) -> str | None:
    """The id for what was typed, of another dimension than models; raises `UsageError` as `find_members` does."""
    if dimension in NAMED:
        return look.names.find(dimension, typed)
    seen = _seen(look, dimension)
    if typed in seen or not seen:
        return typed
    raise UsageError(
        f"No {dimension.title} {typed!r} was ever used.", next=f"Known: {', '.join(sorted(seen))}."
    )


def _seen(look: Look, dimension: Dimension) -> list[str]:
    """The members that were ever seen."""
    return [member for member in sums.known_members(look.transaction, dimension) if member]
