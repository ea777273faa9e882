"""A scope in words that leave the screen: whose, which members, with their ids."""

from __future__ import annotations

from collections.abc import Iterator

from meterdeck.domain.dimensions import Dimension
from meterdeck.present.members import counted, label
from meterdeck.present.names import clean
from meterdeck.queries.deck import Deck
from meterdeck.queries.names import Member

STEP = " ▸ "
WHOLE = "organisation"
_MOST_NAMED = 3


def owner(deck: Deck) -> str:
    """The organisation's name."""
    return clean(deck.status.organization or "") or WHOLE


def breadcrumb(deck: Deck) -> str:
    """``Acme ▸ prod-chat (wrkspc_…) ▸ claude-opus-5``."""
    crumbs = [
        _joined([with_id(dimension, member) for member in members], dimension)
        for dimension, members in filtered(deck)
    ]
    return STEP.join([owner(deck), *crumbs])


def with_id(dimension: Dimension, member: Member) -> str:
    """``prod-chat (wrkspc_…)``: the name, and what it is known by; an id that is its own name stands alone."""
    name = clean(member.name)
    member_id = clean(member.id or "")
    if not member_id or name == member_id:
        return member_id or name or label(dimension, member)
    return f"{name} ({member_id})" if name else member_id


def filtered(deck: Deck) -> Iterator[tuple[Dimension, list[Member]]]:
    """The members that each filter of the scope keeps, by name."""
    for f in deck.scope.filters:
        members = [deck.filter_names[f.dimension, member] for member in f.members]
        yield f.dimension, sorted(members, key=lambda member: (member.name.casefold(), member.id or ""))


def _joined(names: list[str], dimension: Dimension) -> str:
    if len(names) <= _MOST_NAMED:
        return ", ".join(names)
    more = counted(len(names) - _MOST_NAMED, dimension, "more ")
    return f"{', '.join(names[:_MOST_NAMED])} and {more}"
