"""The breakdown: members add up to the whole, to the last digit, whatever the scope is broken down by."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension, Kind
from meterdeck.domain.dollars import Lack, State
from meterdeck.domain.reports import PriceKey
from meterdeck.domain.scope import Filter, Scope, Span
from meterdeck.domain.tokens import TokenCounts, total_of
from meterdeck.queries.bill import TOKENS_ONLY
from meterdeck.queries.breakdown import Breakdown, Part, breakdown, breakdown_pane
from meterdeck.queries.buckets import buckets
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.pace import PACES_AN_HOUR, Pace, newest_whole, pace_of, pace_window, paces
from meterdeck.queries.prices import PRICED_BY, SEARCH, PriceBook
from meterdeck.queries.question import Question
from meterdeck.queries.split import split_window
from meterdeck.service.simulated.options import Options
from rawpages import RawUsage, tokens_by, usage_rows
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
HOUR, MINUTE = BucketWidth.HOUR, BucketWidth.MINUTE
BY = [*SERIES_DIMENSIONS, Dimension.TOKEN_TYPE]
FILTERS = [
    (),
    (Filter(Dimension.WORKSPACE, frozenset({None})),),
    (
        Filter(Dimension.MODEL, frozenset({"claude-sonnet-5", "claude-opus-5"})),
        Filter(Dimension.SERVICE_TIER, frozenset({"standard", "priority"})),
    ),
]


@pytest.fixture(scope="module")
def raw(acme: World) -> list[RawUsage]:
    return usage_rows(acme, Span.WEEK.window(HOUR, NOW))


def ask(acme: World, scope: Scope, book: PriceBook) -> Breakdown:
    with acme.store.read() as transaction:
        return breakdown(Look(transaction), scope, NOW, book)


def ask_at(world: World, scope: Scope, book: PriceBook) -> Breakdown:
    """The breakdown of a scope's fixed time."""
    with world.store.read() as transaction:
        return breakdown_pane(Look(transaction), Question(scope), NOW, book).breakdown


def of_members(found: Breakdown) -> list[Part]:
    """The parts of usage; money that no member has stands beside them."""
    return [part for part in found.parts if not part.member.is_beside]


@pytest.mark.parametrize("by", SERIES_DIMENSIONS)
def test_tokens_and_searches_of_each_member_are_the_sums_of_the_raw_pages(
    acme: World, raw: list[RawUsage], book: PriceBook, by: Dimension
) -> None:
    for filters in FILTERS:
        found = ask(acme, Scope(filters, Span.WEEK, by), book)
        kept = [row for row in raw if all(row.member(f.dimension) in f.members for f in filters)]
        assert {part.member.id: (part.tokens, part.web_searches) for part in of_members(found)} == tokens_by(
            kept, lambda row: row.member(by)
        )
        assert found.hours.complete


@pytest.mark.parametrize("span", [Span.DAY, Span.WEEK])
@pytest.mark.parametrize("filters", FILTERS, ids=len)
def test_the_dollars_of_the_whole_are_the_sum_of_its_members_whatever_it_is_broken_down_by(
    acme: World, raw: list[RawUsage], book: PriceBook, filters: tuple[Filter, ...], span: Span
) -> None:
    found = [ask(acme, Scope(filters, span, by), book) for by in BY]
    assert {one.total.units for one in found} == {found[0].total.units}
    of_the_bill = {one.left_out.units for one in found if one.scope.by is not Dimension.API_KEY}
    assert len(of_the_bill) == 1
    assert found[0].total.units > 0
    in_default_alone = filters == FILTERS[1]
    unbilled = {one.total.unbilled_tokens for one in found}
    assert len(unbilled) == 1
    assert (unbilled != {0}) != in_default_alone, "only there nobody uses the priority tier"
    assert {(one.total.unpriced_tokens, one.total.unmatched_tokens) for one in found} == {(0, 0)}
    window = span.window(HOUR, NOW)
    kept = [row for row in raw if all(row.member(f.dimension) in f.members for f in filters)]
    tokens = sum(row.tokens.total for row in kept if row.start in window)
    assert {sum(part.tokens.total for part in one.parts) for one in found} == {tokens}


