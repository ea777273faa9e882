from typing import Any

import httpx
import pytest

DAY = (
    "/v1/organizations/usage_report/messages?starting_at=2026-11-19T00:00:00Z&ending_at=2026-11-20T00:00:00Z"
)
BETA = {"anthropic-beta": "fast-mode-2026-02-01"}

DIMENSIONS = (
    "account_id",
    "api_key_id",
    "context_window",
    "inference_geo",
    "model",
    "service_account_id",
    "service_tier",
    "speed",
    "workspace_id",
)
TIERS = ("standard", "batch", "priority", "priority_on_demand", "flex", "flex_discount")
JANE = "user_01SimJane00000000000001"
FILTERS = {
    "account_ids": ("account_id", JANE),
    "api_key_ids": ("api_key_id", "apikey_01SimEtlExtractBatchEtl00"),
    "context_window": ("context_window", "200k-1M"),
    "inference_geos": ("inference_geo", "not_available"),
    "models": ("model", "claude-fable-5"),
    "service_account_ids": ("service_account_id", "svac_01SimDeployPipeline00001"),
    "service_tiers": ("service_tier", "priority"),
    "speeds": ("speed", "fast"),
    "workspace_ids": ("workspace_id", "wrkspc_01SimEvals00000000000"),
}
Row = dict[str, Any]


async def rows_of(api: httpx.AsyncClient, question: str = "") -> list[Row]:
    """The rows of one settled day."""
    (bucket,) = (await api.get(f"{DAY}&{question}", headers=BETA)).json()["data"]
    results: list[Row] = bucket["results"]
    return results


def counters(row: Row) -> tuple[int, ...]:
    return (
        row["uncached_input_tokens"],
        row["cache_read_input_tokens"],
        row["cache_creation"]["ephemeral_5m_input_tokens"],
        row["cache_creation"]["ephemeral_1h_input_tokens"],
        row["output_tokens"],
        row["server_tool_use"]["web_search_requests"],
    )


def added(rows: list[Row]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*map(counters, rows), strict=True)))


async def test_ungrouped_usage_is_one_row_that_names_nobody(api: httpx.AsyncClient) -> None:
    (row,) = await rows_of(api)
    assert all(count > 0 for count in counters(row))
    assert {name for name, value in row.items() if value is None} == set(DIMENSIONS) - {"speed"}


async def test_a_row_has_the_fields_of_the_reference_and_no_others(api: httpx.AsyncClient) -> None:
    (row,) = await rows_of(api)
    assert set(row) == {
        *(set(DIMENSIONS) - {"speed"}),
        "uncached_input_tokens",
        "cache_read_input_tokens",
        "cache_creation",
        "output_tokens",
        "server_tool_use",
    }
    assert set(row["cache_creation"]) == {"ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"}
    assert set(row["server_tool_use"]) == {"web_search_requests"}
    assert all(type(count) is int for count in counters(row))


@pytest.mark.parametrize("dimension", DIMENSIONS)
async def test_members_of_a_dimension_have_one_row_each_and_add_up(
    api: httpx.AsyncClient, dimension: str
) -> None:
    rows = await rows_of(api, f"group_by[]={dimension}")
    members = [row[dimension] for row in rows]
    assert len(members) == len(set(members))
    assert all(row[other] is None for row in rows for other in set(row) & set(DIMENSIONS) - {dimension})
    assert added(rows) == added(await rows_of(api))


@pytest.mark.parametrize(
    ("dimension", "members"),
    [
        ("account_id", {None, JANE, "user_01SimRavi00000000000002", "user_01SimNoor00000000000003"}),
        ("context_window", {"0-200k", "200k-1M"}),
        ("inference_geo", {"global", "us", "not_available"}),
        ("service_account_id", {None, "svac_01SimDeployPipeline00001", "svac_01SimNightlyEvals0000002"}),
        ("service_tier", set(TIERS)),
        ("speed", {"standard", "fast"}),
    ],
)
async def test_a_dimension_has_the_members_that_were_used(
    api: httpx.AsyncClient, dimension: str, members: set[str | None]
) -> None:
    assert {row[dimension] for row in await rows_of(api, f"group_by[]={dimension}")} == members


@pytest.mark.parametrize("parameter", FILTERS)
async def test_a_filter_keeps_the_rows_of_its_member_alone(api: httpx.AsyncClient, parameter: str) -> None:
    dimension, member = FILTERS[parameter]
    grouping = f"group_by[]={dimension}&group_by[]=model"
    everything = await rows_of(api, grouping)
    kept = [row for row in everything if row[dimension] == member]
    assert 0 < len(kept) < len(everything)
    assert await rows_of(api, f"{grouping}&{parameter}[]={member}") == kept
    assert added(await rows_of(api, f"{parameter}[]={member}")) == added(kept)


@pytest.mark.parametrize("tier", TIERS)
async def test_every_service_tier_can_be_grouped_and_kept_alone(api: httpx.AsyncClient, tier: str) -> None:
    rows = await rows_of(api, "group_by[]=service_tier")
    (of_tier,) = [row for row in rows if row["service_tier"] == tier]
    assert await rows_of(api, f"group_by[]=service_tier&service_tiers[]={tier}") == [of_tier]
    (kept,) = await rows_of(api, f"service_tiers[]={tier}")
    assert counters(kept) == counters(of_tier)
    assert sum(counters(kept)[:5]) > 1_000_000


async def test_a_filter_by_an_account_keeps_nothing_where_nobody_used_oauth(api: httpx.AsyncClient) -> None:
    assert await rows_of(api, "account_ids[]=user_01SimAdminUser0000000001") == []


async def test_values_of_a_filter_widen_it_and_filters_narrow_each_other(api: httpx.AsyncClient) -> None:
    everything = await rows_of(api, "group_by[]=model&group_by[]=service_tier")
    question = (
        "models[]=claude-sonnet-5&models[]=claude-opus-5&service_tiers[]=batch&service_tiers[]=priority"
    )
    kept = [
        row
        for row in everything
        if row["model"] in {"claude-sonnet-5", "claude-opus-5"}
        and row["service_tier"] in {"batch", "priority"}
    ]
    assert len(kept) == 3
    assert await rows_of(api, f"group_by[]=model&group_by[]=service_tier&{question}") == kept


async def test_a_member_nobody_knows_has_no_rows(api: httpx.AsyncClient) -> None:
    assert await rows_of(api, "models[]=claude-opus-99") == []


async def test_the_default_workspace_and_the_console_are_null(api: httpx.AsyncClient) -> None:
    rows = await rows_of(api, "group_by[]=workspace_id&group_by[]=api_key_id")
    pairs = [(row["workspace_id"], row["api_key_id"]) for row in rows]
    assert (None, None) in pairs
    assert (None, "apikey_01SimClaudeCodeCDefault00") in pairs
    assert ("wrkspc_01SimResearch00000000", None) in pairs
    assert len(pairs) == len(set(pairs))


async def test_five_dimensions_at_once_split_into_their_combinations(api: httpx.AsyncClient) -> None:
    five = ("workspace_id", "model", "api_key_id", "service_tier", "context_window")
    rows = await rows_of(api, "&".join(f"group_by[]={name}" for name in five))
    assert len({tuple(row[name] for name in five) for row in rows}) == len(rows) > 40
    by_model = {row["model"]: counters(row) for row in await rows_of(api, "group_by[]=model")}
    for model, total in by_model.items():
        assert added([row for row in rows if row["model"] == model]) == total
