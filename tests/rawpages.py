"""Sums over the service's raw JSON pages, made without the client, the store or any query."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple, TypeVar

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.tokens import TokenCounts
from world import COST, USAGE, World

Key = TypeVar("Key", bound=Hashable)

TOKEN_TYPES: dict[str | None, str] = {
    "uncached_input_tokens": "uncached_input",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "output_tokens": "output",
}
"""The bill's words, and what reports write for them."""


class RawUsage(NamedTuple):
    """A row of the usage report as it came."""

    start: datetime
    fields: dict[str, str | None]
    tokens: TokenCounts
    searches: int

    def member(self, dimension: Dimension) -> str | None:
        """Its member of a dimension."""
        return self.fields[dimension.value]


class RawCost(NamedTuple):
    """A row of the cost report as it came; cents as a fraction, so that not even their sum can round."""

    day: datetime
    fields: dict[str, str | None]
    cents: Fraction

    def member(self, dimension: Dimension) -> str | None:
        """Its member of a dimension; of token types by the name that reports write."""
        value = self.fields[dimension.value]
        return TOKEN_TYPES.get(value, value) if dimension is Dimension.TOKEN_TYPE else value


def usage_rows(world: World, window: Window, width: BucketWidth = BucketWidth.HOUR) -> list[RawUsage]:
    """Every row of a window at the finest grain that is stored."""
    grouped = [("group_by[]", dimension.value) for dimension in SERIES_DIMENSIONS]
    limit = ("limit", str(width.page_limit))
    return [
        RawUsage(
            datetime.fromisoformat(bucket["starting_at"]),
            {dimension.value: row[dimension.value] for dimension in SERIES_DIMENSIONS},
            TokenCounts(
                row["uncached_input_tokens"],
                row["cache_read_input_tokens"],
                row["cache_creation"]["ephemeral_5m_input_tokens"],
                row["cache_creation"]["ephemeral_1h_input_tokens"],
                row["output_tokens"],
            ),
            row["server_tool_use"]["web_search_requests"],
        )
        for bucket in world.raw(USAGE, window, ("bucket_width", width.value), limit, *grouped)
        for row in bucket["results"]
    ]


def cost_rows(world: World, window: Window) -> list[RawCost]:
    """Every line of the bill of some days."""
    grouped = [("group_by[]", "workspace_id"), ("group_by[]", "description")]
    return [
        RawCost(
            datetime.fromisoformat(bucket["starting_at"]),
            {name: value for name, value in row.items() if name != "amount"},
            Fraction(row["amount"]),
        )
        for bucket in world.raw(COST, window, ("limit", "31"), *grouped)
        for row in bucket["results"]
    ]


def tokens_by(rows: Iterable[RawUsage], key: Callable[[RawUsage], Key]) -> dict[Key, tuple[TokenCounts, int]]:
    """Tokens and searches of all rows of one key."""
    sums: dict[Key, tuple[TokenCounts, int]] = {}
    for row in rows:
        tokens, searches = sums.get(key(row), (TokenCounts(), 0))
        sums[key(row)] = (tokens + row.tokens, searches + row.searches)
    return sums


def cents_by(rows: Iterable[RawCost], key: Callable[[RawCost], Key]) -> dict[Key, Fraction]:
    """Cents of all rows of one key."""
    sums: dict[Key, Fraction] = {}
    for row in rows:
        sums[key(row)] = sums.get(key(row), Fraction(0)) + row.cents
    return sums
