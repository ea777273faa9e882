"""Dollars as text: how each amount is known can be seen, and what is not known is never $0."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from meterdeck.domain.dollars import Dollars, Lack, State
from meterdeck.present.columns import Cell, Tone
from meterdeck.present.numbers import (
    ESTIMATED,
    LACKS_PART,
    NOTHING,
    SHARED,
    UNPRICED,
    usd,
    usd_short,
    usd_whole,
)
from meterdeck.present.parts import Part
from meterdeck.queries.spend import Spend

SIGNS = {State.ESTIMATED: ESTIMATED, State.ALLOCATED: SHARED, State.BILLED: ""}
"""What stands before an amount."""
Form = Callable[..., str]
"""How the amount itself is written: `usd`, `usd_whole`, `usd_short`."""


def sign_of(found: Dollars) -> str:
    """``~`` before an estimate, ``≈`` before a part of a settled bill, nothing before what was billed."""
    return SIGNS[found.state]


def lacks_part(found: Dollars) -> str:
    """``+`` behind an amount that lacks a part. A bill lacks nothing because tokens have no line in it."""
    lacks = set(found.lacks)
    if found.state is State.BILLED:
        lacks.discard(Lack.UNMATCHED)
    return LACKS_PART if lacks else ""


def text_of(found: Dollars | None, form: Form = usd, *, symbol: str = "$") -> str:
    """``~$412.10``, ``≈$412.10``, ``$412.10``, each with ``+`` where a part is lacking; ``unpriced``, or ``—``."""
    if found is None:
        return NOTHING
    if found.amount is None:
        return UNPRICED if Lack.UNPRICED in found.lacks else NOTHING
    given = {} if form is usd_short else {"symbol": symbol}
    return form(found.amount, sign=sign_of(found), **given) + lacks_part(found)


def left_out_part(spend: Spend) -> Part | None:
    """``$1,132 not for tokens left out``: money of the time on show to which the filters can't be applied."""
    if not spend.units:
        return None
    text = text_of(spend.dollars, usd_whole)
    return Part(f"{text} not for tokens left out", "warn", 6, short=f"{text} left out", short_at=1)


def tone_of(found: Dollars | None) -> Tone:
    """Estimates have a colour of their own."""
    if found is None or found.amount is None:
        return "muted"
    return "estimate" if found.estimated else ""


def dollars_cell(found: Dollars | None, form: Form = usd_short, *, symbol: str = "$") -> Cell:
    """A cell of a table."""
    return Cell(text_of(found, form, symbol=symbol), tone_of(found))


def spend_cell(spend: Spend | None) -> Cell:
    """The same of a sum; None: nothing is known."""
    return dollars_cell(None if spend is None else spend.dollars)


def spend_value(spend: Spend | None) -> Decimal | None:
    """What such a cell sorts by: nothing where there is no figure."""
    return None if spend is None else spend.dollars.amount
