"""Whose a budget is: what was written in the configuration, found among what the store knows."""

from __future__ import annotations

from typing import NamedTuple

from meterdeck.domain.budgets import Budget
from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.domain.models import models_called
from meterdeck.domain.scope import Filter
from meterdeck.queries.look import Look
from meterdeck.queries.names import Member


class Owner(NamedTuple):
    """A budget's owner (None: the whole organisation), and the filters that keep its usage."""

    member: Member | None
    filters: tuple[Filter, ...]


def owner_of(look: Look, budget: Budget) -> Owner:
    """Find a budget's owner; raises `UsageError` for one that the store does not know.

    A model's short name stands for all its dated versions together, a family's for all its models.
    """
    if budget.dimension is None or budget.member is None:
        return Owner(None, ())
    if budget.dimension is Dimension.WORKSPACE:
        found = look.names.find(Dimension.WORKSPACE, budget.member)
        return Owner(
            look.names.member(Dimension.WORKSPACE, found),
            (Filter(Dimension.WORKSPACE, frozenset({found})),),
        )
    models = models_called(budget.member, {series.model for series in look.series.values() if series.model})
    only = next(iter(models)) if len(models) == 1 else budget.member
    return Owner(Member(only, only, Kind.MEMBER), (Filter(Dimension.MODEL, frozenset(models)),))
