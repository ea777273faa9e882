"""The engine: each feed fails alone, comes back when it should, and only the session with the lease reads."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from meterdeck.api import BadPayload, KeyRefused, RateLimited, ServerFailed, Unreachable
from meterdeck.store import Store, StoreError, feeds, lease
from meterdeck.store.feeds import FeedState
from meterdeck.sync.engine import NEWEST_WISH, Changed, SyncEngine
from meterdeck.sync.plan import Feed
from world import COST, USAGE, World, until

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)


@pytest_asyncio.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr("meterdeck.sync.engine.CATCH_UP_RETRIES", 0)
    monkeypatch.setattr("meterdeck.sync.engine.HEARTBEAT_S", 0.01)
    # Waits as short as jitter can leave them.
    monkeypatch.setattr("meterdeck.sync.retrying.random.uniform", lambda least, most: least)
    opened = World(tmp_path / "store.db", NOW)
    yield opened
    await opened.close()


def answers(status: int, headers: dict[str, str] | None = None) -> Callable[[], httpx.Response]:
    body = {"type": "error", "error": {"type": "some_error", "message": "no"}}
    return lambda: httpx.Response(status, json=body, headers=headers)


def states(store: Store) -> dict[str, FeedState]:
    with store.read() as transaction:
        return feeds.load(transaction)


@asynccontextmanager
async def running(*jobs: Coroutine[object, object, object]) -> AsyncIterator[list["asyncio.Task[object]"]]:
    """Workers for as long as the block; one that ended by itself has failed."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield tasks
        assert not [task for task in tasks if task.done()], "a worker ended"
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def test_a_feed_that_fails_once_is_told_to_who_asked_and_to_no_other_session(world: World) -> None:
    world.wire.faults[COST] = answers(500)
    failures = await world.engine.catch_up(Feed, since=TODAY)
    assert {feed: type(error) for feed, error in failures.items()} == {Feed.COSTS: ServerFailed}
    found = states(world.store)
    assert {feed for feed in Feed if feed in found and found[feed].read_at == NOW} == set(Feed) - {
        Feed.COSTS,
        Feed.CHECK,  # all was read just now
        *NEWEST_WISH,  # nobody wants any
    }
    assert not any(state.failing for state in found.values())


async def test_a_worker_notes_its_failure_and_whoever_reads_the_feed_next_forgets_it(world: World) -> None:
    world.wire.faults[COST] = answers(500)
    state = await worker(world, Feed.COSTS)
    assert (state.failing, state.failed_at, state.failure) == (True, NOW, "500")
    assert "The API failed" in (state.sentence or "")
    assert await world.engine.catch_up([Feed.COSTS])
    assert states(world.store)[Feed.COSTS].sentence == state.sentence, (
        "a report's own failure changes nothing"
    )
    world.wire.faults.clear()
    assert not await world.engine.catch_up([Feed.COSTS])
    assert not states(world.store)[Feed.COSTS].failing


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answers(401), KeyRefused),
        (answers(429), RateLimited),
        (answers(529), ServerFailed),
        (lambda: httpx.Response(200, json={"has_more": False}), BadPayload),
        (lambda: httpx.Response(200, content=b"<html>"), BadPayload),
    ],
)
async def test_a_failed_read_leaves_what_was_stored_as_it_was(
    world: World, answer: Callable[[], httpx.Response], error: type[Exception]
) -> None:
    await world.fill(since=TODAY)

    def content() -> list[list[tuple[object, ...]]]:
        with world.store.read() as transaction:
            return [
                transaction.all("SELECT * FROM usage"),
                transaction.all("SELECT * FROM cost"),
                transaction.all("SELECT * FROM coverage"),
                transaction.all("SELECT * FROM workspace"),
            ]

    before = content()
    world.clock.now += timedelta(hours=7)
    world.wire.faults = dict.fromkeys((USAGE, COST, "/me"), answer)
    failures = await world.engine.catch_up(Feed, since=TODAY)
    # Nobody wants any on demand, and no whole day is known that could be checked.
    due = [feed for feed in Feed if feed not in NEWEST_WISH and feed is not Feed.CHECK]
    asked = due[:1] if error is KeyRefused else due
    assert {feed: type(found) for feed, found in failures.items()} == dict.fromkeys(asked, error)
    assert content() == before


