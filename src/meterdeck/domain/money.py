"""Money, exact: amounts come as cents in decimal text, are summed exactly and become dollars in one place."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal, Inexact, InvalidOperation

EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
"""Sums of money use this context: a digit that would be lost raises instead (60 digits hold any real bill)."""

_CENTS_IN_A_DOLLAR = Decimal(100)


def cents_to_usd(cents: Decimal) -> Decimal:
    """Dollars for an amount in cents: the one place that divides by 100 (api-facts 3.2, "Amount")."""
    return EXACT.divide(cents, _CENTS_IN_A_DOLLAR)


def sum_exactly(amounts: Iterable[Decimal]) -> Decimal:
    """Add amounts up without losing a digit.

    Raises `decimal.Inexact` if the sum does not fit 60 digits.
    """
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


def plain(amount: Decimal) -> str:
    """The amount in plain notation, never with an exponent, without trailing zeros: the form of exports."""
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
