"""What the two reports say, in our own words: the client makes these values, the store keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.tokens import TokenCounts, TokenType, token_type_of_line


class UsageRow(NamedTuple):
    """One row of a usage bucket: its members (in the order of the bucket's ``group_by``) and its counters."""

    members: tuple[str | None, ...]
    tokens: TokenCounts
    web_searches: int
    others: tuple[tuple[str, int], ...] = ()
    """(name, count) of each other counter that is not 0, by name (`meterdeck.domain.counters`)."""


@dataclass(frozen=True, slots=True)
class UsageBucket:
    """A usage bucket. It remembers what was grouped by, for null means nothing without it (api-facts 2.5)."""

    window: Window
    group_by: tuple[Dimension, ...]
    rows: tuple[UsageRow, ...]


USD = "USD"


class CostLine(NamedTuple):
    """A line of the bill, without its day: with the day, these nine fields are its identity (api-facts 3.2)."""

    workspace_id: str | None
    description: str | None
    cost_type: str | None
    model: str | None
    token_type: str | None
    service_tier: str | None
    context_window: str | None
    inference_geo: str | None
    currency: str = USD

    @property
    def is_usd(self) -> bool:
        """Whether the amount is in dollars; amounts of several currencies are never added."""
        return self.currency == USD

    @property
    def is_tokens(self) -> bool:
        """Whether the line pays for tokens, and not for searches, containers or sessions."""
        return self.cost_type == "tokens"

    def member(self, dimension: Dimension) -> str | None:
        """The line's member of a dimension that the bill knows; raises `AttributeError` for any other.

        A token type has the name that reports write, not the bill's words.
        """
        value: str | None = getattr(self, dimension.value)
        return token_type_of_line(value) if dimension is Dimension.TOKEN_TYPE else value


class CostRow(NamedTuple):
    """A line of the bill and what it costs, in cents."""

    line: CostLine
    cents: Decimal


@dataclass(frozen=True, slots=True)
class CostBucket:
    """A day of the bill."""

    window: Window
    rows: tuple[CostRow, ...]


class Series(NamedTuple):
    """One combination of the five stored dimensions, in the order of `SERIES_DIMENSIONS`."""

    workspace_id: str | None
    model: str | None
    api_key_id: str | None
    service_tier: str | None
    context_window: str | None


class Served(NamedTuple):
    """One combination of the dimensions of the mix, in the order of `MIX_DIMENSIONS`.

    A null speed is one that was not told: it was not asked for, or the API did not say (api-facts 2.2).
    """

    workspace_id: str | None
    model: str | None
    service_tier: str | None
    inference_geo: str | None
    speed: str | None


class PriceKey(NamedTuple):
    """What a price depends on and both reports know. Without a token type it is that of a web search."""

    model: str | None
    token_type: TokenType | None
    service_tier: str | None
    context_window: str | None


@dataclass(frozen=True, slots=True)
class Organization:
    """Whose reports these are (`/v1/organizations/me`)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace of the directory. The default workspace is never listed (api-facts 6.2)."""

    id: str
    name: str
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key of the directory: its name is not unique, its hint tells two of one name apart.

    ``workspace_id`` is the API's deprecated field: null for the default workspace *and* for unbound keys;
    ``scope_workspace_id`` is the bound workspace's real id, or None for an unbound key (api-facts 6.3).
    ``expires_at`` is None for a key that never does. The store keeps all but that.
    """

    id: str
    name: str
    status: str
    hint: str | None = None
    workspace_id: str | None = None
    scope_workspace_id: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Configured limits of one group, not how much of them is used (api-facts 6.6).

    ``limits`` maps a limiter, as the API names it (``requests_per_minute``, ``input_tokens_per_minute``, …), to
    its value; ``models`` are all ids and aliases of the group, or None where it is not one of models. In a
    workspace's overrides ``org_limits`` holds the organisation's value of the same limiter, or None where it has
    none; a limiter that is absent is inherited. For the organisation itself it is empty.
    """

    group_type: str
    models: tuple[str, ...] | None
    limits: Mapping[str, int]
    org_limits: Mapping[str, int | None]
