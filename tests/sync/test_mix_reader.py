"""The mix's reader: ten days at first, in pages; then the last closed hours once an hour; without speed if it must."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from meterdeck.api import RequestRefused
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import MIX_DIMENSIONS, SERIES_DIMENSIONS
from meterdeck.service.simulated.options import Options
from meterdeck.store import coverage, mix, sums
from meterdeck.store.coverage import Report
from meterdeck.store.mix import WITHOUT_SPEED
from meterdeck.sync import plan
from meterdeck.sync.plan import Cadence, Feed
from world import USAGE, World, window_of

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
CLOSED = TODAY + 14 * HOUR
"""Where the running hour starts."""

MakeWorld = Callable[[], World]


@pytest_asyncio.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[MakeWorld]:
    worlds: list[World] = []

    def make() -> World:
        worlds.append(World(tmp_path / f"{len(worlds)}.db", NOW, cadence=Cadence()))
        return worlds[-1]

    yield make
    for world in worlds:
        await world.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The demo's organisation after its first fill, which no test changes."""
    world = World(tmp_path_factory.mktemp("filled") / "store.db", NOW, Options(), cadence=Cadence())
    for feed in (Feed.MIX, Feed.HOURS):
        asyncio.run(world.read(feed, since=TODAY - 2 * DAY if feed is Feed.HOURS else None))
    yield world
    asyncio.run(world.close())


def asked(world: World, *, with_speed: bool = True) -> list[Window]:
    group_by = MIX_DIMENSIONS if with_speed else WITHOUT_SPEED
    return [window_of(request) for request in world.wire.questions(USAGE, BucketWidth.HOUR, group_by)]


def refuse(world: World, status: int = 400, *, speed_alone: bool = True) -> None:
    """Answer as a server that does not know the dimension (api-facts 2.2), or refuses every question."""

    def answer() -> httpx.Response | None:
        grouped = world.wire.requests[-1].url.params.get_list("group_by[]")
        if speed_alone and "speed" not in grouped:
            return None
        error = {"type": "invalid_request_error", "message": "speed: not available"}
        return httpx.Response(status, json={"type": "error", "error": error})

    world.wire.faults[USAGE] = answer


def test_a_first_fill_reads_ten_days_newest_first_in_three_requests(filled: World) -> None:
    windows = asked(filled)
    assert windows == [
        Window(CLOSED - DAY, CLOSED),
        Window(CLOSED - 8 * DAY, CLOSED - DAY),
        Window(TODAY - 10 * DAY, CLOSED - 8 * DAY),
    ]
    with filled.store.read() as transaction:
        read = coverage.covered(transaction, Report.MIX, BucketWidth.HOUR, Window(TODAY - 40 * DAY, NOW))
    assert list(read) == list(Window(TODAY - 10 * DAY, CLOSED).starts(BucketWidth.HOUR))


def test_the_mix_of_closed_hours_has_the_tokens_of_the_series(filled: World) -> None:
    window = Window(TODAY - DAY, CLOSED - 4 * HOUR)
    with filled.store.read() as transaction:
        of_mix: dict[tuple[str | None, ...], int] = {}
        for served, tokens in mix.totals(transaction, window):
            of_mix[served[:3]] = of_mix.get(served[:3], 0) + tokens.total
        by = (SERIES_DIMENSIONS[0], SERIES_DIMENSIONS[1], SERIES_DIMENSIONS[3])
        of_series = {total.members: total.tokens.total for total in sums.totals(transaction, window, by)}
        seen = {(served.inference_geo, served.speed) for served, _ in mix.totals(transaction, window)}
    assert of_mix == of_series
    assert seen == {
        ("global", "standard"),
        ("us", "standard"),
        ("not_available", "standard"),
        ("global", "fast"),
        ("us", "fast"),
    }


