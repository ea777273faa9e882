"""Around a change of prices every dollar of every report is held against the final bill of the same tokens.

A handful of the cases of `python -m benches price_steps`; `python -m benches.price_steps NAME` says of any of them
which figure is furthest off.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache

import pytest
from benches.price_steps.cases import Bench, Case, Errors
from benches.price_steps.collected import Collecting, TodaysBill
from benches.price_steps.figures import Kind
from benches.price_steps.organisation import EVALS, Credit, Step

from meterdeck.domain.tokens import TokenType

NO_MORE_THAN_ROUNDING = Fraction(1, 10**9)
"""What is shared out is apportioned in units of 10⁻¹² cents."""
BOUND = Fraction(5, 1000)

HALVED_TEN_DAYS_AGO = Case((Step(Decimal("0.5"), 10),))
DEARER_FOUR_DAYS_AGO = Case((Step(Decimal("1.15"), 4),), TodaysBill.ABSENT, Collecting.AWAY)
CHEAPER_TWO_DAYS_AGO = Case((Step(Decimal("0.9"), 2),), TodaysBill.EMPTY)
DOUBLED_YESTERDAY = Case((Step(Decimal(2), 1),))
HALVED_YESTERDAY = Case((Step(Decimal("0.5"), 1),), TodaysBill.ABSENT)
DOUBLED_TODAY = Case((Step(Decimal(2), 0),))
HALVED_TODAY = Case((Step(Decimal("0.5"), 0),))
INPUT = frozenset(TokenType) - {TokenType.OUTPUT}
SEVERAL_IN_A_MONTH = Case(
    (
        Step(Decimal("0.5"), 20),
        Step(Decimal(2), 9, workspaces=frozenset({EVALS})),
        Step(Decimal("0.9"), 4, token_types=INPUT),
    )
)
CREDITED = Case(credited=(Credit(Decimal("0.3"), 10), Credit(Decimal("0.3"), 3)))
KNOWN = {
    "halved ten days ago": HALVED_TEN_DAYS_AGO,
    "dearer four days ago, today's bill absent, yesterday's read once": DEARER_FOUR_DAYS_AGO,
    "cheaper two days ago, today's bill empty": CHEAPER_TWO_DAYS_AGO,
    "doubled yesterday, today's bill partial": DOUBLED_YESTERDAY,
    "halved yesterday, its bill read twice": HALVED_YESTERDAY,
    "several in a month: of all, of a workspace, of input": SEVERAL_IN_A_MONTH,
}
"""Cases in which what was read tells of every step."""
ALL = KNOWN | {
    "credits": CREDITED,
    "doubled today, its bill partial": DOUBLED_TODAY,
    "halved today": HALVED_TODAY,
}


def named(cases: dict[str, Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


@pytest.fixture(scope="module")
def errors_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Case], Errors]:
    """Measures a case, once for all tests."""
    return cache(Bench(tmp_path_factory.mktemp("price-steps")).measure)


def off(errors: Errors, kinds: tuple[Kind, ...], bound: Fraction) -> dict[str, str]:
    """The figures that are further off than a bound, in percent."""
    return {
        errors[kind].what: f"{float(errors[kind].error * 100):+.3f} %"
        for kind in kinds
        if kind in errors and abs(errors[kind].error) > bound
    }


def test_with_steady_prices_every_dollar_is_right(errors_of: Callable[[Case], Errors]) -> None:
    found = errors_of(Case())
    ahead = (Kind.END_OF_DAY, Kind.MONTH)
    assert off(found, tuple(kind for kind in Kind if kind not in ahead), NO_MORE_THAN_ROUNDING) == {}
    assert off(found, ahead, BOUND) == {}


@named(ALL)
def test_settled_days_keep_their_own_bill_on_both_sides_of_a_step(
    errors_of: Callable[[Case], Errors], case: Case
) -> None:
    assert off(errors_of(case), (Kind.BEFORE, Kind.SINCE), NO_MORE_THAN_ROUNDING) == {}


@named(KNOWN | {"credits": CREDITED})
def test_open_days_follow_a_step_that_bills_tell_of(errors_of: Callable[[Case], Errors], case: Case) -> None:
    assert case.can_be_known
    assert off(errors_of(case), (Kind.OPEN, Kind.TODAY, Kind.PRICES, Kind.WINDOWS), BOUND) == {}


@named(KNOWN | {"credits": CREDITED})
def test_the_forecast_goes_on_at_the_new_prices(errors_of: Callable[[Case], Errors], case: Case) -> None:
    assert off(errors_of(case), (Kind.END_OF_DAY, Kind.MONTH), BOUND) == {}


@named(ALL)
def test_today_never_stands_below_its_bill(errors_of: Callable[[Case], Errors], case: Case) -> None:
    assert off(errors_of(case), (Kind.BELOW,), Fraction(0)) == {}


@named(KNOWN)
def test_the_back_test_is_close_or_says_that_a_price_changed(
    errors_of: Callable[[Case], Errors], case: Case
) -> None:
    assert off(errors_of(case), (Kind.BACK_TEST,), BOUND) == {}


@named({"doubled today": DOUBLED_TODAY, "halved today": HALVED_TODAY})
def test_a_step_of_today_leaves_yesterday_as_it_is_billed(
    errors_of: Callable[[Case], Errors], case: Case
) -> None:
    assert off(errors_of(case), (Kind.OPEN,), BOUND) == {}


def test_what_no_bill_tells_yet_is_off_by_the_step_and_by_no_more(
    errors_of: Callable[[Case], Errors],
) -> None:
    assert not HALVED_TODAY.can_be_known
    assert abs(errors_of(HALVED_TODAY)[Kind.TODAY].error) <= 1 + NO_MORE_THAN_ROUNDING
