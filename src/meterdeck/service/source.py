"""What the service needs to know of an organisation; the simulated one is a source, the store can be another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from meterdeck.domain.buckets import BucketWidth


class UsageMembers(NamedTuple):
    """The nine dimensions of the usage report, named as its row fields (api-facts 2.5)."""

    workspace_id: str | None
    model: str
    api_key_id: str | None
    service_tier: str
    context_window: str
    inference_geo: str
    speed: str
    account_id: str | None
    service_account_id: str | None


class Counters(NamedTuple):
    """Five token counts and a count of web searches."""

    uncached_input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    web_searches: int


class UsageFact(NamedTuple):
    """Usage of one bucket at the finest grain."""

    members: UsageMembers
    counters: Counters


class CostFact(NamedTuple):
    """A line of one day's bill, in cents."""

    workspace_id: str | None
    description: str
    cost_type: str
    model: str | None
    token_type: str | None
    service_tier: str | None
    context_window: str | None
    inference_geo: str | None
    cents: Decimal


class Source(Protocol):
    """An organisation whose reports can be asked for. Everything is as known at ``as_of`` (aware UTC)."""

    organization: dict[str, Any]
    workspaces: Sequence[dict[str, Any]]
    """Listed workspaces, in the API's shape; the default one is not among them."""
    default_workspace: dict[str, Any]
    api_keys: Sequence[dict[str, Any]]
    rate_limits: Sequence[dict[str, Any]]

    def usage(self, start: datetime, width: BucketWidth, as_of: datetime) -> Iterable[UsageFact]:
        """Usage of the bucket that starts at ``start``; facts of equal dimensions are added by the caller."""
        ...

    def bill(self, day: datetime, as_of: datetime) -> Sequence[CostFact] | None:
        """The lines of a UTC day, or None where the report leaves the day out."""
        ...

    def bill_end(self, as_of: datetime) -> datetime:
        """The latest end that the cost report accepts; beyond it the date range is refused."""
        ...

    def workspace_limits(self, wanted: str) -> Sequence[dict[str, Any]]:
        """A workspace's overrides of the configured rate limits."""
        ...
