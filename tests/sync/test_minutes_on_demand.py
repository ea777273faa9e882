"""Minutes of an hour that somebody looks into: asked for by any session, read by the one that collects."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import Store, coverage, feeds, hours, sums, thinning, wishes
from meterdeck.store.coverage import Report
from meterdeck.sync import plan
from meterdeck.sync.plan import Feed
from world import USAGE, World, until

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
OLD = datetime(2026, 11, 12, 9, tzinfo=UTC)


@pytest_asyncio.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr("meterdeck.sync.engine.HEARTBEAT_S", 0.01)
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


def minutes(world: World, hour: datetime = OLD) -> int:
    with world.store.read() as transaction:
        return len(coverage.covered(transaction, Report.USAGE, BucketWidth.MINUTE, Window(hour, hour + HOUR)))


def wanted(world: World) -> list[datetime]:
    with world.store.read() as transaction:
        return wishes.wanted(transaction, world.clock())


async def test_the_session_that_collects_reads_what_it_asked_for_in_one_request(world: World) -> None:
    engine = world.engine
    async with running(engine.keep_lease(), engine.run(Feed.MINUTES)):
        await engine.want_minutes(OLD)
        await until(lambda: minutes(world) == 60 and not wanted(world), "the minutes were not read")
    assert world.wire.windows(USAGE) == [Window(OLD, OLD + HOUR)]


async def test_a_session_that_follows_has_them_read_by_the_other(world: World) -> None:
    other = Store(world.store.path)
    follower = world.new_engine(store=other)
    collector = world.engine
    async with running(collector.keep_lease(), collector.run(Feed.MINUTES)):
        await until(lambda: collector.collecting, "nobody collects")
        async with running(follower.keep_lease(), follower.run(Feed.MINUTES)):
            await follower.want_minutes(OLD)
            await until(lambda: minutes(world) == 60, "the minutes were not read")
            assert not follower.collecting
    other.close()


async def test_a_wish_that_nobody_met_is_met_by_the_next_that_collects_unless_it_is_too_old(
    world: World,
) -> None:
    await world.engine.want_minutes(OLD)
    world.clock.now += 5 * MINUTE
    await world.engine.want_minutes(OLD + HOUR)
    world.clock.now += 6 * MINUTE
    assert await world.read(Feed.MINUTES) == 1
    assert (minutes(world), minutes(world, OLD + HOUR)) == (0, 60)
    assert wanted(world) == []


async def test_a_wish_of_a_time_to_come_hides_no_other(world: World) -> None:
    with world.store.write() as transaction:
        wishes.ask(transaction, OLD - HOUR, NOW + timedelta(days=1))
    engine = world.engine
    async with running(engine.keep_lease(), engine.run(Feed.MINUTES)):
        await until(lambda: engine.collecting, "nobody collects")
        await engine.want_minutes(OLD)
        await until(lambda: minutes(world) == 60 and not wanted(world), "the minutes were not read")
    with world.store.read() as transaction:
        assert transaction.one("SELECT count(*) FROM wanted_hour") == (0,)


async def test_several_wishes_are_met_newest_first(world: World) -> None:
    for number in range(3):
        await world.engine.want_minutes(OLD + number * HOUR)
        world.clock.now += MINUTE
    assert await world.read(Feed.MINUTES) == 3
    assert [window.start for window in world.wire.windows(USAGE)] == [OLD + 2 * HOUR, OLD + HOUR, OLD]


async def test_what_is_there_already_is_not_asked_for(world: World) -> None:
    await world.engine.want_minutes(OLD)
    assert await world.read(Feed.MINUTES) == 1
    await world.engine.want_minutes(OLD)
    assert await world.read(Feed.MINUTES) == 0
    assert wanted(world) == []


async def test_a_failure_leaves_a_sentence_and_the_wish(world: World) -> None:
    world.wire.faults[USAGE] = lambda: httpx.Response(403, json={"error": {"type": "permission_error"}})
    await world.engine.want_minutes(OLD)
    await world.engine._read_and_note(Feed.MINUTES)
    with world.store.read() as transaction:
        assert feeds.load(transaction)[Feed.MINUTES].sentence
    assert wanted(world) == [OLD]


async def test_the_hours_figures_are_the_same_by_its_minutes_and_after_they_were_thinned(
    world: World,
) -> None:
    await world.read(Feed.HOURS, since=OLD)
    window = Window(OLD, OLD + HOUR)

    def figures() -> object:
        with world.store.read() as transaction:
            return sums.by_series(transaction, window)

    before = figures()
    world.clock.now += MINUTE
    world.engine.want_minutes_here(OLD)
    await world.read(Feed.MINUTES)
    assert wanted(world) == [], "no other session need know"
    with world.store.read() as transaction:
        assert hours.hour_sources(transaction, window).by_hour == (OLD,), "it had settled: they are its own"
    assert figures() == before
    asked = len(world.wire.windows(USAGE))
    await world.new_engine().catch_up([Feed.HOURS], since=OLD)
    assert len(world.wire.windows(USAGE)) == asked, "and need not be read again"
    assert thinning.thin(world.store, world.clock()) == 1
    assert (figures(), minutes(world)) == (before, 0)


@pytest.mark.parametrize(
    ("read_after", "now_after", "due"),
    [
        (None, 0, True),
        (timedelta(minutes=30), timedelta(hours=5), False),
        (timedelta(minutes=5), timedelta(hours=5), True),
        (timedelta(minutes=5), timedelta(minutes=6), False),
        (timedelta(minutes=5), timedelta(minutes=7), True),
    ],
)
def test_minutes_are_due_that_were_never_read_or_only_while_they_filled(
    read_after: timedelta | None, now_after: timedelta, due: bool
) -> None:
    closed = OLD + HOUR
    read = {}
    if read_after is not None:
        starts = Window(OLD, closed).starts(BucketWidth.MINUTE)
        read = dict.fromkeys(starts, closed + read_after)
    now = closed + (now_after or timedelta(hours=5))
    found = plan.minutes_window(now, OLD, read, timedelta(seconds=75))
    assert found == (Window(OLD, closed) if due else None)


def test_of_a_running_hour_the_minutes_until_now_are_read() -> None:
    found = plan.minutes_window(NOW, NOW.replace(minute=0, second=0), {}, timedelta(seconds=75))
    assert found == Window(NOW.replace(minute=0, second=0), NOW.replace(minute=38, second=0))
