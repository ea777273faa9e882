"""Money, exact: amounts come as cents in decimal text, are summed exactly and become dollars in one place."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal, Inexact, InvalidOperation

EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
"""Sums of money use this context: a digit that would be lost raises instead (60 digits hold any real bill)."""

_CENTS_IN_A_DOLLAR = Decimal(100)

BILL_DECIMALS = 30
"""Of a cent: as many as an amount of the bill may have (`meterdeck.api.wire` refuses more)."""


def cents_to_usd(cents: Decimal) -> Decimal:
    """Dollars for an amount in cents: the one place that divides by 100 (api-facts 3.2, "Amount")."""
    return EXACT.divide(cents, _CENTS_IN_A_DOLLAR)


def in_whole(amount: Decimal, currency: str) -> Decimal:
    """An amount in the lowest units of any currency (api-facts 3.2) in whole ones: pounds of pence, yen of yen."""
    return EXACT.scaleb(amount, -_DECIMALS.get(currency, 2))


_DECIMALS = dict.fromkeys(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ),
    0,
) | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)
"""How many decimals a currency has that has not two (ISO 4217)."""


def usd_to_cents(usd: Decimal) -> Decimal:
    """Cents for dollars: the way back, for what was divided and goes on being added."""
    return EXACT.multiply(usd, _CENTS_IN_A_DOLLAR)


def in_whole_cents(usd: Decimal) -> Decimal:
    """Dollars rounded to the nearest cent: for what is foreseen, never for what was."""
    return cents_to_usd(usd_to_cents(usd).to_integral_value())


def sum_exactly(amounts: Iterable[Decimal]) -> Decimal:
    """Add amounts up without losing a digit.

    Raises `decimal.Inexact` if the sum does not fit 60 digits.
    """
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


def to_units(cents: Decimal, decimals: int) -> int:
    """The amount in whole units of 10^-decimals cents: integers add up exactly, and many times faster.

    Raises `ValueError` if a digit would be lost.
    """
    units = EXACT.scaleb(cents, decimals)
    if units != units.to_integral_value():
        msg = f"{cents} cents have more than {decimals} decimals"
        raise ValueError(msg)
    return int(units)


def from_units(units: int, decimals: int) -> Decimal:
    """Cents for whole units of 10^-decimals cents."""
    return EXACT.scaleb(Decimal(units), -decimals)


def plain(amount: Decimal) -> str:
    """The amount in plain notation, never with an exponent, without trailing zeros: the form of exports."""
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
