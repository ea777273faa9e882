"""The one function that shares money out, against the rule done with fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from meterdeck.domain.apportion import apportion
from money.reference import apportioned

ONE = Fraction(1)
weights = st.lists(st.integers(0, 3) | st.integers(0, 10**15), min_size=1, max_size=8).filter(any)
totals = st.integers(-20, 20) | st.integers(-(10**24), 10**24)


@given(totals, weights)
@example(1, [1, 1])
@example(-1, [1, 1])
@example(7, [0, 3, 0, 3])
@example(0, [1, 2])
def test_parts_are_those_of_the_largest_remainder(total: int, weights: list[int]) -> None:
    assert apportion(total, weights) == [int(part) for part in apportioned(Fraction(total), weights, ONE)]


@pytest.mark.soak
@settings(max_examples=20_000)
@given(totals, weights)
def test_parts_are_those_of_the_largest_remainder_whatever_is_shared_out(
    total: int, weights: list[int]
) -> None:
    assert apportion(total, weights) == [int(part) for part in apportioned(Fraction(total), weights, ONE)]


@given(totals, weights)
def test_parts_add_up_and_none_is_a_unit_or_more_away_from_its_share(total: int, weights: list[int]) -> None:
    parts = apportion(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1
        assert weight or not part


@given(totals, weights)
def test_a_credit_is_the_mirror_of_a_charge(total: int, weights: list[int]) -> None:
    assert apportion(-total, weights) == [-part for part in apportion(total, weights)]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (-10, [1, 1, 1], [-4, -3, -3]),
        (2, [1, 1, 1], [1, 1, 0]),
        (100, [1, 2, 4], [14, 29, 57]),
        (5, [0, 1, 0], [0, 5, 0]),
        (10**30 + 1, [10**12, 10**12], [5 * 10**29 + 1, 5 * 10**29]),
    ],
)
def test_examples(total: int, weights: list[int], parts: list[int]) -> None:
    assert apportion(total, weights) == parts
