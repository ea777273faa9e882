"""Reports read page by page: the same buckets, as soon as they come, and a failed page can be asked for again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from answers import DAY_START, DAYS, Document, bucket, client, page, usage_row
from meterdeck.api import (
    BadPayload,
    BucketWidth,
    CostQuery,
    DateRangeRefused,
    Page,
    ServerFailed,
    UsageQuery,
    Window,
    between,
)
from meterdeck.api.wire import parse_cost_page
from meterdeck.domain.buckets import rfc3339
from world import World

HOUR, DAY = BucketWidth.HOUR, BucketWidth.DAY
QUERY = UsageQuery(DAYS, HOUR, ())


def hour(place: int, tokens: int = 1) -> Document:
    return bucket(DAY_START + timedelta(hours=place), [usage_row(output_tokens=tokens)], HOUR)


def scripted(*answers: httpx.Response) -> tuple[Callable[[httpx.Request], httpx.Response], list[str | None]]:
    """Answers in this order, and the page tokens that they were asked with."""
    asked: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params.get("page"))
        return answers[len(asked) - 1]

    return answer, asked


def ok(*buckets: Document, then: str | None = None) -> httpx.Response:
    return httpx.Response(200, json=page(buckets, then))


async def test_a_page_is_given_before_the_next_is_asked_for() -> None:
    answer, asked = scripted(ok(hour(0), hour(1), then="b"), ok(then="c"), ok(hour(5)))
    async with client(answer) as admin:
        pages = admin.usage_pages(QUERY)
        assert asked == []
        sizes = [(len(buckets), len(asked)) async for buckets in pages]
        assert sizes == [(2, 1), (0, 2), (1, 3)]
        assert asked == [None, "b", "c"]
        with pytest.raises(StopAsyncIteration):
            await anext(pages)
    assert len(asked) == 3


async def test_a_page_that_failed_is_asked_for_again_and_none_is_given_twice() -> None:
    answer, asked = scripted(ok(hour(0), then="b"), httpx.Response(503), ok(hour(1), then="c"), ok(hour(2)))
    async with client(answer) as admin:
        pages = admin.usage_pages(QUERY)
        starts = [b.window.start.hour for b in await anext(pages)]
        with pytest.raises(ServerFailed):
            await anext(pages)
        starts += [b.window.start.hour async for buckets in pages for b in buckets]
    assert starts == [0, 1, 2]
    assert asked == [None, "b", "b", "c"]


@pytest.mark.parametrize("wrong", [hour(0), hour(1) | {"ending_at": "2026-11-17T01:30:00Z"}])
async def test_order_is_watched_across_pages_and_across_a_failure(wrong: Document) -> None:
    answer, _ = scripted(ok(hour(0), then="b"), httpx.Response(529), ok(hour(3), wrong), ok(hour(1)))
    async with client(answer) as admin:
        pages = admin.usage_pages(QUERY)
        await anext(pages)
        with pytest.raises(ServerFailed):
            await anext(pages)
        with pytest.raises(BadPayload):
            await anext(pages)
        # A page that was refused moves nothing on: the hours before it can still come.
        assert [b.window.start.hour for b in await anext(pages)] == [1]


async def test_days_come_page_by_page_with_every_digit() -> None:
    row = {"amount": "17.50004", "currency": "USD"}
    first, second = (bucket(DAY_START + DAY.delta * place, [row], DAY) for place in range(2))
    answer, asked = scripted(ok(first, then="b"), ok(second))
    async with client(answer) as admin:
        cents = [r.cents async for days in admin.cost_pages(CostQuery(DAYS)) for d in days for r in d.rows]
    assert cents == [Decimal("17.50004")] * 2
    assert asked == [None, "b"]


NOT_AFTER = "Invalid date range: ending date must be after starting date"


async def test_on_the_first_of_a_month_the_client_says_that_the_range_was_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The trap of api-facts 3.3: month to date, asked on the 1st, where the API has no bill of today."""
    first = datetime.fromisoformat("2026-12-01T00:30:00+00:00")
    world = World(tmp_path_factory.mktemp("first") / "store.db", first)
    world.wire.faults["/cost_report"] = lambda: httpx.Response(
        400, json={"type": "error", "error": {"type": "invalid_request_error", "message": NOT_AFTER}}
    )
    month_to_date = CostQuery(between(first.replace(minute=0), DAY.after(first)))
    try:
        with pytest.raises(DateRangeRefused) as caught:
            await world.client.costs(month_to_date)
        assert caught.value.message == NOT_AFTER
        assert caught.value.status == 400
        assert world.wire.requests[0].url.params["starting_at"] == "2026-12-01T00:00:00Z"
        assert world.wire.requests[0].url.params["ending_at"] == "2026-12-02T00:00:00Z"
        assert len(world.wire.requests) == 1, (
            "the client asks once; what to ask instead is the caller's to say"
        )
    finally:
        await world.close()


async def test_on_the_first_of_a_month_the_whole_day_is_asked_for_and_answered(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    first = datetime.fromisoformat("2026-12-01T00:00:00+00:00")
    world = World(tmp_path_factory.mktemp("first") / "store.db", first)
    try:
        days = await world.client.costs(CostQuery(between(first, DAY.after(first))))
        assert [day.window.start for day in days] == [first]
    finally:
        await world.close()


async def test_a_digest_reads_the_body_in_its_own_way_and_its_pages_are_followed_and_checked() -> None:
    answer, asked = scripted(ok(hour(0), then="b"), ok(hour(1)))
    windows = iter([[Window(DAY_START, DAY_START + HOUR.delta)], [Window(DAY_START, DAY_START + HOUR.delta)]])

    async def digest(body: bytes) -> Page[int]:
        has_more = b'"b"' in body
        return Page(len(body), next(windows), has_more, "b" if has_more else None)

    async with client(answer) as admin:
        pages = admin.usage_digests(QUERY, digest)
        assert await anext(pages) == len(ok(hour(0), then="b").content)
        with pytest.raises(BadPayload, match="out of order"):
            await anext(pages)
    assert asked == [None, "b"]


async def test_days_that_are_none_are_read_unless_the_asker_can_use_no_others() -> None:
    half = bucket(DAY_START, [{"amount": "1"}], HOUR)
    answer, _ = scripted(*[ok(half)] * 2)

    async def digest(body: bytes) -> Page[int]:
        (day,) = parse_cost_page(body).buckets
        return Page(len(day.rows), [day.window], has_more=False, next_page=None)

    async with client(answer) as admin:
        assert [rows async for rows in admin.cost_digests(CostQuery(DAYS), digest)] == [1]
        with pytest.raises(BadPayload, match="not 1d wide and aligned") as caught:
            await anext(admin.cost_digests(CostQuery(DAYS), digest, width=DAY))
    assert caught.value.place == f"the bucket {rfc3339(DAY_START)}"


@pytest.mark.parametrize(
    "answered", [page([hour(1), hour(0)]), page([hour(0)]) | {"has_more": True}, {"data": "none"}], ids=str
)
async def test_an_answer_that_cannot_be_believed_names_its_request(answered: Document) -> None:
    answer = httpx.Response(200, json=answered, headers={"request-id": "req_1"})
    async with client(lambda _: answer) as admin:
        with pytest.raises(BadPayload) as caught:
            await anext(admin.usage_pages(QUERY))
    assert caught.value.request_id == "req_1"
