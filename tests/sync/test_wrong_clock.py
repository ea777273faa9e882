"""A machine whose clock is wrong reads by the API's, from the first answer on that says what time it is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import cycle
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from meterdeck.api import AdminClient
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.secret import Secret
from meterdeck.store import budget, coverage, feeds
from meterdeck.store.clock import Clock, skew_of
from meterdeck.store.coverage import Report
from meterdeck.sync.engine import SyncEngine
from meterdeck.sync.pacing import Paces
from meterdeck.sync.plan import Cadence, Feed, costs_months, costs_tail
from meterdeck.sync.wrong_clock import ClockUnsteady
from world import COST, SERVICE_URL, USAGE, Wire, World, until

SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
NOTHING = timedelta()


class Dated(httpx.AsyncBaseTransport):
    """Lets each answer say what time it is."""

    def __init__(self, wire: Wire, clock: Callable[[], datetime]) -> None:
        self._wire = wire
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._wire.handle_async_request(request)
        answer.headers["date"] = format_datetime(self._clock(), usegmt=True)
        return answer


class Machine:
    """One with a clock of its own, and an organisation that knows the time."""

    def __init__(self, path: Path, now: datetime = NOW) -> None:
        self.world = World(path, now)
        self.off = NOTHING
        """How far this machine's clock is ahead."""
        self.told: Callable[[], datetime] = self.world.clock
        """What the answers say of the time."""
        self.clock, self.engine = self.session()

    def tell(self) -> datetime:
        return self.told()

    def session(self) -> tuple[Clock, SyncEngine]:
        """A process that begins with what is noted of the clocks."""
        store = self.world.store
        with store.read() as transaction:
            clock = Clock(lambda: self.world.clock() + self.off, budget.skew(transaction))
        client = AdminClient(SERVICE_URL, Secret("k"), via=Dated(self.world.wire, self.tell))
        pacing = Paces(store, clock, hourly=1000).of
        engine = SyncEngine(
            replace(self.world.sources, client=client, clock=clock, pacing=pacing, cadence=Cadence())
        )
        self.world._engines.append(engine)
        return clock, engine

    def windows(self, path: str) -> list[Window]:
        return self.world.wire.windows(path)

    def newest_read(self) -> datetime | None:
        with self.world.store.read() as transaction:
            return coverage.newest_read(transaction, Report.USAGE)

    def covered_hours(self) -> list[datetime]:
        ever = Window(NOW - 400 * DAY, NOW + 400 * DAY)
        with self.world.store.read() as transaction:
            return list(coverage.covered(transaction, Report.USAGE, BucketWidth.HOUR, ever))


@pytest_asyncio.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    opened = Machine(tmp_path / "store.db")
    yield opened
    await opened.world.close()


def since_yesterday(now: datetime) -> datetime:
    return BucketWidth.DAY.floor(now) - DAY


@pytest.mark.parametrize("off", [-DAY, -HOUR, -3 * MINUTE, 3 * MINUTE, HOUR, DAY, 400 * DAY])
async def test_what_was_asked_by_a_wrong_clock_is_asked_again_by_the_right_one(
    machine: Machine, off: timedelta
) -> None:
    machine.off = off
    failed = await machine.engine.catch_up([Feed.HOURS, Feed.LIVE, Feed.COSTS], since=since_yesterday)
    assert failed == {}
    first, second, *_ = machine.windows(USAGE)
    assert first.end == BucketWidth.HOUR.floor(NOW + off)
    assert second.end == BucketWidth.HOUR.floor(NOW), "asked again"
    whole = Window(since_yesterday(NOW), BucketWidth.HOUR.floor(NOW))
    assert machine.covered_hours() == list(whole.starts(BucketWidth.HOUR))
    assert machine.newest_read() == NOW.replace(microsecond=0)
    assert machine.windows(COST)[0] == costs_tail(NOW)
    assert machine.clock() == NOW


async def test_a_clock_that_is_right_asks_nothing_twice(machine: Machine) -> None:
    machine.off = 100 * SECOND
    await machine.engine.catch_up([Feed.HOURS], since=since_yesterday)
    assert len(machine.windows(USAGE)) == 2, "24 hours, then the rest"
    assert machine.clock.skew == NOTHING


async def test_minutes_of_difference_across_midnight_are_another_day_of_the_bill(tmp_path: Path) -> None:
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    machine = Machine(tmp_path / "store.db", midnight + MINUTE)
    machine.off = -3 * MINUTE
    assert await machine.engine.catch_up([Feed.COSTS]) == {}
    now = machine.world.clock()
    assert machine.windows(COST) == [costs_tail(midnight - DAY), costs_tail(now), costs_months(now)]
    await machine.world.close()


async def test_a_forced_read_stays_forced_when_it_is_asked_again(machine: Machine) -> None:
    assert await machine.engine.catch_up([Feed.HOURS], since=since_yesterday) == {}
    machine.off = 2 * HOUR
    machine.world.wire.requests.clear()
    assert await machine.engine.catch_up([Feed.HOURS], forced=True, since=since_yesterday) == {}
    assert [window.end for window in machine.windows(USAGE)] == [
        BucketWidth.HOUR.floor(NOW + 2 * HOUR),
        BucketWidth.HOUR.floor(NOW),
    ]


