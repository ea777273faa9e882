"""Rates equal sums made independently over the service's raw pages, by every dimension and filter."""

from datetime import UTC, datetime, timedelta

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.scope import Filter, Scope, Span
from meterdeck.domain.tokens import TokenCounts, TokenType, total_of
from meterdeck.queries.look import Look
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.question import Question
from meterdeck.queries.rates import RateRow, Rates, RatesPane, rates, rates_pane
from meterdeck.queries.spend import total_spend
from meterdeck.queries.split import whole_of_window
from meterdeck.queries.usage_window import BucketState
from rawpages import RawUsage, tokens_by, usage_rows
from world import USAGE, World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
RUNNING = datetime(2026, 11, 20, 14, tzinfo=UTC)
HOUR, MINUTE = BucketWidth.HOUR, BucketWidth.MINUTE
WEEK = Span.WEEK.window(HOUR, NOW)
DAY = Span.DAY.window(HOUR, NOW)


@pytest.fixture(scope="module")
def raw(acme: World) -> list[RawUsage]:
    return usage_rows(acme, WEEK)


def ask(acme: World, scope: Scope) -> Rates:
    with acme.store.read() as transaction:
        return rates(Look(transaction), scope, NOW, PriceBook())


def ask_pane(acme: World, scope: Scope) -> RatesPane:
    with acme.store.read() as transaction:
        return rates_pane(Look(transaction), Question(scope), NOW, PriceBook())


def of_members(found: Rates) -> list[RateRow]:
    """The rows of usage; money of searches, which have no model or token type, has rows of its own."""
    return [row for row in found.rows if not row.member.is_beside]


def by_member(found: Rates) -> dict[tuple[datetime, str | None], tuple[TokenCounts, int]]:
    rows = of_members(found)
    keyed = {(row.start, row.member.id): (row.tokens, row.web_searches) for row in rows}
    assert len(keyed) == len(rows), "an hour and member came twice"
    return keyed


@pytest.mark.parametrize("by", SERIES_DIMENSIONS)
@pytest.mark.parametrize("span", [Span.DAY, Span.WEEK])
def test_rates_by_each_dimension_are_the_sums_of_the_raw_pages(
    acme: World, raw: list[RawUsage], by: Dimension, span: Span
) -> None:
    found = ask(acme, Scope(span=span, by=by))
    window = span.window(HOUR, NOW)
    inside = [row for row in raw if row.start in window]
    assert by_member(found) == tokens_by(inside, lambda row: (row.start, row.member(by)))
    assert found.total_tokens == sum(row.tokens.total for row in inside)
    assert found.hours.complete


def test_an_ungrouped_question_to_the_service_gives_the_same_hours(acme: World) -> None:
    buckets = acme.raw(USAGE, WEEK, ("bucket_width", "1h"), ("limit", "168"))
    asked = {
        datetime.fromisoformat(bucket["starting_at"]): sum(
            row["uncached_input_tokens"]
            + row["cache_read_input_tokens"]
            + row["output_tokens"]
            + sum(row["cache_creation"].values())
            for row in bucket["results"]
        )
        for bucket in buckets
    }
    pane = ask_pane(acme, Scope(span=Span.WEEK))
    assert {bar.start: bar.amount for bar in pane.bars} == asked
    assert len(pane.bars) == 168


@pytest.mark.parametrize(
    "filters",
    [
        (Filter(Dimension.WORKSPACE, frozenset({None})),),
        (Filter(Dimension.API_KEY, frozenset({None})),),
        (Filter(Dimension.MODEL, frozenset({"claude-opus-5", "claude-sonnet-5"})),),
        (
            Filter(Dimension.SERVICE_TIER, frozenset({"batch"})),
            Filter(Dimension.CONTEXT_WINDOW, frozenset({"200k-1M"})),
        ),
        (Filter(Dimension.WORKSPACE, frozenset({None})), Filter(Dimension.API_KEY, frozenset({None}))),
        (Filter(Dimension.MODEL, frozenset({"nobody-uses-this"})),),
    ],
)
def test_a_filter_keeps_exactly_its_members(
    acme: World, raw: list[RawUsage], filters: tuple[Filter, ...]
) -> None:
    found = ask(acme, Scope(filters, Span.WEEK, Dimension.MODEL))
    kept = [
        row for row in raw if row.start in WEEK and all(row.member(f.dimension) in f.members for f in filters)
    ]
    assert by_member(found) == tokens_by(kept, lambda row: (row.start, row.member(Dimension.MODEL)))
    assert bool(kept) == (filters[0].members != {"nobody-uses-this"})


