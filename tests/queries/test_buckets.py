"""A scope's time bucket by bucket: tokens or what they are worth, by member, in days of any zone."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Filter, Scope, Since, Span
from meterdeck.queries.breakdown import breakdown_pane
from meterdeck.queries.buckets import Buckets, buckets
from meterdeck.queries.look import Look
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.question import Question
from meterdeck.queries.rates import RatesPane, rates, rates_pane, unread_hours
from meterdeck.queries.spend import total_spend
from meterdeck.queries.usage_window import BucketState
from meterdeck.service.simulated.options import Options
from rawpages import tokens_by, usage_rows
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
HOUR, MINUTE = BucketWidth.HOUR, BucketWidth.MINUTE
BY = [*SERIES_DIMENSIONS, Dimension.TOKEN_TYPE]
PROD = (Filter(Dimension.MODEL, frozenset({"claude-sonnet-5", "claude-opus-5"})),)


def ask(acme: World, question: Question, book: PriceBook | None = None) -> Buckets:
    with acme.store.read() as transaction:
        return buckets(Look(transaction), question, NOW, book or PriceBook())


def ask_pane(acme: World, question: Question, book: PriceBook | None = None) -> RatesPane:
    with acme.store.read() as transaction:
        return rates_pane(Look(transaction), question, NOW, book or PriceBook())


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("span", [Span.HOUR, Span.SIX_HOURS, Span.DAY, Span.WEEK])
def test_members_add_up_to_the_whole_in_every_bucket(acme: World, by: Dimension, span: Span) -> None:
    found = ask(acme, Question(Scope(PROD, span, by)))
    assert any(found.whole)
    for bucket, whole in enumerate(found.whole):
        assert sum(amounts[bucket] for amounts in found.of_members.values()) == whole


@pytest.mark.parametrize("by", BY)
def test_a_window_by_the_minute_sums_what_the_raw_pages_say(acme: World, by: Dimension) -> None:
    since = NOW.replace(hour=13, minute=41, second=0)
    scope = Scope(by=by, at=Since(since))
    found = ask(acme, Question(scope))
    asked = tokens_by(usage_rows(acme, Window(since, MINUTE.after(NOW)), MINUTE), lambda row: row.start)
    assert found.width is MINUTE
    assert {
        window.start: amount for window, amount in zip(found.windows, found.whole, strict=True) if amount
    } == {start: tokens.total for start, (tokens, _) in asked.items() if tokens.total}
    with acme.store.read() as transaction:
        pane = breakdown_pane(Look(transaction), Question(scope), NOW, PriceBook(), found)
    assert sum(row.part.tokens.total for row in pane.rows) == sum(found.whole), "the rows add up to the chart"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/Los_Angeles"])
def test_days_are_those_of_the_zone(acme: World, zone: str) -> None:
    day = ZoneInfo(zone)
    found = ask(acme, Question(Scope(span=Span.MONTH_OF_DAYS), zone=day))
    yesterday = found.windows[-2]
    asked = tokens_by(usage_rows(acme, yesterday), lambda _: None)
    assert found.whole[-2] == asked[None][0].total
    assert found.states[-1] is BucketState.RUNNING


def test_the_largest_members_are_layers_and_all_others_are_one_more(acme: World) -> None:
    pane = ask_pane(acme, Question(Scope(by=Dimension.API_KEY)))
    assert len(pane.layers) == 5
    assert pane.others == len(ask(acme, Question(Scope(by=Dimension.API_KEY))).of_members) - 5 > 0
    sizes = [sum(bar.parts[layer] for bar in pane.bars) for layer in range(5)]
    assert sizes == sorted(sizes, reverse=True)
    assert all(sum(bar.parts) == bar.amount for bar in pane.bars)


@pytest.mark.parametrize("by", BY)
def test_dollars_by_the_bucket_come_to_those_of_the_report_by_hours_but_for_cents(
    acme: World, book: PriceBook, by: Dimension
) -> None:
    question = Question(Scope(by=by), measure=Measure.USD)
    pane = ask_pane(acme, question, book)
    with acme.store.read() as transaction:
        found = rates(Look(transaction), question.scope, NOW, book)
    cents = sum(bar.amount or 0 for bar in pane.bars)
    most = len(pane.bars) * 40  # a member's amount in a bucket is cut to whole cents
    whole = (total_spend(row.spend for row in found.rows).dollars.amount or Decimal(0)) * 100
    assert whole - most < cents <= whole + most
    assert cents > 0


def test_an_hour_in_the_past_lacks_its_minutes_until_they_are_asked_for(acme: World) -> None:
    hour = NOW.replace(hour=3, minute=0, second=0) - timedelta(days=3)
    pane = ask_pane(acme, Question(Scope(span=Span.HOUR, at=Window(hour, hour + timedelta(hours=1)))))
    assert pane.width is MINUTE
    assert {bar.amount for bar in pane.bars} == {None}
    assert unread_hours(pane, NOW) == {hour}
    assert pane.whole.tokens.total > 0, "the hour's own row tells its sum all the same"


def test_hours_of_a_past_day_are_told_without_what_is_of_now(acme: World) -> None:
    day = Window(datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 11, 19, tzinfo=UTC))
    with acme.store.read() as transaction:
        pane = breakdown_pane(Look(transaction), Question(Scope(at=day)), NOW, PriceBook())
    asked = tokens_by(usage_rows(acme, day), lambda row: row.member(Dimension.WORKSPACE))
    before = tokens_by(
        usage_rows(acme, Window(day.start - timedelta(days=1), day.start)),
        lambda row: row.member(Dimension.WORKSPACE),
    )
    assert {row.part.member.id: row.part.tokens.total for row in pane.rows} == {
        member: tokens.total for member, (tokens, _) in asked.items()
    }
    for row in pane.rows:
        assert row.pace is None
        assert row.change == (before[row.part.member.id][0].total, row.part.tokens.total)


def test_an_hour_of_which_nothing_was_reported_yet_is_unknown_and_not_free(acme: World) -> None:
    begun = NOW.replace(hour=15, minute=2)
    with acme.store.read() as transaction:
        look = Look(transaction)
        early = breakdown_pane(look, Question(Scope()), begun, PriceBook())
        later = breakdown_pane(look, Question(Scope()), begun.replace(minute=20), PriceBook())
    assert {row.this_hour for row in early.rows} == {None}
    assert None not in {row.this_hour for row in later.rows}


def test_what_nobody_can_have_reported_yet_is_awaited_and_not_zero(acme: World) -> None:
    minutes = ask(acme, Question(Scope(span=Span.HOUR)))
    states = dict(zip((window.start for window in minutes.windows), minutes.states, strict=True))
    silent = {start for (start, _), amount in zip(states.items(), minutes.whole, strict=True) if not amount}
    assert silent == {start for start, state in states.items() if state is BucketState.AWAITED}
    assert MINUTE.floor(NOW) in silent
    assert min(silent) > NOW - timedelta(minutes=11)
    known = minutes.known(minutes.whole)
    assert [amount is None for amount in known] == [start in silent for start in states]


def test_of_whom_nothing_came_while_others_were_reported_took_nothing(acme: World) -> None:
    nobody = Filter(Dimension.MODEL, frozenset({"claude-never-used"}))
    everyone = ask(acme, Question(Scope(span=Span.HOUR)))
    found = ask(acme, Question(Scope((nobody,), span=Span.HOUR)))
    assert found.states == everyone.states
    assert set(found.known(found.whole)) == {0, None}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_an_hour_and_a_day_that_have_only_begun_are_awaited(tmp_path: Path, zone: str) -> None:
    midnight = datetime(2026, 11, 20, 15 if zone == "Asia/Tokyo" else 0, tzinfo=UTC)

    async def asked(minute: int) -> list[BucketState]:
        world = World(tmp_path / f"{minute}.db", midnight + timedelta(minutes=minute), Options(size="small"))
        await world.fill()
        questions = [
            Question(Scope(span=span), zone=ZoneInfo(zone)) for span in (Span.DAY, Span.MONTH_OF_DAYS)
        ]
        with world.store.read() as transaction:
            states = [
                buckets(Look(transaction), question, world.clock.now, PriceBook()).states[-1]
                for question in questions
            ]
        await world.close()
        return states

    assert asyncio.run(asked(2)) == [BucketState.AWAITED] * 2
    assert asyncio.run(asked(20)) == [BucketState.RUNNING] * 2


def test_rates_name_the_hour_that_has_only_begun_read_or_not(tmp_path: Path) -> None:
    hour = datetime(2026, 11, 20, 14, tzinfo=UTC)

    async def asked(read: int, minute: int) -> tuple[Window, ...]:
        world = World(tmp_path / f"{read}-{minute}.db", hour + timedelta(minutes=read), Options(size="small"))
        await world.fill()
        with world.store.read() as transaction:
            found = rates(Look(transaction), Scope(), hour + timedelta(minutes=minute), PriceBook())
        await world.close()
        return found.awaited

    begun = (Window(hour, hour + timedelta(hours=1)),)
    assert asyncio.run(asked(2, 2)) == begun
    assert asyncio.run(asked(-1, 2)) == begun, "too young to be a gap"
    assert asyncio.run(asked(20, 20)) == ()


def test_a_time_up_to_now_is_compared_with_the_same_hours_before_where_that_is_asked_for(acme: World) -> None:
    with acme.store.read() as transaction:
        look = Look(transaction)
        plain = breakdown_pane(look, Question(Scope()), NOW, PriceBook())
        asked = breakdown_pane(look, Question(Scope(), change=True), NOW, PriceBook())
        an_hour = breakdown_pane(look, Question(Scope(span=Span.HOUR), change=True), NOW, PriceBook())
    assert {row.change for row in (*plain.rows, *an_hour.rows)} == {None}, "an hour has its pace for that"
    closed = Window(NOW.replace(day=19, hour=15, minute=0, second=0), NOW.replace(minute=0, second=0))
    after, before = (
        tokens_by(usage_rows(acme, each), lambda row: row.member(Dimension.WORKSPACE))
        for each in (closed, Window(closed.start - timedelta(days=1), closed.end - timedelta(days=1)))
    )
    for row in asked.rows:
        of = row.part.member.id
        assert row.change == tuple(each[of][0].total if of in each else 0 for each in (before, after))


@pytest.mark.parametrize(
    ("window", "passed"),
    [
        (
            Window(NOW.replace(hour=0, minute=0, second=0), NOW.replace(day=21, hour=0, minute=0, second=0)),
            14 * 60,
        ),
        (Window(NOW.replace(minute=0, second=0), NOW.replace(hour=15, minute=0, second=0)), 27),
    ],
    ids=["a day", "an hour"],
)
def test_a_time_that_still_runs_is_compared_as_far_as_it_has_passed(
    acme: World, window: Window, passed: int
) -> None:
    with acme.store.read() as transaction:
        pane = breakdown_pane(Look(transaction), Question(Scope(at=window)), NOW, PriceBook())
    so_far, before = (
        tokens_by(
            usage_rows(acme, Window(start, start + passed * MINUTE.delta), MINUTE),
            lambda row: row.member(Dimension.WORKSPACE),
        )
        for start in (window.start, window.start - window.duration)
    )
    assert pane.rows
    for row in pane.rows:
        of = row.part.member.id
        assert row.change == tuple(each[of][0].total if of in each else 0 for each in (before, so_far))
