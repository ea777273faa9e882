"""The parsers under fire, each with its seeds and with the value that a document must become."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from fuzz import seeds, truth
from meterdeck.api import wire
from meterdeck.domain.dimensions import Dimension

GROUPED = (Dimension.MODEL, Dimension.WORKSPACE, Dimension.API_KEY, Dimension.SERVICE_TIER)
LINE = (
    "workspace_id",
    "description",
    "cost_type",
    "model",
    "token_type",
    "service_tier",
    "context_window",
    "inference_geo",
)


@dataclass(frozen=True)
class Parser:
    """A parser, documents to spoil, and a check of what it accepted against the document."""

    parse: Callable[[bytes], Any]
    documents: Callable[[], list[bytes]]
    agrees: Callable[[Any, Any], bool]
    never_refuses: bool = False


def _window(bucket: Any) -> tuple[object, object]:
    return truth.moment(bucket["starting_at"]), truth.moment(bucket["ending_at"])


def _usage(value: wire.ReportPage[Any], page: Any) -> bool:
    said = [
        (bucket.window.start, bucket.window.end, [_usage_row(row) for row in bucket.rows])
        for bucket in value.buckets
    ]
    expected = [
        (
            *_window(bucket),
            [
                (tuple(row.get(name.value) for name in GROUPED), truth.counters(row), truth.others(row))
                for row in bucket["results"]
            ],
        )
        for bucket in page["data"]
    ]
    return said == expected and (value.has_more, value.next_page) == truth.page_end(page, "next_page")


def _usage_row(row: Any) -> tuple[object, tuple[int, ...], list[tuple[str, int]]]:
    tokens = row.tokens
    counts = (tokens.uncached_input, tokens.cache_read, tokens.cache_write_5m, tokens.cache_write_1h)
    return row.members, (*counts, tokens.output, row.web_searches), list(row.others)


def _costs(value: wire.ReportPage[Any], page: Any) -> bool:
    said = [
        (bucket.window.start, bucket.window.end, [(tuple(row.line), row.cents) for row in bucket.rows])
        for bucket in value.buckets
    ]
    expected = [
        (
            *_window(bucket),
            [
                ((*(row.get(name) for name in LINE), truth.currency(row)), truth.cents(row))
                for row in bucket["results"]
            ],
        )
        for bucket in page["data"]
    ]
    return said == expected and (value.has_more, value.next_page) == truth.page_end(page, "next_page")


def _organization(value: Any, document: Any) -> bool:
    name = document.get("name")
    is_fraction = isinstance(name, str) and name[:1] in "-0123456789" and "e" in name.casefold()
    has_name = isinstance(name, str) and name and truth.is_text(name)
    names = {name if has_name else document["id"], *([document["id"]] if is_fraction else [])}
    return bool(value.id == document["id"] and value.name in names)


def _workspace(value: Any, row: Any) -> bool:
    archived = truth.moment(row.get("archived_at"))
    return bool((value.id, value.name, value.archived_at) == (row["id"], row["name"], archived))


def _key(value: Any, row: Any) -> bool:
    said = (value.id, value.name, value.status, value.hint, value.workspace_id)
    names = ("id", "name", "status", "partial_key_hint", "workspace_id")
    bound = (row.get("scope") or {}).get("workspace_id")
    expires = truth.moment(row.get("expires_at"))
    same = said == tuple(row.get(name) for name in names)
    return same and value.scope_workspace_id == bound and value.expires_at == expires


def _list(of_row: Callable[[Any, Any], bool], value: wire.ListPage[Any], page: Any) -> bool:
    has_more, last = truth.page_end(page, "last_id")
    last = last or (page["data"][-1]["id"] if page["data"] else None)
    same = all(of_row(said, row) for said, row in zip(value.rows, page["data"], strict=True))
    return same and (value.has_more, value.next) == (has_more, last)


def _limits(value: wire.ListPage[Any], page: Any) -> bool:
    token = page.get("next_page")
    rows = all(_limit(said, row) for said, row in zip(value.rows, page["data"], strict=True))
    return rows and (value.has_more, value.next) == (bool(token), token)


def _limit(value: Any, row: Any) -> bool:
    values = [(limit["type"], limit["value"]) for limit in row["limits"]]
    assert all(truth.is_count(count) for _, count in values)
    of_org = {limit["type"]: limit["org_limit"] for limit in row["limits"] if "org_limit" in limit}
    assert all(count is None or truth.is_count(count) for count in of_org.values())
    models = row.get("models")
    same = (value.group_type, sorted(value.limits.items())) == (row["group_type"], sorted(values))
    return same and value.models == (None if models is None else tuple(models)) and value.org_limits == of_org


def _error(value: tuple[Any, Any, Any], document: Any) -> bool:
    if value == (None, None, None):
        return True
    inner = document["error"]
    return value == (inner.get("type"), inner.get("message"), document.get("request_id"))


def _parse_usage(body: bytes) -> wire.ReportPage[Any]:
    return wire.parse_usage_page(body, GROUPED)


PARSERS = {
    "usage": Parser(_parse_usage, seeds.usage, _usage),
    "costs": Parser(wire.parse_cost_page, seeds.costs, _costs),
    "workspaces": Parser(wire.parse_workspaces, seeds.workspaces, partial(_list, _workspace)),
    "one workspace": Parser(wire.parse_workspace, seeds.one_workspace, _workspace),
    "API keys": Parser(wire.parse_api_keys, seeds.api_keys, partial(_list, _key)),
    "organization": Parser(wire.parse_organization, seeds.organization, _organization),
    "rate limits": Parser(wire.parse_rate_limits, seeds.rate_limits, _limits),
    "errors": Parser(wire.parse_error, seeds.errors, _error, never_refuses=True),
}
