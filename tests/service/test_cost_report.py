from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from meterdeck.service.simulated.options import Options

COST = "/v1/organizations/cost_report"
DAYS = f"{COST}?starting_at=2026-11-18T00:00:00Z&ending_at=2026-11-20T00:00:00Z"
UP_TO_TOMORROW = f"{COST}?starting_at=2026-11-20T00:00:00Z&ending_at=2026-11-22T00:00:00Z"
TOKEN_FIELDS = ("model", "token_type", "service_tier", "context_window", "inference_geo")
Refusal = Callable[[httpx.Response], tuple[int, str, str]]
Row = dict[str, Any]


async def days_of(api: httpx.AsyncClient, url: str) -> list[list[Row]]:
    data: list[dict[str, Any]] = (await api.get(url)).json()["data"]
    return [bucket["results"] for bucket in data]


def cents(rows: list[Row]) -> Decimal:
    return sum((Decimal(row["amount"]) for row in rows), start=Decimal(0))


def today(option: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("api", [Options(today=option)], indirect=True)


async def test_an_ungrouped_bill_is_one_row_with_an_amount_alone(api: httpx.AsyncClient) -> None:
    for rows in await days_of(api, DAYS):
        (row,) = rows
        assert {name for name, value in row.items() if value is not None} == {"amount", "currency"}
        assert row["currency"] == "USD"
        assert Decimal(row["amount"]) > 100_000


async def test_a_row_has_the_fields_of_the_reference_and_no_others(api: httpx.AsyncClient) -> None:
    for grouping in ("", "&group_by[]=description", "&group_by[]=workspace_id"):
        for row in (await days_of(api, DAYS + grouping))[0]:
            assert set(row) == {
                *("amount", "currency", "workspace_id", "description", "cost_type"),
                *TOKEN_FIELDS,
            }


@pytest.mark.parametrize(
    "grouping",
    [
        "group_by[]=description",
        "group_by[]=workspace_id",
        "group_by[]=description&group_by[]=workspace_id",
    ],
)
async def test_grouped_bills_have_the_same_total_to_the_last_digit(
    api: httpx.AsyncClient, grouping: str
) -> None:
    for grouped, whole in zip(
        await days_of(api, f"{DAYS}&{grouping}"), await days_of(api, DAYS), strict=True
    ):
        assert len(grouped) > 8
        assert cents(grouped) == cents(whole)
        identities = [tuple(value for name, value in row.items() if name != "amount") for row in grouped]
        assert len(identities) == len(set(identities))


async def test_grouping_by_description_fills_all_but_the_workspace(api: httpx.AsyncClient) -> None:
    for row in (await days_of(api, f"{DAYS}&group_by[]=description"))[0]:
        assert row["workspace_id"] is None
        is_tokens = row["cost_type"] == "tokens"
        assert all((row[name] is not None) is is_tokens for name in TOKEN_FIELDS)


async def test_grouping_by_workspace_fills_it_alone_and_null_is_the_default_one(
    api: httpx.AsyncClient,
) -> None:
    rows = (await days_of(api, f"{DAYS}&group_by[]=workspace_id"))[0]
    workspaces = [row["workspace_id"] for row in rows]
    assert workspaces.count(None) == 1
    assert "wrkspc_01SimProdChat00000000" in workspaces
    assert all(row[name] is None for row in rows for name in ("description", "cost_type", *TOKEN_FIELDS))


async def test_descriptions_are_worded_as_those_seen_in_the_field(api: httpx.AsyncClient) -> None:
    rows = (await days_of(api, f"{DAYS}&group_by[]=description"))[0]
    worded = {(row["description"], row["cost_type"], row["model"], row["token_type"]) for row in rows}
    assert worded >= {
        ("Claude Opus 5 Usage - Input Tokens", "tokens", "claude-opus-5", "uncached_input_tokens"),
        ("Claude Sonnet 4.6 Usage - Output Tokens", "tokens", "claude-sonnet-4-6", "output_tokens"),
        (
            "Claude Opus 5.5 Usage - Input Tokens, Cache Hit",
            "tokens",
            "claude-opus-5-5",
            "cache_read_input_tokens",
        ),
        (
            "Claude Haiku 4.5 Usage - Input Tokens, Cache Write",
            "tokens",
            "claude-haiku-4-5-20251001",
            "cache_creation.ephemeral_5m_input_tokens",
        ),
        (
            "Claude Opus 5.5 Usage - Output Tokens, Fast Mode",
            "tokens",
            "claude-opus-5-5",
            "output_tokens",
        ),
        ("Web Search Usage", "web_search", None, None),
        ("Code Execution Usage", "code_execution", None, None),
    }
    assert {row["cost_type"] for row in rows} == {"tokens", "web_search", "code_execution", "session_usage"}
    assert {row["service_tier"] for row in rows} == {
        *("standard", "batch", "flex", "flex_discount", "priority_on_demand", None)
    }


async def test_amounts_are_plain_decimal_text_of_many_lengths(api: httpx.AsyncClient) -> None:
    amounts = [row["amount"] for row in (await days_of(api, f"{DAYS}&group_by[]=description"))[0]]
    assert all(type(amount) is str and "E" not in amount.upper() for amount in amounts)
    decimals = {len(amount.partition(".")[2]) for amount in amounts}
    assert len(decimals) >= 3
    assert any("." in amount and amount.endswith("0") for amount in amounts)


@today("partial")
async def test_todays_bill_is_partial_and_grows(api: httpx.AsyncClient, clock: SimpleNamespace) -> None:
    yesterday, running = await days_of(api, UP_TO_TOMORROW)
    assert 0 < cents(running) < cents(yesterday)
    clock.now = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
    same_yesterday, later = await days_of(api, UP_TO_TOMORROW)
    assert same_yesterday == yesterday
    assert cents(running) < cents(later)


@today("empty")
async def test_todays_bill_is_empty(api: httpx.AsyncClient) -> None:
    yesterday, running = await days_of(api, UP_TO_TOMORROW)
    assert yesterday
    assert running == []


@today("absent")
async def test_todays_bill_is_absent(api: httpx.AsyncClient) -> None:
    answer = (await api.get(UP_TO_TOMORROW)).json()
    assert [bucket["starting_at"] for bucket in answer["data"]] == ["2026-11-20T00:00:00Z"]
    assert answer["has_more"] is False
    only_today = await api.get(f"{COST}?starting_at=2026-11-21T00:00:00Z&ending_at=2026-11-22T00:00:00Z")
    assert only_today.json() == {"data": [], "has_more": False, "next_page": None}


@today("refused")
async def test_a_bill_that_reaches_past_today_is_refused(api: httpx.AsyncClient, refusal: Refusal) -> None:
    assert refusal(await api.get(UP_TO_TOMORROW)) == (
        400,
        "invalid_request_error",
        "Invalid date range: ending date must be after starting date",
    )
    up_to_today = UP_TO_TOMORROW.replace("2026-11-22", "2026-11-21")
    assert len(await days_of(api, up_to_today)) == 1


@pytest.mark.parametrize(
    "api", [Options(today="partial"), Options(today="absent")], indirect=True, ids=["partial", "absent"]
)
async def test_yesterdays_bill_still_rises_after_midnight(
    api: httpx.AsyncClient, clock: SimpleNamespace
) -> None:
    totals = []
    for hour, minute in ((0, 0), (1, 59), (2, 0), (3, 0), (12, 0)):
        clock.now = datetime(2026, 11, 21, hour, minute, tzinfo=UTC)
        totals.append(cents((await days_of(api, UP_TO_TOMORROW))[0]))
    assert totals[0] < totals[1] < totals[2] < totals[3] == totals[4]
