import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.service import demo_app
from meterdeck.service.simulated.options import Options

USAGE = "/v1/organizations/usage_report/messages"
COST = "/v1/organizations/cost_report"
HEADERS = {"x-api-key": "k", "anthropic-version": "2023-06-01"}
WEEKS = {"starting_at": "2026-11-01T00:00:00Z", "ending_at": "2026-11-22T00:00:00Z"}
FOREIGN = (400, "invalid_request_error", "page: the token does not belong to this query")
Refusal = Callable[[httpx.Response], tuple[int, str, str]]
Question = tuple[str, dict[str, str | list[str]], int]

QUESTIONS: list[Question] = [
    (
        USAGE,
        {"starting_at": "2026-11-12T00:00:00Z", "ending_at": "2026-11-22T00:00:00Z", "group_by[]": "model"},
        31,
    ),
    (
        USAGE,
        {
            "starting_at": "2026-11-20T13:00:00Z",
            "ending_at": "2026-11-21T23:00:00Z",
            "bucket_width": "1h",
            "models[]": ["claude-opus-5", "claude-sonnet-5"],
        },
        168,
    ),
    (
        USAGE,
        {"starting_at": "2026-11-21T14:05:00Z", "ending_at": "2026-11-21T15:00:00Z", "bucket_width": "1m"},
        1440,
    ),
    (
        COST,
        {
            "starting_at": "2026-11-12T00:00:00Z",
            "ending_at": "2026-11-22T00:00:00Z",
            "group_by[]": ["description", "workspace_id"],
        },
        31,
    ),
]


async def follow(api: httpx.AsyncClient, question: Question, limit: int) -> tuple[list[Any], int]:
    """Every bucket of a question, and how many pages they came in."""
    url, parameters, _ = question
    page: dict[str, str] = {}
    buckets: list[Any] = []
    for number in range(1, 200):
        answer = (await api.get(url, params={**parameters, **page, "limit": str(limit)})).json()
        assert len(answer["data"]) <= limit
        assert answer["has_more"] is (answer["next_page"] is not None)
        buckets += answer["data"]
        if not answer["has_more"]:
            return buckets, number
        page = {"page": answer["next_page"]}
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("today", ["partial", "absent"])
@settings(max_examples=10, deadline=None)
@given(st.sampled_from(QUESTIONS), st.integers(1, 31))
async def test_pages_of_any_size_are_one_large_page(today: Any, question: Question, limit: int) -> None:
    app = demo_app(
        Options(size="small", today=today), clock=lambda: datetime(2026, 11, 21, 14, 25, tzinfo=UTC)
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://test", headers=HEADERS
    ) as api:
        whole, pages = await follow(api, question, question[2])
        assert pages == 1
        assert len(whole) > 8
        buckets, pages = await follow(api, question, limit)
    assert buckets == whole
    assert len(whole) <= pages * limit < len(whole) + 2 * limit


async def token_of(api: httpx.AsyncClient, url: str, **parameters: str) -> str:
    answer = (await api.get(url, params={**WEEKS, **parameters})).json()
    token: str = answer["next_page"]
    return token


@pytest.mark.parametrize(
    "other",
    [
        {"starting_at": "2026-11-02T00:00:00Z"},
        {"ending_at": "2026-11-21T00:00:00Z"},
        {"bucket_width": "1h"},
        {"limit": "4"},
        {"group_by[]": "workspace_id"},
        {"models[]": "claude-opus-5"},
    ],
)
async def test_a_token_of_another_query_is_refused(
    api: httpx.AsyncClient, refusal: Refusal, other: dict[str, str]
) -> None:
    query = {**WEEKS, "bucket_width": "1d", "limit": "3", "group_by[]": "model"}
    token = await token_of(api, USAGE, **query)
    assert (await api.get(USAGE, params={**query, "page": token})).status_code == 200
    assert refusal(await api.get(USAGE, params={**query, **other, "page": token})) == FOREIGN


async def test_a_token_of_the_other_report_is_refused(api: httpx.AsyncClient, refusal: Refusal) -> None:
    query = {**WEEKS, "group_by[]": "workspace_id"}
    token = await token_of(api, USAGE, **query)
    assert refusal(await api.get(COST, params={**query, "page": token})) == FOREIGN


async def test_the_same_query_in_another_order_and_spelling_keeps_its_token(api: httpx.AsyncClient) -> None:
    token = await token_of(api, USAGE, **{"group_by[]": "model", "limit": "2"})
    follows = await api.get(
        f"{USAGE}?limit=2&group_by=model&ending_at=2026-11-22T00:00:00Z&starting_at=2026-11-01T00:00:00Z",
    )
    assert follows.json()["next_page"] == token
    second = await api.get(USAGE, params={"page": token, "group_by": "model", "limit": "2", **WEEKS})
    assert second.json()["data"][0]["starting_at"] == "2026-11-03T00:00:00Z"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "page_",
        "page_MjAyNi0xMS0wM1QwMDowMDowMFo=",
        "2026-11-03T00:00:00Z",
        "garbage!",
        "page_ü",
        "page_" + base64.b64encode(b"\xff\xfe:1").decode(),
    ],
)
async def test_a_token_that_was_never_given_is_refused(
    api: httpx.AsyncClient, refusal: Refusal, token: str
) -> None:
    for url in (USAGE, COST):
        assert refusal(await api.get(url, params={**WEEKS, "page": token})) == FOREIGN


async def test_a_cut_token_is_refused(api: httpx.AsyncClient, refusal: Refusal) -> None:
    token = await token_of(api, USAGE)
    for cut in (token[5:], token[:10], token[:-8], f"{token}="):
        assert refusal(await api.get(USAGE, params={**WEEKS, "page": cut})) == FOREIGN


async def test_a_token_does_not_show_the_time_it_leads_to(api: httpx.AsyncClient) -> None:
    """Nobody should be tempted to build one: the page that starts on the 8th doesn't say so."""
    token = await token_of(api, USAGE)
    assert token.startswith("page_")
    inside = base64.b64decode(token.removeprefix("page_"))
    assert b"2026" not in inside


async def test_a_page_that_is_asked_for_later_goes_on_at_the_same_bucket(
    api: httpx.AsyncClient, clock: SimpleNamespace
) -> None:
    token = await token_of(api, USAGE, limit="3")
    clock.now += timedelta(hours=2)
    later = await api.get(USAGE, params={**WEEKS, "limit": "3", "page": token})
    assert [bucket["starting_at"][:10] for bucket in later.json()["data"]] == [
        "2026-11-04",
        "2026-11-05",
        "2026-11-06",
    ]


async def test_even_the_oldest_days_can_be_paged_through(api: httpx.AsyncClient) -> None:
    query = {"starting_at": "1969-12-28T00:00:00Z", "ending_at": "1970-01-04T00:00:00Z"}
    buckets, pages = await follow(api, (COST, {**query}, 31), 2)
    assert (len(buckets), pages) == (7, 4)
