"""Prices of tokens and what tokens are worth: learned from the organisation's own bill, or of the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import count
from typing import NamedTuple

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import to_units
from meterdeck.domain.reports import PriceKey
from meterdeck.domain.tokens import TokenType
from meterdeck.queries.list_prices import ListPrices

UNBILLED_TIER = "priority"
SEARCH = PriceKey(None, None, None, None)
"""Stands for a web search among the kinds of token: it has a price, and no model or tier in the bill."""

PRICED_BY = (Dimension.MODEL, Dimension.SERVICE_TIER, Dimension.CONTEXT_WINDOW)
"""What a price depends on, beside the token type and the workspace."""

PRICE_DECIMALS = 12
"""Of a cent, in a learned price."""

Worth = tuple[int, int, int, int, int, int, int, int]
"""What tokens and searches are worth, in units of 10⁻¹² cents; how much of it is for searches; how many tokens and
searches were priced, tokens unpriced, and in no bill; of those priced, tokens at list and at early prices, searches at
list prices."""

SEARCHES = 5
"""The place of web searches behind the five token counters."""
_Six = tuple[int | None, int | None, int | None, int | None, int | None, int | None]


class Vector(NamedTuple):
    """The price of a token of each type, in the order of `TokenCounts`, and of a web search, in units of 10⁻¹² cents.

    None: unpriced.
    """

    prices: _Six
    listed: tuple[bool, ...] = ()
    """Which of them are list prices; empty where none is."""
    early: tuple[bool, ...] = ()
    """Which of them rest on a bill that is not settled; empty where none does."""
    unbilled: bool = False
    """Whether no bill ever holds its tokens; searches are in it all the same."""


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
    early: bool = False
    """Whether it rests on a bill that is not settled yet."""


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A price that is another since a UTC day."""

    key: PriceKey
    day: datetime
    before: Decimal
    after: Decimal
    early: bool = False
    """Whether only bills that are not settled yet tell."""


@dataclass(frozen=True, slots=True)
class PriceBook:
    """All prices: a workspace's own where its days suffice, else the organisation's, else those of the list."""

    prices: Mapping[PriceKey, Price] = field(default_factory=dict)
    settled_days: frozenset[datetime] = frozenset()
    of_workspaces: Mapping[tuple[str | None, PriceKey], Price] = field(default_factory=dict)
    changes: tuple[PriceChange, ...] = ()
    """Price changes among the days that it rests on, newest first."""
    as_of: datetime | None = None
    """When it was learned: which days are settled follows from it; None where nothing was learned."""
    confirmed: datetime | None = None
    """The newest day whose whole bill bears these prices out."""
    eras: tuple[tuple[datetime, PriceBook], ...] = field(default=(), compare=False, repr=False)
    """The books of days before price changes that open days saw, each with the day that it ends before; oldest first."""
    cheaper: PriceBook | None = field(default=None, compare=False, repr=False)
    """The least that early prices may be, where there are any."""
    dearer: PriceBook | None = field(default=None, compare=False, repr=False)
    """The most."""
    listed: ListPrices | None = field(default=None, compare=False, repr=False)
    number: int = field(default_factory=count().__next__, compare=False, repr=False)
    """Its own among all books of this process: what is worked out with it is kept under it."""
    _vectors: dict[tuple[str | None, ...], Vector] = field(default_factory=dict, compare=False, repr=False)

    def of_day(self, day: datetime) -> PriceBook:
        """The prices of an open UTC day: those of its own period."""
        return next((book for until, book in self.eras if day < until), self)

    def price(self, workspace_id: str | None, key: PriceKey) -> Price | None:
        """The price of a token (or search) of a workspace; None where nothing tells it."""
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
    ) -> Vector:
        """The prices of one series' five token types and of its searches."""
        kind = (workspace_id, model, service_tier, context_window)
        found = self._vectors.get(kind)
        if found is None:
            found = self._vectors[kind] = self._make_vector(*kind)
        return found

    def _make_vector(
        self, workspace: str | None, model: str | None, tier: str | None, context: str | None
    ) -> Vector:
        unbilled = tier == UNBILLED_TIER
        keys = [PriceKey(model, token_type, tier, context) for token_type in TokenType]
        prices = [None if unbilled else self.price(workspace, key) for key in keys]
        prices.append(self.price(workspace, SEARCH))
        one, two, three, four, five, search = map(_units, prices)
        listed = tuple(price is not None and price.origin is Origin.LIST for price in prices)
        early = tuple(price is not None and price.early for price in prices)
        return Vector(
            (one, two, three, four, five, search),
            listed if any(listed) else (),
            early if any(early) else (),
            unbilled,
        )


def worth(counters: Sequence[int], vector: Vector) -> Worth:
    """Price one series' tokens, given in the order of `TokenCounts`, and its searches, where they are given.

    Each series is priced, then added: never a sum priced.
    """
    units = searches = priced = unpriced = 0
    for place, (used, price) in enumerate(zip(counters, vector.prices, strict=False)):
        if not used:
            continue
        if price is None:
            unpriced += used
            continue
        units += used * price
        priced += used
        if place == SEARCHES:
            searches = used * price
    listed = early = listed_searches = 0
    if vector.listed:
        listed = sum(
            used for used, by_list in zip(counters[:SEARCHES], vector.listed, strict=False) if by_list
        )
        if vector.listed[SEARCHES] and len(counters) > SEARCHES:
            listed_searches = counters[SEARCHES]
    if vector.early:
        early = sum(used for used, is_early in zip(counters, vector.early, strict=False) if is_early)
    if vector.unbilled:
        return units, searches, priced, 0, unpriced, listed, early, listed_searches
    return units, searches, priced, unpriced, 0, listed, early, listed_searches


def _units(price: Price | None) -> int | None:
    return None if price is None else to_units(price.cents, PRICE_DECIMALS)
