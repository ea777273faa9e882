"""How fast large pages are parsed and checked, beside the fastest public parsers, in turn in one run.

Ours gives checked values of our own (`UsageBucket`, `CostBucket`); `json.loads` and orjson give dictionaries and
check nothing but JSON; msgspec checks types into structs with our fields, and no more.
"""

from __future__ import annotations

import gc
import json
import statistics
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from time import perf_counter

import msgspec
import orjson

from benches.pages import cost_page, usage_page
from meterdeck.api.wire import parse_cost_page, parse_usage_page
from meterdeck.domain.dimensions import SERIES_DIMENSIONS

ROUNDS = 7


class CacheCreation(msgspec.Struct, gc=False):
    """The nested counters."""

    ephemeral_5m_input_tokens: int
    ephemeral_1h_input_tokens: int


class ServerToolUse(msgspec.Struct, gc=False):
    """Uses of server tools."""

    web_search_requests: int


class UsageRow(msgspec.Struct, gc=False):
    """A row of usage: what we keep of it."""

    uncached_input_tokens: int
    cache_read_input_tokens: int
    output_tokens: int
    cache_creation: CacheCreation
    server_tool_use: ServerToolUse
    workspace_id: str | None
    model: str | None
    api_key_id: str | None
    service_tier: str | None
    context_window: str | None


class UsageBucket(msgspec.Struct, gc=False):
    """A bucket of usage."""

    starting_at: str
    ending_at: str
    results: list[UsageRow]


class UsagePage(msgspec.Struct):
    """A page of usage."""

    data: list[UsageBucket]
    has_more: bool
    next_page: str | None


class CostRow(msgspec.Struct, gc=False):
    """A line of the bill."""

    amount: Decimal
    currency: str
    workspace_id: str | None
    description: str | None
    cost_type: str | None
    model: str | None
    token_type: str | None
    service_tier: str | None
    context_window: str | None
    inference_geo: str | None


class CostBucket(msgspec.Struct, gc=False):
    """A day of the bill."""

    starting_at: str
    ending_at: str
    results: list[CostRow]


class CostPage(msgspec.Struct):
    """A page of the bill."""

    data: list[CostBucket]
    has_more: bool
    next_page: str | None


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Parse pages of both reports, as the process of large answers does (without a collector) and as a thread does."""
    usage = partial(parse_usage_page, group_by=SERIES_DIMENSIONS)
    usage_structs = msgspec.json.Decoder(UsagePage).decode
    cost_structs = msgspec.json.Decoder(CostPage).decode
    for name, rows, body, ours, structs in (
        ("usage, 168 hours × 200", 33_600, usage_page(buckets=168, rows=200), usage, usage_structs),
        (
            "usage, 31 days × 2000",
            62_000,
            usage_page(buckets=31, rows=2000, width=timedelta(days=1)),
            usage,
            usage_structs,
        ),
        ("costs, 31 days × 2000", 62_000, cost_page(days=31, rows=2000), parse_cost_page, cost_structs),
    ):
        for collecting in (False, True):
            parsers: dict[str, Callable[[bytes], object]] = {
                "ours": ours,
                "json.loads": json.loads,
                "orjson": orjson.loads,
                "msgspec": structs,
            }
            times = _times(parsers, body, collecting=collecting)
            figures = [
                f"{parser} {rows / seconds / 1000:,.0f} ({times['json.loads'] / seconds:.2f})"
                for parser, seconds in times.items()
            ]
            yield (
                f"krows/s (and × `json.loads`) of {name}, {len(body) / 1e6:.0f} MB, gc {'on' if collecting else 'off'}",
                ", ".join(figures),
            )


def _times(
    parsers: Mapping[str, Callable[[bytes], object]], body: bytes, *, collecting: bool
) -> dict[str, float]:
    """The median seconds of each parser."""
    times: dict[str, list[float]] = {name: [] for name in parsers}
    for _ in range(ROUNDS):
        for name, parse in parsers.items():
            gc.collect()
            if not collecting:
                gc.disable()
            began = perf_counter()
            result = parse(body)
            times[name].append(perf_counter() - began)
            gc.enable()
            del result
    return {name: statistics.median(seconds) for name, seconds in times.items()}
