"""Values of the domain, short to write: what the tests of store, sync and queries feed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS
from meterdeck.domain.reports import CostBucket, CostLine, CostRow, Series, UsageBucket, UsageRow
from meterdeck.domain.tokens import TokenCounts, TokenType


def series(
    workspace: str | None = "wrkspc_a",
    model: str | None = "claude-opus-5",
    key: str | None = "apikey_1",
    tier: str | None = "standard",
    context: str | None = "0-200k",
) -> Series:
    """One combination of the five stored dimensions."""
    return Series(workspace, model, key, tier, context)


def used(
    start: datetime,
    rows: Mapping[Series, int | TokenCounts] | Sequence[tuple[Series, int | TokenCounts]],
    width: BucketWidth = BucketWidth.HOUR,
    *,
    searches: int = 0,
) -> UsageBucket:
    """A usage bucket; a plain number is that many output tokens, every row has the same searches."""
    pairs = rows.items() if isinstance(rows, Mapping) else rows
    return UsageBucket(
        Window(start, start + width.delta),
        SERIES_DIMENSIONS,
        tuple(
            UsageRow(tuple(of), TokenCounts(output=count) if isinstance(count, int) else count, searches)
            for of, count in pairs
        ),
    )


def line(
    workspace: str | None = "wrkspc_a",
    model: str | None = "claude-opus-5",
    token_type: TokenType | None = TokenType.OUTPUT,
    tier: str | None = "standard",
    context: str | None = "0-200k",
) -> CostLine:
    """A line of the bill that pays for tokens."""
    in_bill = token_type and token_type.in_bill
    return CostLine(workspace, f"{model} {token_type}", "tokens", model, in_bill, tier, context, "global")


def other_line(cost_type: str = "web_search", workspace: str | None = "wrkspc_a") -> CostLine:
    """A line of the bill that pays for something else."""
    return CostLine(workspace, f"{cost_type} usage", cost_type, None, None, None, None, None)


def billed(day: datetime, rows: Mapping[CostLine, str] | Sequence[tuple[CostLine, str]]) -> CostBucket:
    """A day of the bill, amounts in cents as text."""
    pairs = rows.items() if isinstance(rows, Mapping) else rows
    window = Window(day, day + BucketWidth.DAY.delta)
    return CostBucket(window, tuple(CostRow(of, Decimal(cents)) for of, cents in pairs))
