"""Readers against the simulated organisation: what a first fill leaves, and what is asked again, and when."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS
from meterdeck.domain.tokens import TokenCounts
from meterdeck.service.simulated.options import Options
from meterdeck.store import costs, coverage, directory, feeds, hours, sums
from meterdeck.store.coverage import Report
from meterdeck.sync import plan
from meterdeck.sync.engine import NEWEST_WISH
from meterdeck.sync.plan import Cadence, Feed
from meterdeck.sync.readers.live import REACH_BACK_EVERY
from world import COST, USAGE, World, window_of

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)

MakeWorld = Callable[..., World]
Hours = dict[tuple[datetime, tuple[str | None, ...]], tuple[TokenCounts, int]]
"""Tokens and searches of each hour and series."""


@pytest_asyncio.fixture
async def make_world(tmp_path: Path) -> AsyncIterator[MakeWorld]:
    worlds: list[World] = []

    def make(now: datetime = NOW, options: Options | None = None) -> World:
        chosen = options or Options(size="small")
        worlds.append(World(tmp_path / f"{len(worlds)}.db", now, chosen, cadence=Cadence()))
        return worlds[-1]

    yield make
    for world in worlds:
        await world.close()


def covered(world: World, report: Report, width: BucketWidth, window: Window) -> set[datetime]:
    with world.store.read() as transaction:
        return set(coverage.covered(transaction, report, width, window))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world after its first fill, which no test changes."""
    world = World(tmp_path_factory.mktemp("filled") / "store.db", NOW, cadence=Cadence())
    asyncio.run(world.fill())
    yield world
    asyncio.run(world.close())


def test_a_first_fill_leaves_no_gap_in_31_days(filled: World) -> None:
    month = Window(TODAY - 31 * DAY, BucketWidth.HOUR.after(NOW))
    with filled.store.read() as transaction:
        sources = hours.hour_sources(transaction, month)
        names = directory.load(transaction)
        days = coverage.covered(transaction, Report.COST, BucketWidth.DAY, plan.costs_months(NOW))
        billed = {one.day for one in costs.lines(transaction, plan.costs_months(NOW))}
    assert [hour for hour in month.starts(BucketWidth.HOUR) if hour not in sources] == []
    assert sources.partial == {BucketWidth.HOUR.floor(NOW)}, "the running hour alone is read in part"
    assert list(days) == list(Window(datetime(2026, 10, 1, tzinfo=UTC), TODAY + DAY).starts(BucketWidth.DAY))
    assert billed == set(days)
    assert names.organization is not None
    assert names.organization.name == "Acme"
    assert {key.name for key in names.api_keys} >= {"prod-backend", "nightly-evals"}
    assert [w.name for w in names.workspaces if w.archived_at] == ["old-prototype"]


