"""A sample is read again in as few requests as it fits into, and leaves places for what is happening now."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store.budget import Priority
from meterdeck.sync.plan import Feed
from meterdeck.sync.verifying import FEW_REQUESTS, Sample, Verifying, choose
from world import USAGE, World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    opened = World(tmp_path / "store.db", NOW)
    await opened.read(Feed.HOURS)
    opened.wire.requests.clear()
    yield opened
    await opened.close()


def sample(world: World, count: int) -> Sample:
    return choose(world.store, NOW, count, random.Random(7))


async def test_hours_that_fit_into_one_request_are_asked_for_together(world: World) -> None:
    everything = sample(world, 10_000)
    hours = sum(window.duration // BucketWidth.HOUR.delta for window in everything.usage)
    assert hours == 31 * 24 - 24 + 14
    assert len(everything.usage) == -(-hours // BucketWidth.HOUR.page_limit)
    verifying = Verifying(world.sources)
    for window in everything.usage:
        assert await verifying.hours(window) == []
    assert world.wire.windows(USAGE) == list(everything.usage)


async def test_what_lies_between_two_hours_of_the_sample_is_compared_along(world: World) -> None:
    window = sample(world, 300).usage[0]
    between = window.start + timedelta(hours=1)
    with world.store.write() as transaction:
        transaction.run(
            "UPDATE usage SET output = output + 1 WHERE width = 3600 AND start = ?",
            (int(between.timestamp()),),
        )
    verifying = Verifying(world.sources, repair=True)
    assert {difference.start for difference in await verifying.hours(window)} == {between}
    assert await verifying.hours(window) == []


def test_a_few_requests_are_a_person_s_and_many_are_the_backfill_s() -> None:
    a_window = Window(NOW - timedelta(hours=1), NOW)
    assert Sample((a_window,) * FEW_REQUESTS, ()).priority is Priority.USER
    assert Sample((a_window,) * FEW_REQUESTS, (a_window,)).priority is Priority.BACKFILL