@pytest.fixture(scope="module")
def unbilled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A small organisation of which no bill of the running day came yet."""
    path = tmp_path_factory.mktemp("unbilled") / "store.db"
    world = World(path, NOW, Options(size="small", today="absent"))
    asyncio.run(world.fill())
    yield world
    asyncio.run(world.close())


SO_FAR = Window(NOW.replace(hour=0, minute=0, second=0), NOW.replace(hour=15, minute=0, second=0))


def test_without_a_bill_an_open_day_is_tokens_times_price_of_each_series_added(unbilled: World) -> None:
    with unbilled.store.read() as transaction:
        book = learn(Look(transaction), NOW)
    expected: dict[str | None, Fraction] = {}
    for row in usage_rows(unbilled, SO_FAR):
        model, tier, context = (row.member(dimension) for dimension in PRICED_BY)
        used = [
            *((count, PriceKey(model, of, tier, context)) for of, count in row.tokens.items()),
            (row.searches, SEARCH),
        ]
        prices = [(count, book.price(row.member(Dimension.WORKSPACE), key)) for count, key in used]
        cents = sum((Fraction(price.cents) * count for count, price in prices if price), start=Fraction(0))
        member = row.member(Dimension.API_KEY)
        expected[member] = expected.get(member, Fraction(0)) + cents
    found = ask_at(unbilled, Scope(by=Dimension.API_KEY, at=SO_FAR), book)
    assert {
        part.member.id: Fraction(part.spend.dollars.amount or 0) * 100 for part in found.parts
    } == expected
    assert {part.spend.state for part in found.parts} == {State.ESTIMATED}


def test_a_member_without_any_price_has_no_figure_and_not_zero(
    acme: World, unbilled: World, book: PriceBook
) -> None:
    parts = {part.member.id: part for part in ask(acme, Scope(by=Dimension.SERVICE_TIER), book).parts}
    assert not parts["priority"].spend.known
    assert parts["priority"].spend.unbilled_tokens == parts["priority"].tokens.total > 0
    assert parts["standard"].spend.known
    unpriced = ask_at(unbilled, Scope(at=SO_FAR), PriceBook())
    assert unpriced.parts
    for part in unpriced.parts:
        assert part.spend.dollars.amount is None
        assert part.spend.lacks == (Lack.UNPRICED,)
        assert part.spend.unpriced_tokens > 0


def test_parts_are_ranked_by_tokens_and_their_shares_are_of_the_scope(acme: World, book: PriceBook) -> None:
    parts = ask(acme, Scope(by=Dimension.MODEL), book).parts
    sizes = [part.tokens.total for part in parts]
    assert sizes == sorted(sizes, reverse=True)
    assert [part.token_share for part in parts] == [size / sum(sizes) for size in sizes]


def test_default_and_console_are_named_and_marked(acme: World, book: PriceBook) -> None:
    workspaces = {part.member.id: part.member for part in ask(acme, Scope(), book).parts}
    assert (workspaces[None].name, workspaces[None].kind) == ("Default", Kind.DEFAULT)
    assert {member.kind for of, member in workspaces.items() if of} == {Kind.MEMBER}
    assert "prod-chat" in {member.name for member in workspaces.values()}
    by_key = ask(acme, Scope(by=Dimension.API_KEY), book)
    keys = {part.member.id: part.member for part in of_members(by_key)}
    assert (keys[None].name, keys[None].kind) == ("Console", Kind.CONSOLE)
    assert len([member for member in keys.values() if member.name == "prod-backend"]) == 2


def test_the_pane_shows_pace_day_and_last_hours_of_each_member(acme: World, book: PriceBook) -> None:
    scope = Scope(by=Dimension.WORKSPACE)
    with acme.store.read() as transaction:
        look = Look(transaction)
        found = buckets(look, Question(scope), NOW, book)
        pane = breakdown_pane(look, Question(scope), NOW, book, found)
    day = tokens_by(
        usage_rows(acme, Span.DAY.window(HOUR, NOW)), lambda row: (row.member(scope.by), row.start)
    )
    hours = list(Span.DAY.window(HOUR, NOW).starts(HOUR))
    window = pace_window(NOW)
    quarter = tokens_by(usage_rows(acme, window, MINUTE), lambda row: row.member(scope.by))
    assert window == Window(NOW.replace(minute=12, second=0), NOW.replace(minute=27, second=0))
    assert {row.part.member.id for row in pane.rows} == {member for member, _ in day}
    for row in pane.rows:
        of = row.part.member.id
        assert row.buckets == tuple(day[of, hour][0].total if (of, hour) in day else 0 for hour in hours)
        assert row.part.tokens.total == sum(tokens or 0 for tokens in row.buckets)
        assert row.pace is not None
        assert row.pace.tokens_per_hour == (4 * quarter[of][0].total if of in quarter else 0)
    speeds = [row.pace.tokens_per_hour for row in pane.rows if row.pace]
    assert speeds == sorted(speeds, reverse=True)
    assert sum(speeds) == 4 * total_of(tokens for tokens, _ in quarter.values()).total


def test_paces_of_the_members_add_up_to_the_pace_of_the_whole(acme: World, book: PriceBook) -> None:
    window = pace_window(NOW)
    with acme.store.read() as transaction:
        look = Look(transaction)
        whole = pace_of(look, window, (), book)
        sums = {
            by: sum((paces(look, window, (), by, book) or {}).values(), start=Pace())
            for by in SERIES_DIMENSIONS
        }
        searches = split_window(look, (), window, Dimension.MODEL, book, by_minute=True).not_tokens
    assert whole is not None
    for by, found in sums.items():
        beside = searches.scaled(PACES_AN_HOUR).units if by in TOKENS_ONLY else 0
        assert found.tokens_per_hour == whole.tokens_per_hour
        assert found.spend_per_hour.units + beside == whole.spend_per_hour.units, "no search has a model"
    assert 0 < searches.scaled(PACES_AN_HOUR).units < whole.spend_per_hour.units


def test_time_that_passes_without_a_read_changes_no_pace_until_it_is_none_of_now(acme: World) -> None:
    with acme.store.read() as transaction:
        look = Look(transaction)
        assert newest_whole(look, NOW) == pace_window(NOW)
        for minutes in (1, 4, 30):
            assert newest_whole(look, NOW + timedelta(minutes=minutes)) == pace_window(NOW)
        later = NOW + timedelta(hours=2)
        assert newest_whole(look, later) == pace_window(later)


def test_without_all_of_its_minutes_there_is_no_pace(acme: World, book: PriceBook) -> None:
    long_ago = Window(NOW.replace(hour=3, minute=0, second=0), NOW.replace(hour=3, minute=15, second=0))
    edge = Window(NOW.replace(minute=30, second=0), NOW.replace(minute=45, second=0))
    with acme.store.read() as transaction:
        look = Look(transaction)
        assert paces(look, long_ago, (), Dimension.MODEL, book) is None
        assert paces(look, edge, (), Dimension.MODEL, book) is None


def test_today_is_the_estimate_since_midnight_utc(acme: World, book: PriceBook) -> None:
    with acme.store.read() as transaction:
        pane = breakdown_pane(Look(transaction), Question(Scope(by=Dimension.MODEL)), NOW, book)
    midnight = NOW.replace(hour=0, minute=0, second=0)
    since = tokens_by(
        usage_rows(acme, Window(midnight, midnight + timedelta(hours=15))),
        lambda row: row.member(Dimension.MODEL),
    )
    for row in pane.rows:
        assert row.today is not None
        if row.part.member.is_beside:
            continue
        today = row.today.priced_tokens + row.today.unpriced_tokens + row.today.unbilled_tokens
        assert today == (since[row.part.member.id][0].total if row.part.member.id in since else 0)


def test_this_hour_is_the_estimate_since_the_running_hour_began_down_to_a_key(
    acme: World, book: PriceBook
) -> None:
    with acme.store.read() as transaction:
        pane = breakdown_pane(Look(transaction), Question(Scope(by=Dimension.API_KEY)), NOW, book)
    hour = HOUR.floor(NOW)
    since = tokens_by(
        usage_rows(acme, Window(hour, hour + HOUR.delta)), lambda row: row.member(Dimension.API_KEY)
    )
    whole = 0
    for row in pane.rows:
        if row.part.member.is_beside:
            assert row.this_hour is None, "no hour has a part of what is billed of the day without tokens"
            continue
        assert row.this_hour is not None
        assert row.today is not None
        counted = row.this_hour.priced_tokens + row.this_hour.unpriced_tokens + row.this_hour.unbilled_tokens
        tokens, searches = since.get(row.part.member.id, (TokenCounts(), 0))
        assert counted == tokens.total + searches
        assert row.this_hour.units <= row.today.units
        whole += row.this_hour.units
    assert whole > 0
