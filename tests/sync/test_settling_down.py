"""The plan over a time of trouble: however it went, once things have settled the store says what the API says."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS
from meterdeck.store import Store, coverage, hours, sums
from meterdeck.store.coverage import Report
from meterdeck.sync import plan
from meterdeck.sync.engine import SyncEngine
from meterdeck.sync.plan import Feed
from world import USAGE, World

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
BEGIN = datetime(2026, 11, 19, 1, 37, 20, tzinfo=UTC)
SINCE = datetime(2026, 11, 18, tzinfo=UTC)

Step = Callable[["Trouble"], None]
Figures = dict[tuple[str, tuple[str | None, ...]], int]
"""Tokens of all types by the hour's start and the series."""


@dataclass
class Trouble:
    """A session on an organisation, with a clock that may be wrong and a line that may be down."""

    world: World
    engine: SyncEngine
    skew: timedelta = timedelta()
    forced: bool = False

    @classmethod
    def on(cls, path: Path) -> "Trouble":
        world = World(path, BEGIN)
        trouble = cls(world, world.engine)
        trouble.restart()
        return trouble

    def clock(self) -> datetime:
        """What this machine's clock shows; the organisation's own is ``world.clock``."""
        return self.world.clock() + self.skew

    def restart(self) -> None:
        """Another process: nothing is known but what is in the store."""
        path = self.world.store.path
        self.world.store.close()
        self.world.store = Store(path)
        self.world.sources = replace(self.world.sources, store=self.world.store, clock=self.clock)
        self.engine = self.world.new_engine()

    async def read(self) -> None:
        """Read what is due, or try to."""
        await self.engine.catch_up([Feed.LIVE, Feed.HOURS], since=SINCE, forced=self.forced)
        self.forced = False


def passes(minutes: int) -> Step:
    def step(trouble: Trouble) -> None:
        trouble.world.clock.now += minutes * MINUTE

    return step


def clock_is_set(hours_ahead: int) -> Step:
    def step(trouble: Trouble) -> None:
        trouble.skew = hours_ahead * HOUR

    return step


def line(*, is_up: bool) -> Step:
    def step(trouble: Trouble) -> None:
        trouble.world.wire.faults = {} if is_up else {USAGE: lambda: httpx.Response(500)}

    return step


def restart(trouble: Trouble) -> None:
    trouble.restart()


def refresh(trouble: Trouble) -> None:
    trouble.forced = True


STEPS = st.one_of(
    st.sampled_from([1, 2, 9, 11, 30, 61, 200, 1500]).map(passes),
    st.sampled_from([0, 0, 1, 30, -1, -30]).map(clock_is_set),
    st.booleans().map(lambda is_up: line(is_up=is_up)),
    st.just(restart),
    st.just(refresh),
)


TROUBLES = given(st.lists(STEPS, min_size=1, max_size=12))


@settings(max_examples=8, deadline=None)
@TROUBLES
def test_after_any_trouble_each_hour_holds_what_the_organisation_says_of_it(steps: list[Step]) -> None:
    settle_after(steps)


@pytest.mark.soak
@settings(max_examples=200, deadline=None)
@TROUBLES
def test_after_much_more_trouble_too(steps: list[Step]) -> None:
    settle_after(steps)


@pytest.mark.parametrize("ahead", [1, 30, -30])
def test_a_clock_that_was_wrong_for_a_while_leaves_no_hour_half_filled(ahead: int) -> None:
    settle_after([clock_is_set(ahead), passes(1)])


def settle_after(steps: list[Step]) -> None:
    no_retries = patch("meterdeck.sync.engine.CATCH_UP_RETRIES", 0)  # they would wait
    one_process = patch("meterdeck.sync.intake.LARGE_BODY", 1 << 30)  # starting another takes a while
    with TemporaryDirectory() as folder, no_retries, one_process:
        asyncio.run(live_through(steps, Path(folder) / "store.db"))


async def live_through(steps: list[Step], path: Path) -> None:
    trouble = Trouble.on(path)
    try:
        for step in [passes(0), *steps]:
            step(trouble)
            await trouble.read()
        troubled = Window(SINCE, BucketWidth.HOUR.after(trouble.world.clock()))
        line(is_up=True)(trouble)
        trouble.skew = timedelta()
        for after in (*plan.READ_HOUR_AFTER, DAY):
            trouble.world.clock.now += after
            await trouble.read()
        whole_days = Window(SINCE, BucketWidth.DAY.floor(troubled.end))
        check_nothing_is_missing(trouble.world.store, troubled)
        assert stored(trouble.world.store, troubled) == await reported(trouble.world, troubled)
        with trouble.world.store.read() as transaction:
            by_hour = sums.by_bucket(transaction, BucketWidth.HOUR, whole_days)
            by_day = sums.by_bucket(transaction, BucketWidth.DAY, whole_days)
        assert sum(map(sum, by_day.values())) == sum(map(sum, by_hour.values()))
    finally:
        await trouble.world.close()


def check_nothing_is_missing(store: Store, window: Window) -> None:
    with store.read() as transaction:
        found = hours.hour_sources(transaction, window)
        days = coverage.covered(transaction, Report.USAGE, BucketWidth.DAY, window)
    assert set(found.read_at) == set(window.starts(BucketWidth.HOUR))
    assert not found.partial
    assert all(day in days for day in window.starts(BucketWidth.DAY) if day + DAY <= window.end)


def stored(store: Store, window: Window) -> Figures:
    with store.read() as transaction:
        totals = list(sums.totals(transaction, window, SERIES_DIMENSIONS, each=BucketWidth.HOUR))
    figures: Figures = {}
    for total in totals:
        assert total.start is not None
        at = (total.start.strftime("%d %H"), total.members)
        assert at not in figures, "an hour is counted once"
        figures[at] = total.tokens.total
    return figures


async def reported(world: World, window: Window) -> Figures:
    """What the organisation says now, without any code of ours between."""
    by = [("group_by[]", dimension.value) for dimension in SERIES_DIMENSIONS]
    buckets = await world.raw_buckets(USAGE, window, ("bucket_width", "1h"), *by)
    return {
        (
            datetime.fromisoformat(bucket["starting_at"]).strftime("%d %H"),
            tuple(row[dimension.value] for dimension in SERIES_DIMENSIONS),
        ): row["uncached_input_tokens"]
        + row["cache_read_input_tokens"]
        + sum(row["cache_creation"].values())
        + row["output_tokens"]
        for bucket in buckets
        for row in bucket["results"]
    }