def test_by_token_type_each_row_has_one_counter_and_they_add_up_to_the_hour(
    acme: World, raw: list[RawUsage]
) -> None:
    found = ask(acme, Scope(by=Dimension.TOKEN_TYPE))
    for row in of_members(found):
        assert row.member.id is not None
        assert row.tokens == row.tokens.only(TokenType(row.member.id))
        assert row.tokens.total > 0
    hours = {
        start: total_of(r.tokens for r in found.rows if r.start == start)
        for start in {r.start for r in found.rows}
    }
    inside = [row for row in raw if row.start in DAY]
    assert hours == {start: tokens for start, (tokens, _) in tokens_by(inside, lambda row: row.start).items()}


def test_every_hour_says_how_sure_it_is(acme: World) -> None:
    states = {bar.start: bar.state for bar in ask_pane(acme, Scope()).bars}
    assert states.pop(RUNNING) is BucketState.RUNNING
    assert set(states.values()) == {BucketState.CLOSED}
    assert len(states) == 23


def test_the_last_hour_is_shown_minute_by_minute_with_the_running_minute_last(acme: World) -> None:
    window = Window(RUNNING - timedelta(minutes=22), RUNNING + timedelta(minutes=38))
    expected = tokens_by(usage_rows(acme, window, MINUTE), lambda row: row.start)
    minutes = ask_pane(acme, Scope()).minutes
    assert len(minutes) == 60
    assert minutes == tuple(
        expected[minute][0].total if minute in expected else None for minute in window.starts(MINUTE)
    )
    assert minutes[-1] is None, "data needs minutes to appear: read, and nothing there yet"
    assert any(minutes)


def test_peak_and_searches_are_those_of_the_bars(acme: World, raw: list[RawUsage]) -> None:
    pane = ask_pane(acme, Scope())
    assert pane.peak is not None
    assert pane.peak.amount == max(bar.amount or 0 for bar in pane.bars)
    assert pane.whole.web_searches == sum(row.searches for row in raw if row.start in DAY) > 0


@pytest.mark.parametrize("by", [*SERIES_DIMENSIONS, Dimension.TOKEN_TYPE])
def test_the_dollars_of_an_hours_members_add_up_to_the_hours_by_every_dimension(
    acme: World, book: PriceBook, by: Dimension
) -> None:
    with acme.store.read() as transaction:
        look = Look(transaction)
        found = rates(look, Scope(by=by), NOW, book)
        for hour in (RUNNING, RUNNING - timedelta(hours=9)):
            whole = whole_of_window(look, (), Window(hour, hour + timedelta(hours=1)), book)
            parts = [row.spend for row in found.rows if row.start == hour]
            assert total_spend(parts).dollars == whole.spend.dollars
            assert whole.spend.units > 0


@pytest.mark.parametrize("by", SERIES_DIMENSIONS)
def test_the_parts_of_an_hour_are_those_of_the_largest_members_and_of_all_others(
    acme: World, raw: list[RawUsage], by: Dimension
) -> None:
    pane = ask_pane(acme, Scope(by=by))
    inside = [row for row in raw if row.start in DAY]
    by_hour = tokens_by(inside, lambda row: (row.start, row.member(by)))
    totals = {
        member: tokens.total for member, (tokens, _) in tokens_by(inside, lambda row: row.member(by)).items()
    }
    shown = [member.id for member in pane.layers]
    assert shown == sorted(totals, key=lambda member: (-totals[member], member or ""))[:5]
    assert pane.others == len(totals) - len(shown)
    for bar in pane.bars:
        assert sum(bar.parts) == bar.amount
        for member, part in zip(shown, bar.parts, strict=False):
            assert part == (by_hour[bar.start, member][0].total if (bar.start, member) in by_hour else 0)
    assert any(len(bar.parts) == len(shown) + 1 for bar in pane.bars)