async def worker(
    world: World,
    feed: Feed,
    change: Callable[[SyncEngine], Awaitable[None]] | None = None,
    seen: list[Changed] | None = None,
) -> FeedState:
    """What one worker leaves of a feed after its first read (and a change)."""
    seen = [] if seen is None else seen
    engine = world.new_engine(seen.append)
    async with running(engine.keep_lease(), engine.run(feed)):
        await until(lambda: bool(seen), "the feed was never read")
        if change is not None:
            await change(engine)
    return states(world.store)[feed]


async def test_a_worker_that_succeeds_says_when_it_comes_back(world: World) -> None:
    state = await worker(world, Feed.LIVE)
    assert state == FeedState(read_at=NOW, next_at=NOW + world.sources.cadence.live)
    assert len(world.wire.requests) == 1


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        (answers(429, {"retry-after": "37"}), 37),
        (answers(429), 30),
        (answers(500), 5),
        (answers(529, {"retry-after": "90"}), 90),
    ],
)
async def test_a_failed_worker_comes_back_as_the_server_says_or_soon(
    world: World, answer: Callable[[], httpx.Response], after: int
) -> None:
    world.wire.faults[USAGE] = answer
    state = await worker(world, Feed.LIVE)
    assert state.failing
    assert state.next_at == NOW + timedelta(seconds=after)
    assert len(world.wire.requests) == 1


async def test_a_refused_request_is_not_sent_again_by_itself(world: World) -> None:
    world.wire.faults[USAGE] = answers(400)
    state = await worker(world, Feed.LIVE)
    assert state.failing
    assert state.next_at is None


async def test_a_worker_that_keeps_failing_waits_longer_each_time_and_not_for_ever(world: World) -> None:
    world.wire.faults[USAGE] = answers(500)
    waits: list[float] = []
    seen: list[Changed] = []

    async def fail_again(engine: SyncEngine) -> None:
        for number in range(1, 9):
            await until(lambda number=number: len(seen) >= number, "no further try")  # type: ignore[misc]
            waits.append(((states(world.store)[Feed.LIVE].next_at or NOW) - world.clock.now).total_seconds())
            world.clock.now += timedelta(seconds=1)
            engine.refresh()

    await worker(world, Feed.LIVE, fail_again, seen)
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]


async def test_a_refused_key_is_not_tried_again_by_itself_but_by_the_user(world: World) -> None:
    world.wire.faults[USAGE] = answers(401)

    async def refresh(engine: SyncEngine) -> None:
        assert states(world.store)[Feed.LIVE].next_at is None
        assert len(world.wire.requests) == 1
        world.wire.faults.clear()
        engine.refresh()
        await until(lambda: states(world.store)[Feed.LIVE].read_at == NOW, "refresh did not ask")

    state = await worker(world, Feed.LIVE, refresh)
    assert not state.failing
    assert len(world.wire.requests) == 2


async def test_refresh_reads_now_though_nothing_is_due(world: World) -> None:
    async def refresh(engine: SyncEngine) -> None:
        for number in (2, 3):
            engine.refresh()
            await until(lambda number=number: len(world.wire.requests) == number, "refresh did not read")  # type: ignore[misc]

    await worker(world, Feed.LIVE, refresh)


async def test_one_feed_that_hangs_or_fails_keeps_no_other_from_reading(world: World) -> None:
    world.wire.faults[COST] = answers(401)
    seen: list[Feed] = []
    engine = world.new_engine(lambda changed: seen.append(changed.feed))
    jobs = [engine.run(feed) for feed in (Feed.COSTS, Feed.LIVE, Feed.DIRECTORY)]
    async with running(engine.keep_lease(), *jobs):
        await until(lambda: {Feed.COSTS, Feed.LIVE, Feed.DIRECTORY} <= set(seen), "a feed was not read")
    found = states(world.store)
    assert [found[feed].failing for feed in (Feed.COSTS, Feed.LIVE, Feed.DIRECTORY)] == [True, False, False]


