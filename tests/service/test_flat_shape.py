from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from meterdeck.service import demo_app
from meterdeck.service.simulated.options import Options

USAGE = (
    "/v1/organizations/usage_report/messages"
    "?starting_at=2026-11-19T00:00:00Z&ending_at=2026-11-20T00:00:00Z&group_by[]=model&group_by[]=workspace_id"
)
COST = (
    "/v1/organizations/cost_report"
    "?starting_at=2026-11-19T00:00:00Z&ending_at=2026-11-20T00:00:00Z&group_by[]=description"
)
FLAT = Options(shape="flat")
Row = dict[str, Any]

flat = pytest.mark.parametrize("api", [FLAT], indirect=True)


async def rows_of(api: httpx.AsyncClient, url: str) -> list[Row]:
    (bucket,) = (await api.get(url)).json()["data"]
    rows: list[Row] = bucket["results"]
    return rows


@flat
async def test_a_flat_usage_row_has_the_older_fields_alone(api: httpx.AsyncClient) -> None:
    for row in await rows_of(api, USAGE):
        assert set(row) == {
            *("api_key_id", "context_window", "model", "service_tier", "workspace_id"),
            *("uncached_input_tokens", "cache_read_input_tokens", "output_tokens", "server_tool_use"),
            *("cache_creation_5m_input_tokens", "cache_creation_1h_input_tokens"),
        }
        assert row["server_tool_use"] == {}


@flat
async def test_a_flat_cost_row_has_no_geo(api: httpx.AsyncClient) -> None:
    for row in await rows_of(api, COST):
        assert set(row) == {
            *("amount", "currency", "workspace_id", "description", "cost_type"),
            *("model", "token_type", "service_tier", "context_window"),
        }


def read(row: Row) -> tuple[int, ...]:
    """The five counters of a row of either shape."""
    nested = row.get("cache_creation")
    writes = (
        (row["cache_creation_5m_input_tokens"], row["cache_creation_1h_input_tokens"])
        if nested is None
        else (nested["ephemeral_5m_input_tokens"], nested["ephemeral_1h_input_tokens"])
    )
    return (row["uncached_input_tokens"], row["cache_read_input_tokens"], *writes, row["output_tokens"])


async def test_both_shapes_say_the_same_tokens_and_the_same_money(
    api: httpx.AsyncClient, clock: SimpleNamespace
) -> None:
    transport = httpx.ASGITransport(app=demo_app(FLAT, clock=lambda: clock.now))
    async with httpx.AsyncClient(transport=transport, base_url=api.base_url, headers=api.headers) as flat_api:
        nested_usage, flat_usage = await rows_of(api, USAGE), await rows_of(flat_api, USAGE)
        nested_cost, flat_cost = await rows_of(api, COST), await rows_of(flat_api, COST)
    assert "cache_creation" in nested_usage[0]
    assert "cache_creation" not in flat_usage[0]
    assert [(row["model"], row["workspace_id"], *read(row)) for row in flat_usage] == [
        (row["model"], row["workspace_id"], *read(row)) for row in nested_usage
    ]
    assert [(row["description"], row["amount"]) for row in flat_cost] == [
        (row["description"], row["amount"]) for row in nested_cost
    ]
