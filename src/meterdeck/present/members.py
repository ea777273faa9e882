"""Members as labels: safe to show, short, and two of one name told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.tokens import TokenType
from meterdeck.present.names import ELLIPSIS, clean, model_short
from meterdeck.queries.names import Member


def labels(
    dimension: Dimension, members: Iterable[Member], known: Iterable[Member] = ()
) -> dict[Member, str]:
    """A label for each member; where several share one, the end of their hint (or id) is added.

    Those that are ``known`` beside them count, so a member alone keeps the label that it has among others.
    """
    names = {member: label(dimension, member) for member in members}
    uses = Counter(label(dimension, member) for member in {*names, *known})
    return {
        member: f"{name} {ELLIPSIS}{clean(member.hint or (member.id or '')[-4:])}" if uses[name] > 1 else name
        for member, name in names.items()
    }


def label(dimension: Dimension, member: Member) -> str:
    """One member's label, which another may share."""
    name = clean(member.name) or member.id or member.kind.value
    return model_short(name) if dimension is Dimension.MODEL and member.id else name


def filter_words(dimension: Dimension, member: Member, shown: str) -> tuple[str, ...]:
    """What a filter of rows looks into: how a member is shown, its name and id, and other spellings that it has."""
    others: tuple[str, ...] = ()
    if dimension is Dimension.TOKEN_TYPE and member.id in set(TokenType):
        others = TokenType(member.id).spellings
    return (shown, clean(member.name), member.id or "", *others)


def counted(number: int, dimension: Dimension, more: str = "") -> str:
    """``1 model``, ``3 API keys``, ``2 more workspaces``."""
    return f"{number} {more}{dimension.title}{'' if number == 1 else 's'}"