def test_hours_are_read_newest_first_in_pages_and_each_once(filled: World) -> None:
    asked = filled.wire.questions(USAGE, BucketWidth.HOUR, SERIES_DIMENSIONS)
    windows = [window_of(request) for request in asked]
    assert windows[0].end == BucketWidth.HOUR.floor(NOW)
    assert windows[0].duration == 24 * HOUR, "the first page is small, so that the screen is useful soon"
    assert [later.end for later in windows[1:]] == [window.start for window in windows[:-1]]
    assert windows[-1].start == TODAY - 31 * DAY
    assert all(window.duration <= 168 * HOUR for window in windows)
    assert [int(request.url.params["limit"]) for request in asked] == [w.duration // HOUR for w in windows]


def test_a_second_run_asks_nothing_when_nothing_is_due(filled: World) -> None:
    filled.clock.now = NOW + timedelta(seconds=60)
    assert [asyncio.run(filled.read(feed)) for feed in Feed] == [0] * len(Feed)
    with filled.store.read() as transaction:
        states = feeds.load(transaction)
    asked = set(Feed) - set(NEWEST_WISH) - {Feed.CHECK}  # nobody wants any, and all was read just now
    assert {states[feed].read_at for feed in asked} == {NOW}
    assert all((states[feed].next_at or NOW) > filled.clock.now for feed in Feed)
    filled.clock.now = NOW


async def test_each_feed_is_due_at_its_cadence_and_hours_when_an_older_or_new_one_is(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    await world.fill(since=TODAY)
    for feed, due_at in {
        Feed.LIVE: NOW + Cadence().live,
        Feed.HOURS: TODAY + 15 * HOUR,
        Feed.COSTS: NOW + Cadence().costs,
        Feed.MIX: TODAY + timedelta(hours=15, minutes=20),
        Feed.DIRECTORY: NOW + Cadence().directory,
    }.items():
        world.clock.now = due_at - timedelta(seconds=1)
        assert await world.read(feed, since=TODAY) == 0, feed
        world.clock.now = due_at
        assert await world.read(feed, since=TODAY) > 0, feed


async def test_only_what_is_wanted_is_read_where_a_start_is_given(make_world: MakeWorld) -> None:
    world = make_world()
    await world.read(Feed.HOURS, since=TODAY - DAY)
    assert min(window.start for window in world.wire.windows(USAGE)) == TODAY - DAY
    assert covered(world, Report.USAGE, BucketWidth.HOUR, history.history(NOW)) == set(
        Window(TODAY - DAY, TODAY + 14 * HOUR).starts(BucketWidth.HOUR)
    )


async def test_live_polls_read_the_tail_and_every_eighth_reaches_back_to_the_running_hour(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    await world.read(Feed.HOURS, since=TODAY)
    world.wire.requests.clear()
    for _ in range(2 * REACH_BACK_EVERY):
        await world.read(Feed.LIVE)
        world.clock.now += Cadence().live
    windows = world.wire.windows(USAGE)
    assert len(windows) == 2 * REACH_BACK_EVERY
    assert windows[0].start <= TODAY + 14 * HOUR - 22 * MINUTE, "first the whole last hour"
    tails = [window.duration for number, window in enumerate(windows) if number % REACH_BACK_EVERY]
    assert set(tails) == {plan.LIVE_TAIL}
    assert windows[REACH_BACK_EVERY].start == TODAY + 14 * HOUR


async def test_after_a_sleep_the_gap_is_closed_at_once(make_world: MakeWorld) -> None:
    world = make_world()
    await world.fill(since=TODAY)
    world.clock.now += 3 * HOUR + 5 * MINUTE
    await world.read(Feed.LIVE)
    await world.read(Feed.HOURS, since=TODAY)
    now = world.clock.now
    with world.store.read() as transaction:
        sources = hours.hour_sources(transaction, Window(TODAY, BucketWidth.HOUR.after(now)))
    assert sorted(sources.read_at) == list(
        Window(TODAY, BucketWidth.HOUR.after(now)).starts(BucketWidth.HOUR)
    )
    assert sources.partial == {BucketWidth.HOUR.floor(now)}
    last_hour = Window(BucketWidth.MINUTE.after(now) - HOUR, BucketWidth.MINUTE.after(now))
    assert len(covered(world, Report.USAGE, BucketWidth.MINUTE, last_hour)) == 60


async def test_a_clock_that_was_set_back_does_not_stop_the_feeds(make_world: MakeWorld) -> None:
    world = make_world()
    await world.fill(since=TODAY)
    world.clock.now -= timedelta(days=2)
    for feed in (Feed.LIVE, Feed.COSTS, Feed.DIRECTORY):
        assert 0 < await world.read(feed) < 5, feed
        assert await world.read(feed) == 0, feed


async def test_forced_reads_ask_for_the_newest_part_whether_due_or_not(make_world: MakeWorld) -> None:
    world = make_world()
    await world.fill(since=TODAY)
    world.wire.requests.clear()
    closed = TODAY + 14 * HOUR
    for feed in (Feed.LIVE, Feed.HOURS, Feed.COSTS):
        await world.read(feed, forced=True, since=closed - HOUR)
    assert world.wire.windows(USAGE) == [
        Window(closed, BucketWidth.MINUTE.after(NOW)),
        Window(TODAY + 11 * HOUR, closed),
    ]
    assert world.wire.windows(COST) == [plan.costs_tail(NOW)]


def hours_in_store(world: World, window: Window) -> Hours:
    with world.store.read() as transaction:
        totals = sums.totals(transaction, window, SERIES_DIMENSIONS, each=BucketWidth.HOUR)
        return {(t.start, t.members): (t.tokens, t.web_searches) for t in totals if t.start is not None}


async def final_hours(world: World, window: Window) -> Hours:
    """What the service says of these hours once nothing changes any more, by another path than our client's."""
    was, world.clock.now = world.clock.now, world.clock.now + timedelta(days=3)
    grouped = [("group_by[]", dimension.value) for dimension in SERIES_DIMENSIONS]
    buckets = await world.raw_buckets(USAGE, window, ("bucket_width", "1h"), ("limit", "168"), *grouped)
    world.clock.now = was
    return {
        (datetime.fromisoformat(bucket["starting_at"]), tuple(row[d.value] for d in SERIES_DIMENSIONS)): (
            TokenCounts(
                row["uncached_input_tokens"],
                row["cache_read_input_tokens"],
                row["cache_creation"]["ephemeral_5m_input_tokens"],
                row["cache_creation"]["ephemeral_1h_input_tokens"],
                row["output_tokens"],
            ),
            row["server_tool_use"]["web_search_requests"],
        )
        for bucket in buckets
        for row in bucket["results"]
    }


async def test_after_a_day_of_polling_every_hour_has_the_services_final_numbers(
    make_world: MakeWorld,
) -> None:
    start = datetime(2026, 11, 18, 18, tzinfo=UTC)
    restated = [start + 4 * HOUR, start + 8 * HOUR]  # 22:00 on the 18th, 02:00 on the 19th
    world = make_world(start)
    since = start - 2 * HOUR
    window = Window(start, start + DAY)
    final = await final_hours(world, window)
    seen_short: set[datetime] = set()
    while world.clock.now < window.end + 3 * HOUR + 10 * MINUTE:
        now = world.clock.now
        for feed in (Feed.HOURS, Feed.LIVE):
            await world.read(feed, since=since)
        with world.store.read() as transaction:
            until_now = Window(start, BucketWidth.HOUR.after(now))
            sources = hours.hour_sources(transaction, until_now)
        assert sorted(sources.read_at) == list(until_now.starts(BucketWidth.HOUR)), "no hour was ever missing"
        assert sources.partial <= {BucketWidth.HOUR.floor(now)}, "no hour was ever left in part"
        for hour in restated:
            if hour + 2 * HOUR <= now < hour + 2 * HOUR + 14 * MINUTE:
                one = Window(hour, hour + HOUR)
                short = hours_in_store(world, one)
                assert short.keys() <= final.keys()
                assert short != {key: value for key, value in final.items() if key[0] == hour}
                seen_short.add(hour)
        world.clock.now += 14 * MINUTE
    assert seen_short == set(restated), "the test is about hours that are corrected later"
    assert hours_in_store(world, window) == final


@pytest.mark.parametrize(
    "off_for", [timedelta(0), timedelta(minutes=5), timedelta(hours=1), timedelta(hours=9)], ids=str
)
async def test_wherever_a_session_sleeps_nothing_is_missed_doubled_or_left_stale(
    make_world: MakeWorld, off_for: timedelta
) -> None:
    start = datetime(2026, 11, 18, 21, 47, tzinfo=UTC)
    world = make_world(start)
    window = Window(datetime(2026, 11, 18, 20, tzinfo=UTC), datetime(2026, 11, 19, 4, tzinfo=UTC))
    for step in (0, 7, 21, 34):
        world.clock.now = start + step * MINUTE
        for feed in (Feed.LIVE, Feed.HOURS):
            await world.read(feed, since=window.start)
    world.clock.now += off_for
    for feed in (Feed.LIVE, Feed.HOURS):
        await world.read(feed, since=window.start)
    world.clock.now = window.end + 3 * HOUR + 10 * MINUTE
    await world.read(Feed.HOURS, since=window.start)
    assert hours_in_store(world, window) == await final_hours(world, window)
