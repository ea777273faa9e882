"""Amounts as text: how each is known can be seen, and what is not known is never $0."""

from __future__ import annotations

from decimal import Decimal

import pytest

from meterdeck.domain.dollars import Dollars, Evidence, Lack, State
from meterdeck.present.ascii import to_ascii
from meterdeck.present.dollars import dollars_cell, text_of
from meterdeck.present.numbers import usd_short, usd_whole

AMOUNT = Decimal("412.104")


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (Dollars(AMOUNT), "$412.10"),
        (Dollars(AMOUNT, State.ALLOCATED), "≈$412.10"),
        (Dollars(AMOUNT, State.ESTIMATED, Evidence.LEARNED), "~$412.10"),
        (Dollars(AMOUNT, State.ESTIMATED, Evidence.LIST, (Lack.UNPRICED,)), "~$412.10+"),
        (Dollars(AMOUNT, State.ALLOCATED, None, (Lack.UNMATCHED,)), "≈$412.10+"),
        (Dollars(AMOUNT, lacks=(Lack.UNREAD,)), "$412.10+"),
        (Dollars(None, State.ESTIMATED, Evidence.LEARNED, (Lack.UNPRICED,)), "unpriced"),
        (Dollars(None, State.ALLOCATED, None, (Lack.UNMATCHED,)), "—"),
        (Dollars(Decimal(0)), "$0.00"),
        (None, "—"),
    ],
)
def test_an_amount_has_the_signs_of_how_it_is_known(found: Dollars | None, text: str) -> None:
    assert text_of(found) == text


def test_a_bill_lacks_nothing_because_tokens_have_no_line_in_it() -> None:
    assert text_of(Dollars(AMOUNT, lacks=(Lack.UNMATCHED,))) == "$412.10"
    assert text_of(Dollars(AMOUNT, lacks=(Lack.OTHER_CURRENCY, Lack.UNMATCHED))) == "$412.10+"


def test_every_form_has_them_and_so_has_ascii() -> None:
    shared = Dollars(AMOUNT, State.ALLOCATED)
    assert (text_of(shared, usd_whole), text_of(shared, usd_short)) == ("≈$412", "≈$412")
    assert text_of(shared, usd_whole, symbol="") == "≈412"
    assert to_ascii(text_of(shared)) == "=$412.10"


def test_an_estimate_has_a_colour_of_its_own() -> None:
    states = {state: dollars_cell(Dollars(AMOUNT, state)).tone for state in State}
    assert states == {State.ESTIMATED: "estimate", State.ALLOCATED: "", State.BILLED: ""}
    assert dollars_cell(None).tone == "muted"
