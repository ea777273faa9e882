"""Large pages of both reports, made up: the shapes of the API, with members as many as a large organisation has."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from meterdeck.domain.buckets import rfc3339

FIRST = datetime(2026, 10, 1, tzinfo=UTC)
WORKSPACES, MODELS, KEYS = 50, 8, 400


def usage_page(*, buckets: int, rows: int, width: timedelta = timedelta(hours=1)) -> bytes:
    """A last page of the usage report, grouped by the five stored dimensions."""
    return _page(buckets, width, [usage_row(number) for number in range(rows)])


def cost_page(*, days: int, rows: int) -> bytes:
    """A last page of the cost report, grouped by workspace and description."""
    return _page(days, timedelta(days=1), [cost_row(number) for number in range(rows)])


def _page(buckets: int, width: timedelta, rows: list[dict[str, Any]]) -> bytes:
    starts = [FIRST + number * width for number in range(buckets)]
    data = [
        {"starting_at": rfc3339(start), "ending_at": rfc3339(start + width), "results": rows}
        for start in starts
    ]
    document = {"data": data, "has_more": False, "next_page": None}
    return json.dumps(document, separators=(",", ":")).encode()


def usage_row(number: int) -> dict[str, Any]:
    """A row of usage: as many different series as numbers."""
    return {
        "uncached_input_tokens": 1_000_003 * number % 9_999_991,
        "cache_creation": {
            "ephemeral_1h_input_tokens": 7 * number,
            "ephemeral_5m_input_tokens": 11 * number,
        },
        "cache_read_input_tokens": 12_345 * number,
        "output_tokens": 321 * number,
        "server_tool_use": {"web_search_requests": number % 5},
        "api_key_id": f"apikey_01{number % KEYS:020d}",
        "workspace_id": f"wrkspc_01{number % WORKSPACES:020d}" if number % WORKSPACES else None,
        "model": f"claude-model-{number % MODELS}-20260101",
        "service_tier": ("standard", "batch")[number // KEYS % 2],
        "context_window": ("0-200k", "200k-1M")[number // (2 * KEYS) % 2],
        "inference_geo": None,
        "account_id": None,
        "service_account_id": None,
    }


def cost_row(number: int) -> dict[str, Any]:
    """A line of a bill: as many different lines as numbers."""
    kind = ("uncached_input_tokens", "output_tokens", "cache_read_input_tokens")[number % 3]
    model = number // 3 % MODELS
    return {
        "currency": "USD",
        "amount": f"{number}.{number * 7919 % 1_000_000:06d}",
        "workspace_id": f"wrkspc_01{number // (3 * MODELS):020d}",
        "description": f"Claude Model {model} Usage - {kind}",
        "cost_type": "tokens",
        "context_window": "0-200k",
        "model": f"claude-model-{model}-20260101",
        "service_tier": "standard",
        "token_type": kind,
        "inference_geo": "global",
    }
