"""Amounts of the bill: every spelling that the API may use is read exactly, anything else is an error."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answers import cost_page
from meterdeck.api import BadPayload
from meterdeck.api.wire import parse_cost_page
from meterdeck.domain.money import cents_to_usd, sum_exactly


@st.composite
def spelled_amounts(draw: st.DrawFn) -> tuple[str, Fraction]:
    """A decimal with 0 to 12 decimals, plain or with an exponent, and its value."""
    digits = draw(st.integers(-(10**15), 10**15))
    decimals = draw(st.integers(0, 12))
    value = Fraction(digits, 10**decimals)
    if draw(st.booleans()):
        e = draw(st.sampled_from(["e", "E"]))
        return f"{digits}{e}-{decimals}", value
    return f"{Decimal(digits).scaleb(-decimals):f}", value


@settings(max_examples=150)
@given(st.lists(st.tuples(spelled_amounts(), st.booleans()), min_size=1, max_size=12))
def test_text_and_json_numbers_sum_to_exactly_what_was_sent(
    amounts: list[tuple[tuple[str, Fraction], bool]],
) -> None:
    sent = [text.encode() if as_number else text for (text, _), as_number in amounts]
    (day,) = parse_cost_page(cost_page(*sent)).buckets
    total = sum_exactly(row.cents for row in day.rows)
    assert Fraction(total) == sum((value for (_, value), _ in amounts), start=Fraction(0))
    assert Fraction(cents_to_usd(total)) * 100 == Fraction(total)


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        ("123.45", "123.45"),
        ("17.5000", "17.5000"),
        ("0", "0"),
        ("-3.5", "-3.5"),
        ("+4", "4"),
        ("12.", "12"),
        ("1.5e2", "150"),
        ("25E-1", "2.5"),
        (7, "7"),
        (b"0.1", "0.1"),
        (b"0.30000000000000004", "0.30000000000000004"),
        (b"1e-7", "1e-7"),
        (b"9007199254740993", "9007199254740993"),
    ],
)
def test_each_spelling_keeps_its_value(amount: object, cents: str) -> None:
    (day,) = parse_cost_page(cost_page(amount)).buckets
    assert day.rows[0].cents == Decimal(cents)
    assert Fraction(day.rows[0].cents) == Fraction(Decimal(cents))


NOT_AMOUNTS: list[object] = [
    None,
    True,
    "",
    " 1",
    "1 ",
    "1\n",
    "1_000",
    "1,5",
    "NaN",
    "sNaN",
    "Infinity",
    "-inf",
    "0x10",
    "1e999",
    "1e-999",
    "1e31",
    "9" * 31,
    "9e30",
    "$5",
    "٣",
    "12.3.4",
    "one",
    [],
    {},
    ["5"],
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e400",
    b"1" * 40,
    b"1e-200",
]


@pytest.mark.parametrize("amount", NOT_AMOUNTS, ids=repr)
def test_what_is_no_believable_decimal_is_refused_by_place(amount: object) -> None:
    with pytest.raises(BadPayload) as caught:
        parse_cost_page(cost_page("1", amount))
    assert caught.value.place == "data.0.results.1.amount"


def test_a_row_without_an_amount_is_refused_and_not_read_as_zero() -> None:
    body = cost_page("1").replace(b'"amount"', b'"amounts"')
    with pytest.raises(BadPayload) as caught:
        parse_cost_page(body)
    assert caught.value.place == "data.0.results.0.amount"


@pytest.mark.parametrize(
    ("said", "currency"), [('"EUR"', "EUR"), ('"eur"', "EUR"), ('"usd"', "USD"), ('" Usd "', "USD")]
)
def test_a_currency_is_read_in_capitals_and_belongs_to_its_line(said: str, currency: str) -> None:
    page = parse_cost_page(cost_page("1", "2").replace(b'"USD"', said.encode(), 1))
    first, second = (row.line for row in page.buckets[0].rows)
    assert (first.currency, second.currency) == (currency, "USD")
    assert first.is_usd is (currency == "USD")
    assert page.remarks == ()


@pytest.mark.parametrize("said", ["null", '""', '"  "'])
def test_a_line_whose_currency_is_null_is_in_dollars_and_said(said: str) -> None:
    page = parse_cost_page(cost_page("1", "2").replace(b'"USD"', said.encode()))
    assert [row.line.currency for row in page.buckets[0].rows] == ["USD", "USD"]
    (remark,) = page.remarks
    assert remark.sentence == (
        "currency is null or empty in 2 rows (first at data.0.results.0): it is read as USD."
    )


@pytest.mark.parametrize("said", ["978", '"$"', '"US dollars"', '"sk-ant-admin01-invented"', '"USDUSDUSD"'])
def test_what_is_no_code_of_a_currency_is_refused_where_it_stands_and_not_repeated(said: str) -> None:
    with pytest.raises(BadPayload) as caught:
        parse_cost_page(cost_page("1").replace(b'"USD"', said.encode()))
    assert caught.value.place == "data.0.results.0.currency"
    assert "invented" not in str(caught.value)


def test_a_row_without_a_currency_is_in_dollars() -> None:
    body = cost_page("1").replace(b'"currency":"USD",', b"")
    assert parse_cost_page(body).buckets[0].rows[0].cents == 1


@settings(max_examples=100)
@given(
    st.lists(
        st.sampled_from(["9e19", "99999999999999999999", "1e-30", "-9e19", "0." + "3" * 30]), max_size=40
    )
)
def test_whatever_amounts_are_accepted_can_be_added_up(amounts: list[str]) -> None:
    (day,) = parse_cost_page(cost_page(*amounts)).buckets
    total = sum_exactly(row.cents for row in day.rows)
    assert (
        Fraction(cents_to_usd(total))
        == sum((Fraction(amount) for amount in amounts), start=Fraction(0)) / 100
    )


def test_a_day_without_cost_has_no_lines() -> None:
    (day,) = parse_cost_page(cost_page()).buckets
    assert day.rows == ()
