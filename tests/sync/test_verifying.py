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
from meterdeck.sync.verifying_days import verify_days
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


async def test_counters_without_a_column_are_compared_and_repaired_in_hours_and_in_days(world: World) -> None:
    """The API counts none of them: whatever the store holds is a difference."""
    window = sample(world, 300).usage[0]
    at, name = int(window.start.timestamp()), "cache_creation.ephemeral_24h_input_tokens"
    day = at - at % 86400
    with world.store.write() as transaction:
        for width, start in ((3600, at), (86400, day)):
            transaction.run(
                "INSERT INTO counter (width, start, series, name, count) SELECT ?, ?, series, ?, 7 FROM usage"
                " WHERE width = ? AND start = ? LIMIT 1",
                (width, start, name, width, start),
            )
    verifying = Verifying(world.sources, repair=True)
    (of_hour,) = await verifying.hours(window)
    assert (of_hour.cell[-1], of_hour.stored, of_hour.reported) == (name, 7, None)
    assert await verifying.hours(window) == []
    with world.store.write() as transaction:
        transaction.run(
            "INSERT INTO counter (width, start, series, name, count) SELECT 86400, ?, series, ?, 7 FROM usage"
            " WHERE width = 86400 AND start = ? LIMIT 1",
            (day, name, day),
        )
    (of_day,) = verify_days(world.store, repair=True).differences
    assert (of_day.cell[-1], of_day.stored, of_day.reported) == (name, 7, None)
    assert verify_days(world.store, repair=False).differences == []