async def test_a_refusal_of_days_that_have_not_begun_is_no_failure_where_it_tells_the_time(
    machine: Machine,
) -> None:
    machine.off = 3 * DAY
    refused = iter([httpx.Response(400, json={"error": {"message": "ending_at lies in the future"}})])
    machine.world.wire.faults[USAGE] = lambda: next(refused, None)
    assert await machine.engine.catch_up([Feed.LIVE]) == {}
    assert machine.newest_read() == NOW


async def test_the_next_session_begins_with_what_the_last_answer_said(machine: Machine) -> None:
    machine.off = DAY
    await machine.engine.catch_up([Feed.LIVE])
    machine.world.wire.requests.clear()
    machine.world.clock.now += 2 * MINUTE
    clock, engine = machine.session()
    assert clock() == machine.world.clock()
    assert await engine.catch_up([Feed.LIVE]) == {}
    assert len(machine.windows(USAGE)) == 1


async def test_a_clock_that_was_set_right_since_counts_again_from_the_first_answer_on(
    machine: Machine,
) -> None:
    machine.off = DAY
    await machine.engine.catch_up([Feed.LIVE])
    machine.off = NOTHING
    clock, engine = machine.session()
    assert await engine.catch_up([Feed.LIVE], forced=True) == {}
    assert clock() == NOW
    assert machine.newest_read() == NOW


async def test_another_session_takes_the_time_over_at_its_next_heartbeat(machine: Machine) -> None:
    follower_clock, follower = machine.session()
    machine.off = DAY
    beating = asyncio.create_task(follower.keep_lease())
    await machine.engine.catch_up([Feed.LIVE])
    follower._beat.set()
    await until(lambda: follower_clock() == NOW, "the other session kept its wrong time")
    beating.cancel()
    with suppress(asyncio.CancelledError):
        await beating


async def test_answers_that_disagree_on_the_time_are_a_failure_that_says_so(machine: Machine) -> None:
    hours_ahead = cycle([5, 0])
    machine.told = lambda: NOW + next(hours_ahead) * HOUR
    failed = await machine.engine.catch_up([Feed.LIVE])
    assert isinstance(failed[Feed.LIVE], ClockUnsteady)
    assert len(machine.windows(USAGE)) == 3, "it is not asked for ever"


async def test_a_deck_that_meets_such_answers_asks_ever_less_often(machine: Machine) -> None:
    hours_ahead = cycle([5, 0])
    machine.told = lambda: NOW + next(hours_ahead) * HOUR
    times = [await machine.engine._read_and_note(Feed.LIVE) for _ in range(4)]
    assert times[0] is not None
    with machine.world.store.read() as transaction:
        state = feeds.load(transaction)[Feed.LIVE]
    assert state.failing
    assert state.read_at is None
    assert times[3] is not None
    assert times[3] > machine.clock(), "the last tries were failures that are left alone for a while"


async def test_a_deck_reads_all_feeds_by_the_right_time_once_one_of_them_learned_it(machine: Machine) -> None:
    machine.off = -DAY
    jobs = [machine.engine.keep_lease(), *(machine.engine.run(feed) for feed in (Feed.LIVE, Feed.COSTS))]
    tasks = [asyncio.create_task(job) for job in jobs]

    def are_read() -> bool:
        with machine.world.store.read() as transaction:
            states = feeds.load(transaction)
        return all(feed in states and states[feed].read_at == NOW for feed in (Feed.LIVE, Feed.COSTS))

    await until(are_read, "a feed was not read by the API's time")
    assert costs_tail(NOW) in machine.windows(COST)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_request_that_told_the_time_keeps_its_place_in_the_budget_and_no_other_takes_one(
    machine: Machine,
) -> None:
    machine.off = -3 * MINUTE
    await machine.engine.catch_up([Feed.LIVE])
    with machine.world.store.read() as transaction:
        assert budget.state(transaction, machine.clock()).used == len(machine.windows(USAGE)) == 2


@pytest.mark.parametrize(
    ("known", "ahead", "skew"),
    [
        (0, 119, 0),
        (0, 121, 2),
        (0, -121, -2),
        (2, 100, 2),  # it is known already, and agrees
        (2, 59, 0),
        (60, 3_650, 60),
        (60, 3_700, 62),
        (60, 0, 0),
        (-60, 3_600, 60),
    ],
)
def test_how_far_the_clocks_are_apart_is_told_in_steady_minutes(known: int, ahead: int, skew: int) -> None:
    assert skew_of(NOW + ahead * SECOND, NOW, NOW, known * MINUTE) == skew * MINUTE


def test_a_machine_that_slept_while_an_answer_came_has_no_wrong_clock() -> None:
    assert skew_of(NOW, NOW, NOW + 8 * HOUR, NOTHING) == NOTHING
    assert skew_of(NOW + HOUR, NOW, NOW + 8 * HOUR, HOUR) == HOUR


@pytest.mark.parametrize("year", [1970, 2022, 2200, 9998])
def test_a_time_that_no_api_tells_is_not_believed(year: int) -> None:
    assert skew_of(NOW.replace(year=year), NOW, NOW, HOUR) == HOUR
