from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.columns import Cell, Column, Row, Value
from meterdeck.present.sorting import Order, first_order, ordered, with_marks

COLUMNS = (
    Column(key="name", title="name", width=8),
    Column(key="amount", title="amount", width=8),
    Column(key="day", title="day", width=8, keeps_groups=True),
)
AMOUNTS = st.one_of(st.none(), st.integers(-3, 3), st.decimals(-3, 3, places=1))
DIRECTIONS = st.booleans()


def row(key: int, amount: Value, day: Value = None, *, is_sum: bool = False) -> Row:
    return Row(key, (Cell(""),) * 3, (f"n{key % 4}", amount, day), is_sum=is_sum)


def rows_of(amounts: list[Value]) -> list[Row]:
    return [row(key, amount) for key, amount in enumerate(amounts)]


@given(st.lists(AMOUNTS), DIRECTIONS)
def test_rows_are_sorted_ties_stay_as_they_came_and_the_unknown_comes_last(
    amounts: list[Value], descending: bool
) -> None:
    rows = rows_of(amounts)
    found = ordered(COLUMNS, rows, Order("amount", descending=descending))
    assert sorted(map(repr, found)) == sorted(map(repr, rows))
    values = [of.values[1] for of in found]
    known = [value for value in values if isinstance(value, int | Decimal)]
    assert values == [*known, *[None] * (len(values) - len(known))]
    for before, after in pairwise(found[: len(known)]):
        a, b = Decimal(str(before.values[1])), Decimal(str(after.values[1]))
        assert a >= b if descending else a <= b
        if a == b:
            assert rows.index(before) < rows.index(after)
    unknown = [of.key for of in found[len(known) :]]
    assert unknown == [of.key for of in rows if of.values[1] is None]


@given(st.lists(AMOUNTS), DIRECTIONS)
def test_to_sort_again_changes_nothing(amounts: list[Value], descending: bool) -> None:
    order = Order("amount", descending=descending)
    once = ordered(COLUMNS, rows_of(amounts), order)
    assert ordered(COLUMNS, once, order) == once


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), DIRECTIONS)
def test_sums_stay_below_the_rows_they_add_up_where_the_column_keeps_these_together(
    sizes: list[int], descending: bool
) -> None:
    rows: list[Row] = []
    day = 100
    for size in sizes:
        for _ in range(size):
            day -= 1
            rows.append(row(day, 0, day))
        rows.append(row(1000 + day, 0, is_sum=True))
    found = ordered(COLUMNS, rows, Order("day", descending=descending))
    days = [of.key for of in found if not of.is_sum]
    assert days == sorted(days, reverse=descending)  # type: ignore[type-var] # keys are numbers here
    below = {sum_.key: before.key for before, sum_ in pairwise(found) if sum_.is_sum}
    firsts = {sum_key: sum_key - 1000 for sum_key in below if isinstance(sum_key, int)}
    for key, last in below.items():
        assert isinstance(key, int)
        group = [of.key for of in rows if not of.is_sum and isinstance(of.key, int)]
        size = sizes[[of.key for of in rows if of.is_sum].index(key)]
        members = [of for of in group if firsts[key] <= of < firsts[key] + size]
        assert last == (min(members) if descending else max(members))
    if descending:
        assert found == rows


def test_sums_go_to_the_bottom_where_the_column_mixes_their_rows() -> None:
    rows = [row(1, 5, 9), row(2, 7, 8), row(3, 12, is_sum=True), row(4, 6, 7), row(5, 6, is_sum=True)]
    assert [of.key for of in ordered(COLUMNS, rows, Order("amount"))] == [2, 4, 1, 3, 5]


def test_a_column_that_there_is_not_changes_nothing() -> None:
    rows = rows_of([1, 3, 2])
    assert ordered(COLUMNS, rows, Order("gone")) == rows


def test_words_begin_at_a_and_figures_at_the_largest() -> None:
    rows = rows_of([None, 3])
    assert first_order(COLUMNS, rows, "name") == Order("name", descending=False)
    assert first_order(COLUMNS, rows, "amount") == Order("amount", descending=True)
    assert first_order(COLUMNS, [], "amount") == Order("amount", descending=True)


def test_one_column_shows_the_order_and_one_that_it_is_chosen() -> None:
    marked = with_marks(COLUMNS, Order("amount", descending=False), "day")
    assert [(column.mark, column.is_chosen) for column in marked] == [("", False), ("▲", False), ("", True)]