async def test_once_an_hour_the_last_four_closed_hours_are_read_with_one_request(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    await world.read(Feed.MIX)
    world.wire.requests.clear()
    while world.clock.now < NOW + 3 * HOUR:
        world.clock.now += MINUTE
        await world.read(Feed.MIX)
    assert asked(world) == [
        Window(CLOSED + (number - 3) * HOUR, CLOSED + (number + 1) * HOUR) for number in range(3)
    ]


async def test_an_hour_that_was_missed_is_read_when_the_session_comes_back(make_world: MakeWorld) -> None:
    world = make_world()
    await world.read(Feed.MIX)
    world.wire.requests.clear()
    world.clock.now += 9 * HOUR
    await world.read(Feed.MIX)
    assert asked(world) == [Window(CLOSED - 3 * HOUR, CLOSED + 9 * HOUR)]


async def test_only_what_is_wanted_is_read_where_a_start_is_given(make_world: MakeWorld) -> None:
    world = make_world()
    assert await world.read(Feed.MIX, since=TODAY) == 1
    assert asked(world) == [Window(TODAY, CLOSED)]


async def test_where_speed_is_refused_it_is_left_out_for_the_rest_of_the_utc_day(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    refuse(world)
    await world.read(Feed.MIX, since=TODAY)
    assert asked(world) == asked(world, with_speed=False) == [Window(TODAY, CLOSED)]
    with world.store.read() as transaction:
        totals = mix.totals(transaction, Window(TODAY, CLOSED))
    assert {served.speed for served, _ in totals} == {None}
    assert {served.inference_geo for served, _ in totals} == {"global", "not_available"}

    world.clock.now += HOUR
    assert await world.read(Feed.MIX, since=TODAY) == 1, "it is not tried again"
    world.clock.now = TODAY + DAY + 30 * MINUTE
    world.wire.faults.clear()
    await world.read(Feed.MIX, since=TODAY + 20 * HOUR)
    assert len(asked(world)) == 2, "a new day is tried anew"


async def test_speed_is_asked_for_with_its_beta_header_and_the_rest_without(make_world: MakeWorld) -> None:
    world = make_world()
    refuse(world)
    await world.read(Feed.MIX, since=TODAY)
    headers = [request.headers.get("anthropic-beta") for request in world.wire.requests]
    assert headers == ["fast-mode-2026-02-01", None]


@pytest.mark.parametrize("status", [400, 404])
async def test_a_server_that_refuses_more_than_speed_is_told_of_and_nothing_is_remembered(
    make_world: MakeWorld, status: int
) -> None:
    world = make_world()
    refuse(world, status, speed_alone=status != 400)
    failures = await world.engine.catch_up([Feed.MIX], since=TODAY)
    assert isinstance(failures[Feed.MIX], RequestRefused)
    world.wire.faults.clear()
    world.wire.requests.clear()
    await world.read(Feed.MIX, since=TODAY)
    assert len(asked(world)) == 1


async def test_an_hour_that_never_comes_is_not_asked_for_again_at_once(make_world: MakeWorld) -> None:
    world = make_world()
    nothing = {"data": [], "has_more": False, "next_page": None}
    world.wire.faults[USAGE] = lambda: httpx.Response(200, json=nothing)
    assert await world.read(Feed.MIX, since=TODAY) == 1
    assert await world.read(Feed.MIX, since=TODAY) == 0


async def test_a_page_that_is_too_large_is_asked_for_in_halves(make_world: MakeWorld) -> None:
    world = make_world()
    faults = [httpx.Response(504, json={"type": "error", "error": {"type": "timeout_error", "message": ""}})]
    world.wire.faults[USAGE] = lambda: faults.pop() if faults else None
    await world.read(Feed.MIX, since=TODAY - 2 * DAY)
    assert [window.duration for window in asked(world)][:2] == [DAY, DAY / 2]


async def test_old_hours_are_forgotten_as_new_ones_are_read(make_world: MakeWorld) -> None:
    world = make_world()
    await world.read(Feed.MIX, since=TODAY)
    world.clock.now += 36 * DAY
    await world.read(Feed.MIX, since=world.clock.now - 4 * HOUR)
    with world.store.read() as transaction:
        assert mix.totals(transaction, Window(TODAY, NOW)) == []
        assert coverage.covered(transaction, Report.MIX, BucketWidth.HOUR, Window(TODAY, NOW)) == {}


def test_the_next_reading_is_twenty_minutes_past_an_hour() -> None:
    for now, next_at in (
        (CLOSED, CLOSED + 20 * MINUTE),
        (CLOSED + 20 * MINUTE, CLOSED + 80 * MINUTE),
        (NOW, CLOSED + 80 * MINUTE),
    ):
        assert plan.next_mix_read(now) == next_at
