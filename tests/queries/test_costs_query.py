"""Settled days equal the raw pages of the bill, divided by 100, to the last digit; open days are worth no less."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.domain.dollars import Evidence, State
from meterdeck.domain.money import sum_exactly
from meterdeck.domain.scope import Filter, Scope, Span
from meterdeck.queries.costs import Costs, day_costs, days_of, usd_of
from meterdeck.queries.look import Look
from meterdeck.queries.names import NOT_ALLOCATED, Member
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.spend import NOTHING_SPENT, Spend
from meterdeck.queries.split import whole_of_window
from rawpages import RawCost, cents_by, cost_rows, tokens_by, usage_rows
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
OPEN = {TODAY - number * DAY for number in range(4)}
"""All is read at one moment: a day is settled by it 72 hours after its end."""
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


def cells(found: Costs) -> list[tuple[datetime, Member, Spend]]:
    """Every day and member that has money, or lacks some; none comes twice."""
    every = list(found.each())
    assert len({(day, member) for day, member, _ in every}) == len(every), "a day and member came twice"
    return every


def of_state(found: Costs, state: State) -> dict[tuple[datetime, str | None], Fraction]:
    """Dollars of one state by day and member."""
    return {
        (day, member.id): Fraction(spend.dollars.amount or 0)
        for day, member, spend in cells(found)
        if spend.state is state
    }


def reported(found: Costs) -> dict[tuple[datetime, str | None], Fraction]:
    """What open days were billed so far, in dollars."""
    return {
        (day, member.id): Fraction(usd_of(units) or 0)
        for member, by_day in found.reported.items()
        for day, units in by_day.items()
    }


def dollars(
    cents: dict[tuple[datetime, str | None], Fraction],
) -> dict[tuple[datetime, str | None], Fraction]:
    return {key: amount / 100 for key, amount in cents.items()}


@pytest.mark.parametrize("by", OF_THE_BILL)
@pytest.mark.parametrize("span", [Span.WEEK, MONTH])
def test_settled_days_by_each_dimension_are_the_raw_cents_divided_by_100(
    acme: World, raw: list[RawCost], book: PriceBook, by: Dimension, span: Span
) -> None:
    found = ask(acme, Scope(span=span, by=by), book)
    settled = [row for row in raw if row.day in found.settled and row.day in days_of(found.scope, NOW)]
    assert of_state(found, State.BILLED) == dollars(cents_by(settled, lambda row: (row.day, row.member(by))))
    whole = sum((row.cents for row in settled), start=Fraction(0)) / 100
    assert Fraction(found.total.dollars.by_state.billed) == whole > 0
    assert found.total.allocated == 0, "nothing is shared out where the bill has its own lines"
    assert found.gaps == ()
    assert found.left_out == NOTHING_SPENT
    assert found.billed_by_scope


@pytest.mark.parametrize("by", OF_THE_BILL)
def test_a_bill_that_may_still_rise_stands_beside_the_days_worth_which_is_never_below_it(
    acme: World, raw: list[RawCost], book: PriceBook, by: Dimension
) -> None:
    found = ask(acme, Scope(span=Span.WEEK, by=by), book)
    unsettled = [row for row in raw if row.day not in found.settled and row.day > TODAY - 7 * DAY]
    assert {row.day for row in unsettled} == OPEN
    assert reported(found) == dollars(cents_by(unsettled, lambda row: (row.day, row.member(by))))
    worth = of_state(found, State.ESTIMATED)
    # Tokens of several geos or speeds take the words of one of their lines; none tells its geo before it is billed.
    if by not in {Dimension.DESCRIPTION, Dimension.INFERENCE_GEO}:
        for key, amount in reported(found).items():
            assert worth[key] >= amount
    for day in OPEN:
        of_day = sum((row.cents for row in unsettled if row.day == day), start=Fraction(0)) / 100
        assert Fraction(usd_of(found.reported_on(day)) or 0) == of_day
        assert Fraction(found.by_day[day].dollars.amount or 0) >= of_day > 0
        assert found.by_day[day].state is State.ESTIMATED


def test_tokens_of_several_speeds_take_the_words_of_the_line_that_most_is_billed_for(
    acme: World, raw: list[RawCost], book: PriceBook
) -> None:
    found = ask(acme, Scope(span=Span.DAY, by=Dimension.DESCRIPTION), book)
    worth = {member.id: spend.dollars.amount or 0 for _, member, spend in cells(found)}
    cents = cents_by([row for row in raw if row.day == TODAY], lambda row: row.fields["description"])
    words = "Claude Opus 5.5 Usage - Output Tokens"
    in_haste = f"{words}, Fast Mode"
    assert cents[words] > cents[in_haste] > 0
    assert Fraction(worth[words]) * 100 > cents[words] + cents[in_haste]
    assert worth.get(in_haste, 0) == 0


@pytest.mark.parametrize("of", [None, "wrkspc_01SimProdChat00000000"])
def test_a_workspace_filter_keeps_its_lines_tokens_or_not(
    acme: World, raw: list[RawCost], book: PriceBook, of: str | None
) -> None:
    found = ask(
        acme, Scope((Filter(Dimension.WORKSPACE, frozenset({of})),), MONTH, Dimension.COST_TYPE), book
    )
    kept = [row for row in raw if row.day in found.settled and row.fields["workspace_id"] == of]
    assert kept
    expected = dollars(cents_by(kept, lambda row: (row.day, row.fields["cost_type"])))
    assert of_state(found, State.BILLED) == expected
    assert found.left_out == NOTHING_SPENT
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
            if row.day in found.settled and (len(kept_filters) == 1 or row.fields["workspace_id"] is None)
        ]
        kept = [row for row in inside if row.member(dimension) == member]
        others = [row for row in inside if row.fields["cost_type"] != "tokens"]
        assert of_state(found, State.BILLED) == dollars(
            cents_by(kept, lambda row: (row.day, row.fields["workspace_id"]))
        )
        left_out = Fraction(found.left_out.dollars.by_state.billed)
        assert left_out == sum((row.cents for row in others), start=Fraction(0)) / 100 > 0
        assert found.leaves_out_other_costs


def test_today_is_one_estimate_a_member_with_the_partial_bill_beside_it_and_not_added(
    acme: World, raw: list[RawCost], book: PriceBook
) -> None:
    found = ask(acme, Scope(span=Span.DAY, by=Dimension.WORKSPACE), book)
    assert found.settled == frozenset()
    assert {spend.state for _, _, spend in cells(found)} == {State.ESTIMATED}
    partial = cents_by(
        [row for row in raw if row.day == TODAY], lambda row: (row.day, row.member(Dimension.WORKSPACE))
    )
    assert reported(found) == dollars(partial)
    with acme.store.read() as transaction:
        used = whole_of_window(Look(transaction), (), Window(TODAY, TODAY + DAY), book)
    assert found.total == used.spend, "the day's worth alone, without the part that is billed"
    tokens = tokens_by(
        usage_rows(acme, Window(TODAY, TODAY + 15 * timedelta(hours=1))),
        lambda row: row.member(Dimension.WORKSPACE),
    )
    assert {member.id for _, member, spend in cells(found) if spend.known} == tokens.keys()


@pytest.mark.parametrize("by", [*OF_THE_BILL, Dimension.API_KEY])
def test_what_today_is_worth_adds_up_to_the_same_whole_by_every_dimension(
    acme: World, book: PriceBook, by: Dimension
) -> None:
    with acme.store.read() as transaction:
        used = whole_of_window(Look(transaction), (), Window(TODAY, TODAY + DAY), book)
    found = ask(acme, Scope(span=Span.DAY, by=by), book)
    amounts = [spend.dollars.amount for _, _, spend in cells(found)]
    assert sum_exactly(usd for usd in amounts if usd is not None) == (used.spend.dollars.amount or 0) > 0
    assert sum(spend.unpriced_tokens for _, _, spend in cells(found)) == used.spend.unpriced_tokens == 0


def test_costs_by_key_are_shared_out_of_settled_bills_and_estimated_of_open_days_and_say_so(
    acme: World, book: PriceBook
) -> None:
    by_key = ask(acme, Scope(span=Span.WEEK, by=Dimension.API_KEY), book)
    filters = (Filter(Dimension.API_KEY, frozenset({None})),)
    filtered = ask(acme, Scope(filters, Span.WEEK, Dimension.MODEL), book)
    for found in (by_key, filtered):
        assert not found.billed_by_scope
        assert (found.billed, found.reported) == ({}, {})
        states: dict[bool, set[State]] = {True: set(), False: set()}
        for day, member, spend in cells(found):
            if member.kind is not Kind.NOT_ALLOCATED and spend.known:
                states[day in found.settled].add(spend.state)
        assert states == {True: {State.ALLOCATED}, False: {State.ESTIMATED}}
        assert len({day for day, _, _ in cells(found)}) == 7
    console = {member.kind for _, member, _ in cells(by_key) if member.id is None}
    assert console == {Kind.CONSOLE, Kind.NOT_ALLOCATED}


def test_a_settled_day_by_key_adds_up_to_its_whole_bill_to_the_last_digit(
    acme: World, raw: list[RawCost], book: PriceBook
) -> None:
    found = ask(acme, Scope(span=MONTH, by=Dimension.API_KEY), book)
    assert len(found.settled) > 20
    for day in found.settled:
        of_day = [row for row in raw if row.day == day]
        bill = sum((row.cents for row in of_day), start=Fraction(0)) / 100
        assert Fraction(found.by_day[day].dollars.amount or 0) == bill
        without_use = sum(
            (row.cents for row in of_day if row.fields["cost_type"] in {"code_execution", "session_usage"}),
            start=Fraction(0),
        )
        not_allocated = found.cells[NOT_ALLOCATED].get(day, NOTHING_SPENT)
        assert Fraction(not_allocated.dollars.amount or 0) == without_use / 100, "money without tokens"
        assert not_allocated.state is State.BILLED or not without_use, "whole lines, though of no member"


def test_an_unpriced_member_has_no_dollars_rather_than_none_of_them(acme: World, book: PriceBook) -> None:
    found = ask(acme, Scope(span=Span.DAY, by=Dimension.SERVICE_TIER), book)
    (priority,) = (spend for _, member, spend in cells(found) if member.id == "priority")
    assert priority.dollars.amount is None
    assert priority.unbilled_tokens > 0
    assert priority.lacks == (), "no bill ever holds it: it is not missing"


def test_without_any_price_an_open_day_is_what_is_billed_of_it_so_far(
    acme: World, raw: list[RawCost]
) -> None:
    found = ask(acme, Scope(span=Span.DAY, by=Dimension.MODEL), PriceBook(as_of=NOW))
    partial = sum((row.cents for row in raw if row.day == TODAY), start=Fraction(0)) / 100
    assert Fraction(found.total.dollars.amount or 0) == partial > 0
    assert (found.total.state, found.total.evidence) == (State.ESTIMATED, Evidence.EARLY)


def test_kinds_and_names_of_what_is_null_in_the_bill(acme: World, book: PriceBook) -> None:
    by_model = ask(acme, Scope(span=Span.WEEK, by=Dimension.MODEL), book)
    nulls = {(member.name, member.kind) for _, member, _ in by_model.each() if member.id is None}
    assert nulls == {("Not tokens", Kind.NOT_TOKEN)}
    by_workspace = ask(acme, Scope(span=Span.WEEK), book)
    nulls = {(member.name, member.kind) for _, member, _ in by_workspace.each() if member.id is None}
    assert nulls == {("Default", Kind.DEFAULT)}


def test_days_are_settled_where_their_bill_will_not_change_any_more(acme: World, book: PriceBook) -> None:
    found = ask(acme, Scope(span=MONTH), book)
    assert found.settled == book.settled_days - {TODAY - 31 * DAY}
    assert {day for day, _, _ in found.each() if day not in found.settled} == OPEN


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
    names = {member.id: member.name for _, member, _ in by_type.each()}
    assert names == {
        "tokens": "tokens",
        "web_search": "web search",
        "code_execution": "code execution",
        "session_usage": "sessions",
    }
