"""Whatever was used and billed: parts add up to their whole, columns and rows to their totals, to the last digit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.domain.buckets import Window, month_start
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.money import sum_exactly
from meterdeck.present.documents import breakdown_document, costs_document, rates_document
from meterdeck.queries.breakdown import breakdown_pane
from meterdeck.queries.cost_table import CostTable, DayRow, MonthRow, cost_table
from meterdeck.queries.costs import BILL_DIMENSIONS, Costs, day_costs
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.prices import Estimate
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


@pytest.mark.parametrize("by", BY)
@some
@given(of=books, data=st.data())
def test_the_estimate_of_any_scope_is_the_sum_of_its_members(
    of: Books, by: Dimension, data: st.DataObject
) -> None:
    scope = data.draw(scopes(by, Dimension.API_KEY))
    with of.stored() as look:
        book = learn(look, NOW)
        chosen = choose(look, scope.filters, by)
        whole = whole_of_window(look, WEEK, chosen, book)
        parts = split_window(look, WEEK, chosen, by, book).values()
    summed = sum((part.estimate for part in parts), start=Estimate())
    assert summed == (whole.estimate if whole else Estimate())
    counted = summed.priced_tokens + summed.unpriced_tokens + summed.unbilled_tokens
    assert counted == (whole.tokens.total if whole else 0)


@some
@given(of=books, data=st.data())
def test_two_halves_of_a_scope_are_worth_the_whole(of: Books, data: st.DataObject) -> None:
    by = data.draw(st.sampled_from(SERIES_DIMENSIONS))
    with of.stored() as look:
        book = learn(look, NOW)
        members = {member for _, member in choose(look, (), by)}
        half = data.draw(st.frozensets(st.sampled_from(sorted(members, key=str)))) if members else frozenset()
        found = [
            whole_of_window(look, WEEK, [pair for pair in choose(look, (), by) if test(pair[1])], book)
            for test in (lambda _: True, half.__contains__, lambda member: member not in half)
        ]
    whole, one, other = (used.estimate if used else Estimate() for used in found)
    assert one + other == whole


@pytest.mark.parametrize("by", OF_THE_BILL)
@some
@given(of=books, data=st.data())
def test_what_is_billed_is_the_sum_of_its_lines(of: Books, by: Dimension, data: st.DataObject) -> None:
    with of.stored() as look:
        found = asked(look, by, data)
    wanted = Fraction(0)
    for day, lines in of.bill.items():
        if day not in found.unreported:
            for line, cents in lines.items():
                kept = all(
                    line.member(f.dimension) in f.members
                    or (not line.is_tokens and f.dimension is not Dimension.WORKSPACE)
                    for f in found.scope.filters
                )
                wanted += Fraction(cents) if kept else 0
    rows = sum((Fraction(row.usd or 0) for row in found.rows if not row.estimated), start=Fraction(0))
    assert Fraction(found.total_usd) == rows
    assert rows + Fraction(found.excluded_usd) == wanted / 100


def money_of(row: DayRow | MonthRow) -> tuple[Decimal, Decimal]:
    """The total of a row, and the sum of its columns with "other"."""
    columns = sum(row.members, start=row.other)
    assert columns.estimated == row.total.estimated
    assert columns.incomplete == row.total.incomplete
    return row.total.usd or Decimal(0), columns.usd or Decimal(0)


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
            assert sum_exactly(day.total.usd or Decimal(0) for day in days) == total
            for place, member in enumerate(row.members):
                of_days = sum_exactly(day.members[place].usd or Decimal(0) for day in days)
                assert of_days == (member.usd or Decimal(0))


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
    billed = [Fraction(row["usd"]) for row in costs["rows"] if not row["estimated"]]
    assert Fraction(costs["total_usd"]) == sum(billed, start=Fraction(0))
    for document in tokens:
        assert document["total_tokens"] == sum(row["total_tokens"] for row in document["rows"])
        assert {row["estimated"] for row in document["rows"]} <= {True}
