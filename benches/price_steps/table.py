"""The table of docs/benchmarks.md: each step with the largest error of every kind of figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import product

from benches.price_steps.cases import Bench, Case, Errors
from benches.price_steps.collected import Collecting, TodaysBill
from benches.price_steps.figures import Kind
from benches.price_steps.organisation import EVALS, OPUS, Credit, Step
from meterdeck.domain.tokens import TokenType

COLUMNS = ("step", "the bill of today; of yesterday", *(kind.value for kind in Kind))
FACTORS = ("0.5", "2", "0.9", "1.15")
DAYS_AGO = (0, 1, 2, 4, 10, 40)
COLLECTING = (Collecting.ALL_THE_TIME, Collecting.AWAY)
READINGS = frozenset(product(TodaysBill, COLLECTING))
UNKNOWN = "†"
"""Marks what nothing that was read can tell of yet."""
_EXACT = Fraction(1, 10**9)
"""What is off by less is right: shares are apportioned in units of money, and prices have an end."""

Row = tuple[str, str]
"""What it is about, and its cells."""
_Reading = tuple[TodaysBill, Collecting]
_HALF_OF_THE_TYPES = frozenset({TokenType.UNCACHED_INPUT, TokenType.CACHE_READ, TokenType.CACHE_WRITE_5M})


def steady(base: Case) -> Iterator[tuple[str, Case]]:
    """No step at all: what the method itself is off by."""
    yield "steady", base


def steps(base: Case) -> Iterator[tuple[str, Case]]:
    """Every factor on every day."""
    for factor, days in product(FACTORS, DAYS_AGO):
        yield f"×{factor} at {-days}", replace(base, steps=(Step(Decimal(factor), days),))


def others(base: Case) -> Iterator[tuple[str, Case]]:
    """Steps of a part of the prices, several steps, credits, steps to the list, searches too, a first fill."""
    half, double = Decimal("0.5"), Decimal(2)
    opus, evals = frozenset({OPUS}), frozenset({EVALS})
    for days in (1, 2, 4):
        yield f"one model ×0.5 at {-days}", replace(base, steps=(Step(half, days, models=opus),))
        yield f"one workspace ×2 at {-days}", replace(base, steps=(Step(double, days, workspaces=evals),))
        types = Step(Decimal("1.15"), days, token_types=_HALF_OF_THE_TYPES)
        yield f"three of five token types ×1.15 at {-days}", replace(base, steps=(types,))
        to_list = replace(base, of_list=half, of_evals=Decimal(1))
        yield f"×2 at {-days}, to the list", replace(to_list, steps=(Step(double, days),))
        whole = Step(half, days, beside_tokens=True)
        yield f"×0.5 at {-days}, searches and code execution too", replace(base, steps=(whole,))
        new = replace(base, collecting=Collecting.NEW)
        yield f"×0.5 at {-days}, first fill", replace(new, steps=(Step(half, days),))
    several = (Step(half, 20), Step(double, 10), Step(Decimal("0.9"), 4))
    yield "×0.5 at -20, ×2 at -10, ×0.9 at -4", replace(base, steps=several)
    yield "×2 at -5, ×0.5 at -4", replace(base, steps=(Step(double, 5), Step(half, 4)))
    for days in (1, 4, 10):
        yield (
            f"30 % of one pool credited at {-days}",
            replace(base, credited=(Credit(Decimal("0.3"), days),)),
        )


def rows(bench: Bench, cases: Iterable[tuple[str, Case]], *, every_reading: bool) -> Iterator[Row]:
    """A row for each case; with ``every_reading`` one for all the ways it can be read in that look the same."""
    for name, case in cases:
        found: dict[tuple[str, str], set[_Reading]] = {}
        readings = sorted(READINGS) if every_reading else [(case.todays_bill, case.collecting)]
        for todays_bill, collecting in readings:
            read = replace(case, todays_bill=todays_bill, collecting=collecting)
            known = "" if read.can_be_known else f" {UNKNOWN}"
            row = f"{name}{known}", cells(bench.measure(read))
            found.setdefault(row, set()).add((todays_bill, collecting))
        for (what, figures), alike in found.items():
            yield what, f"{_said(alike)} | {figures}"


def cells(errors: Errors) -> str:
    """The largest error of every kind, in percent; nothing where there is no such figure."""
    return " | ".join(percent(errors[kind].error) if kind in errors else "" for kind in Kind)


def percent(error: Fraction) -> str:
    """``-50.0``: with as many digits as tell something; ``0`` is right."""
    if abs(error) < _EXACT:
        return "0"
    of_hundred = float(error * 100)
    if abs(of_hundred) < 0.005:
        return "0.00"
    return f"{of_hundred:+.2f}" if abs(of_hundred) < 1 else f"{of_hundred:+.1f}"


def _said(alike: set[_Reading]) -> str:
    """Ways to read a case, in few words."""
    if alike == READINGS:
        return "any"
    bills = [bill for bill in TodaysBill if bill in {one for one, _ in alike}]
    ways = [way for way in Collecting if way in {one for _, one in alike}]
    if alike != set(product(bills, ways)):
        return ", ".join(f"{bill} and {way}" for bill, way in sorted(alike))
    words = [] if len(bills) == len(TodaysBill) else [" or ".join(bills)]
    words += [] if len(ways) == len(COLLECTING) else [" or ".join(ways)]
    return "; ".join(words)
