"""Budgets as words and bars: readable without colour, in ASCII too, and never longer than they must be."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.domain.money import to_units
from meterdeck.domain.scope import Filter
from meterdeck.present.ascii import to_ascii
from meterdeck.present.budgets import bar, end_words, gone_words, of_scope, used, warning
from meterdeck.present.names import cell_width
from meterdeck.present.numbers import amount
from meterdeck.queries.forecast import Level, Projection, Spread
from meterdeck.queries.names import Member
from meterdeck.queries.outlook import Ahead, BudgetAhead, Outlook
from meterdeck.queries.rhythm import SCALE
from meterdeck.queries.spend import UNIT_DECIMALS, Spend

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
CENT = 10**12
PROD_CHAT = Member("wrkspc_1", "prod-chat", Kind.MEMBER)


def ahead(period: Period, so_far: str | None, per_hour: int, spread: int | None = 5) -> Ahead:
    """A period at a steady pace of so many dollars an hour, give or take so many percent."""
    window = Period.window(period, NOW)
    hours = (window.end - NOW) // BucketWidth.HOUR.delta
    cumulative = tuple(60 * SCALE * (hour + 1) for hour in range(hours))
    part = None if spread is None else Spread(SCALE * (100 - spread) // 100, SCALE * (100 + spread) // 100)
    projection = Projection(Window(NOW, window.end), Level(per_hour * 100 * CENT, SCALE), cumulative, part)
    spent = None
    if so_far is not None:
        spent = Spend(estimated=to_units(Decimal(so_far) * 100, UNIT_DECIMALS), priced_tokens=1)
    return Ahead(period, window, spent, projection=projection)


def budget(
    usd: int, so_far: str | None, per_hour: int, period: Period = Period.MONTH, *, owner: Member | None = None,
    spread: int | None = 5,
) -> BudgetAhead:  # fmt: skip
    dimension = Dimension.WORKSPACE if owner else None
    filters = (Filter(Dimension.WORKSPACE, frozenset({owner.id})),) if owner else ()
    held = Budget(Decimal(usd), period, dimension, owner.name if owner else None)
    return BudgetAhead(held, owner, filters, ahead(period, so_far, per_hour, spread))


def outlook(*budgets: BudgetAhead, problems: tuple[str, ...] = ()) -> Outlook:
    return Outlook(ahead(Period.DAY, "1", 1), ahead(Period.MONTH, "1", 1), budgets, problems)


@pytest.mark.parametrize(
    ("part", "whole", "cells", "drawn"),
    [
        ("0", "100", 5, "▁▁▁▁▁"),
        ("76", "100", 5, "▇▇▇▅▁"),
        ("99.99", "100", 5, "▇▇▇▇▆"),
        ("100", "100", 5, "▇▇▇▇▇"),
        ("250", "100", 8, "▇▇▇▇▇▇▇▇"),
        ("-3", "100", 5, "▁▁▁▁▁"),
    ],
)
def test_a_bar_is_as_long_as_its_cells_and_full_only_when_all_is_used(
    part: str, whole: str, cells: int, drawn: str
) -> None:
    assert bar(Decimal(part), Decimal(whole), cells) == drawn


@given(st.decimals(0, 10**9, places=2), st.decimals("0.01", 10**9, places=2), st.integers(1, 20))
def test_every_bar_has_its_width_and_an_ascii_form_that_tells_full_from_empty(
    part: Decimal, whole: Decimal, cells: int
) -> None:
    drawn = bar(part, whole, cells)
    assert cell_width(drawn) == cells
    plain = to_ascii(drawn)
    assert plain.isascii()
    assert "?" not in plain
    assert len(set(to_ascii("▁▂▃▄▅▆▇"))) == 7
    assert (drawn == "▇" * cells) == (part >= whole)


def test_an_amount_stands_beside_its_budget_its_bar_and_its_share() -> None:
    assert used(Decimal(151_204), Decimal(200_000), 5) == " of $200k ▇▇▇▅▁ 76%"
    assert to_ascii(used(Decimal(151_204), Decimal(200_000), 5)) == " of $200k %%%+_ 76%"
    assert [amount(Decimal(usd)) for usd in (5000, 2500, 2, 12, "1500.5", 4550, 200_000, 10**7)] == [
        *("$5k", "$2.5k", "$2.00", "$12", "$1,500.50", "$4,550", "$200k", "$10M"),
    ]


def test_the_end_of_a_period_is_a_range_in_as_few_words_as_tell_it() -> None:
    wide, narrow = ahead(Period.DAY, "4000", 500), ahead(Period.DAY, "4000", 500, spread=0)
    assert end_words(wide) == ("~$8.8k–9.2k", "~$9.0k")
    assert end_words(narrow) == ("~$9.0k", "~$9.0k")
    assert end_words(ahead(Period.DAY, "4000", 500, spread=None)) == ("~$9.0k", "~$9.0k")
    assert end_words(ahead(Period.DAY, None, 500)) is None


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (budget(5_000, "4000", 100), "gone 21st–22nd"),
        (budget(5_200, "4000", 100), "gone ~22nd"),
        (budget(10_000, "4000", 100, spread=30), "gone 23rd–25th"),
        (budget(10_000, "4000", 100, spread=None), "gone ~24th"),
        (budget(26_500, "4000", 100), "gone ~30th"),
        (budget(27_800, "4000", 100), None),
        (budget(26_800, "4000", 100, spread=10), "gone 30th at the earliest"),
        (budget(4_000, "4000", 100), "all gone"),
        (budget(4_000, None, 100), None),
        (budget(4_550, "4000", 100, Period.DAY), "gone 19:15–19:48Z"),
        (budget(4_550, "4000", 100, Period.DAY, spread=0), "gone ~19:30Z"),
    ],
)
def test_when_a_budget_is_gone_is_said_as_closely_as_it_is_known(
    found: BudgetAhead, words: str | None
) -> None:
    assert gone_words(found) == words


def test_the_warning_names_the_most_urgent_budget_and_counts_the_others() -> None:
    later = budget(10_000, "4000", 100)
    sooner = budget(4_550, "4000", 100, Period.DAY, owner=PROD_CHAT)
    assert warning(outlook(later, sooner), (), "Acme")[0] == (
        "! prod-chat: ~$4.0k of $4,550 today (88%), gone 19:15–19:48Z  (+1 more)"
    )
    assert warning(outlook(later), (), "Acme")[0] == "! Acme: ~$4.0k of $10k in Nov (40%), gone 23rd–24th"
    gone = budget(3_999, "4000", 100)
    assert warning(outlook(sooner, gone), (), None)[0] == (
        "! organisation: ~$4.0k of $3,999 in Nov (100%), all gone  (+1 more)"
    )


def test_the_warning_has_ever_fewer_words_and_keeps_when_it_is_gone() -> None:
    later = budget(10_000, "4000", 100)
    sooner = budget(
        4_550, "4000", 100, Period.DAY, owner=Member("wrkspc_1", "a-long-workspace-name", Kind.MEMBER)
    )
    assert warning(outlook(later, sooner), (), "Acme") == (
        "! a-long-workspace-name: ~$4.0k of $4,550 today (88%), gone 19:15–19:48Z  (+1 more)",
        "! a-long-workspace-name: ~$4.0k of $4,550 today, gone 19:15–19:48Z  (+1 more)",
        "! a-long-workspace-name: ~$4.0k of $4,550, gone 19:15–19:48Z  (+1 more)",
        "! a-long-workspace-name: gone 19:15–19:48Z  (+1 more)",
        "! a-long-w…ame: gone 19:15–19:48Z  (+1 more)",
        "! a-long-w…ame: gone 19:15–19:48Z",
    )


def test_a_budget_that_is_close_but_will_last_warns_only_where_its_bar_is_not_in_sight() -> None:
    close = budget(5_000, "4000", 1, Period.DAY, owner=PROD_CHAT)
    found = outlook(close)
    assert warning(found, (), "Acme")[0] == "! prod-chat: ~$4.0k of $5k today (80%)"
    assert warning(found, close.filters, "Acme") == ()
    assert of_scope(found, close.filters, Period.DAY) == close
    assert of_scope(found, close.filters, Period.MONTH) is None
    assert of_scope(found, (), Period.DAY) is None
    assert warning(outlook(budget(5_001, "4000", 1, Period.DAY, owner=PROD_CHAT)), (), "Acme") == ()


def test_a_budget_of_nobody_known_is_said_when_nothing_is_more_urgent() -> None:
    problem = "There is no workspace named 'prod-\x1b[31mcaht'."
    assert warning(outlook(problems=(problem,)), (), None)[0] == "! There is no workspace named 'prod-caht'."
    later = budget(10_000, "4000", 100)
    assert "Acme" in warning(outlook(later, problems=(problem,)), (), "Acme")[0]
    assert warning(outlook(), (), "Acme") == ()
