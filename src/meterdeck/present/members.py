"""Members as labels: safe to show, short, and two of one name told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.tokens import TokenType
from meterdeck.present.names import clean, model_short
from meterdeck.queries.calling import told_apart
from meterdeck.queries.names import Member

LABEL = "label"
"""The field of a document that stands beside a name."""


def labels(
    dimension: Dimension, members: Iterable[Member], known: Iterable[Member] = ()
) -> dict[Member, str]:
    """A label for each member; where several share one, the end of their hint (or id) is added.

    Those that are ``known`` beside them count, so a member alone keeps the label that it has among others.
    """
    names = {member: label(dimension, member) for member in members}
    uses = Counter(label(dimension, member) for member in {*names, *known})
    return {
        member: told_apart(name, clean(member.hint or member.id[-4:]))
        if uses[name] > 1 and member.id is not None and not member.shared
        else name
        for member, name in names.items()
    }


def label(dimension: Dimension, member: Member) -> str:
    """One member's label: no other of the directory has it, while two models may share the short one."""
    name = called(member)
    return model_short(name) if dimension is Dimension.MODEL and member.id else name


def filter_words(dimension: Dimension, member: Member, shown: str) -> tuple[str, ...]:
    """What a filter of rows looks into: how a member is shown, its name and id, and other spellings that it has."""
    others: tuple[str, ...] = ()
    if dimension is Dimension.TOKEN_TYPE and member.id in set(TokenType):
        others = TokenType(member.id).spellings
    return (shown, clean(member.name), member.id or "", *others)


def called(member: Member) -> str:
    """Its whole name, safe to show; its id where it has none; with the end of the id where the name does not tell."""
    name = clean(member.name) or clean(member.id or "") or member.kind.value
    return told_apart(name, clean(member.hint)) if member.shared and member.hint else name


def name_fields(member: Member) -> dict[str, str | None]:
    """Who a row of a document stands for: with a ``label`` where people are shown something else than the name."""
    found = {"id": member.id, "name": member.name}
    label = called(member)
    return found if label == clean(member.name) else {**found, LABEL: label}


def shown_name(fields: Mapping[str, str | None]) -> str:
    """What such a row is called for people."""
    return clean(fields.get(LABEL) or fields["name"] or "")


def counted(number: int, dimension: Dimension, more: str = "") -> str:
    """``1 model``, ``3 API keys``, ``2 more workspaces``."""
    return f"{number} {more}{dimension.title}{'' if number == 1 else 's'}"
