"""What is missing is said: hours, minutes and days that were not read. And what a month to date is made of."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from meterdeck.domain.buckets import BucketWidth, Window, month_start
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.dollars import Dollars, Lack, State
from meterdeck.domain.money import sum_exactly
from meterdeck.domain.scope import Filter, Scope, Span
from meterdeck.queries.breakdown import breakdown
from meterdeck.queries.costs import Costs, day_costs, days_of
from meterdeck.queries.figures import KeyFigures, key_figures
from meterdeck.queries.look import Look
from meterdeck.queries.pace import pace_window
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.question import Question
from meterdeck.queries.rates import rates, rates_pane
from meterdeck.queries.split import whole_of_window
from meterdeck.queries.status import status
from meterdeck.queries.usage_window import BucketState, state_of
from meterdeck.service.simulated.options import Options
from meterdeck.store import Store, hours, usage
from meterdeck.sync.engine import NEWEST_WISH
from meterdeck.sync.plan import Feed
from rawpages import cents_by, cost_rows, tokens_by, usage_rows
from values import series, used
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)

MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[MakeWorld]:
    worlds: list[World] = []

    def make(*feeds: Feed, since: datetime, today: str = "partial") -> World:
        world = World(tmp_path / f"{len(worlds)}.db", NOW, Options(size="small", today=today))  # type: ignore[arg-type]
        worlds.append(world)
        for feed in feeds:
            asyncio.run(world.read(feed, since=since))
        return world

    yield make
    for world in worlds:
        asyncio.run(world.close())


def figures(world: World, book: PriceBook, scope: Scope | None = None, now: datetime = NOW) -> KeyFigures:
    window = Window(month_start(now), BucketWidth.DAY.after(now))
    asked = scope or Scope()
    with world.store.read() as transaction:
        costs = day_costs(Look(transaction), asked, window, now, book)
        return key_figures(Look(transaction), asked, now, book, costs)


def month_of(world: World, book: PriceBook, scope: Scope | None = None) -> Dollars:
    month = figures(world, book, scope).month
    assert month is not None
    return month.dollars


def test_hours_that_were_not_read_are_a_gap_in_rates_and_breakdown(make_world: MakeWorld) -> None:
    world = make_world(Feed.HOURS, Feed.LIVE, since=TODAY)
    gap = Window(Span.WEEK.window(BucketWidth.HOUR, NOW).start, TODAY)
    scope = Scope(span=Span.WEEK)
    with world.store.read() as transaction:
        found = rates(Look(transaction), scope, NOW, PriceBook())
        parts = breakdown(Look(transaction), scope, NOW, PriceBook())
        pane = rates_pane(Look(transaction), Question(scope), NOW, PriceBook())
    assert found.hours.gaps == parts.hours.gaps == (gap,)
    assert not found.hours.complete
    assert {bar.start for bar in pane.bars if bar.amount is None} == set(gap.starts(BucketWidth.HOUR))
    assert {bar.state for bar in pane.bars if bar.amount is None} == {BucketState.GAP}
    assert min(row.start for row in found.rows) >= TODAY, "nothing is filled with zeros"


def test_a_window_without_gaps_is_complete_and_says_how_old_it_is(make_world: MakeWorld) -> None:
    world = make_world(Feed.HOURS, Feed.LIVE, since=NOW - DAY)
    with world.store.read() as transaction:
        found = rates(Look(transaction), Scope(), NOW, PriceBook())
    assert found.hours.complete
    assert found.hours.as_of == NOW


def test_minutes_of_the_running_hour_that_were_not_read_are_a_gap(make_world: MakeWorld) -> None:
    world = make_world(Feed.HOURS, since=NOW - DAY)
    with world.store.read() as transaction:
        found = rates(Look(transaction), Scope(), NOW, PriceBook())
        pane = rates_pane(Look(transaction), Question(Scope()), NOW, PriceBook())
    assert found.hours.gaps == (Window(TODAY + 14 * HOUR, TODAY + 14 * HOUR + 32 * MINUTE),)
    assert pane.minutes == (None,) * 60


def test_minutes_too_young_to_be_expected_are_no_gap(make_world: MakeWorld) -> None:
    world = make_world(Feed.HOURS, Feed.LIVE, since=NOW - DAY)
    for later, gaps in (
        (5 * MINUTE, ()),
        (7 * MINUTE, (Window(NOW.replace(minute=38, second=0), NOW.replace(minute=39, second=0)),)),
    ):
        with world.store.read() as transaction:
            assert rates(Look(transaction), Scope(), NOW + later, PriceBook()).hours.gaps == gaps


def test_an_empty_store_is_all_gap_and_knows_no_figure(make_world: MakeWorld) -> None:
    world = make_world(since=TODAY)
    with world.store.read() as transaction:
        found = rates(Look(transaction), Scope(), NOW, PriceBook())
        costs = day_costs(Look(transaction), Scope(), days_of(Scope(span=Span.WEEK), NOW), NOW, PriceBook())
        assert status(transaction, NOW).empty
    assert found.rows == ()
    assert found.hours.as_of is None
    assert found.hours.gaps == (
        Window(Span.DAY.window(BucketWidth.HOUR, NOW).start, NOW.replace(minute=32, second=0)),
    )
    assert list(costs.each()) == []
    assert costs.gaps == (Window(TODAY - 6 * DAY, NOW.replace(minute=32, second=0)),)
    empty = figures(world, PriceBook())
    assert (empty.pace, empty.today, empty.month, empty.cache_hit_ratio) == (None, None, None, None)


def test_days_of_the_bill_that_were_not_read_are_gaps_and_estimated_where_tokens_are_known(
    make_world: MakeWorld, book: PriceBook
) -> None:
    world = make_world(Feed.HOURS, Feed.LIVE, since=TODAY - 2 * DAY)
    with world.store.read() as transaction:
        costs = day_costs(Look(transaction), Scope(), days_of(Scope(span=Span.WEEK), NOW), NOW, book)
    assert costs.gaps == (Window(TODAY - 6 * DAY, TODAY),)
    assert {spend.state for _, _, spend in costs.each()} == {State.ESTIMATED}
    assert {day for day, _, _ in costs.each()} == {TODAY - 2 * DAY, TODAY - DAY, TODAY}


@pytest.mark.parametrize("today", ["empty", "absent", "refused"])
def test_a_running_day_without_a_bill_is_estimated_and_no_gap(make_world: MakeWorld, today: str) -> None:
    world = make_world(*Feed, since=TODAY - DAY, today=today)
    with world.store.read() as transaction:
        costs: Costs = day_costs(Look(transaction), Scope(), days_of(Scope(), NOW), NOW, PriceBook())
    assert costs.settled == frozenset()
    assert costs.gaps == ()
    assert (costs.reported, costs.reported_on(TODAY)) == ({}, None)
    assert {spend.state for _, _, spend in costs.each()} == {State.ESTIMATED}


@pytest.mark.parametrize(
    ("after_closing", "read_after", "state"),
    [
        (timedelta(0), -MINUTE, BucketState.SETTLING),
        (9 * MINUTE, 5 * MINUTE, BucketState.SETTLING),
        (10 * MINUTE, 5 * MINUTE, BucketState.SETTLING),
        (10 * MINUTE, 10 * MINUTE, BucketState.CLOSED),
        (9 * HOUR, 9 * MINUTE, BucketState.SETTLING),
        (-MINUTE, -2 * MINUTE, BucketState.RUNNING),
    ],
)
def test_an_hour_settles_until_it_was_read_ten_minutes_after_its_end(
    tmp_path: Path, after_closing: timedelta, read_after: timedelta, state: BucketState
) -> None:
    store = Store(tmp_path / "store.db")
    hour, end = TODAY, TODAY + HOUR
    with store.write() as transaction:
        window = Window(hour, end)
        usage.replace(transaction, BucketWidth.HOUR, window, [used(hour, {series(): 1})], end + read_after)
        assert state_of(hour, hours.hour_sources(transaction, window), end + after_closing) is state
    store.close()


def test_a_closed_hour_of_which_minutes_are_missing_is_partial(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db")
    window = Window(TODAY + MINUTE, TODAY + HOUR)
    minutes = [
        used(minute, {series(): 1}, BucketWidth.MINUTE) for minute in window.starts(BucketWidth.MINUTE)
    ]
    with store.write() as transaction:
        usage.replace(transaction, BucketWidth.MINUTE, window, minutes, TODAY + 3 * HOUR)
        sources = hours.hour_sources(transaction, Window(TODAY, TODAY + HOUR))
        assert state_of(TODAY, sources, TODAY + 9 * HOUR) is BucketState.PARTIAL
        assert state_of(TODAY, sources, TODAY + 59 * MINUTE) is BucketState.RUNNING
        found = rates(Look(transaction), Scope(), TODAY + 3 * HOUR, PriceBook())
    before, after = found.hours.gaps
    assert before.end == TODAY + MINUTE, "the hours before that were never read, and its first minute"
    assert after.start == TODAY + HOUR
    store.close()


def test_month_to_date_is_settled_days_as_billed_and_the_worth_of_every_open_day(
    acme: World, book: PriceBook
) -> None:
    month = Window(datetime(2026, 11, 1, tzinfo=UTC), TODAY + DAY)
    bill = cents_by(cost_rows(acme, month), lambda row: row.day)
    settled = sum((cents for day, cents in bill.items() if day in book.settled_days), start=Fraction(0))
    unsettled = [day for day in month.starts(BucketWidth.DAY) if day not in book.settled_days]
    assert len(unsettled) == 4
    with acme.store.read() as transaction:
        look = Look(transaction)
        of_days = [whole_of_window(look, (), Window(day, day + DAY), book).spend for day in unsettled]
    worth = sum((Fraction(spend.dollars.amount or 0) for spend in of_days), start=Fraction(0))
    found = month_of(acme, book)
    by_state = found.by_state
    assert Fraction(by_state.billed) == settled / 100
    assert by_state.allocated == 0
    assert Fraction(by_state.estimated) == worth
    assert Fraction(found.amount or 0) == settled / 100 + worth
    assert found.lacks == ()
    for by in (Dimension.MODEL, Dimension.COST_TYPE):
        assert month_of(acme, book, Scope(by=by)).amount == found.amount


def test_a_month_lacks_the_tokens_of_open_days_that_nothing_prices(make_world: MakeWorld) -> None:
    world = make_world(*Feed, since=TODAY.replace(day=1), today="absent")
    month = figures(world, PriceBook(as_of=NOW)).month
    assert month is not None
    assert Lack.UNPRICED in month.lacks


def test_months_to_date_of_two_halves_add_up_to_the_whole(acme: World, book: PriceBook) -> None:
    workspaces = {row.member(Dimension.WORKSPACE) for row in usage_rows(acme, Window(TODAY - DAY, TODAY))}
    halves = ({None}, workspaces - {None})
    parts = [
        month_of(acme, book, Scope((Filter(Dimension.WORKSPACE, frozenset(half)),))).amount for half in halves
    ]
    assert sum_exactly(part or Decimal(0) for part in parts) == month_of(acme, book).amount


def test_nothing_of_the_old_month_is_left_at_midnight_on_the_first(acme: World, book: PriceBook) -> None:
    assert figures(acme, book, now=datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)).month is not None
    assert figures(acme, book, now=datetime(2026, 12, 1, tzinfo=UTC)).month is None


def test_todays_estimate_and_the_cache_ratio_are_those_of_the_raw_pages(acme: World, book: PriceBook) -> None:
    found = figures(acme, book)
    today, searches = tokens_by(usage_rows(acme, Window(TODAY, TODAY + 15 * HOUR)), lambda _: None)[None]
    assert found.today is not None
    assert found.today.priced_tokens + found.today.unbilled_tokens == today.total + searches
    assert found.today.unpriced_tokens == 0
    day = tokens_by(usage_rows(acme, Span.DAY.window(BucketWidth.HOUR, NOW)), lambda _: None)[None][0]
    assert found.cache_hit_ratio == day.cache_read / day.input
    window = pace_window(NOW)
    for pace, ago in ((found.pace, 0 * HOUR), (found.pace_before, HOUR)):
        minutes = usage_rows(acme, Window(window.start - ago, window.end - ago), BucketWidth.MINUTE)
        assert pace is not None
        assert pace.tokens_per_hour == 4 * sum(row.tokens.total for row in minutes)


def test_the_status_says_whose_data_it_is_and_how_each_feed_fares(acme: World) -> None:
    with acme.store.read() as transaction:
        found = status(transaction, NOW)
    assert found.organization == "Acme"
    assert not found.empty
    assert found.failing == {}
    asked = set(Feed) - set(NEWEST_WISH) - {Feed.CHECK}
    assert {found.feeds[feed].read_at for feed in asked} == {NOW}, (
        "no minutes were asked for, and no day was read long enough ago to be checked"
    )


AFTER_MIDNIGHT = TODAY + DAY + HOUR


def gaps_of_costs(world: World, scope: Scope, now: datetime) -> tuple[Window, ...]:
    with world.store.read() as transaction:
        return day_costs(Look(transaction), scope, days_of(scope, now), now, PriceBook()).gaps


@pytest.mark.parametrize("by", [Dimension.WORKSPACE, Dimension.API_KEY])
def test_after_midnight_without_a_read_only_what_came_since_the_last_one_is_a_gap(
    make_world: MakeWorld, by: Dimension
) -> None:
    world = make_world(*Feed, since=TODAY - 7 * DAY)
    scope = Scope(span=Span.WEEK, by=by)
    with world.store.read() as transaction:
        found = day_costs(
            Look(transaction), scope, days_of(scope, AFTER_MIDNIGHT), AFTER_MIDNIGHT, PriceBook()
        )
    (gap,) = found.gaps
    assert timedelta() <= NOW + MINUTE - gap.start <= 2 * MINUTE
    assert gap.end == AFTER_MIDNIGHT - 5 * MINUTE
    assert any(day == TODAY for day, _, _ in found.each()), "what was read of the day stands"


def test_a_bill_that_was_read_while_its_day_ran_is_a_gap_from_then_on_where_the_hours_are_known(
    make_world: MakeWorld,
) -> None:
    world = make_world(Feed.COSTS, since=TODAY)
    world.clock.now = AFTER_MIDNIGHT
    for feed in (Feed.HOURS, Feed.LIVE):
        asyncio.run(world.read(feed, since=TODAY - 7 * DAY))
    week = Scope(span=Span.WEEK)
    unread_bill = Window(NOW.replace(second=0), TODAY + DAY)
    assert gaps_of_costs(world, week, AFTER_MIDNIGHT) == (unread_bill,)
    by_key = Scope(span=Span.WEEK, by=Dimension.API_KEY)
    assert gaps_of_costs(world, by_key, AFTER_MIDNIGHT) == (unread_bill,), "a key's day rests on its bill too"
    asyncio.run(world.read(Feed.COSTS))
    assert gaps_of_costs(world, week, AFTER_MIDNIGHT) == ()


def test_hours_that_were_not_read_are_unknown_and_hours_without_use_are_nothing(
    make_world: MakeWorld,
) -> None:
    world = make_world(since=TODAY)
    hours_of_today = Window(TODAY, TODAY + 14 * HOUR)
    scope = Scope(at=hours_of_today)

    def is_unread() -> set[bool]:
        with world.store.read() as transaction:
            look = Look(transaction)
            return {
                rates(look, scope, NOW, PriceBook()).hours.is_unread,
                breakdown(look, scope, NOW, PriceBook()).hours.is_unread,
            }

    assert is_unread() == {True}
    with world.store.write() as transaction:
        last = Window(hours_of_today.end - HOUR, hours_of_today.end)
        usage.replace(transaction, BucketWidth.HOUR, last, [used(last.start, {})], NOW)
    assert is_unread() == {False}
