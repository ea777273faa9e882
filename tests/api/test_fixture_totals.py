"""The fixtures' totals, as their README states them, through the real client."""

import json
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import httpx
import respx

from answers import ADMIN_KEY, BASE_URL, DAY_START, DAYS, Document, fixture
from meterdeck.api import AdminClient, CostQuery, UsageQuery
from meterdeck.api.wire import parse_usage_page
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.money import sum_exactly
from meterdeck.domain.reports import CostBucket, UsageBucket
from meterdeck.domain.secret import Secret
from meterdeck.domain.tokens import TokenCounts, total_of

ONE_DAY = Window(DAY_START, DAY_START + timedelta(days=1))
PRODUCTION, RESEARCH = "wrkspc_01FixtureProd0000000000AA", "wrkspc_01FixtureResearch00000BB"


async def usage_of(document: Document, query: UsageQuery) -> tuple[UsageBucket, ...]:
    with respx.mock(base_url=BASE_URL) as server:
        server.get("/v1/organizations/usage_report/messages").respond(json=document)
        async with AdminClient(BASE_URL, Secret(ADMIN_KEY)) as client:
            return await client.usage(query)


async def costs_of(document: Document, window: Window = DAYS) -> tuple[CostBucket, ...]:
    with respx.mock(base_url=BASE_URL) as server:
        server.get("/v1/organizations/cost_report").respond(json=document)
        async with AdminClient(BASE_URL, Secret(ADMIN_KEY)) as client:
            return await client.costs(CostQuery(window))


def tokens(bucket: UsageBucket) -> TokenCounts:
    return total_of(row.tokens for row in bucket.rows)


async def test_the_days_have_the_tokens_and_searches_that_the_readme_states() -> None:
    days = await usage_of(fixture("usage_1d_grouped"), UsageQuery(DAYS, BucketWidth.DAY))
    assert [tokens(day).total for day in days] == [9_925_000, 0, 8_770_004]
    assert [sum(row.web_searches for row in day.rows) for day in days] == [0, 0, 25]
    tier = SERIES_DIMENSIONS.index(Dimension.SERVICE_TIER)
    priority = [row.tokens.total for row in days[2].rows if row.members[tier] == "priority"]
    assert priority == [600_000]


async def test_null_under_a_grouped_dimension_is_kept_as_null() -> None:
    days = await usage_of(fixture("usage_1d_grouped"), UsageQuery(DAYS, BucketWidth.DAY))
    console = days[0].rows[1]
    assert console.members == (None, "claude-sonnet-4-6", None, "standard", "0-200k")
    assert days[0].group_by == SERIES_DIMENSIONS
    assert days[1].rows == ()


async def test_cents_by_day_and_workspace_are_exact() -> None:
    days = await costs_of(fixture("cost_1d_grouped"))
    assert [sum_exactly(row.cents for row in day.rows) for day in days] == [
        Decimal("2013.5"),
        Decimal(0),
        Decimal("3085.5004"),
    ]
    by_workspace: dict[str | None, Decimal] = {}
    for day in days:
        for line, cents in day.rows:
            by_workspace[line.workspace_id] = by_workspace.get(line.workspace_id, Decimal(0)) + cents
    assert by_workspace == {PRODUCTION: 4633, RESEARCH: Decimal("317.5004"), None: Decimal("148.5")}


async def test_grouped_and_ungrouped_bills_agree_to_the_last_digit() -> None:
    grouped = await costs_of(fixture("cost_1d_grouped"))
    ungrouped = await costs_of(fixture("cost_1d_ungrouped"))
    assert [sum_exactly(row.cents for row in day.rows) for day in grouped] == [
        sum_exactly(row.cents for row in day.rows) for day in ungrouped
    ]


async def test_lines_of_one_description_stay_apart_by_context_window() -> None:
    last = (await costs_of(fixture("cost_1d_grouped")))[2]
    inputs = [line for line, _ in last.rows if line.description == "Claude Opus 4.7 Usage - Input Tokens"]
    assert [line.context_window for line in inputs] == ["0-200k", "200k-1M"]
    assert len({line for line, _ in last.rows}) == len(last.rows)


async def test_amounts_keep_the_decimals_that_came_and_only_tokens_are_token_costs() -> None:
    last = (await costs_of(fixture("cost_1d_grouped")))[2]
    other = {line.cost_type: str(cents) for line, cents in last.rows if not line.is_tokens}
    assert other == {"web_search": "25", "code_execution": "17.5000", "session_usage": "8.0"}
    assert not any(line.service_tier == "priority" for line, _ in last.rows)


async def test_both_wire_shapes_give_the_same_tokens_and_the_same_money() -> None:
    nested, flat = fixture("usage_1d_grouped"), fixture("seed1_flat_usage_1d")
    nested["data"] = nested["data"][:1]
    query = UsageQuery(ONE_DAY, BucketWidth.DAY)
    assert await usage_of(nested, query) == await usage_of(flat, query)
    bill, flat_bill = fixture("cost_1d_grouped"), fixture("seed1_flat_cost_1d")
    bill["data"] = bill["data"][:1]
    without_geo = [
        [(line._replace(inference_geo=None), cents) for line, cents in day.rows]
        for day in await costs_of(bill, ONE_DAY)
    ]
    assert without_geo == [list(day.rows) for day in await costs_of(flat_bill, ONE_DAY)]


async def test_ungrouped_minutes_are_read_and_empty_ones_are_present() -> None:
    start = DAY_START + timedelta(days=2, hours=14)
    query = UsageQuery(Window(start, start + timedelta(minutes=5)), BucketWidth.MINUTE, group_by=())
    minutes = await usage_of(fixture("usage_1m_ungrouped"), query)
    assert [tokens(minute).total for minute in minutes] == [20_850, 0, 21_070, 102, 0]
    assert [len(minute.rows) for minute in minutes] == [1, 0, 1, 1, 0]
    assert tokens(minutes[2]) == TokenCounts(1875, 18250, 512, 0, 433)


def test_a_first_page_says_how_to_go_on() -> None:
    body = (httpx.Response(200, json=fixture("usage_1h_by_model_page1"))).content
    found = parse_usage_page(body, (Dimension.MODEL,))
    assert (found.has_more, found.next_page) == (True, "page_MjAyNi0xMS0xOVQwMzowMDowMFo=")
    by_model: Counter[str | None] = Counter()
    for hour in found.buckets:
        for row in hour.rows:
            by_model[row.members[0]] += row.tokens.total
    assert by_model == {"claude-opus-4-7": 988_882, "claude-haiku-4-5-20251001": 142_000}


def test_nested_cache_writes_of_nulls_do_not_hide_the_flat_ones() -> None:
    row = {
        "uncached_input_tokens": 1,
        "cache_read_input_tokens": 2,
        "output_tokens": 3,
        "cache_creation": {"ephemeral_5m_input_tokens": None, "ephemeral_1h_input_tokens": None},
        "cache_creation_5m_input_tokens": 4,
        "cache_creation_1h_input_tokens": 5,
    }
    bucket = {"starting_at": "2026-11-17T00:00:00Z", "ending_at": "2026-11-18T00:00:00Z", "results": [row]}
    body = json.dumps({"data": [bucket], "has_more": False, "next_page": None}).encode()
    (parsed,) = parse_usage_page(body, ()).buckets
    assert parsed.rows[0].tokens.cache_write_5m == 4
    assert parsed.rows[0].tokens.cache_write_1h == 5
