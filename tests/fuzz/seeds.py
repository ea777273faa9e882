"""What the mutator starts from: the documented answers, cut into small pieces so that a hit is rarely harmless."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[1] / "fixtures" / "api"
OLD_SHAPE = {
    "uncached_input_tokens": 5,
    "cache_read_input_tokens": 6,
    "output_tokens": 7,
    "cache_creation_input_tokens": 8,
}
ORGANIZATION = {"id": "12345678-1234", "type": "organization", "name": "Acme"}
RATE_LIMITS = {
    "data": [
        {
            "type": "rate_limit",
            "group_type": "model_group",
            "models": ["claude-opus-4-7", "claude-opus-4-7-latest"],
            "limits": [
                {"type": "requests_per_minute", "value": 4000, "org_limit": 5000},
                {"type": "input_tokens_per_minute", "value": 2000000, "org_limit": None},
            ],
        },
        {"group_type": "batch", "models": None, "limits": [{"type": "enqueued_batch_requests", "value": 5}]},
    ],
    "next_page": None,
}


def _read(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text())


def _packed(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _report(*names: str) -> list[bytes]:
    """Pages of one bucket with at most two rows."""
    pages = []
    for name in names:
        page = _read(name)
        for bucket in page["data"]:
            rows = bucket["results"]
            pages += [
                _packed(page | {"data": [bucket | {"results": rows[at : at + 2]}]})
                for at in range(0, max(len(rows), 1), 2)
            ]
    return pages


def _list(name: str) -> list[bytes]:
    page = _read(name)
    rows = page["data"]
    return [_packed(page | {"data": rows[at : at + 2]}) for at in range(0, len(rows), 2)]


def usage() -> list[bytes]:
    """Usage pages in both wire shapes and the old one."""
    names = ("usage_1m_ungrouped", "usage_1h_by_model_page1", "usage_1d_grouped", "seed1_flat_usage_1d")
    pages = _report(*(f"{name}.json" for name in names))
    window = {"starting_at": "2026-11-17T00:00:00Z", "ending_at": "2026-11-18T00:00:00Z"}
    old = {"data": [window | {"results": [OLD_SHAPE]}], "has_more": False, "next_page": None}
    two = {"data": [window | {"results": []}, window | {"results": [OLD_SHAPE]}], "has_more": True}
    return [*pages, _packed(old), _packed(two | {"next_page": "page_2"})]


def costs() -> list[bytes]:
    """Cost pages in both wire shapes."""
    return _report("cost_1d_grouped.json", "cost_1d_ungrouped.json", "seed1_flat_cost_1d.json")


def workspaces() -> list[bytes]:
    """Pages of the workspaces list."""
    return _list("workspaces.json")


def one_workspace() -> list[bytes]:
    """Single workspaces."""
    return [_packed(row) for row in _read("workspaces.json")["data"]]


def api_keys() -> list[bytes]:
    """Pages of the API keys list."""
    return _list("api_keys.json")


def organization() -> list[bytes]:
    """The answer of `/me`."""
    return [_packed(ORGANIZATION)]


def rate_limits() -> list[bytes]:
    """Configured limits, of the organisation and of a workspace."""
    return [_packed(RATE_LIMITS)]


def errors() -> list[bytes]:
    """Error answers."""
    return [_packed(case["body"]) for case in _read("errors.json")["cases"] if "body" in case]
