"""Prices of tokens and what tokens are worth: learned from the organisation's own bill, or of the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import EXACT, from_units, to_units
from meterdeck.domain.reports import PriceKey
from meterdeck.domain.tokens import TokenType
from meterdeck.queries.list_prices import ListPrices

UNBILLED_TIER = "priority"

PRICED_BY = (Dimension.MODEL, Dimension.SERVICE_TIER, Dimension.CONTEXT_WINDOW)
"""What a price depends on, beside the token type and the workspace."""

PRICE_DECIMALS = 12
"""Of a cent, in a learned price."""

Worth = tuple[int, int, int, int, int]
"""What tokens are worth, in units of 10⁻¹² cents, and how many were priced, unpriced, and are in no bill; of
those priced, how many at list prices."""


class Vector(NamedTuple):
    """The price of a token of each type, in the order of `TokenCounts` and in units of 10⁻¹² cents; None: unpriced."""

    prices: tuple[int | None, int | None, int | None, int | None, int | None]
    listed: tuple[bool, ...] = ()
    """Which of them are list prices; empty where none is."""


class Origin(StrEnum):
    """Where a price comes from."""

    WORKSPACE = "workspace"
    """The workspace's own settled days."""
    ORGANISATION = "organisation"
    """The organisation's settled days."""
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Price:
    """Cents for one token, rounded once to 12 decimals: with it, tokens × price is exact and adds up."""

    cents: Decimal
    days: int
    """How many settled days it rests on."""
    low: Decimal | None = None
    """The least of what a token cost on one of those days, or in one of the workspaces."""
    high: Decimal | None = None
    first: datetime | None = None
    """The first of those days."""
    origin: Origin = Origin.ORGANISATION
    mixed: bool = False
    """Whether it is an average over prices that differ by geo or speed."""


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A price that is another since a UTC day."""

    key: PriceKey
    day: datetime
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """What tokens will cost in the bill; tokens without a price are counted, never priced at 0.

    Tokens of the Priority Tier are in no bill, ever (api-facts 3.2): they are neither priced nor missing.
    """

    cents: Decimal = Decimal(0)
    priced_tokens: int = 0
    unpriced_tokens: int = 0
    unbilled_tokens: int = 0
    listed_tokens: int = 0
    """Those of ``priced_tokens`` that are priced by the list, not by the organisation's own bill."""

    @classmethod
    def of(cls, units: int, priced: int, unpriced: int, unbilled: int, listed: int) -> Estimate:
        """The estimate that a `Worth`, or a sum of them, stands for."""
        return cls(from_units(units, PRICE_DECIMALS), priced, unpriced, unbilled, listed)

    def __add__(self, other: Estimate) -> Estimate:
        return Estimate(
            EXACT.add(self.cents, other.cents),
            self.priced_tokens + other.priced_tokens,
            self.unpriced_tokens + other.unpriced_tokens,
            self.unbilled_tokens + other.unbilled_tokens,
            self.listed_tokens + other.listed_tokens,
        )

    @property
    def known(self) -> bool:
        """Whether there is a figure at all; where there is none it is ``unpriced``, not $0."""
        return self.priced_tokens > 0 or not (self.unpriced_tokens or self.unbilled_tokens)

    def scaled(self, factor: int) -> Estimate:
        """The same, as many times."""
        return Estimate(
            EXACT.multiply(self.cents, Decimal(factor)),
            self.priced_tokens * factor,
            self.unpriced_tokens * factor,
            self.unbilled_tokens * factor,
            self.listed_tokens * factor,
        )


@dataclass(frozen=True, slots=True)
class PriceBook:
    """All prices: a workspace's own where its days suffice, else the organisation's, else those of the list."""

    prices: Mapping[PriceKey, Price] = field(default_factory=dict)
    settled_days: frozenset[datetime] = frozenset()
    of_workspaces: Mapping[tuple[str | None, PriceKey], Price] = field(default_factory=dict)
    changes: tuple[PriceChange, ...] = ()
    """Price changes among the days that it rests on, newest first."""
    listed: ListPrices | None = field(default=None, compare=False, repr=False)
    _vectors: dict[tuple[str | None, ...], Vector] = field(default_factory=dict, compare=False, repr=False)

    def price(self, workspace_id: str | None, key: PriceKey) -> Price | None:
        """The price of a token of a workspace; None where nothing tells it."""
        return self.of_workspaces.get((workspace_id, key)) or self.prices.get(key) or self.list_price(key)

    def list_price(self, key: PriceKey) -> Price | None:
        """What the list says of a kind of token; None where it says nothing, or no bill ever holds it."""
        if self.listed is None or key.service_tier == UNBILLED_TIER:
            return None
        cents = self.listed.cents(key)
        return None if cents is None else Price(cents, 0, origin=Origin.LIST)

    def vector(
        self,
        workspace_id: str | None,
        model: str | None,
        service_tier: str | None,
        context_window: str | None,
    ) -> Vector | None:
        """The prices of one series' five token types; None where no bill ever holds them."""
        if service_tier == UNBILLED_TIER:
            return None
        kind = (workspace_id, model, service_tier, context_window)
        found = self._vectors.get(kind)
        if found is None:
            prices = [
                self.price(workspace_id, PriceKey(model, token_type, service_tier, context_window))
                for token_type in TokenType
            ]
            uncached, read, write_5m, write_1h, output = map(_units, prices)
            listed = tuple(price is not None and price.origin is Origin.LIST for price in prices)
            found = Vector((uncached, read, write_5m, write_1h, output), listed if any(listed) else ())
            self._vectors[kind] = found
        return found


def worth(counters: Sequence[int], vector: Vector | None) -> Worth:
    """Price one series' tokens, given in the order of `TokenCounts`.

    Each series is priced, then added: never a sum priced.
    """
    if vector is None:
        return 0, 0, 0, sum(counters[:5]), 0
    units = priced = unpriced = 0
    for count, price in zip(counters, vector.prices, strict=False):
        if price is None:
            unpriced += count
        elif count:
            units += count * price
            priced += count
    listed = sum(count for count, by_list in zip(counters, vector.listed, strict=False) if by_list)
    return units, priced, unpriced, 0, listed


def _units(price: Price | None) -> int | None:
    return None if price is None else to_units(price.cents, PRICE_DECIMALS)
