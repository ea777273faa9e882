"""Usage by what the series leave out: the same tokens as theirs, priced where a price is of one geo and speed."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from answers import bucket, page, usage_row
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, Dimension, Kind
from meterdeck.domain.dollars import Lack
from meterdeck.domain.questions import Question
from meterdeck.domain.scope import Filter, Scope, Since, Span
from meterdeck.domain.tokens import TokenCounts, total_of
from meterdeck.queries.breakdown import Breakdown, breakdown
from meterdeck.queries.deck import DeckReader
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.on_demand import OnDemand, State, on_demand
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.question import Question as ScreenQuestion
from meterdeck.queries.spend import Spend, total_spend
from meterdeck.service.simulated.options import Options
from meterdeck.store import answers, feeds, questions
from meterdeck.sync.plan import Feed
from world import USAGE, World


def named(filters: tuple[Filter, ...]) -> str:
    """A test's name that does not hang on the order of a set."""
    return "+".join(f"{len(f.members)} {f.dimension.word}" for f in filters) or "all"


HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
GEO, SPEED = Dimension.INFERENCE_GEO, Dimension.SPEED
ACCOUNT, SERVICE_ACCOUNT = Dimension.ACCOUNT, Dimension.SERVICE_ACCOUNT
FILTERS = (
    (),
    (Filter(Dimension.WORKSPACE, frozenset({None})),),
    (Filter(Dimension.WORKSPACE, frozenset({None, "wrkspc_01SimPartnerApi000000"})),),
    (
        Filter(Dimension.MODEL, frozenset({"claude-sonnet-5", "claude-opus-5"})),
        Filter(Dimension.SERVICE_TIER, frozenset({"standard", "priority"})),
    ),
    (Filter(Dimension.API_KEY, frozenset({None})),),
    (Filter(Dimension.API_KEY, frozenset({None})), Filter(Dimension.MODEL, frozenset({"claude-sonnet-5"}))),
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Acme as of a Friday at 14:37:20Z, with every question of these tests answered."""
    world = World(tmp_path_factory.mktemp("asked") / "store.db", NOW, Options())
    asyncio.run(world.fill())
    for by in ON_DEMAND_DIMENSIONS:
        for filters in FILTERS:
            world.engine.want_answer_here(Question(by, filters))
        world.engine.want_answer_here(Question(by, span=Span.CALENDAR_MONTH))
    asyncio.run(world.read(Feed.ON_DEMAND))
    yield world
    asyncio.run(world.close())


@pytest.fixture(scope="module")
def prices(asked: World) -> PriceBook:
    with asked.store.read() as transaction:
        return learn(Look(transaction), NOW)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An organisation of which nothing was read yet."""
    opened = World(tmp_path / "store.db", NOW)
    yield opened
    asyncio.run(opened.close())


def ask(world: World, scope: Scope, book: PriceBook | None = None) -> OnDemand:
    with world.store.read() as transaction:
        return on_demand(Look(transaction), scope, world.clock(), book or PriceBook())


def series(world: World, scope: Scope, book: PriceBook | None = None) -> Breakdown:
    with world.store.read() as transaction:
        return breakdown(Look(transaction), replace(scope, by=Dimension.API_KEY), NOW, book or PriceBook())


def whole(found: Breakdown) -> tuple[TokenCounts, int]:
    return total_of(part.tokens for part in found.parts), sum(part.web_searches for part in found.parts)


def spent(found: Breakdown) -> Spend:
    """What the tokens and searches of all members cost, without money that is of no usage."""
    return total_spend(part.spend for part in found.parts if part.member.kind is not Kind.NOT_ALLOCATED)


@pytest.mark.parametrize("filters", FILTERS, ids=named)
@pytest.mark.parametrize("by", ON_DEMAND_DIMENSIONS)
def test_the_members_add_up_to_the_tokens_of_the_series(
    asked: World, by: Dimension, filters: tuple[Filter, ...]
) -> None:
    scope = Scope(filters, by=by)
    found = ask(asked, scope)
    assert found.state is State.THERE
    assert whole(found.pane.breakdown) == whole(series(asked, scope))
    assert found.total_tokens > 0
    assert found.pane.breakdown.hours.window == Span.DAY.window(BucketWidth.HOUR, NOW)
    assert found.pane.breakdown.hours.complete
    assert sum(part.token_share for part in found.pane.breakdown.parts) == pytest.approx(1)


@pytest.mark.parametrize("by", ON_DEMAND_DIMENSIONS)
def test_a_month_read_by_days_has_the_tokens_of_its_hours(asked: World, by: Dimension) -> None:
    scope = Scope(span=Span.CALENDAR_MONTH, by=by)
    found = ask(asked, scope)
    assert whole(found.pane.breakdown) == whole(series(asked, scope))
    assert all(len(row.buckets) == 20 for row in found.pane.rows)


def test_each_member_is_the_sum_of_the_raw_rows(asked: World) -> None:
    question = [("bucket_width", "1h"), ("limit", "24"), ("group_by[]", "inference_geo")]
    window = Span.DAY.window(BucketWidth.HOUR, NOW)
    raw: dict[str | None, list[int]] = {}
    for place, hour in enumerate(asked.raw(USAGE, window, *question)):
        for row in hour["results"]:
            of = raw.setdefault(row["inference_geo"], [0] * 24)
            of[place] += row["uncached_input_tokens"] + row["cache_read_input_tokens"] + row["output_tokens"]
            of[place] += sum(row["cache_creation"].values())
    found = ask(asked, Scope(by=GEO))
    assert {row.part.member.id: list(row.buckets) for row in found.pane.rows} == raw
    assert {part.member.id: part.tokens.total for part in found.pane.breakdown.parts} == {
        member: sum(counts) for member, counts in raw.items()
    }


@pytest.mark.parametrize("by", [ACCOUNT, SERVICE_ACCOUNT])
@pytest.mark.parametrize("filters", [f for f in FILTERS if Question(GEO, f).is_priced], ids=named)
def test_where_it_is_told_what_prices_depend_on_the_estimates_add_up_to_that_of_the_series(
    asked: World, prices: PriceBook, by: Dimension, filters: tuple[Filter, ...]
) -> None:
    scope = Scope(filters, by=by)
    found = spent(ask(asked, scope, prices).pane.breakdown)
    assert found.units == spent(series(asked, scope, prices)).units
    assert found.units > 0


def test_searches_are_left_out_under_a_filter_that_only_tokens_can_answer_to(
    asked: World, prices: PriceBook
) -> None:
    filters = FILTERS[3]
    found = ask(asked, Scope(filters, by=ACCOUNT), prices).pane.breakdown
    assert sum(part.web_searches for part in found.parts) > 0
    as_series = series(asked, Scope(filters), prices)
    assert found.left_out.priced_tokens == sum(part.web_searches for part in found.parts)
    assert 0 < found.left_out.units < as_series.left_out.units, (
        "the series leave out code execution and sessions too"
    )


@pytest.mark.parametrize("by", [GEO, SPEED])
def test_a_price_that_is_an_average_over_geos_or_speeds_prices_neither(
    asked: World, prices: PriceBook, by: Dimension
) -> None:
    scope = Scope(by=by)
    parts = {part.member.id: part.spend for part in ask(asked, scope, prices).pane.breakdown.parts}
    of_series = spent(series(asked, scope, prices))
    known = sum(estimate.priced_tokens for estimate in parts.values())
    assert 0 < known < of_series.priced_tokens
    assert sum(estimate.unpriced_tokens for estimate in parts.values()) == of_series.priced_tokens - known
    assert sum(estimate.unbilled_tokens for estimate in parts.values()) == of_series.unbilled_tokens
    if by is GEO:
        assert parts["not_available"].unpriced_tokens == 0
        assert parts["us"].priced_tokens > 0, "one workspace runs in the US alone"
        assert parts["us"].unpriced_tokens > 0, "another there and elsewhere"
    else:
        assert parts["fast"].priced_tokens > 0, "a workspace that is always fast has a price of its own"


def test_what_runs_dearer_than_the_list_is_not_priced_by_it(asked: World, prices: PriceBook) -> None:
    assert prices.listed is not None
    only_listed = PriceBook(listed=prices.listed)
    for by, dearer, plain in ((GEO, "us", "global"), (SPEED, "fast", "standard")):
        parts = {
            part.member.id: part.spend for part in ask(asked, Scope(by=by), only_listed).pane.breakdown.parts
        }
        assert parts[dearer].priced_tokens == parts[dearer].listed_searches, (
            "a search costs the same anywhere"
        )
        assert parts[dearer].listed_tokens == 0
        assert parts[dearer].unpriced_tokens > 0
        assert parts[dearer].lacks == (Lack.UNPRICED,)
        assert parts[plain].listed_tokens > 0
        by_list = parts[plain].listed_tokens + parts[plain].listed_searches
        assert parts[plain].priced_tokens == by_list + parts[plain].early_tokens, (
            "today's bill tells the others"
        )


def test_without_what_prices_depend_on_every_token_is_unpriced(asked: World, prices: PriceBook) -> None:
    scope = Scope((Filter(Dimension.API_KEY, frozenset({None})),), by=ACCOUNT)
    assert not Question.of(scope).is_priced
    for part in ask(asked, scope, prices).pane.breakdown.parts:
        assert part.spend == Spend(unpriced_tokens=part.tokens.total + part.web_searches)
        assert part.spend.dollars.amount is None


def test_null_is_named_by_what_it_means_and_ids_stay_raw(asked: World) -> None:
    names = {
        by: {part.member.id: part.member.name for part in ask(asked, Scope(by=by)).pane.breakdown.parts}
        for by in ON_DEMAND_DIMENSIONS
    }
    assert names[GEO] == {"global": "global", "us": "us", "not_available": "no choice (older model)"}
    assert names[SPEED] == {"standard": "standard", "fast": "fast"}
    assert names[ACCOUNT].pop(None) == "no account (API keys)"
    assert names[SERVICE_ACCOUNT].pop(None) == "no service account"
    for by in (ACCOUNT, SERVICE_ACCOUNT):
        assert len(names[by]) > 1
        assert all(name == member for member, name in names[by].items())
    kinds = {part.member.kind for part in ask(asked, Scope(by=ACCOUNT)).pane.breakdown.parts}
    assert kinds == {Kind.NONE, Kind.MEMBER}


def test_a_speed_that_was_not_told_is_not_stated(world: World) -> None:
    question = Question(SPEED)
    row = usage_row(model="claude-opus-5", service_tier="standard", context_window="0-200k", output_tokens=5)
    hour = bucket(datetime(2026, 11, 20, 12, tzinfo=UTC), [row], BucketWidth.HOUR)
    world.wire.faults[USAGE] = lambda: httpx.Response(200, json=page([hour]))
    world.engine.want_answer_here(question)
    asyncio.run(world.read(Feed.ON_DEMAND))
    (part,) = ask(world, Scope(by=SPEED)).pane.breakdown.parts
    assert (part.member.id, part.member.name, part.tokens.output) == (None, "not stated", 5)


def test_a_question_goes_from_missing_to_asked_to_there_and_grows_old(world: World) -> None:
    scope = Scope(by=GEO)
    missing = ask(world, scope)
    assert (missing.state, missing.pane.rows, missing.read_at, missing.is_fresh) == (
        State.MISSING,
        (),
        None,
        False,
    )
    assert missing.pane.breakdown.hours.as_of is None
    with world.store.write() as transaction:
        questions.ask(transaction, missing.question, world.clock())
    assert ask(world, scope).state is State.ASKED
    asyncio.run(world.read(Feed.ON_DEMAND))
    there = ask(world, scope)
    assert (there.state, there.read_at, there.is_fresh) == (State.THERE, NOW, True)
    assert there.pane.breakdown.hours.as_of == NOW
    world.clock.now += HOUR
    old = ask(world, scope)
    assert (old.state, old.is_fresh) == (State.THERE, False)
    assert old.pane == there.pane, "its window stays the one that was asked for"
    with world.store.write() as transaction:
        questions.ask(transaction, old.question, world.clock())
    waiting = ask(world, scope)
    assert (waiting.state, waiting.pane) == (State.ASKED, there.pane)


def test_whoever_waits_is_told_why_nothing_comes(world: World) -> None:
    scope = Scope(by=GEO)
    with world.store.write() as transaction:
        questions.ask(transaction, Question.of(scope), NOW)
        feeds.failed(transaction, Feed.ON_DEMAND, NOW, "529", "The API is busy.")
    assert ask(world, scope).trouble == "The API is busy."
    world.clock.now += 11 * MINUTE
    assert (ask(world, scope).state, ask(world, scope).trouble) == (State.MISSING, None)


def test_a_refusal_is_shown_as_its_sentence(world: World) -> None:
    question = Question(SPEED)
    with world.store.write() as transaction:
        answers.refuse(transaction, question, question.at(NOW), "speed: not available", NOW)
    found = ask(world, Scope(by=SPEED))
    assert (found.state, found.refusal, found.read_at, found.is_fresh) == (
        State.REFUSED,
        "speed: not available",
        NOW,
        True,
    )
    assert found.pane.rows == ()


def test_a_bucket_that_did_not_come_is_a_gap_and_not_zero(world: World) -> None:
    world.wire.faults[USAGE] = lambda: httpx.Response(200, json=page([]))
    world.engine.want_answer_here(Question(GEO))
    asyncio.run(world.read(Feed.ON_DEMAND))
    hours = ask(world, Scope(by=GEO)).pane.breakdown.hours
    until = NOW - timedelta(minutes=5)
    assert hours.gaps == (Window(datetime(2026, 11, 19, 15, tzinfo=UTC), until),)


@pytest.mark.parametrize("by", ON_DEMAND_DIMENSIONS)
def test_a_deck_shows_the_answer_in_its_breakdown_and_everything_else_as_before(
    asked: World, by: Dimension
) -> None:
    reader = DeckReader(asked.store)
    deck = reader.load(ScreenQuestion(Scope(by=by)), NOW)
    assert deck.on_demand is not None
    assert deck.on_demand.state is State.THERE
    assert deck.breakdown is deck.on_demand.pane
    plain = reader.load(ScreenQuestion(Scope(by=Dimension.MODEL)), NOW)
    assert plain.on_demand is None
    assert deck.figures == plain.figures
    if by is not GEO:  # which the bill knows: its costs are told by it
        assert deck.costs == plain.costs
    assert [bar.amount for bar in deck.rates.bars] == [bar.amount for bar in plain.rates.bars]


@pytest.mark.parametrize(
    "time",
    [
        Since(NOW.replace(hour=14, minute=5, second=0)),
        Window(
            NOW.replace(day=18, hour=0, minute=0, second=0), NOW.replace(day=19, hour=0, minute=0, second=0)
        ),
        Window(
            NOW.replace(day=18, hour=5, minute=44, second=0),
            NOW.replace(day=18, hour=11, minute=44, second=0),
        ),
    ],
    ids=["since a moment", "a day", "hours to the minute"],
)
def test_an_answer_is_of_the_time_on_show_and_comes_to_what_the_series_say_of_it(
    asked: World, time: Since | Window
) -> None:
    scope = Scope(by=GEO, at=time)
    asked.engine.want_answer_here(Question.of(scope))
    asyncio.run(asked.read(Feed.ON_DEMAND))
    window = ScreenQuestion(scope).window(NOW)
    for hour in {BucketWidth.HOUR.floor(window.start), BucketWidth.HOUR.floor(window.end)}:
        if window.start != hour != window.end and hour + HOUR <= NOW:
            asked.engine.want_minutes_here(hour)
    asyncio.run(asked.read(Feed.MINUTES))
    deck = DeckReader(asked.store).load(ScreenQuestion(scope), NOW)
    assert deck.on_demand is not None
    assert (deck.on_demand.state, deck.on_demand.is_exact) == (State.THERE, True)
    assert deck.breakdown.breakdown.hours.window == window
    assert deck.on_demand.total_tokens == deck.rates.whole.tokens.total > 0


def test_a_question_of_another_time_is_not_answered_by_that_of_the_last_day(asked: World) -> None:
    day = Window(
        NOW.replace(day=17, hour=0, minute=0, second=0), NOW.replace(day=18, hour=0, minute=0, second=0)
    )
    with asked.store.read() as transaction:
        look = Look(transaction)
        assert on_demand(look, Scope(by=GEO), NOW, PriceBook()).state is State.THERE
        found = on_demand(look, Scope(by=GEO, at=day), NOW, PriceBook())
    assert (found.state, found.pane.rows) == (State.MISSING, ())
    assert found.pane.breakdown.hours.gaps == (day,)