async def test_a_session_without_the_lease_reads_nothing_and_knows_who_does(
    world: World, tmp_path: Path
) -> None:
    other = Store(tmp_path / "store.db")
    watching = World(tmp_path / "unused.db", NOW)
    collector, follower = world.new_engine(), watching.new_engine(store=other)
    async with running(collector.keep_lease()):
        await until(lambda: collector.collecting, "the first session did not take the lease")
        async with running(follower.keep_lease(), *(follower.run(feed) for feed in Feed)):
            await until(lambda: follower.holder is not None, "the second session did not look")
            follower.refresh()
            for _ in range(50):
                await asyncio.sleep(0)
            assert follower.holder == collector.holder
            assert not follower.collecting
            assert watching.wire.requests == []
    other.close()
    await watching.close()


async def test_a_wish_is_met_though_the_clock_was_set_back_since_the_last_one(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterdeck.sync.engine.HEARTBEAT_S", 0.01)
    other = Store(tmp_path / "store.db")
    collector, follower = world.new_engine(), world.new_engine(store=other)

    async def is_met(wishes: int) -> None:
        await follower.ask_refresh()
        await until(lambda: len(world.wire.windows(USAGE)) == wishes, f"wish {wishes} was not met")

    async with running(collector.keep_lease(), collector.run(Feed.LIVE)):
        await until(lambda: len(world.wire.windows(USAGE)) == 1, "nothing was read at first")
        world.clock.now = NOW + timedelta(seconds=1)
        await is_met(2)
        world.clock.now = NOW - timedelta(days=1)
        await is_met(3)
    other.close()


async def test_a_wish_of_before_the_start_is_not_met_again(world: World) -> None:
    with world.store.write() as transaction:
        lease.ask_refresh(transaction, NOW + timedelta(days=1))
    engine = world.new_engine()
    async with running(engine.keep_lease()):
        await until(lambda: engine.collecting, "the lease was not taken")
        assert not engine._forced


async def test_a_paused_session_asks_nothing_and_another_one_collects_until_it_goes_on(
    world: World, tmp_path: Path
) -> None:
    other = Store(tmp_path / "store.db")
    watching = World(tmp_path / "unused.db", NOW)
    engine, second = world.new_engine(), watching.new_engine(store=other)
    async with running(engine.keep_lease(), engine.run(Feed.LIVE)):
        await until(lambda: len(world.wire.requests) == 1, "nothing was read at first")
        engine.pause()
        assert (engine.collecting, engine.paused_at) == (False, NOW)
        await until(lambda: engine.holder is None, "the lease was not given away")
        world.clock.now = watching.clock.now = NOW + timedelta(minutes=5)
        await engine.ask_refresh()
        async with running(second.keep_lease(), second.run(Feed.DIRECTORY)):
            await until(lambda: second.collecting, "the other session did not take over")
            await until(lambda: engine.holder == second.holder, "it was not noticed who collects")
            engine.pause()
            assert engine.paused_at == NOW, "the time of the first pause stands"
            await engine.ask_refresh()
            await until(lambda: Feed.LIVE in second._forced, "the wish was not passed on")
            assert len(world.wire.requests) == 1
        engine.resume()
        await until(lambda: len(world.wire.requests) == 2, "it did not go on")
        assert engine.paused_at is None
    other.close()
    await watching.close()


async def test_a_read_of_many_requests_ends_where_it_is_paused_and_begins_again(world: World) -> None:
    engine = world.new_engine()

    def pause() -> None:
        engine.pause()

    world.wire.faults["/me"] = pause
    async with running(engine.keep_lease(), engine.run(Feed.DIRECTORY)):
        await until(lambda: engine.paused_at is not None, "nothing was asked")
        await until(lambda: engine.holder is None, "the lease was not given away")
        for _ in range(50):
            await asyncio.sleep(0.001)
        assert len(world.wire.requests) == 1, "the next request of the directory was sent"
        assert Feed.DIRECTORY not in states(world.store)
        world.wire.faults.clear()
        engine.resume()
        await until(lambda: Feed.DIRECTORY in states(world.store), "it was not read again")
    assert len(world.wire.requests) == 4
    assert not states(world.store)[Feed.DIRECTORY].failing


async def test_a_lease_that_came_while_pausing_is_given_away_all_the_same(world: World) -> None:
    engine = world.new_engine()
    renewed = asyncio.create_task(engine._renew_lease())
    await asyncio.sleep(0)  # its thread is on its way
    engine.pause()
    await renewed
    assert not engine.collecting
    await engine._renew_lease()
    with world.store.read() as transaction:
        assert lease.holder(transaction, NOW) is None


async def test_when_the_collector_ends_the_next_session_takes_over(world: World, tmp_path: Path) -> None:
    other = Store(tmp_path / "store.db")
    collector, follower = world.new_engine(), world.new_engine(store=other)
    async with running(follower.keep_lease(), follower.run(Feed.DIRECTORY)):
        await until(lambda: follower.collecting, "the only session did not take the lease")
    assert not follower.collecting, "the lease is given back at the end"
    async with running(collector.keep_lease()):
        await until(lambda: collector.collecting, "a free lease was not taken")
        assert collector.holder is not None
    other.close()


async def test_a_store_that_cannot_be_written_stops_the_collecting_and_not_the_session(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("The disk is full.")

    engine = world.new_engine()
    async with running(engine.keep_lease()):
        await until(lambda: engine.collecting, "the lease was not taken")
        with monkeypatch.context() as full:
            full.setattr("meterdeck.sync.engine.lease.acquire", refuse)
            await until(lambda: not engine.collecting, "it still believes to collect")
        await until(lambda: engine.collecting, "it did not begin again")


@pytest.mark.parametrize("jump", [timedelta(hours=9), -timedelta(hours=9)], ids=["slept", "set back"])
async def test_after_a_jump_of_the_clock_each_feed_that_is_due_reads_once(
    world: World, jump: timedelta
) -> None:
    await world.fill(since=TODAY)
    reads: list[Changed] = []
    engine = SyncEngine(world.sources, reads.append)
    async with running(engine.keep_lease(), engine.run(Feed.LIVE), engine.run(Feed.DIRECTORY)):
        await until(lambda: engine.collecting, "the lease was not taken")
        before = len(world.wire.requests)
        world.clock.now += jump
        await until(lambda: len(reads) == 2, "a feed that is due by the clock was not read")
        for _ in range(50):
            await asyncio.sleep(0.001)
        assert {changed.feed for changed in reads} == {Feed.LIVE, Feed.DIRECTORY}
        assert len(world.wire.requests) == before + 1 + 3
        assert engine.collecting
    await engine.close()


async def test_a_holder_that_was_away_asks_for_the_lease_before_it_reads(
    world: World, tmp_path: Path
) -> None:
    other = Store(tmp_path / "store.db")
    engine = SyncEngine(world.sources)
    await engine._renew_lease()
    assert engine.collecting
    world.clock.now += timedelta(hours=1)  # stopped by a signal, and nobody told it
    async with running(engine.run(Feed.LIVE)):
        await until(lambda: not engine.collecting, "it still believes to hold the lease")
        with other.write() as transaction:
            lease.acquire(transaction, lease.Lease("other", 4711), world.clock.now)
        await engine._renew_lease()
        for _ in range(50):
            await asyncio.sleep(0)
        assert engine.holder == lease.Lease("other", 4711)
        assert world.wire.requests == []
    other.close()


async def test_no_connection_is_unreachable_and_said_so(world: World) -> None:
    def refuse() -> httpx.Response:
        raise httpx.ConnectError("Connection refused")

    world.wire.faults[USAGE] = refuse
    failures = await world.engine.catch_up([Feed.LIVE])
    assert isinstance(failures[Feed.LIVE], Unreachable)
    assert (await worker(world, Feed.LIVE)).failure == "no connection"
