"""Once an hour the session that collects thins the store, by a clock that the API bears out; the others don't."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest_asyncio

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import budget, coverage, lease, usage
from meterdeck.store.coverage import Report
from meterdeck.store.lease import Lease
from meterdeck.sync.engine import SyncEngine
from meterdeck.sync.housekeeping import House
from meterdeck.sync.witness import Witness
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


@asynccontextmanager
async def at_work(engine: SyncEngine) -> AsyncIterator[None]:
    jobs = [asyncio.create_task(job) for job in (engine.keep_lease(), engine.keep_house())]
    yield
    for job in jobs:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job


async def is_told(engine: SyncEngine, date: datetime) -> None:
    """An answer comes, of a server whose clock says this."""
    pacing = engine.sources.pacing(budget.Priority.USER)
    await pacing.after_answer(200, {"date": format_datetime(date, usegmt=True)})


async def nothing_goes(world: World) -> None:
    for _ in range(200):
        await asyncio.sleep(0)
    assert minutes(world) == 60


async def test_the_session_that_collects_thins_the_store_once_an_answer_bore_its_clock_out(
    world: World,
) -> None:
    async with at_work(world.engine):
        await until(lambda: world.engine.collecting, "nobody collects")
        await nothing_goes(world)
        await is_told(world.engine, NOW)
        await until(lambda: minutes(world) == 0, "old minutes stayed")


async def test_the_embedded_organisation_has_our_clock_and_need_not_say_so(world: World) -> None:
    engine = SyncEngine(replace(world.sources, one_clock=True))
    async with at_work(engine):
        await until(lambda: minutes(world) == 0, "old minutes stayed")


async def test_a_clock_that_is_ahead_when_the_deck_starts_takes_nothing_away(world: World) -> None:
    world.clock.now = NOW + timedelta(days=500)
    async with at_work(world.engine):
        await until(lambda: world.engine.collecting, "nobody collects")
        await nothing_goes(world)
        await is_told(world.engine, NOW)
        await nothing_goes(world)


async def test_a_clock_that_is_set_must_be_borne_out_again(world: World) -> None:
    witness = Witness(world.clock, one_clock=False)
    witness.hear({"date": format_datetime(NOW, usegmt=True)})
    assert witness.confirmed.is_set()
    witness.hear({})
    assert witness.confirmed.is_set(), "an answer without a date tells nothing"
    witness.hear({"date": format_datetime(NOW - timedelta(hours=2), usegmt=True)})
    assert not witness.confirmed.is_set()
    witness.hear({"date": format_datetime(NOW, usegmt=True)})
    witness.forget()
    assert not witness.confirmed.is_set()


async def test_a_leap_of_more_than_a_day_is_believed_an_hour_later(world: World) -> None:
    house = House(world.store)
    house.last_seen = NOW - timedelta(days=1, seconds=1)
    assert house.keep(NOW) == 0
    assert minutes(world) == 60
    assert house.keep(NOW + timedelta(hours=1)) == 1


async def test_the_first_heartbeat_says_how_far_time_had_come_before_this_session_read(world: World) -> None:
    async with at_work(world.engine):
        await until(lambda: world.engine.collecting, "nobody collects")
        assert world.engine._house.last_seen == NOW


async def test_a_session_that_follows_does_not(world: World) -> None:
    with world.store.write() as transaction:
        lease.acquire(transaction, Lease("other", 1), NOW)
    async with at_work(world.engine):
        await until(lambda: world.engine.holder is not None, "nobody was seen to collect")
        await is_told(world.engine, NOW)
        await nothing_goes(world)


async def test_a_clock_that_is_known_to_be_wrong_thins_nothing(world: World) -> None:
    with world.store.write() as transaction:
        budget.note_skew(transaction, -7200.0)
    assert House(world.store).keep(NOW) == 0
    assert minutes(world) == 60
    with world.store.write() as transaction:
        budget.note_skew(transaction, 0.0)
    assert House(world.store).keep(NOW) == 1


async def test_the_log_is_written_back_afterwards(world: World) -> None:
    log = world.store.path.with_name(world.store.path.name + "-wal")
    assert log.stat().st_size > 0
    House(world.store).keep(NOW + timedelta(days=1))
    assert log.stat().st_size == 0
