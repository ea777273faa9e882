"""The history that a command reads: its windows, its share of the budget, where it goes on."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from meterdeck.api import Pacing, ServerFailed
from meterdeck.api.client import UNPACED
from meterdeck.domain import history
from meterdeck.domain.buckets import Window
from meterdeck.domain.errors import MeterdeckError
from meterdeck.store.budget import Priority
from meterdeck.sync.engine import SyncEngine
from meterdeck.sync.plan import Feed
from world import COST, USAGE, World

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)


@pytest_asyncio.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr("meterdeck.sync.retrying.FIRST_RETRY", timedelta())
    opened = World(tmp_path / "store.db", NOW)
    yield opened
    await opened.close()


def never(error: MeterdeckError, wait: timedelta) -> None:
    raise AssertionError(error)


async def read(engine: SyncEngine, days: int) -> int:
    """Read a history; return in how many pages."""
    pages = 0

    def count() -> None:
        nonlocal pages
        pages += 1

    await engine.backfilling(days).run(count, never)
    return pages


async def test_hours_come_first_then_the_bill_each_newest_first(world: World) -> None:
    pages = await read(world.engine, 40)
    hours, bills = world.wire.windows(USAGE), world.wire.windows(COST)
    assert pages == len(hours) + len(bills) == len(world.wire.requests)
    assert [request.url.path for request in world.wire.requests] == [USAGE] * len(hours) + [COST] * len(bills)
    assert [later.end for later in hours[1:]] == [window.start for window in hours[:-1]]
    assert (hours[-1].start, hours[0].end) == (TODAY - 40 * DAY, NOW.replace(minute=0, second=0))
    assert bills == [Window(TODAY - 31 * DAY, TODAY), Window(TODAY - 40 * DAY, TODAY - 31 * DAY)]


async def test_it_goes_on_where_another_one_stopped_and_reads_nothing_twice(world: World) -> None:
    await world.fill()
    asked = len(world.wire.windows(USAGE))
    await read(world.engine, 40)
    assert max(window.end for window in world.wire.windows(USAGE)[asked:]) == TODAY - 31 * DAY
    assert await read(world.new_engine(), 40) == 0


async def test_days_whose_bill_has_settled_since_are_read_again(world: World) -> None:
    await read(world.engine, 10)
    world.clock.now += 2 * DAY
    asked = len(world.wire.windows(COST))
    await read(world.engine, 10)
    assert world.wire.windows(COST)[asked:] == [Window(TODAY - 3 * DAY, TODAY + 2 * DAY)]


async def test_it_takes_no_more_than_the_backfills_share_but_for_the_newest_day(world: World) -> None:
    taken: list[Priority] = []

    def pacing(priority: Priority) -> Pacing:
        taken.append(priority)
        return UNPACED

    engine = SyncEngine(replace(world.sources, pacing=pacing))
    await read(engine, 5)
    await engine.close()
    assert taken == [Priority.HOURS] + [Priority.BACKFILL] * (len(taken) - 1)


async def test_a_failure_in_passing_is_waited_out_and_one_that_stays_is_raised(world: World) -> None:
    failures: list[MeterdeckError] = []

    def note(error: MeterdeckError, _: timedelta) -> None:
        failures.append(error)
        if len(failures) == 3:
            world.wire.faults.clear()

    world.wire.faults[USAGE] = lambda: httpx.Response(500)
    await world.engine.backfilling(3).run(lambda: None, note)
    assert [type(error) for error in failures] == [ServerFailed] * 3
    world.wire.faults[USAGE] = lambda: httpx.Response(500)
    with pytest.raises(ServerFailed):
        await world.engine.backfilling(6).run(lambda: None, lambda *_: None)


async def test_a_day_whose_bill_never_comes_is_asked_for_once(world: World) -> None:
    empty = {"data": [], "has_more": False, "next_page": None}
    world.wire.faults[COST] = lambda: httpx.Response(200, json=empty)
    await read(world.engine, 3)
    assert len(world.wire.windows(COST)) == 1


async def test_the_collectors_own_reading_goes_on_beside_it_as_before(world: World) -> None:
    await read(world.engine, 40)
    assert await world.read(Feed.HOURS) == 0
    assert history.history(NOW).start == TODAY - 31 * DAY
