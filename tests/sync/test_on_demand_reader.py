"""Usage by what the series leave out: asked by any session, answered with one request, once an hour at most."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from answers import page
from meterdeck.api import KeyRefused, ServerFailed
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, Dimension
from meterdeck.domain.questions import Question
from meterdeck.domain.scope import Filter, Span
from meterdeck.store import Store, answers, feeds, questions
from meterdeck.store.answers import Answer
from meterdeck.sync import engine as engines
from meterdeck.sync.plan import Feed
from world import USAGE, World, until, window_of

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
HOURS = Window(datetime(2026, 11, 19, 15, tzinfo=UTC), datetime(2026, 11, 20, 15, tzinfo=UTC))
GEO = Question(Dimension.INFERENCE_GEO)
SPEED = Question(Dimension.SPEED)


@pytest_asyncio.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(engines, "HEARTBEAT_S", 0.01)
    opened = World(tmp_path / "store.db", NOW)
    yield opened
    await opened.close()


@asynccontextmanager
async def running(*jobs: Coroutine[object, object, object]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def answer(world: World, question: Question = GEO) -> Answer | None:
    with world.store.read() as transaction:
        return answers.load(transaction, question)


def wanted(world: World) -> list[Question]:
    with world.store.read() as transaction:
        return questions.wanted(transaction, world.clock())


def refusing(status: int, message: str = "speed: not available") -> httpx.Response:
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
    return httpx.Response(status, json=error)


async def test_the_session_that_collects_reads_its_answer_with_one_request(world: World) -> None:
    engine = world.engine
    async with running(engine.keep_lease(), engine.run(Feed.ON_DEMAND)):
        assert await engine.want_answer(GEO)
        await until(lambda: answer(world) is not None, "the answer was not read")
    (request,) = world.wire.requests
    assert (request.url.path, window_of(request)) == (USAGE, HOURS)
    asked = request.url.params
    assert asked["bucket_width"] == "1h"
    assert asked["limit"] == "24"
    assert asked.get_list("group_by[]") == [dimension.value for dimension in GEO.group_by]
    assert "anthropic-beta" not in request.headers
    assert wanted(world) == []


async def test_a_session_that_follows_has_it_read_by_the_other(world: World) -> None:
    other = Store(world.store.path)
    follower, collector = world.new_engine(store=other), world.engine
    async with running(collector.keep_lease(), collector.run(Feed.ON_DEMAND)):
        await until(lambda: collector.collecting, "nobody collects")
        async with running(follower.keep_lease(), follower.run(Feed.ON_DEMAND)):
            await follower.want_answer(GEO)
            await until(lambda: answer(world) is not None, "the answer was not read")
            assert not follower.collecting
    other.close()
    assert len(world.wire.requests) == 1


async def test_for_an_hour_nobody_asks_again(world: World) -> None:
    assert await world.engine.want_answer(GEO)
    assert await world.read(Feed.ON_DEMAND) == 1
    world.clock.now += HOUR - MINUTE
    assert not await world.engine.want_answer(GEO)
    world.engine.want_answer_here(GEO)
    assert await world.read(Feed.ON_DEMAND) == 0
    world.clock.now += MINUTE
    assert await world.engine.want_answer(GEO)
    assert await world.read(Feed.ON_DEMAND) == 1
    found = answer(world)
    assert found is not None
    assert found.asked.window == Window(HOURS.start + HOUR, HOURS.end + HOUR)


async def test_two_sessions_that_ask_the_same_cost_one_request(world: World) -> None:
    for _ in range(2):
        await world.engine.want_answer(GEO)
    world.engine.want_answer_here(GEO)
    assert await world.read(Feed.ON_DEMAND) == 1
    assert wanted(world) == []


async def test_a_refresh_of_a_command_asks_again(world: World) -> None:
    for _ in range(2):
        world.engine.want_answer_here(GEO)
        assert await world.read(Feed.ON_DEMAND, forced=True) == 1


@pytest.mark.parametrize("span", Span)
@pytest.mark.parametrize("dimension", ON_DEMAND_DIMENSIONS)
async def test_every_window_by_every_dimension_is_one_request(
    world: World, dimension: Dimension, span: Span
) -> None:
    question = Question(dimension, (Filter(Dimension.WORKSPACE, frozenset({None})),), span)
    world.engine.want_answer_here(question)
    assert await world.read(Feed.ON_DEMAND) == 1
    found = answer(world, question)
    assert found is not None
    assert (found.refusal, found.missing) == (None, frozenset())
    assert found.totals
    assert {total.workspace_id for total in found.totals} == {None}
    beta = world.wire.requests[0].headers.get("anthropic-beta")
    assert beta == ("fast-mode-2026-02-01" if dimension is Dimension.SPEED else None)


async def test_the_newest_question_is_answered_first(world: World) -> None:
    for question in (GEO, SPEED):
        await world.engine.want_answer(question)
        world.clock.now += MINUTE
    assert await world.read(Feed.ON_DEMAND) == 2
    first, second = (request.url.params.get_list("group_by[]")[0] for request in world.wire.requests)
    assert (first, second) == ("speed", "inference_geo")


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_refusal_is_the_answer_for_an_hour_and_no_failure_of_the_feed(
    world: World, status: int
) -> None:
    world.wire.faults[USAGE] = lambda: refusing(status)
    await world.engine.want_answer(SPEED)
    assert await world.read(Feed.ON_DEMAND) == 1
    found = answer(world, SPEED)
    assert found is not None
    assert found.refusal is not None
    assert "speed: not available" in found.refusal
    assert found.totals == ()
    assert wanted(world) == []
    with world.store.read() as transaction:
        assert not feeds.load(transaction)[Feed.ON_DEMAND].failing
    assert not await world.engine.want_answer(SPEED)
    world.wire.faults.clear()
    assert await world.engine.want_answer(GEO), "the others can be asked all the same"
    assert await world.read(Feed.ON_DEMAND) == 1


async def test_filters_too_long_for_a_request_are_refused_without_one(world: World) -> None:
    keys = frozenset(f"apikey_{number:040}" for number in range(1000))
    question = Question(Dimension.SPEED, (Filter(Dimension.API_KEY, keys),))
    await world.engine.want_answer(question)
    assert await world.read(Feed.ON_DEMAND) == 0
    found = answer(world, question)
    assert found is not None
    assert found.refusal == ("The filters are too long for one request. Ask in parts, or filter the answer.")


async def test_a_key_that_is_refused_is_the_feeds_failure_and_leaves_the_question(world: World) -> None:
    world.wire.faults[USAGE] = lambda: refusing(401, "invalid x-api-key")
    await world.engine.want_answer(GEO)
    failures = await world.engine.catch_up([Feed.ON_DEMAND])
    assert isinstance(failures[Feed.ON_DEMAND], KeyRefused)
    assert (answer(world), wanted(world)) == (None, [GEO])


async def test_what_fails_in_passing_leaves_the_question_and_its_old_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CATCH_UP_RETRIES", 0)
    world.engine.want_answer_here(GEO)
    await world.read(Feed.ON_DEMAND)
    old = answer(world)
    world.clock.now += HOUR
    world.wire.faults[USAGE] = lambda: refusing(529)
    await world.engine.want_answer(GEO)
    failures = await world.engine.catch_up([Feed.ON_DEMAND])
    assert isinstance(failures[Feed.ON_DEMAND], ServerFailed)
    assert answer(world) == old
    assert wanted(world) == [GEO]


async def test_a_bucket_that_did_not_come_is_known_to_be_missing(world: World) -> None:
    world.wire.faults[USAGE] = lambda: httpx.Response(200, json=page([]))
    world.engine.want_answer_here(GEO)
    await world.read(Feed.ON_DEMAND)
    found = answer(world)
    assert found is not None
    assert found.missing == set(HOURS.starts(BucketWidth.HOUR))


async def test_a_question_that_nobody_could_ask_is_dropped(world: World) -> None:
    await world.engine.want_answer(GEO)
    world.clock.now += 11 * MINUTE
    assert await world.read(Feed.ON_DEMAND) == 0


async def test_a_large_answer_is_stored_by_the_other_process_and_says_the_same(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.engine.want_answer_here(GEO)
    await world.read(Feed.ON_DEMAND)
    monkeypatch.setattr("meterdeck.sync.intake.LARGE_BODY", -1)
    other = World(tmp_path / "other.db", NOW)
    try:
        other.engine.want_answer_here(GEO)
        await other.read(Feed.ON_DEMAND)
        assert other.engine._intake.aside.pid is not None
        assert answer(other) == answer(world)
    finally:
        await other.close()
