"""Answers of the API as JSON documents, and a client that gets them instead of the network's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from meterdeck.api import AdminClient
from meterdeck.domain.buckets import BucketWidth, Window, rfc3339
from meterdeck.domain.secret import Secret

Document = dict[str, Any]

FIXTURES = Path(__file__).parent / "fixtures" / "api"
BASE_URL = "https://api.anthropic.com"
ADMIN_KEY = "sk-ant-admin01-invented-for-these-tests"
DAY_START = datetime(2026, 11, 17, tzinfo=UTC)
DAYS = Window(DAY_START, DAY_START + timedelta(days=3))
"""The three days that the fixtures describe."""


def fixture(name: str) -> Document:
    """One of the answers in tests/fixtures/api."""
    document: Document = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return document


def usage_row(**fields: object) -> Document:
    """A row of the usage report: no tokens, nothing grouped, but for what is given."""
    return {
        "uncached_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 0,
        "server_tool_use": {"web_search_requests": 0},
    } | fields


def bucket(start: datetime, rows: Iterable[Mapping[str, object]], width: BucketWidth) -> Document:
    """A bucket of either report."""
    return {
        "starting_at": rfc3339(start),
        "ending_at": rfc3339(start + width.delta),
        "results": list(rows),
    }


def page(buckets: Iterable[Document], next_page: str | None = None) -> Document:
    """A page of either report."""
    return {"data": list(buckets), "has_more": next_page is not None, "next_page": next_page}


def cost_page(*amounts: object) -> bytes:
    """One day of the bill with these amounts, each on a line of its own; a `bytes` amount is raw JSON."""
    rows = ",".join(
        f'{{"currency":"USD","description":"line {place}","amount":'
        f"{amount.decode() if isinstance(amount, bytes) else json.dumps(amount)}}}"
        for place, amount in enumerate(amounts)
    )
    times = f'"starting_at":"{rfc3339(DAY_START)}","ending_at":"{rfc3339(DAY_START + timedelta(days=1))}"'
    return f'{{"data":[{{{times},"results":[{rows}]}}],"has_more":false,"next_page":null}}'.encode()


def client(
    answer: Callable[[httpx.Request], httpx.Response], *, url: str = BASE_URL, key: str = ADMIN_KEY
) -> AdminClient:
    """A client whose requests a function answers."""
    return AdminClient(url, Secret(key), via=httpx.MockTransport(answer))


def always(document: object, status: int = 200, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    """The same JSON answer to every request."""
    return lambda _: httpx.Response(status, json=document, headers=headers)
