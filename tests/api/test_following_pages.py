"""Paging: any split gives the same records, and a way on that leads nowhere is an error, not an end."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answers import DAY_START, Document, bucket, client, page, usage_row
from meterdeck.api import BadPayload, CostQuery, UsageQuery
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.reports import CostBucket, UsageBucket

HOUR, DAY = BucketWidth.HOUR, BucketWidth.DAY
HOURS = Window(DAY_START, DAY_START + timedelta(hours=12))
DAYS = Window(DAY_START, DAY_START + timedelta(days=12))

Answer = Callable[[httpx.Request], httpx.Response]

usage_rows = st.builds(
    lambda model, tokens, write: usage_row(
        model=model, output_tokens=tokens, cache_creation={"ephemeral_5m_input_tokens": write}
    ),
    st.sampled_from(["claude-opus-5", "claude-sonnet-5", None]),
    st.integers(0, 10**12),
    st.integers(0, 10**12),
)
cost_rows = st.builds(
    lambda amount, workspace: {"amount": f"{amount:f}", "workspace_id": workspace},
    st.decimals(0, 10**9, places=7),
    st.sampled_from(["wrkspc_a", None]),
)


def in_pages(buckets: Sequence[Document], cuts: set[int]) -> Answer:
    """Answers that split the buckets at the cuts; the token of a page is opaque to the client."""
    edges = [0, *sorted(cuts), len(buckets)]
    tokens: list[str | None] = [None, *(f"page_{cut}==:+&/" for cut in sorted(cuts))]

    def answer(request: httpx.Request) -> httpx.Response:
        place = tokens.index(request.url.params.get("page"))
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        return httpx.Response(200, json=page(buckets[edges[place] : edges[place + 1]], following))

    return answer


async def read_usage(answer: Answer) -> tuple[UsageBucket, ...]:
    async with client(answer) as admin:
        return await admin.usage(UsageQuery(HOURS, HOUR, (Dimension.MODEL,)))


async def read_costs(answer: Answer) -> tuple[CostBucket, ...]:
    async with client(answer) as admin:
        return await admin.costs(CostQuery(DAYS))


@settings(max_examples=40)
@given(st.lists(st.lists(usage_rows, max_size=3), max_size=12), st.sets(st.integers(0, 12)))
def test_any_split_of_usage_into_pages_gives_the_same_buckets(
    rows: list[list[Document]], cuts: set[int]
) -> None:
    buckets = [bucket(DAY_START + place * HOUR.delta, of_hour, HOUR) for place, of_hour in enumerate(rows)]
    whole = asyncio.run(read_usage(in_pages(buckets, set())))
    assert asyncio.run(read_usage(in_pages(buckets, {cut for cut in cuts if cut <= len(buckets)}))) == whole
    assert [found.window.start for found in whole] == [DAY_START + n * HOUR.delta for n in range(len(rows))]
    sent = sum(
        row["output_tokens"] + row["cache_creation"]["ephemeral_5m_input_tokens"] for r in rows for row in r
    )
    assert sum(row.tokens.total for found in whole for row in found.rows) == sent


@settings(max_examples=40)
@given(st.lists(st.lists(cost_rows, max_size=3), max_size=12), st.sets(st.integers(0, 12)))
def test_any_split_of_the_bill_into_pages_gives_the_same_lines(
    rows: list[list[Document]], cuts: set[int]
) -> None:
    buckets = [bucket(DAY_START + place * DAY.delta, of_day, DAY) for place, of_day in enumerate(rows)]
    whole = asyncio.run(read_costs(in_pages(buckets, set())))
    assert asyncio.run(read_costs(in_pages(buckets, {cut for cut in cuts if cut <= len(buckets)}))) == whole
    assert [row.cents for found in whole for row in found.rows] == [
        Decimal(row["amount"]) for r in rows for row in r
    ]


async def test_the_next_page_is_asked_with_the_same_parameters_and_the_token_as_it_came() -> None:
    seen: list[httpx.URL] = []
    buckets = [bucket(DAY_START + place * HOUR.delta, [], HOUR) for place in range(3)]
    answer = in_pages(buckets, {1, 2})

    def watch(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return answer(request)

    await read_usage(watch)
    first, *later = (url.params for url in seen)
    assert "page" not in first
    assert [params["page"] for params in later] == ["page_1==:+&/", "page_2==:+&/"]
    for params in later:
        assert params.remove("page") == first
    assert "page=page_1%3D%3D%3A%2B%26" in str(seen[1])


@pytest.mark.parametrize("token", [None, ""])
@pytest.mark.parametrize("read", [read_usage, read_costs])
async def test_more_pages_without_a_token_are_an_error(
    read: Callable[[Answer], Awaitable[object]], token: str | None
) -> None:
    document = page([]) | {"has_more": True, "next_page": token}
    with pytest.raises(BadPayload) as caught:
        await read(lambda _: httpx.Response(200, json=document))
    assert caught.value.place == "next_page"


async def test_a_repeated_token_is_an_error_and_not_an_endless_loop() -> None:
    asked: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params.get("page"))
        return httpx.Response(200, json=page([], "b" if asked[-1] == "a" else "a"))

    with pytest.raises(BadPayload, match="the same page is given again"):
        await read_costs(answer)
    assert asked == [None, "a", "b"]


async def test_pages_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meterdeck.api.paging.MOST_PAGES", 5)
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=page([], f"page_{len(asked)}"))

    with pytest.raises(BadPayload, match="more than 5 pages"):
        await read_usage(answer)
    assert len(asked) == 6


def hours(*places: float) -> list[Document]:
    return [
        bucket(DAY_START + timedelta(hours=place), [usage_row(output_tokens=1)], HOUR) for place in places
    ]


@pytest.mark.parametrize("places", [(1, 0), (0, 0), (0, 1, 1), (-1, 0), (11, 12), (0, 2, 1)], ids=str)
async def test_buckets_out_of_order_repeated_or_outside_the_question_are_an_error(
    places: tuple[int, ...],
) -> None:
    for cuts in (set[int](), set(range(1, len(places)))):
        with pytest.raises(BadPayload, match="out of order or outside the question"):
            await read_usage(in_pages(hours(*places), cuts))


async def test_days_out_of_order_repeated_or_outside_the_question_are_an_error() -> None:
    for places in ((1, 0), (0, 0), (-1, 0), (11, 12)):
        days = [bucket(DAY_START + place * DAY.delta, [], DAY) for place in places]
        for cuts in (set[int](), {1}):
            with pytest.raises(BadPayload, match="out of order or outside the question"):
                await read_costs(in_pages(days, cuts))


async def test_overlapping_buckets_are_an_error() -> None:
    with pytest.raises(BadPayload):
        await read_usage(in_pages([*hours(0), *hours(0.5)], set()))
    long_day = bucket(DAY_START, [], DAY) | {"ending_at": "2026-11-18T12:00:00Z"}
    for cuts in (set[int](), {1}):
        with pytest.raises(BadPayload, match="out of order or outside the question"):
            await read_costs(in_pages([long_day, bucket(DAY_START + DAY.delta, [], DAY)], cuts))


@pytest.mark.parametrize("start", [DAY_START + timedelta(minutes=30), DAY_START + timedelta(seconds=1)])
async def test_a_bucket_that_is_not_aligned_is_an_error_that_names_it(start: datetime) -> None:
    with pytest.raises(BadPayload) as caught:
        await read_usage(in_pages([bucket(start, [], HOUR)], set()))
    assert caught.value.place.startswith("the bucket 2026-11-17")


@pytest.mark.parametrize("width", [BucketWidth.MINUTE, BucketWidth.DAY])
async def test_a_bucket_of_another_width_is_an_error(width: BucketWidth) -> None:
    async with client(lambda _: httpx.Response(200, json=page([bucket(DAY_START, [], width)]))) as admin:
        with pytest.raises(BadPayload, match="not 1h wide and aligned"):
            await admin.usage(UsageQuery(DAYS, HOUR, ()))


async def test_an_error_on_a_later_page_gives_nothing_of_the_earlier_ones() -> None:
    buckets = hours(0, 1, 2)
    buckets[2]["results"][0]["output_tokens"] = -1
    with pytest.raises(BadPayload) as caught:
        await read_usage(in_pages(buckets, {1, 2}))
    assert caught.value.place == "data.0.results.0.output_tokens"
