"""Closed days are held against the API once a day, and on demand: what was corrected late is found and read again."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS
from meterdeck.store import sums, usage
from meterdeck.sync import plan
from meterdeck.sync.plan import Feed
from values import series, used
from world import USAGE, World, window_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
TOMORROW = NOW + DAY


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """An organisation of which nine days were read; it is the next day."""
    opened = World(tmp_path / "store.db", NOW)
    await opened.read(Feed.HOURS, since=TODAY - 8 * DAY)
    opened.clock.now = TOMORROW
    await opened.read(Feed.HOURS, since=TODAY - 8 * DAY)
    opened.wire.requests.clear()
    yield opened
    await opened.close()


def misread(world: World, hours: Iterable[datetime]) -> None:
    """Let the store hold something else than the API says of some hours, as before a correction of it."""
    for hour in hours:
        with world.store.write() as transaction:
            bucket = used(hour, {series(): 1}, BucketWidth.HOUR)
            usage.replace(transaction, BucketWidth.HOUR, bucket.window, [bucket], NOW)


def tokens(world: World, hour: datetime) -> int:
    with world.store.read() as transaction:
        found = sums.by_series(transaction, Window(hour, hour + HOUR))
    return sum(sum(counters[:5]) for counters in found.values())


def asked(world: World) -> list[tuple[BucketWidth, Window]]:
    """What was asked, in order."""
    return [
        (BucketWidth(request.url.params["bucket_width"]), window_of(request))
        for request in world.wire.requests
        if request.url.path == USAGE and "page" not in request.url.params
    ]


def whole(day: datetime) -> Window:
    return Window(day, day + DAY)


OLDER = (BucketWidth.DAY, Window(TODAY - 6 * DAY, TODAY))
"""Of the last seven days those that were not read whole on the last one, as yesterday's hours were."""


async def test_an_hour_that_was_corrected_after_its_last_reading_is_found_and_its_day_read_again(
    world: World,
) -> None:
    hour = TODAY - 3 * DAY + 5 * HOUR
    right = tokens(world, hour)
    misread(world, [hour])
    assert tokens(world, hour) == 1
    assert await world.read(Feed.HOURS, since=TODAY - 8 * DAY) == 0, "its last reading is over"
    assert await world.read(Feed.CHECK) == 2
    assert asked(world) == [OLDER, (BucketWidth.HOUR, whole(TODAY - 3 * DAY))]
    assert tokens(world, hour) == right > 1
    by = [dimension.value for dimension in SERIES_DIMENSIONS]
    assert all(request.url.params.get_list("group_by[]") == by for request in world.wire.requests)


async def test_days_that_agree_take_one_request_a_day(world: World) -> None:
    assert await world.read(Feed.CHECK) == 1
    assert asked(world) == [OLDER]
    for later, requests in ((HOUR, 0), (11 * HOUR, 0), (HOUR, 1)):  # to 03:37 of the next day
        world.clock.now += later
        await world.read(Feed.HOURS, since=TODAY - 8 * DAY)
        assert await world.read(Feed.CHECK) == requests


async def test_after_a_first_fill_there_is_nothing_to_check(tmp_path: Path) -> None:
    world = World(tmp_path / "store.db", NOW)
    await world.read(Feed.HOURS, since=TODAY - 8 * DAY)
    assert await world.read(Feed.CHECK) == 0
    await world.close()


async def test_a_correction_that_moves_use_between_series_is_found(world: World) -> None:
    hour = TODAY - DAY
    count = tokens(world, hour)
    with world.store.write() as transaction:
        bucket = used(hour, {series(model="claude-another"): count}, BucketWidth.HOUR)
        usage.replace(transaction, BucketWidth.HOUR, bucket.window, [bucket], NOW)
    assert tokens(world, hour) == count
    assert await world.read(Feed.CHECK) == 2


