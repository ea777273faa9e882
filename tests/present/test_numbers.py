from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.numbers import (
    ESTIMATED,
    SHARED,
    age,
    change,
    share,
    tokens,
    unit_for,
    usd,
    usd_short,
    usd_whole,
)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "—"),
        (0, "0"),
        (7, "7"),
        (834, "834"),
        (834_000, "834k"),
        (1_940_000, "1.94M"),
        (61_249_999, "61.2M"),
        (117_000_000, "117M"),
        (12_300_000_000, "12.3B"),
        (999_499, "999k"),
        (999_999, "1.00M"),
        (1_005, "1.00k"),  # half to even
        (1_015, "1.02k"),
    ],
)
def test_tokens_have_three_significant_digits_and_one_suffix(count: int | None, text: str) -> None:
    assert tokens(count) == text


@given(st.integers(0, 10**18 - 10**15))
def test_tokens_are_never_wider_than_five_cells(count: int) -> None:
    assert len(tokens(count)) <= 5


@given(st.lists(st.integers(0, 10**15), min_size=1))
def test_in_a_column_of_one_unit_no_count_is_wider_than_five_cells_and_none_reads_as_zero(
    counts: list[int],
) -> None:
    unit = unit_for(counts)
    for count in counts:
        assert len(tokens(count, unit)) <= 5
        assert (tokens(count, unit) == "0") == (count == 0)


def test_a_column_shares_the_unit_and_decimals_of_its_largest_count() -> None:
    unit = unit_for([61_200_000, 800_000, None, 40, 0])
    column = [tokens(count, unit) for count in (61_200_000, 800_000, None, 40, 0)]
    assert column == ["61.2M", "0.8M", "—", "<.1M", "0"]


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "—"),
        ("0", "$0.00"),
        ("5688.12", "$5,688.12"),
        ("0.125", "$0.12"),  # half to even
        ("0.135", "$0.14"),
        ("0.001", "<$0.01"),
        ("-3.1", "−$3.10"),
        ("123456789012345678901234567.895", "$123,456,789,012,345,678,901,234,567.90"),
    ],
)
def test_money_is_exact_to_the_cent(amount: str | None, text: str) -> None:
    assert usd(None if amount is None else Decimal(amount)) == text


@pytest.mark.parametrize("sign", [ESTIMATED, SHARED])
def test_the_sign_of_how_an_amount_is_known_stands_first_in_every_form(sign: str) -> None:
    amount = Decimal("2870.4")
    assert usd(amount, sign=sign) == f"{sign}$2,870.40"
    assert usd_whole(amount, sign=sign) == f"{sign}$2,870"
    assert usd_short(amount, sign=sign) == f"{sign}$2.9k"
    assert usd_whole(Decimal("0.2"), sign=sign) == f"{sign}<$1"
    assert usd_whole(amount, sign=sign, symbol="") == f"{sign}2,870"
    assert usd(-amount, sign=sign) == f"{sign}−$2,870.40"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0.00"),
        ("4.2", "$4.20"),
        ("9.994", "$9.99"),
        ("9.995", "$10"),
        ("412.49", "$412"),
        ("999.4", "$999"),
        ("999.6", "$1.0k"),
        ("9400", "$9.4k"),
        ("9960", "$10k"),
        ("151204", "$151k"),
        ("1250000", "$1.2M"),
        ("-412", "−$412"),
    ],
)
def test_short_money_fits_six_cells(amount: str, text: str) -> None:
    assert usd_short(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (100, 184, "+84%"),
        (100, 97, "−3%"),
        (100, 100, "0%"),
        (1000, 1001, "0%"),
        (10, 31, "+210%"),
        (1, 12, "×12"),
        (0, 5, "new"),
        (0, 0, "0%"),
        (5, 0, "−100%"),
        (None, 5, "—"),
        (Decimal("1.50"), Decimal("1.80"), "+20%"),
    ],
)
def test_a_change_has_a_sign_and_a_percentage(before: int | None, after: int, text: str) -> None:
    assert change(before, after) == text


def test_a_share_is_never_zero_for_something() -> None:
    assert [share(part, 200) for part in (104, 1, 0, None)] == ["52%", "<1%", "0%", "—"]
    assert share(Decimal(0), Decimal(0)) == "—"


def test_ages_are_rounded_down_and_seconds_appear_only_if_asked_for() -> None:
    assert age(timedelta(seconds=45)) == "<1 min"
    assert age(timedelta(seconds=45), seconds=True) == "45 s"
    assert age(timedelta(minutes=3, seconds=59)) == "3 min"
    assert age(timedelta(hours=2)) == "2 h"
    assert age(timedelta(hours=49)) == "2 d"
    assert age(timedelta(seconds=-5), seconds=True) == "0 s"
