"""Whatever was used and billed: parts add up to their whole, columns and rows to their totals, to the last digit."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.domain.buckets import Window, month_start
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.dollars import State
from meterdeck.domain.money import sum_exactly
from meterdeck.domain.scope import Filter
from meterdeck.present.documents import breakdown_document, costs_document, rates_document
from meterdeck.queries.bill import BILL_DIMENSIONS
from meterdeck.queries.breakdown import breakdown_pane
from meterdeck.queries.cost_table import CostTable, DayRow, MonthRow, cost_table
from meterdeck.queries.costs import Costs, day_costs
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.question import Question
from meterdeck.queries.rates import rates
from meterdeck.queries.split import choose, split_window, whole_of_window
from money.books import DAY, FIRST, NOW, TODAY, Books, books, scopes

WEEK = Window(FIRST, TODAY + DAY)
BY = [*SERIES_DIMENSIONS, Dimension.TOKEN_TYPE]
OF_THE_BILL = sorted(BILL_DIMENSIONS, key=lambda dimension: dimension.value)
some = settings(max_examples=20)


def asked(look: Look, by: Dimension, data: st.DataObject) -> Costs:
    book = learn(look, NOW)
    return day_costs(look, data.draw(scopes(by)), WEEK, NOW, book)


def units_of(look: Look, filters: tuple[Filter, ...], by: Dimension, book: PriceBook) -> tuple[int, int]:
    """Of the week: amounts of all states by a dimension, and tokens."""
    whole = split_window(look, filters, WEEK, by, book).whole
    return whole.spend.units, whole.tokens.total


@pytest.mark.parametrize("by", BY)
@some
@given(of=books, data=st.data())
def test_the_money_of_any_scope_is_the_same_by_every_dimension_and_every_token_has_some_or_is_said_to_lack_it(
    of: Books, by: Dimension, data: st.DataObject
) -> None:
    scope = data.draw(scopes(by, Dimension.API_KEY))
    with of.stored() as look:
        book = learn(look, NOW)
        whole = whole_of_window(look, scope.filters, WEEK, book)
        found = units_of(look, scope.filters, by, book)
        shared = split_window(look, scope.filters, WEEK, by, book, of_lines=False).whole
    assert found == (whole.spend.units, whole.tokens.total)
    assert shared.web_searches == 0, "these books hold none: every count below is of tokens"
    spend = shared.spend
    counted = (
        spend.shared_tokens,
        spend.unmatched_tokens,
        spend.priced_tokens,
        spend.unpriced_tokens,
        spend.unbilled_tokens,
    )
    assert sum(counted) == shared.tokens.total


@some
@given(of=books, data=st.data())
def test_two_halves_of_a_scope_are_worth_the_whole(of: Books, data: st.DataObject) -> None:
    by = data.draw(st.sampled_from(SERIES_DIMENSIONS))
    with of.stored() as look:
        book = learn(look, NOW)
        members = set(choose(look, (), by).values())
        if by in BILL_DIMENSIONS:
            members |= {line.member(by) for line in look.bill(WEEK).lines.values()}
        half = data.draw(st.frozensets(st.sampled_from(sorted(members, key=str)))) if members else frozenset()
        one, other = (
            split_window(look, (Filter(by, part),), WEEK, Dimension.WORKSPACE, book)
            for part in (half, frozenset(members) - half)
        )
        whole = split_window(look, (), WEEK, by, book)
    halves = one.whole.spend.units + other.whole.spend.units
    left_out = whole.not_tokens.units + whole.not_allocated.units
    assert halves + left_out == whole.whole.spend.units


@pytest.mark.parametrize("by", OF_THE_BILL)
@some
@given(of=books, data=st.data())
def test_what_is_billed_is_the_sum_of_its_lines(of: Books, by: Dimension, data: st.DataObject) -> None:
    with of.stored() as look:
        found = asked(look, by, data)
    wanted = Fraction(0)
    for day in found.settled:
        for line, cents in of.bill[day].items():
            kept = all(
                line.member(f.dimension) in f.members
                or (not line.is_tokens and f.dimension is not Dimension.WORKSPACE)
                for f in found.scope.filters
            )
            wanted += Fraction(cents) if kept else 0
    billed = [spend.billed for _, _, spend in found.each()]
    total = found.total.dollars.by_state
    assert sum(billed) == found.total.billed
    assert Fraction(total.billed) + Fraction(found.left_out.dollars.by_state.billed) == wanted / 100


def money_of(row: DayRow | MonthRow) -> tuple[Decimal, Decimal]:
    """The total of a row, and the sum of its columns with "other"."""
    columns = sum(row.members, start=row.other)
    assert set(columns.lacks) <= set(row.total.lacks)
    assert columns.by_state == row.total.by_state
    return row.total.amount or Decimal(0), columns.amount or Decimal(0)


def days_of(table: CostTable, month: MonthRow) -> list[DayRow]:
    return [row for row in table.rows if isinstance(row, DayRow) and month_start(row.day) == month.month]


@pytest.mark.parametrize("by", [*OF_THE_BILL, Dimension.API_KEY])
@some
@given(of=books, data=st.data(), columns=st.integers(0, 6))
def test_columns_and_other_add_up_to_the_total_and_days_to_their_month(
    of: Books, by: Dimension, data: st.DataObject, columns: int
) -> None:
    with of.stored() as look:
        table = cost_table(asked(look, by, data), NOW, columns=columns)
    for row in table.rows:
        total, summed = money_of(row)
        assert total == summed
        if isinstance(row, MonthRow):
            days = days_of(table, row)
            assert days
            assert sum_exactly(day.total.amount or Decimal(0) for day in days) == total
            for place, member in enumerate(row.members):
                of_days = sum_exactly(day.members[place].amount or Decimal(0) for day in days)
                assert of_days == (member.amount or Decimal(0))


@some
@given(of=books, by=st.sampled_from(BY), data=st.data())
def test_the_total_of_every_report_is_the_sum_of_its_rows(
    of: Books, by: Dimension, data: st.DataObject
) -> None:
    with of.stored() as look:
        book = learn(look, NOW)
        scope = data.draw(scopes(by, Dimension.API_KEY))
        costs = costs_document(day_costs(look, scope, WEEK, NOW, book), fresh=True)
        tokens = [
            rates_document(rates(look, scope, NOW, book), fresh=True),
            breakdown_document(breakdown_pane(look, Question(scope), NOW, book), fresh=True),
        ]
    for document in (costs, *tokens):
        beside = document.get("not_allocated", [])
        rows = [*document["rows"], *beside]
        assert Fraction(document["total_usd"] or 0) == sum_of(rows)
        by_state = {state: Fraction(usd) for state, usd in document["usd_by_state"].items()}
        assert sum(by_state.values()) == Fraction(document["total_usd"] or 0)
        if document is costs:  # whose rows are each of one day, and of one state
            assert by_state == {
                state: sum_of(row for row in rows if row["state"] == state) for state in State
            }
    for document in tokens:
        assert document["total_tokens"] == sum(row["total_tokens"] for row in document["rows"])
    assert sum_of(costs["days"]) == Fraction(costs["total_usd"] or 0)


def sum_of(rows: Iterable[dict[str, Any]]) -> Fraction:
    """The exact sum of the dollars of some rows; unknown adds nothing."""
    return sum((Fraction(row["usd"] or 0) for row in rows), start=Fraction(0))
