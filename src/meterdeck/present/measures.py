"""What a chart measures: how its values are written on the scale, in short, and exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cache, partial
from typing import Protocol

from meterdeck.domain.money import cents_to_usd
from meterdeck.present.numbers import ESTIMATED, NOTHING, tokens, unit_for, usd, usd_short

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))
_SCALE_DIGITS = 2
_CENTS_FROM = 1000
"""Below ten dollars a scale needs cents."""


class Written(Protocol):
    """Writes an amount, with the sign of how it is known before it where there is one."""

    def __call__(self, amount: int | None, sign: str = ...) -> str:
        """The amount as text."""
        ...


@dataclass(frozen=True, slots=True)
class Measure:
    """How whole numbers of something are written."""

    noun: str
    """What is counted, in a few characters: ``tok``."""
    columns: int
    """The widest label of a scale."""
    label: Callable[[int, int], str]
    """A value on a scale that ends at another one: all labels of a scale have one unit."""
    grain: Callable[[int], int]
    """The smallest amount that labels of a scale tell apart that ends at a value."""
    short: Written
    """In a few characters; the sign tells how an amount of dollars is known, an estimate where it is not given."""
    exact: Written

    def per(self, width: timedelta) -> str:
        """``tok/h``: the unit of bars that each stand for one bucket."""
        return f"{self.noun}/{span_words(width).removeprefix('1 ')}"


def span_words(width: timedelta) -> str:
    """``3 h``, ``1 d``, ``90 min``: a duration in its largest whole unit."""
    seconds = int(width.total_seconds())
    return next((f"{seconds // of} {unit}" for of, unit in _UNITS if seconds % of == 0), f"{seconds} s")


def length_words(length: timedelta) -> str:
    """``91 min``, ``4 h``, ``5 d``: about how long a time is, in a unit of which it has at least two."""
    seconds = int(length.total_seconds())
    for of, unit in _UNITS:
        if seconds >= 2 * of:
            return f"{(seconds + of // 2) // of} {unit}"
    return span_words(length)


def mean_of(width: timedelta, buckets: int) -> str:
    """``mean of 3 h``: what a bar of several buckets is."""
    return f"mean of {span_words(width * buckets)}"


def _tokens_label(count: int, top: int) -> str:
    return tokens(count, unit_for([top], digits=_SCALE_DIGITS))


def _tokens_grain(top: int) -> int:
    unit = unit_for([top], digits=_SCALE_DIGITS)
    return unit.scale // int(10**unit.decimals)


def _tokens_shortly(amount: int | None, sign: str = "") -> str:  # noqa: ARG001 - a count needs no sign
    return tokens(amount)


def _tokens_exactly(amount: int | None, sign: str = "") -> str:  # noqa: ARG001
    if amount is None:
        return NOTHING
    return f"{amount:,} {'token' if amount == 1 else 'tokens'}"


def _dollars_label(cents: int, top: int, sign: str = ESTIMATED) -> str:
    if not cents:
        return "0"
    if top < _CENTS_FROM:
        return _dollars_exactly(cents, sign)
    return f"{sign}${tokens(cents // 100, unit_for([top // 100], digits=_SCALE_DIGITS))}"


def _dollars_grain(top: int) -> int:
    return 1 if top < _CENTS_FROM else 100 * _tokens_grain(top // 100)


def _dollars_shortly(amount: int | None, sign: str = ESTIMATED) -> str:
    return usd_short(None if amount is None else cents_to_usd(Decimal(amount)), sign=sign)


def _dollars_exactly(amount: int | None, sign: str = ESTIMATED) -> str:
    return usd(None if amount is None else cents_to_usd(Decimal(amount)), sign=sign)


TOKENS = Measure("tok", 4, _tokens_label, _tokens_grain, _tokens_shortly, _tokens_exactly)

DOLLARS = Measure("~$", 6, _dollars_label, _dollars_grain, _dollars_shortly, _dollars_exactly)
"""Whole cents."""


@cache
def signed(measure: Measure, sign: str) -> Measure:
    """The same measure with a scale of amounts that are known so: dollars alone have a sign."""
    if measure is not DOLLARS:
        return measure
    return replace(measure, noun=f"{sign}$", label=partial(_dollars_label, sign=sign))
