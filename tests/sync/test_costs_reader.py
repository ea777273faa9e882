"""The bill's reader: how it asks up to tomorrow, what it does where that is refused, the 1st of a month."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.reports import CostBucket
from meterdeck.service.simulated.options import Options
from meterdeck.store import costs, coverage
from meterdeck.store.coverage import Report
from meterdeck.sync.plan import Cadence, Feed, costs_months, costs_tail, without_today
from world import COST, World

DAY, HALF_HOUR = timedelta(days=1), timedelta(minutes=30)
NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)

MakeWorld = Callable[..., World]


@pytest_asyncio.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[MakeWorld]:
    worlds: list[World] = []

    def make(now: datetime = NOW, **options: object) -> World:
        chosen = Options(size="small", **options)  # type: ignore[arg-type]
        worlds.append(World(tmp_path / f"{len(worlds)}.db", now, chosen, cadence=Cadence()))
        return worlds[-1]

    yield make
    for world in worlds:
        await world.close()


def days_read(world: World) -> list[datetime]:
    with world.store.read() as transaction:
        window = Window(TODAY - 400 * DAY, TODAY + 400 * DAY)
        return list(coverage.covered(transaction, Report.COST, BucketWidth.DAY, window))


def days_billed(world: World) -> set[datetime]:
    with world.store.read() as transaction:
        return {one.day for one in costs.lines(transaction, Window(TODAY - 400 * DAY, TODAY + 400 * DAY))}


def days_of(window: Window) -> list[datetime]:
    return list(window.starts(BucketWidth.DAY))


async def test_the_last_days_come_first_then_both_months_and_later_the_last_days_alone(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    assert await world.read(Feed.COSTS) == 3, "51 days are two pages"
    assert world.wire.windows(COST) == [costs_tail(NOW), costs_months(NOW)]
    assert days_read(world) == days_of(costs_months(NOW))
    for _ in range(3):
        world.clock.now += HALF_HOUR
        assert await world.read(Feed.COSTS) == 1
    assert world.wire.windows(COST)[2:] == [costs_tail(NOW)] * 3


async def test_both_months_are_read_once_a_utc_day(make_world: MakeWorld) -> None:
    world = make_world(TODAY + timedelta(hours=23, minutes=45))
    await world.read(Feed.COSTS)
    world.wire.requests.clear()
    world.clock.now += HALF_HOUR
    await world.read(Feed.COSTS)
    assert world.wire.windows(COST) == [costs_tail(world.clock.now), costs_months(world.clock.now)]


@pytest.mark.parametrize(
    ("today", "is_read", "has_lines"),
    [("partial", True, True), ("empty", True, False), ("absent", False, False)],
)
async def test_the_running_day_is_read_as_the_report_gives_it(
    make_world: MakeWorld, today: str, is_read: bool, has_lines: bool
) -> None:
    world = make_world(today=today)
    await world.read(Feed.COSTS)
    assert (TODAY in days_read(world)) == is_read
    assert (TODAY in days_billed(world)) == has_lines
    assert days_read(world)[:50] == days_of(without_today(costs_months(NOW), NOW))


async def test_where_tomorrow_is_refused_today_is_asked_once_and_remembered_for_the_utc_day(
    make_world: MakeWorld,
) -> None:
    world = make_world(today="refused")
    assert await world.read(Feed.COSTS) == 4
    tail, months = costs_tail(NOW), costs_months(NOW)
    assert world.wire.windows(COST) == [tail, without_today(tail, NOW), without_today(months, NOW)]
    assert days_read(world) == days_of(without_today(months, NOW))
    world.wire.requests.clear()
    world.clock.now = TODAY + timedelta(hours=23, minutes=59)
    await world.read(Feed.COSTS)
    assert world.wire.windows(COST) == [without_today(tail, NOW)]
    world.wire.requests.clear()
    world.clock.now = TODAY + DAY + timedelta(minutes=40)
    await world.read(Feed.COSTS)
    now = world.clock.now
    assert world.wire.windows(COST) == [
        costs_tail(now),
        without_today(costs_tail(now), now),
        without_today(costs_months(now), now),
    ], "a new day is tried anew"
    assert TODAY in days_read(world)


@pytest.mark.parametrize("today", ["partial", "refused"])
@pytest.mark.parametrize(
    ("now", "first_day"),
    [
        (datetime(2026, 12, 1, 0, 0, 5, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)),
        (datetime(2027, 1, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)),
    ],
)
async def test_the_first_of_a_month_is_a_day_like_any_other(
    make_world: MakeWorld, now: datetime, first_day: datetime, today: str
) -> None:
    world = make_world(now, today=today)
    await world.read(Feed.COSTS)
    midnight = BucketWidth.DAY.floor(now)
    read = days_read(world)
    assert [day for day in read if day < midnight] == days_of(Window(first_day, midnight))
    assert (midnight in read) == (today == "partial")


async def test_a_day_that_still_rises_is_replaced_and_not_added(make_world: MakeWorld) -> None:
    world = make_world(TODAY + timedelta(minutes=5))
    yesterday = Window(TODAY - DAY, TODAY)

    def total() -> object:
        with world.store.read() as transaction:
            return sum(one.cents for one in costs.lines(transaction, yesterday))

    await world.read(Feed.COSTS)
    early = total()
    world.clock.now = TODAY + timedelta(hours=4)
    await world.read(Feed.COSTS)
    (day,) = await world.raw_buckets(COST, yesterday)
    assert str(total()) != str(early)
    assert total() == sum(map(Decimal, [row["amount"] for row in day["results"]]))


async def test_a_refresh_reads_its_whole_window_and_both_months_along_where_they_are_due(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    since = TODAY - 30 * DAY
    assert await world.read(Feed.COSTS, forced=True, since=since) == 2
    assert world.wire.windows(COST) == [costs_months(NOW)], "one question for what both need"
    world.wire.requests.clear()
    assert await world.read(Feed.COSTS, forced=True, since=since + timedelta(hours=5)) == 1
    assert world.wire.windows(COST) == [Window(since, TODAY + DAY)]
    world.wire.requests.clear()
    await world.read(Feed.COSTS, forced=True, since=TODAY)
    assert world.wire.windows(COST) == [costs_tail(NOW)], "never less than what may still change"


async def test_a_key_that_refreshes_stays_cheap(make_world: MakeWorld) -> None:
    world = make_world()
    await world.read(Feed.COSTS)
    world.wire.requests.clear()
    assert await world.read(Feed.COSTS, forced=True) == 1
    assert world.wire.windows(COST) == [costs_tail(NOW)]


@pytest.mark.parametrize("days_back", [5, 20])
async def test_a_bill_that_is_restated_weeks_later_is_seen_by_a_refresh(
    make_world: MakeWorld, days_back: int
) -> None:
    world = make_world()
    await world.read(Feed.COSTS)
    day = Window(TODAY - days_back * DAY, TODAY - (days_back - 1) * DAY)

    def bill() -> list[costs.BilledLine]:
        with world.store.read() as transaction:
            return costs.lines(transaction, day)

    right = bill()
    with world.store.write() as transaction:
        costs.replace(transaction, day, [CostBucket(day, ())], NOW)
    assert bill() == [] != right
    await world.read(Feed.COSTS, forced=True, since=TODAY - 30 * DAY)
    assert bill() == right


@pytest.mark.parametrize(
    "midnight",
    [datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)],
)
async def test_both_months_are_due_again_when_the_day_turns(
    make_world: MakeWorld, midnight: datetime
) -> None:
    world = make_world(midnight - timedelta(minutes=10))
    await world.read(Feed.COSTS)
    world.clock.now = midnight - timedelta(minutes=5)
    reader = world.engine._readers[Feed.COSTS]
    assert (await reader.read(forced=True)).next_at == midnight, "not half an hour later"
    world.clock.now = midnight
    world.wire.requests.clear()
    await world.read(Feed.COSTS)
    (months,) = world.wire.windows(COST)
    assert months == costs_months(midnight)
    last_month = (midnight - DAY).replace(day=1)
    assert months.start <= last_month, "the whole month that has just ended, and the one that begins"
    assert months.end == midnight + DAY


@pytest.mark.parametrize("today", ["partial", "refused"])
async def test_one_old_day_that_a_command_asks_for_is_read_alone_beside_what_is_due(
    make_world: MakeWorld, today: str
) -> None:
    world = make_world(today=today)
    await world.read(Feed.COSTS)
    world.wire.requests.clear()
    old = TODAY - 300 * DAY
    world.engine.want_bill_here(old)
    await world.read(Feed.COSTS)
    assert world.wire.windows(COST) == [Window(old, old + DAY)]
    assert old in days_read(world)
    assert await world.read(Feed.COSTS) == 0
