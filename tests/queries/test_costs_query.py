"""Daily costs equal the raw pages of the bill, divided by 100, to the last digit; other days are estimates."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.domain.money import cents_to_usd
from meterdeck.domain.scope import Filter, Scope, Span
from meterdeck.queries.costs import Costs, day_costs, days_of
from meterdeck.queries.look import Look
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.split import choose, whole_of_window
from rawpages import RawCost, cents_by, cost_rows, tokens_by, usage_rows
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
MONTH = Span.MONTH_OF_DAYS
TOKENS_ONLY = [Dimension.MODEL, Dimension.SERVICE_TIER, Dimension.CONTEXT_WINDOW]
OF_THE_BILL = [
    Dimension.WORKSPACE,
    *TOKENS_ONLY,
    Dimension.INFERENCE_GEO,
    Dimension.TOKEN_TYPE,
    Dimension.COST_TYPE,
    Dimension.DESCRIPTION,
]


@pytest.fixture(scope="module")
def raw(acme: World) -> list[RawCost]:
    return cost_rows(acme, MONTH.window(BucketWidth.DAY, NOW))


def ask(acme: World, scope: Scope, book: PriceBook, now: datetime = NOW) -> Costs:
    with acme.store.read() as transaction:
        return day_costs(Look(transaction), scope, days_of(scope, now), now, book)


def billed(found: Costs) -> dict[tuple[datetime, str | None], Fraction]:
    rows = [row for row in found.rows if not row.estimated]
    keyed = {(row.day, row.member.id): Fraction(row.usd or 0) for row in rows}
    assert len(keyed) == len(rows), "a day and member came twice"
    return keyed


def dollars(
    cents: dict[tuple[datetime, str | None], Fraction],
) -> dict[tuple[datetime, str | None], Fraction]:
    return {key: amount / 100 for key, amount in cents.items()}


@pytest.mark.parametrize("by", OF_THE_BILL)
@pytest.mark.parametrize("span", [Span.WEEK, MONTH])
def test_billed_days_by_each_dimension_are_the_raw_cents_divided_by_100(
    acme: World, raw: list[RawCost], book: PriceBook, by: Dimension, span: Span
) -> None:
    found = ask(acme, Scope(span=span, by=by), book)
    days = days_of(found.scope, NOW)
    closed = [row for row in raw if row.day < TODAY and row.day in days]
    assert billed(found) == dollars(cents_by(closed, lambda row: (row.day, row.member(by))))
    assert Fraction(found.total_usd) == sum((row.cents for row in closed), start=Fraction(0)) / 100
    assert found.gaps == ()
    assert found.excluded_usd == 0
    assert found.billed_by_scope


@pytest.mark.parametrize("of", [None, "wrkspc_01SimProdChat00000000"])
def test_a_workspace_filter_keeps_its_lines_tokens_or_not(
    acme: World, raw: list[RawCost], book: PriceBook, of: str | None
) -> None:
    found = ask(
        acme, Scope((Filter(Dimension.WORKSPACE, frozenset({of})),), MONTH, Dimension.COST_TYPE), book
    )
    kept = [row for row in raw if row.day < TODAY and row.fields["workspace_id"] == of]
    assert kept
    assert billed(found) == dollars(cents_by(kept, lambda row: (row.day, row.fields["cost_type"])))
    assert found.excluded_usd == 0
    assert not found.leaves_out_other_costs


@pytest.mark.parametrize(
    ("dimension", "member"),
    [
        (Dimension.MODEL, "claude-opus-5"),
        (Dimension.SERVICE_TIER, "batch"),
        (Dimension.CONTEXT_WINDOW, "200k-1M"),
    ],
)
def test_a_filter_that_only_tokens_can_answer_to_sums_the_other_lines_apart(
    acme: World, raw: list[RawCost], book: PriceBook, dimension: Dimension, member: str
) -> None:
    filters = (Filter(dimension, frozenset({member})), Filter(Dimension.WORKSPACE, frozenset({None})))
    for kept_filters in (filters[:1], filters):
        found = ask(acme, Scope(kept_filters, MONTH, Dimension.WORKSPACE), book)
        inside = [
            row
            for row in raw
            if row.day < TODAY and (len(kept_filters) == 1 or row.fields["workspace_id"] is None)
        ]
        kept = [row for row in inside if row.member(dimension) == member]
        others = [row for row in inside if row.fields["cost_type"] != "tokens"]
        assert billed(found) == dollars(cents_by(kept, lambda row: (row.day, row.fields["workspace_id"])))
        assert Fraction(found.excluded_usd) == sum((row.cents for row in others), start=Fraction(0)) / 100 > 0
        assert found.leaves_out_other_costs


def test_today_is_one_estimate_a_member_with_the_partial_bill_beside_it_and_not_added(
    acme: World, raw: list[RawCost], book: PriceBook
) -> None:
    found = ask(acme, Scope(span=Span.DAY, by=Dimension.WORKSPACE), book)
    assert found.unreported == {TODAY}
    assert {row.estimated for row in found.rows} == {True}
    assert found.total_usd == 0
    partial = cents_by(
        [row for row in raw if row.day == TODAY], lambda row: (row.day, row.member(Dimension.WORKSPACE))
    )
    assert {
        (row.day, row.member.id): Fraction(row.reported_usd)
        for row in found.rows
        if row.reported_usd is not None
    } == dollars(partial)
    tokens = tokens_by(
        usage_rows(acme, Window(TODAY, TODAY + 15 * timedelta(hours=1))),
        lambda row: row.member(Dimension.WORKSPACE),
    )
    assert {row.member.id for row in found.rows if row.usd is not None} == tokens.keys()


@pytest.mark.parametrize("by", [*OF_THE_BILL, Dimension.API_KEY])
def test_the_estimate_of_today_adds_up_to_the_same_whole_by_every_dimension(
    acme: World, book: PriceBook, by: Dimension
) -> None:
    with acme.store.read() as transaction:
        look = Look(transaction)
        used = whole_of_window(look, Window(TODAY, TODAY + DAY), choose(look, (), Dimension.MODEL), book)
    assert used is not None
    whole = used.estimate
    rows = ask(acme, Scope(span=Span.DAY, by=by), book).rows
    assert sum(row.usd for row in rows if row.usd) == cents_to_usd(whole.cents) > 0
    assert sum(row.unpriced_tokens for row in rows) == whole.unpriced_tokens == 0


def test_costs_by_key_are_estimates_only_and_say_so(acme: World, book: PriceBook) -> None:
    found = ask(acme, Scope(span=Span.WEEK, by=Dimension.API_KEY), book)
    assert not found.billed_by_scope
    assert {row.estimated for row in found.rows} == {True}
    assert {row.reported_usd for row in found.rows} == {None}
    assert len({row.day for row in found.rows}) == 7
    assert found.total_usd == 0
    assert {row.member.kind for row in found.rows if row.member.id is None} == {Kind.CONSOLE}
    filtered = ask(
        acme, Scope((Filter(Dimension.API_KEY, frozenset({None})),), Span.WEEK, Dimension.MODEL), book
    )
    assert not filtered.billed_by_scope
    assert {row.estimated for row in filtered.rows} == {True}


def test_the_estimate_of_a_settled_day_is_its_token_bill_but_for_mixed_prices(
    acme: World, raw: list[RawCost], book: PriceBook
) -> None:
    day = TODAY - 6 * DAY
    estimated = ask(acme, Scope(span=Span.WEEK, by=Dimension.API_KEY), book)
    usd = sum((row.usd for row in estimated.rows if row.day == day and row.usd), start=Decimal(0))
    true = (
        sum((r.cents for r in raw if r.day == day and r.fields["cost_type"] == "tokens"), start=Fraction(0))
        / 100
    )
    assert abs(Fraction(usd) - true) < true / 200


def test_an_unpriced_member_has_no_dollars_rather_than_none_of_them(acme: World, book: PriceBook) -> None:
    found = ask(acme, Scope(span=Span.DAY, by=Dimension.SERVICE_TIER), book)
    priority = next(row for row in found.rows if row.member.id == "priority")
    assert priority.usd is None
    without_prices = ask(acme, Scope(span=Span.DAY), PriceBook())
    assert {row.usd for row in without_prices.rows} == {None}
    assert all(row.unpriced_tokens > 0 for row in without_prices.rows)


def test_kinds_and_names_of_what_is_null_in_the_bill(acme: World, book: PriceBook) -> None:
    by_model = ask(acme, Scope(span=Span.WEEK, by=Dimension.MODEL), book)
    nulls = {(row.member.name, row.member.kind) for row in by_model.rows if row.member.id is None}
    assert nulls == {("Not tokens", Kind.NOT_TOKEN)}
    by_workspace = ask(acme, Scope(span=Span.WEEK), book)
    nulls = {(row.member.name, row.member.kind) for row in by_workspace.rows if row.member.id is None}
    assert nulls == {("Default", Kind.DEFAULT)}


def test_rows_are_settled_where_the_day_is(acme: World, book: PriceBook) -> None:
    found = ask(acme, Scope(span=MONTH), book)
    assert {row.day for row in found.rows if row.settled} == book.settled_days - {TODAY - 31 * DAY}
    assert {row.day for row in found.rows if not row.settled} == {TODAY - number * DAY for number in range(4)}


def test_tokens_of_the_priority_tier_are_counted_apart_for_no_bill_holds_them(
    acme: World, book: PriceBook
) -> None:
    week = usage_rows(acme, Window(TODAY - 6 * DAY, TODAY + 15 * timedelta(hours=1)))
    priority = [row for row in week if row.member(Dimension.SERVICE_TIER) == "priority"]
    by_workspace = tokens_by(priority, lambda row: row.member(Dimension.WORKSPACE))
    total = sum(tokens.total for tokens, _ in by_workspace.values())
    assert ask(acme, Scope(span=Span.WEEK), book).unbilled_tokens == total > 0
    for workspace, (tokens, _) in by_workspace.items():
        scope = Scope((Filter(Dimension.WORKSPACE, frozenset({workspace})),), Span.WEEK, Dimension.MODEL)
        assert ask(acme, scope, book).unbilled_tokens == tokens.total
    for tier, counted in (("batch", 0), ("priority", total)):
        scope = Scope((Filter(Dimension.SERVICE_TIER, frozenset({tier})),), Span.WEEK)
        assert ask(acme, scope, book).unbilled_tokens == counted


def test_what_is_not_for_tokens_is_kept_under_its_own_name(acme: World, book: PriceBook) -> None:
    by_type = ask(acme, Scope(span=Span.WEEK, by=Dimension.COST_TYPE), book)
    names = {row.member.id: row.member.name for row in by_type.rows}
    assert names == {
        "tokens": "tokens",
        "web_search": "web search",
        "code_execution": "code execution",
        "session_usage": "sessions",
    }
