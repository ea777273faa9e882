"""Once an hour the session that collects thins the store; the others leave it alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import budget, coverage, lease, usage
from meterdeck.store.coverage import Report
from meterdeck.store.lease import Lease
from meterdeck.sync.housekeeping import keep_house
from values import series, used
from world import World, until

HOUR, MINUTE = BucketWidth.HOUR, BucketWidth.MINUTE
NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
OLD = Window(NOW.replace(day=10, minute=0, second=0), NOW.replace(day=10, hour=15, minute=0, second=0))


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    opened = World(tmp_path / "store.db", NOW)
    with opened.store.write() as transaction:
        for width in (MINUTE, HOUR):
            buckets = [used(start, {series(): 1}, width) for start in OLD.starts(width)]
            usage.replace(transaction, width, OLD, buckets, NOW)
    yield opened
    await opened.close()


def minutes(world: World) -> int:
    with world.store.read() as transaction:
        return len(coverage.covered(transaction, Report.USAGE, MINUTE, OLD))


async def test_the_session_that_collects_thins_the_store(world: World) -> None:
    jobs = [asyncio.create_task(job) for job in (world.engine.keep_lease(), world.engine.keep_house())]
    await until(lambda: minutes(world) == 0, "old minutes stayed")
    for job in jobs:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job


async def test_a_session_that_follows_does_not(world: World) -> None:
    with world.store.write() as transaction:
        lease.acquire(transaction, Lease("other", 1), NOW)
    jobs = [asyncio.create_task(job) for job in (world.engine.keep_lease(), world.engine.keep_house())]
    await until(lambda: world.engine.holder is not None, "nobody was seen to collect")
    for _ in range(50):
        await asyncio.sleep(0)
    assert minutes(world) == 60
    for job in jobs:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job


async def test_a_clock_that_is_known_to_be_wrong_thins_nothing(world: World) -> None:
    with world.store.write() as transaction:
        budget.note_skew(transaction, -7200.0)
    assert keep_house(world.store, NOW) == 0
    assert minutes(world) == 60
    with world.store.write() as transaction:
        budget.note_skew(transaction, 0.0)
    assert keep_house(world.store, NOW) == 1


async def test_the_log_is_written_back_afterwards(world: World) -> None:
    log = world.store.path.with_name(world.store.path.name + "-wal")
    assert log.stat().st_size > 0
    keep_house(world.store, NOW + timedelta(days=1))
    assert log.stat().st_size == 0
