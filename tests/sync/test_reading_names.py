"""When names are read before their time: once for an id without one, and for a name that nobody has."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from meterdeck.api import ServerFailed
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.reports import CostBucket, CostLine, CostRow, Workspace
from meterdeck.store import Store, costs, directory, feeds
from meterdeck.store.directory import Directory
from meterdeck.sync.engine import SyncEngine
from meterdeck.sync.plan import Feed
from world import World, until

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
WORKSPACES, KEYS, ME = "/workspaces", "/api_keys", "/me"
MINUTE = timedelta(minutes=1)


@pytest_asyncio.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr("meterdeck.sync.engine.CATCH_UP_RETRIES", 0)
    monkeypatch.setattr("meterdeck.sync.engine.HEARTBEAT_S", 0.01)
    opened = World(tmp_path / "store.db", NOW)
    yield opened
    await opened.close()


def names(world: World) -> Directory:
    with world.store.read() as transaction:
        return directory.load(transaction)


def workspace(world: World) -> Workspace:
    """One that is in use."""
    return next(each for each in names(world).workspaces if each.name == "prod-chat")


def asked(world: World) -> int:
    """How often the directory was asked for."""
    return sum(request.url.path.endswith(WORKSPACES) for request in world.wire.requests)


def forget(world: World, workspace_id: str) -> None:
    """Let the store know the names of a time before the workspace was made."""
    known = names(world)
    assert known.organization
    with world.store.write() as transaction:
        others = [w for w in known.workspaces if w.id != workspace_id]
        directory.replace(transaction, known.organization, others, known.api_keys)


def put_on_the_bill(world: World, workspace_id: str) -> None:
    """Store a bill with a line of a workspace."""
    day = BucketWidth.DAY.floor(NOW)
    window = Window(day, day + timedelta(days=1))
    line = CostLine(workspace_id, "Code execution", "code_execution", None, None, None, None, None)
    with world.store.write() as transaction:
        costs.replace(transaction, window, [CostBucket(window, (CostRow(line, Decimal(5)),))], NOW)


async def catch_up(engine: SyncEngine, *feeds_: Feed) -> None:
    assert not await engine.catch_up(feeds_ or [Feed.HOURS, Feed.LIVE, Feed.COSTS, Feed.DIRECTORY])


async def test_an_id_of_usage_without_a_name_has_the_directory_read_once_ever(world: World) -> None:
    await catch_up(world.engine)
    assert asked(world) == 1
    made = workspace(world)
    forget(world, made.id)
    await catch_up(world.engine, Feed.DIRECTORY)
    assert asked(world) == 2, "six hours early"
    assert made in names(world).workspaces
    forget(world, made.id)
    await catch_up(world.engine, Feed.DIRECTORY)
    assert asked(world) == 2, "that id had its read"


async def test_so_has_an_id_that_the_bill_alone_knows_whether_it_gets_a_name_or_not(world: World) -> None:
    await catch_up(world.engine)
    put_on_the_bill(world, "wrkspc_of_the_bill")
    for _ in range(3):
        await catch_up(world.engine, Feed.DIRECTORY)
    assert asked(world) == 2
    put_on_the_bill(world, "wrkspc_another")
    await catch_up(world.engine, Feed.DIRECTORY)
    assert asked(world) == 3, "another id has one of its own"


async def test_several_ids_without_a_name_have_one_read_together(world: World) -> None:
    await catch_up(world.engine)
    for each in names(world).workspaces:
        forget(world, each.id)
    await catch_up(world.engine, Feed.DIRECTORY)
    assert asked(world) == 2


async def test_no_other_session_reads_for_an_id_again(world: World, tmp_path: Path) -> None:
    await catch_up(world.engine)
    forget(world, workspace(world).id)
    other_store = Store(tmp_path / "store.db")
    other = world.new_engine(store=other_store)
    await asyncio.gather(catch_up(world.engine, Feed.DIRECTORY), catch_up(other, Feed.DIRECTORY))
    assert asked(world) == 2
    other_store.close()


async def test_what_a_read_that_was_due_does_not_name_costs_no_read_more(world: World) -> None:
    put_on_the_bill(world, "wrkspc_without_a_name")
    await catch_up(world.engine, Feed.DIRECTORY)
    await catch_up(world.engine, Feed.DIRECTORY)
    assert asked(world) == 1


async def test_the_real_id_of_the_default_workspace_needs_no_name(world: World) -> None:
    await catch_up(world.engine)
    default = names(world).default_workspace_id
    assert default is not None
    put_on_the_bill(world, default)
    await catch_up(world.engine, Feed.DIRECTORY)
    assert asked(world) == 1


async def test_an_early_read_that_fails_is_owed_until_it_succeeds(world: World) -> None:
    await catch_up(world.engine)
    made = workspace(world)
    forget(world, made.id)
    world.wire.faults[KEYS] = lambda: httpx.Response(500, json={})
    failed = await world.engine.catch_up([Feed.DIRECTORY])
    assert isinstance(failed[Feed.DIRECTORY], ServerFailed)
    del world.wire.faults[KEYS]
    await catch_up(world.engine, Feed.DIRECTORY)
    assert made in names(world).workspaces


async def test_where_names_are_refused_a_new_id_is_no_reason_to_ask_again(world: World) -> None:
    await catch_up(world.engine)
    with world.store.write() as transaction:
        feeds.failed(transaction, Feed.DIRECTORY, NOW, "403", "The key may not.")
    forget(world, workspace(world).id)
    await catch_up(world.engine, Feed.DIRECTORY)
    assert asked(world) == 1


async def test_the_session_that_collects_reads_names_as_soon_as_usage_brings_an_id(world: World) -> None:
    await catch_up(world.engine, Feed.DIRECTORY)
    made = workspace(world)
    forget(world, made.id)
    jobs = [world.engine.keep_lease(), world.engine.run(Feed.DIRECTORY), world.engine.run(Feed.HOURS)]
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        await until(lambda: made in names(world).workspaces, "the names were not read")
        assert asked(world) == 2
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_who_refreshes_reads_names_too(world: World) -> None:
    await catch_up(world.engine)
    assert await world.read(Feed.DIRECTORY, forced=True) == 3
    tasks = [
        asyncio.create_task(job) for job in (world.engine.keep_lease(), world.engine.run(Feed.DIRECTORY))
    ]
    try:
        await until(lambda: world.engine.collecting, "nobody collects")
        await world.engine.ask_refresh()
        await until(lambda: asked(world) == 3, "r does not read the names")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_for_a_name_of_nobody_the_names_are_read_once_in_five_minutes(world: World) -> None:
    await catch_up(world.engine)
    assert not await world.engine.read_names(), "they were read just now"
    world.clock.now = NOW + 5 * MINUTE
    other = world.new_engine()
    assert await world.engine.read_names()
    assert not await world.engine.read_names()
    assert not await other.read_names()
    world.clock.now += 4 * MINUTE
    assert not await other.read_names()
    world.clock.now += MINUTE
    assert await other.read_names()
    assert asked(world) == 3


async def test_a_read_for_a_name_that_fails_counts_as_well(world: World) -> None:
    await catch_up(world.engine)
    world.clock.now = NOW + 5 * MINUTE
    world.wire.faults[ME] = lambda: httpx.Response(500, json={})
    with pytest.raises(ServerFailed):
        await world.engine.read_names()
    before = len(world.wire.requests)
    assert not await world.engine.read_names()
    assert len(world.wire.requests) == before


async def test_a_clock_that_was_set_back_keeps_no_name_from_being_read(world: World) -> None:
    await catch_up(world.engine)
    world.clock.now = NOW + 5 * MINUTE
    assert await world.engine.read_names()
    world.clock.now = NOW - timedelta(days=2)
    assert await world.engine.read_names()


async def test_a_paused_session_reads_no_names(world: World) -> None:
    await catch_up(world.engine)
    world.clock.now = NOW + 5 * MINUTE
    world.engine.pause()
    assert not await world.engine.read_names()
    assert asked(world) == 1
    world.engine.resume()
    assert await world.engine.read_names()


def listing(*rows: object) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(200, content=json.dumps({"data": list(rows), "has_more": False}).encode())


async def test_a_broken_entry_costs_itself_alone_and_is_said_for_as_long_as_it_is_broken(
    world: World,
) -> None:
    def said() -> str | None:
        with world.store.read() as transaction:
            state = feeds.load(transaction).get(directory.UNREADABLE)
        assert state is None or not state.failing
        return state.sentence if state else None

    world.wire.faults[WORKSPACES] = listing(
        {"id": "wrkspc_1", "name": None}, {"name": "x"}, {"id": "wrkspc_2", "name": "prod"}
    )
    await catch_up(world.engine, Feed.DIRECTORY)
    assert names(world).workspaces == (Workspace("wrkspc_1", ""), Workspace("wrkspc_2", "prod"))
    assert len(names(world).api_keys) > 1
    assert said() == (
        "2 names can't be read (first data.0.name of the workspaces: Input should be a valid string)."
        " All others were read; without a name the id is shown."
    )
    world.wire.faults.clear()
    await world.read(Feed.DIRECTORY, forced=True)
    assert said() is None
