"""Large answers: read and stored by another process, with the same result and the same refusals."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from answers import Document, bucket, page, usage_row
from meterdeck.api import BadPayload, BucketWidth, CostQuery, UsageQuery, Window
from meterdeck.api.client import UNPACED
from meterdeck.domain.dimensions import SERIES_DIMENSIONS
from meterdeck.store import feeds
from meterdeck.sync.aside import AsideDied
from meterdeck.sync.intake import Intake
from meterdeck.sync.plan import Feed
from world import COST, USAGE, World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
DAY = Window(TODAY - timedelta(days=1), TODAY)
HOURS = UsageQuery(DAY, BucketWidth.HOUR, SERIES_DIMENSIONS)
ALL, NONE = -1, 1 << 40
"""Sizes above which a body is large."""


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    opened = World(tmp_path / "store.db", NOW)
    yield opened
    await opened.close()


def large_is(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meterdeck.sync.intake.LARGE_BODY", size)


def content(world: World) -> list[list[tuple[object, ...]]]:
    with world.store.read() as transaction:
        return [
            transaction.all(f"SELECT * FROM {table}")  # noqa: S608
            for table in ("series", "usage", "cost", "coverage")
        ]


async def test_the_store_says_the_same_whichever_way_the_answers_went(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large_is(NONE, monkeypatch)
    await world.fill(since=TODAY)
    assert world.engine._intake.aside.pid is None
    large_is(ALL, monkeypatch)
    other = World(tmp_path / "other.db", NOW)
    try:
        await other.fill(since=TODAY)
        assert other.engine._intake.aside.pid is not None
        assert [len(rows) > 10 for rows in content(other)] == [True] * 4
        assert content(other) == content(world)
    finally:
        await other.close()


async def test_both_ways_tell_whether_anything_changed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    intake = world.engine._intake
    for size, first in ((ALL, True), (NONE, False), (ALL, False)):
        large_is(size, monkeypatch)
        answer = await intake.usage(HOURS, UNPACED)
        assert answer.most_rows > 1
        assert await intake.store_usage(HOURS, answer, NOW) is first


async def test_a_small_page_and_a_large_one_are_one_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = replace(HOURS, limit=20)  # 20 hours and 4
    intake = world.engine._intake
    large_is(NONE, monkeypatch)
    answer = await intake.usage(query, UNPACED)
    sizes = [page.body_size for page in answer.pages]
    assert len(sizes) == 2
    large_is(min(sizes), monkeypatch)
    answer = await intake.usage(query, UNPACED)
    assert await intake.store_usage(query, answer, NOW)
    with world.store.read() as transaction:
        assert transaction.one("SELECT count(DISTINCT start) FROM usage") == (24,)


def hour(place: int, **fields: object) -> Document:
    return bucket(DAY.start + timedelta(hours=place), [usage_row(**fields)], BucketWidth.HOUR)


@pytest.mark.parametrize(
    "answered",
    [
        b"<html>",
        page([hour(0, output_tokens=-1)]),
        page([hour(1), hour(0)]),
        page([hour(0) | {"ending_at": DAY.start.isoformat()}]),
        page([hour(0)]) | {"has_more": True},
    ],
    ids=["no JSON", "a negative count", "out of order", "an hour that is none", "no way on"],
)
async def test_what_cannot_be_believed_is_refused_in_the_same_words(
    world: World, monkeypatch: pytest.MonkeyPatch, answered: bytes | Document
) -> None:
    headers = {"request-id": "req_large"}
    body = answered if isinstance(answered, bytes) else json.dumps(answered).encode()
    world.wire.faults[USAGE] = lambda: httpx.Response(200, content=body, headers=headers)
    refusals = []
    for size in (NONE, ALL):
        large_is(size, monkeypatch)
        with pytest.raises(BadPayload) as caught:
            await world.engine._intake.usage(HOURS, UNPACED)
        refusals.append(vars(caught.value))
    assert refusals[0] == refusals[1]
    assert refusals[0]["request_id"] == "req_large"


@pytest.mark.parametrize("size", [ALL, NONE], ids=["aside", "here"])
@pytest.mark.parametrize(
    ("starts", "width"),
    [(timedelta(0), BucketWidth.HOUR), (timedelta(hours=6), BucketWidth.DAY)],
    ids=["an hour", "six to six"],
)
async def test_a_bill_that_is_not_of_a_utc_day_is_refused_and_its_place_named(
    world: World, monkeypatch: pytest.MonkeyPatch, size: int, starts: timedelta, width: BucketWidth
) -> None:
    large_is(size, monkeypatch)
    await world.read(Feed.COSTS)
    before = content(world)
    world.clock.now += timedelta(hours=1)
    start = TODAY - timedelta(days=2) + starts
    billed = page([bucket(start, [{"amount": "12.5", "currency": "USD"}], width)])
    world.wire.faults[COST] = lambda: httpx.Response(200, json=billed)
    failures = await world.engine.catch_up([Feed.COSTS])
    refused = failures[Feed.COSTS]
    assert isinstance(refused, BadPayload)
    assert refused.place == f"the bucket {start:%Y-%m-%dT%H:%M:%SZ}"
    assert "not 1d wide and aligned" in str(refused)
    assert content(world) == before


async def test_a_library_user_may_read_such_a_bill(world: World) -> None:
    start = TODAY - timedelta(hours=18)
    billed = page([bucket(start, [{"amount": "12.5", "currency": "USD"}], BucketWidth.HOUR)])
    world.wire.faults[COST] = lambda: httpx.Response(200, json=billed)
    (one,) = await world.client.costs(CostQuery(DAY))
    assert one.window.start == start


async def test_a_process_that_is_killed_fails_its_feed_in_passing_and_stores_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    large_is(ALL, monkeypatch)
    monkeypatch.setattr("meterdeck.sync.engine.CATCH_UP_RETRIES", 0)
    aside = world.engine._intake.aside
    pid = await aside.run(os.getpid)
    os.kill(pid, signal.SIGKILL)
    failures = await world.engine.catch_up([Feed.LIVE])
    assert isinstance(failures[Feed.LIVE], AsideDied)
    assert content(world) == [[], [], [], []]
    assert await world.read(Feed.LIVE) == 1
    with world.store.read() as transaction:
        assert feeds.load(transaction)[Feed.LIVE].read_at == NOW


async def test_catching_up_starts_a_new_process_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    large_is(ALL, monkeypatch)
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    pid = await world.engine._intake.aside.run(os.getpid)
    os.kill(pid, signal.SIGKILL)
    monkeypatch.setattr("meterdeck.sync.engine.asyncio.sleep", sleep)
    assert not await world.engine.catch_up([Feed.LIVE])
    assert waits == [1]


async def test_a_reading_that_is_cancelled_leaves_the_store_as_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    large_is(ALL, monkeypatch)
    intake = Intake(world.client, world.store)
    answer = await intake.usage(HOURS, UNPACED)
    storing = asyncio.create_task(intake.store_usage(HOURS, answer, NOW))
    await asyncio.sleep(0)
    storing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await storing
    assert intake.aside.pid is None
    assert content(world) == [[], [], [], []]
    assert await intake.store_usage(HOURS, answer, NOW), "a new process stores it"
    intake.close()
