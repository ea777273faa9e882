"""The state of the data: whose it is, how old it is, how each feed fares, who collects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from meterdeck.store import Transaction, budget, directory, feeds
from meterdeck.store.budget import BudgetState
from meterdeck.store.feeds import FeedState


@dataclass(frozen=True, slots=True)
class Status:
    """What the header tells of the data."""

    organization: str | None
    feeds: Mapping[str, FeedState]
    budget: BudgetState
    remarks: tuple[str, ...] = ()
    """What was odd about the answers of the last hours and stored all the same, in sentences."""

    @property
    def failing(self) -> Mapping[str, FeedState]:
        """The feeds whose last try failed."""
        return {name: state for name, state in self.feeds.items() if state.failing}

    @property
    def empty(self) -> bool:
        """Whether nothing was ever read."""
        return all(state.read_at is None for state in self.feeds.values())


def status(transaction: Transaction, now: datetime, requests_per_hour: int = budget.DEFAULT_HOURLY) -> Status:
    """Read the state of the data."""
    organization = directory.load(transaction).organization
    states = feeds.load(transaction)
    return Status(
        organization.name if organization else None,
        states,
        budget.state(transaction, now, requests_per_hour),
        feeds.remarks_in(states, now),
    )