async def test_days_that_differ_are_read_together_where_a_page_holds_them(world: World) -> None:
    misread(world, [TODAY - 2 * DAY, TODAY - 3 * DAY + HOUR, TODAY - 6 * DAY])
    before = tokens(world, TODAY - 5 * DAY)
    await world.read(Feed.CHECK)
    assert tokens(world, TODAY - 5 * DAY) == before
    assert min(tokens(world, TODAY - days * DAY) for days in (2, 3, 6)) > 1
    assert asked(world)[1] == (BucketWidth.HOUR, whole(TODAY - 2 * DAY)), "the newest first"


async def test_a_day_of_which_an_hour_was_never_read_is_left_to_the_hours_feed(tmp_path: Path) -> None:
    world = World(tmp_path / "store.db", NOW)
    await world.read(Feed.HOURS, since=TODAY - DAY + HOUR)
    world.clock.now = TOMORROW
    world.wire.requests.clear()
    assert await world.read(Feed.CHECK) == 0
    await world.close()


async def test_a_refresh_checks_all_days_of_its_window_however_lately_they_were_read(tmp_path: Path) -> None:
    world = World(tmp_path / "store.db", NOW)
    await world.read(Feed.HOURS, since=TODAY - 31 * DAY)
    hour = TODAY - 20 * DAY + HOUR
    right = tokens(world, hour)
    misread(world, [hour])
    world.wire.requests.clear()
    await world.read(Feed.CHECK, forced=True, since=TODAY - 30 * DAY)
    days = [window for width, window in asked(world) if width is BucketWidth.DAY]
    assert (min(window.start for window in days), days[0].end) == (TODAY - 30 * DAY, TODAY)
    assert len(days) == 2, "seven days first, then as many as a page holds"
    assert tokens(world, hour) == right
    await world.close()


async def test_a_refresh_reads_the_hours_again_of_a_day_that_it_has_only_in_part(tmp_path: Path) -> None:
    world = World(tmp_path / "store.db", NOW)
    since = TODAY - DAY + 15 * HOUR
    await world.read(Feed.HOURS, since=since)
    world.wire.requests.clear()
    await world.read(Feed.CHECK, forced=True, since=since)
    assert asked(world) == [(BucketWidth.HOUR, Window(since, TODAY))]
    await world.close()


async def test_a_refresh_reads_all_closed_hours_of_today_in_the_one_request_that_it_takes_anyway(
    world: World,
) -> None:
    midnight = TODAY + DAY
    await world.read(Feed.HOURS, forced=True, since=midnight - 3 * DAY)
    assert asked(world) == [(BucketWidth.HOUR, Window(midnight, midnight + 14 * HOUR))]
    assert plan.refreshed_hours(TOMORROW, None, 168).duration == 3 * HOUR, "a key is pressed often"
    assert plan.refreshed_hours(midnight + HOUR, midnight, 168) == Window(
        midnight - 2 * HOUR, midnight + HOUR
    )
    assert plan.refreshed_hours(TOMORROW, midnight, 2).duration == 2 * HOUR


async def test_days_that_are_too_much_at_once_are_asked_for_by_halves(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterdeck.sync.engine.CATCH_UP_RETRIES", 0)
    too_long = iter([httpx.Response(504)])
    world.wire.faults[USAGE] = lambda: next(too_long, None)
    assert await world.engine.catch_up([Feed.CHECK])
    hour = TODAY - 5 * DAY
    misread(world, [hour])
    world.wire.requests.clear()
    await world.read(Feed.CHECK)
    days = [window.duration // DAY for width, window in asked(world) if width is BucketWidth.DAY]
    assert days[0] == 3
    assert sum(days) == 6
    assert tokens(world, hour) > 1


async def test_a_large_answer_is_compared_out_of_this_process(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterdeck.sync.intake.LARGE_BODY", 1)
    hour = TODAY - DAY
    misread(world, [hour])
    await world.read(Feed.CHECK)
    assert tokens(world, hour) > 1


async def test_a_check_that_was_broken_off_goes_on_with_what_was_left(world: World) -> None:
    hour = TODAY - DAY
    misread(world, [hour])
    reader = world.engine._readers[Feed.CHECK]
    assert (await reader.read()).next_at <= world.clock(), "there are hours to read again"
    again = world.new_engine()
    async with asyncio.timeout(30):
        assert not await again.catch_up([Feed.CHECK])
    assert tokens(world, hour) > 1
