import ast
from decimal import Decimal, Inexact, InvalidOperation
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import meterdeck
from meterdeck.domain.money import EXACT, cents_to_usd, in_whole_cents, plain, sum_exactly

amounts = st.decimals(-(10**15), 10**15, allow_nan=False, allow_infinity=False, places=12)


@pytest.mark.parametrize(
    ("cents", "usd"),
    [
        ("123.45", "1.2345"),
        ("5099.0004", "50.990004"),
        ("17.5000", "0.175"),
        ("0", "0"),
        ("-250", "-2.5"),
        ("1e3", "10"),
    ],
)
def test_cents_are_divided_by_100_and_no_digit_is_lost(cents: str, usd: str) -> None:
    assert cents_to_usd(Decimal(cents)) == Decimal(usd)


@given(amounts)
def test_dollars_are_exactly_a_hundredth_of_the_cents(cents: Decimal) -> None:
    assert Fraction(cents_to_usd(cents)) * 100 == Fraction(cents)


@given(st.lists(amounts, max_size=30))
def test_sums_of_money_are_exact_in_any_order(many: list[Decimal]) -> None:
    exact = sum((Fraction(amount) for amount in many), start=Fraction(0))
    assert Fraction(sum_exactly(many)) == exact
    assert Fraction(sum_exactly(reversed(many))) == exact


def test_a_float_would_have_lost_what_the_sum_keeps() -> None:
    assert sum_exactly([Decimal("0.1")] * 10) == Decimal(1)
    assert sum_exactly([Decimal("1e20"), Decimal("1e-12")]) == Decimal("100000000000000000000.000000000001")


def test_a_sum_that_does_not_fit_raises_instead_of_rounding() -> None:
    with pytest.raises(Inexact):
        sum_exactly([Decimal("1e50"), Decimal("1e-20")])
    with pytest.raises(Inexact):
        EXACT.divide(Decimal(1), Decimal(3))


def test_what_is_no_number_raises_instead_of_spreading() -> None:
    with pytest.raises(InvalidOperation):
        sum_exactly([Decimal("sNaN"), Decimal(1)])


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("12.34567", "12.34567"),
        ("12.3000", "12.3"),
        ("100", "100"),
        ("100.00", "100"),
        ("1E+3", "1000"),
        ("1E-7", "0.0000001"),
        ("0E-9", "0"),
        ("-0.0", "0"),
        ("-0.50", "-0.5"),
        ("0", "0"),
    ],
)
def test_plain_notation_has_no_exponent_and_no_trailing_zeros(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18))
def test_plain_notation_keeps_the_value_and_never_needs_an_exponent(amount: Decimal) -> None:
    text = plain(amount)
    assert Decimal(text) == amount
    assert not set(text) - set("-.0123456789")
    assert "." not in text or not text.endswith(("0", "."))


def test_only_one_place_divides_cents_by_100() -> None:
    source = Path(meterdeck.__file__).parent
    hundreds = {
        path.relative_to(source).as_posix()
        for folder in ("domain", "api", "store", "sync", "queries")
        for path in (source / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.BinOp | ast.Call)
        and any(
            isinstance(part, ast.Constant) and part.value in {100, "100", 0.01, "0.01"}
            for part in ast.iter_child_nodes(node)
        )
    }
    assert hundreds == {"domain/money.py"}


@pytest.mark.parametrize(
    ("usd", "rounded"),
    [("4859.31541777492005", "4859.32"), ("4859.31", "4859.31"), ("0.004", "0"), ("-1.006", "-1.01")],
)
def test_what_is_foreseen_is_rounded_to_whole_cents(usd: str, rounded: str) -> None:
    assert plain(in_whole_cents(Decimal(usd))) == rounded
