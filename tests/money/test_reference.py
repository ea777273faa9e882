"""The reference itself, by sums that were done by hand: a rule that is wrong there would be wrong everywhere."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from meterdeck.domain.reports import Series
from money.histories import line_of, other_line
from money.reference import Counts, Use, apportioned, decimals_of, open_day, settled_day
from values import series

DAY = datetime(2026, 11, 1, tzinfo=UTC)
SEVEN, EIGHT, NINE = (DAY + timedelta(hours=at) for at in (7, 8, 9))
ONE, TWO, THREE = (series(key=f"apikey_{at}") for at in (1, 2, 3))
IDS = {ONE: 1, TWO: 2, THREE: 3}
POOL = Use(ONE, "output").pool
CENTI = Fraction(1, 100)


def output(tokens: int) -> Counts:
    return (0, 0, 0, 0, tokens, 0)


def cents(text: str) -> Fraction:
    return Fraction(Decimal(text))


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        ("1", [1, 1, 1], ["0.34", "0.33", "0.33"]),
        ("0.02", [1, 1, 1], ["0.01", "0.01", "0"]),
        ("-1", [1, 1, 1], ["-0.34", "-0.33", "-0.33"]),
        ("1", [1, 2, 4], ["0.14", "0.29", "0.57"]),
        ("0.01", [1, 0, 2], ["0", "0", "0.01"]),
        ("0", [5, 3], ["0", "0"]),
    ],
)
def test_the_rest_goes_to_the_largest_remainders_of_equal_ones_to_the_first(
    total: str, weights: list[int], parts: list[str]
) -> None:
    assert apportioned(cents(total), weights, CENTI) == [cents(part) for part in parts]


def test_a_third_of_a_cent_is_rounded_at_its_twelfth_decimal_and_the_lowest_id_has_the_rest() -> None:
    hours = {SEVEN: {THREE: output(5), TWO: output(5), ONE: output(5)}}
    day = settled_day({line_of(POOL): Decimal(1)}, hours, IDS)
    third = cents("0.333333333333")
    assert [day.of_day[Use(of, "output")] for of in IDS] == [cents("0.333333333334"), third, third]


def test_an_amount_with_more_decimals_is_shared_out_in_its_own() -> None:
    hours = {SEVEN: {ONE: output(1), TWO: output(1)}}
    day = settled_day({line_of(POOL): Decimal("0.000000000000003")}, hours, IDS)
    assert [day.of_day[Use(of, "output")] for of in (ONE, TWO)] == [cents("2E-15"), cents("1E-15")]
    assert decimals_of(Decimal("1.500")) == 1


def test_a_series_day_is_shared_out_to_its_hours_and_an_hour_to_its_minutes() -> None:
    hours = {SEVEN: {ONE: output(1)}, EIGHT: {ONE: output(1), TWO: output(6)}, NINE: {ONE: output(1)}}
    day = settled_day({line_of(POOL): Decimal(3)}, hours, IDS)
    assert day.of_day == {Use(ONE, "output"): Fraction(1), Use(TWO, "output"): Fraction(2)}
    of_one = [day.of_hour[start, Use(ONE, "output")] for start in (SEVEN, EIGHT, NINE)]
    assert of_one == [cents("0.333333333334"), cents("0.333333333333"), cents("0.333333333333")]
    assert day.of_hour[EIGHT, Use(TWO, "output")] == 2
    minutes = {EIGHT: {TWO: output(2)}, EIGHT + timedelta(minutes=1): {TWO: output(4), ONE: output(1)}}
    of_two = [day.of_minutes(EIGHT, minutes)[start, Use(TWO, "output")] for start in minutes]
    assert of_two == [cents("0.666666666667"), cents("1.333333333333")]


def test_what_no_line_pays_for_is_unpaid_and_a_line_that_nothing_was_used_of_is_not_allocated() -> None:
    batch: Series = series(tier="batch")
    hours = {SEVEN: {batch: output(1)}}
    lines = {line_of(POOL): Decimal(4), other_line("wrkspc_a", "code_execution"): Decimal(5)}
    day = settled_day(lines, hours, {batch: 1})
    assert day.unpaid == {Use(batch, "output")}
    assert (day.of_day, day.of_hour) == ({}, {})
    assert day.not_allocated == lines


def test_lines_of_several_geos_are_one_pool_and_what_they_pay_for_is_mixed() -> None:
    day = settled_day(
        {line_of(POOL): Decimal(4), line_of(POOL, "us"): Decimal("-1.5")}, {SEVEN: {ONE: output(1)}}, IDS
    )
    assert day.of_day == {Use(ONE, "output"): cents("2.5")}
    assert day.mixed == {Use(ONE, "output")}


def test_searches_are_paid_for_by_the_line_of_their_workspace() -> None:
    other = series(model="claude-sonnet-5", tier="batch")
    hours = {SEVEN: {ONE: (0, 0, 0, 0, 0, 1), other: (0, 0, 0, 0, 0, 3)}}
    day = settled_day({line_of(Use(ONE, "web_searches").pool): Decimal(4)}, hours, {ONE: 1, other: 2})
    assert day.of_day == {Use(ONE, "web_searches"): Fraction(1), Use(other, "web_searches"): Fraction(3)}


@pytest.mark.parametrize(
    ("billed", "worth"),
    [
        (["5", "-1"], 5),  # 3 tokens at 2 cents are 6
        (["7", "-1"], 6),
        (["-1"], 5),
        ([], 6),
        (["4", "3", "-8"], -1),
    ],
)
def test_an_open_pool_is_worth_what_is_billed_or_used_less_what_is_credited(
    billed: list[str], worth: int
) -> None:
    bill = {line_of(POOL, f"geo {at}"): Decimal(amount) for at, amount in enumerate(billed)}
    day = open_day(bill, {SEVEN: {ONE: output(3)}}, IDS, {POOL: Fraction(2)})
    assert day.of_day == {Use(ONE, "output"): worth}
