"""What a store holds, how large it is, and who uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from meterdeck.domain import history
from meterdeck.domain.buckets import Window
from meterdeck.domain.reports import Organization
from meterdeck.queries.look import Look
from meterdeck.queries.usage_window import usage_window
from meterdeck.store import Transaction, budget, contents, directory, lease
from meterdeck.store.budget import BudgetState
from meterdeck.store.contents import Kept, Size


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """A store at a moment."""

    schema: int
    organization: Organization | None
    kept: Mapping[str, Kept]
    """Minutes, hours and days of usage, and days of the bill, by their names."""
    series: int
    marks: int
    size: Size
    recent: Window
    """The 31 days that are kept current."""
    gaps: tuple[Window, ...]
    """What of them was not read."""
    collector: int | None
    """The process that collects; None if nobody does."""
    budget: BudgetState


def store_info(
    transaction: Transaction, now: datetime, requests_per_hour: int, local: datetime | None = None
) -> StoreInfo:
    """Look at all of a store; ``local`` is what this machine's own clock says, by which the lease is held."""
    recent = history.history(now)
    holder = lease.holder(transaction, local or now)
    return StoreInfo(
        contents.schema(transaction),
        directory.load(transaction).organization,
        contents.kept(transaction),
        contents.count(transaction, "series"),
        contents.count(transaction, "mark"),
        contents.size(transaction),
        recent,
        usage_window(Look(transaction), recent, now).gaps,
        holder.pid if holder else None,
        budget.state(transaction, now, requests_per_hour),
    )
