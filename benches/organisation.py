"""A large invented organisation, drawn from a seed: buckets of both reports as the client would give them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth, Window, rfc3339
from meterdeck.domain.dimensions import SERIES_DIMENSIONS
from meterdeck.domain.reports import (
    ApiKey,
    CostBucket,
    CostLine,
    CostRow,
    Series,
    UsageBucket,
    UsageRow,
    Workspace,
)
from meterdeck.domain.tokens import TokenCounts, TokenType

MODELS = [f"claude-model-{number}" for number in range(8)]
TIERS = ["standard", "batch"]
CONTEXTS = ["0-200k", "200k-1M"]


class LargeOrganisation:
    """200 workspaces, 500 keys, 8 models or more; rows of a bucket are a random choice of its series."""

    def __init__(
        self, seed: int = 1, workspaces: int = 200, keys: int = 500, models: int = len(MODELS)
    ) -> None:
        self._random = random.Random(seed)
        of_it = [f"claude-model-{number}" for number in range(models)]
        self.workspaces = [Workspace(f"wrkspc_{n:03}", f"workspace-{n:03}") for n in range(workspaces)]
        self.keys = [
            ApiKey(f"apikey_{n:03}", f"key-{n:03}", "active", f"sk-…{n:04}", f"wrkspc_{n % workspaces:03}")
            for n in range(keys)
        ]
        self.series = [
            Series(key.workspace_id, model, key.id, tier, context)
            for key in self.keys
            for model in self._random.sample(of_it, self._random.randint(1, len(of_it)))
            for tier in TIERS
            for context in CONTEXTS
            if self._random.random() < 0.6
        ]
        possible = [
            CostLine(w.id, f"{model} {token_type}", "tokens", model, token_type, tier, context, "global")
            for w in self.workspaces
            for model in of_it
            for token_type in TokenType
            for tier in TIERS
            for context in CONTEXTS
        ]
        self.lines = self._random.sample(possible, len(possible) // 9)

    def usage(self, width: BucketWidth, window: Window, rows: int) -> Iterator[UsageBucket]:
        """Buckets of so many rows each."""
        for start in window.starts(width):
            chosen = self._random.sample(self.series, rows)
            yield UsageBucket(
                Window(start, start + width.delta),
                SERIES_DIMENSIONS,
                tuple(UsageRow(tuple(of), self._tokens(), self._random.randrange(3)) for of in chosen),
            )

    def page(self, width: BucketWidth, window: Window, rows: int) -> bytes:
        """The same as a page on the wire."""
        data = [
            {
                "starting_at": rfc3339(bucket.window.start),
                "ending_at": rfc3339(bucket.window.end),
                "results": [_wire(row) for row in bucket.rows],
            }
            for bucket in self.usage(width, window, rows)
        ]
        return json.dumps({"data": data, "has_more": False, "next_page": None}).encode()

    def bill(self, day: datetime, rows: int) -> CostBucket:
        """A day of so many lines."""
        chosen = self._random.sample(self.lines, rows)
        return CostBucket(
            Window(day, day + BucketWidth.DAY.delta),
            tuple(CostRow(of, Decimal(self._random.randrange(10**9)).scaleb(-4)) for of in chosen),
        )

    def _tokens(self) -> TokenCounts:
        draw = self._random.randrange
        return TokenCounts(draw(10**5), draw(10**6), draw(10**5), draw(10**3), draw(10**5))


def _wire(row: UsageRow) -> dict[str, object]:
    tokens = row.tokens
    return {
        **{dimension.value: member for dimension, member in zip(SERIES_DIMENSIONS, row.members, strict=True)},
        "account_id": None,
        "service_account_id": None,
        "inference_geo": None,
        "uncached_input_tokens": tokens.uncached_input,
        "cache_read_input_tokens": tokens.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens.cache_write_5m,
            "ephemeral_1h_input_tokens": tokens.cache_write_1h,
        },
        "output_tokens": tokens.output,
        "server_tool_use": {"web_search_requests": row.web_searches},
    }
