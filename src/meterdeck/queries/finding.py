"""Members from what a user typed: an id, a name of the directory, a model's short name."""

from __future__ import annotations

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.errors import UsageError
from meterdeck.domain.models import short_model
from meterdeck.queries.look import Look
from meterdeck.store import sums

NAMED = (Dimension.WORKSPACE, Dimension.API_KEY)
"""Dimensions whose members have names in the directory."""


def find_member(look: Look, dimension: Dimension, typed: str) -> str | None:
    """The id for what was typed; raises `UsageError` for a name that nobody has, or several."""
    return look.names.find(dimension, typed) if dimension in NAMED else _seen(look, dimension, typed)


def _seen(look: Look, dimension: Dimension, typed: str) -> str:
    """A member that was ever seen; models may be called by their short names."""
    seen = [member for member in sums.known_members(look.transaction, dimension) if member]
    found = [member for member in seen if typed in {member, short_model(member)}]
    if len(found) > 1:
        raise UsageError(f"Several {dimension.title}s are called {typed!r}: {', '.join(sorted(found))}.")
    if found or not seen:
        return found[0] if found else typed
    raise UsageError(
        f"No {dimension.title} {typed!r} was ever used.", next=f"Known: {', '.join(sorted(seen))}."
    )
