"""Numbers as text: token counts, dollars, changes, shares and ages. Rounding is half to even everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import NamedTuple

from meterdeck.domain.money import plain

NOTHING = "—"
"""Nothing is known: neither zero nor unpriced."""

UNPRICED = "unpriced"
"""Tokens without a learned price: never `$0`."""

LACKS_PART = "+"
"""Behind dollars: a part of them is not known."""

ESTIMATED, SHARED = "~", "≈"
"""Before dollars: an estimate; a part of a settled bill, shared out by tokens. Nothing stands before what was billed."""

MINUS = "−"
"""U+2212, as wide as a plus sign."""

_ROUNDING = Context(prec=60, rounding=ROUND_HALF_EVEN)
_SUFFIXES = ("", "k", "M", "B", "T", "Q")
_NO_TENTHS = re.compile(r"\.0(?=\D$)")


class Unit(NamedTuple):
    """How a count is written: divided by ``scale``, with so many decimals, followed by the suffix."""

    scale: int
    suffix: str
    decimals: int


def unit_for(counts: Iterable[int | None], *, digits: int = 3) -> Unit:
    """The unit that gives the largest count ``digits`` significant digits: one unit for a whole column."""
    largest = max((count for count in counts if count is not None), default=0)
    units = [
        Unit(1000**power, suffix, decimals)
        for power, suffix in enumerate(_SUFFIXES)
        for decimals in range(digits - 1 if power else 0, -1, -1)
    ]
    return next((unit for unit in units if _fits(largest, unit, digits)), units[-1])


def tokens(count: int | None, unit: Unit | None = None) -> str:
    """``61.2M``: a count in its own unit or in its column's, at most five cells wide.

    A count that is too small for the column's decimals reads ``<.01M``, never zero.
    """
    if count is None:
        return NOTHING
    if count == 0:
        return "0"
    unit = unit or unit_for([count])
    scaled = _rounded(_scaled(count, unit), unit.decimals)
    if scaled:
        return f"{scaled:f}{unit.suffix}"
    least = Decimal(1).scaleb(-unit.decimals)
    return f"<{_trim_zero(f'{least:f}')}{unit.suffix}"


def usd(amount: Decimal | None, *, sign: str = "", symbol: str = "$") -> str:
    """``$5,688.12``: dollars, exact to the cent."""
    return NOTHING if amount is None else _money(amount, decimals=2, sign=sign, symbol=symbol)


def usd_exact(amount: Decimal, *, symbol: str = "$") -> str:
    """``$11.34339``: dollars with every digit there is, and at least cents."""
    whole, _, decimals = plain(amount.copy_abs()).partition(".")
    return f"{MINUS if amount < 0 else ''}{symbol}{int(whole):,}.{decimals:0<2}"


def usd_whole(amount: Decimal | None, *, sign: str = "", symbol: str = "$") -> str:
    """``$2,870``: whole dollars; less than half a dollar reads ``<$1``."""
    return NOTHING if amount is None else _money(amount, decimals=0, sign=sign, symbol=symbol)


def usd_short(amount: Decimal | None, *, sign: str = "") -> str:
    """``$412``, ``$9.4k``, ``$151k``: dollars in at most six cells; cents only below ten dollars."""
    if amount is None:
        return NOTHING
    size = abs(amount)
    if size < Decimal("9.995"):
        return _money(amount, decimals=2, sign=sign)
    power = 0
    while power < len(_SUFFIXES) - 1 and _rounded(size, 0) >= 1000:
        size = _ROUNDING.divide(size, Decimal(1000))
        power += 1
    decimals = 1 if power and _rounded(size, 1) < 10 else 0
    text = _money(size.copy_sign(amount), decimals=decimals, sign=sign)
    return text + _SUFFIXES[power]


def amount(exact: Decimal) -> str:
    """``$200k``, ``$2.5k``, ``$4,550``, ``$1,500.50``: what a budget holds, never rounded."""
    short = usd_short(exact)
    power = _SUFFIXES.index(short[-1] if short[-1] in _SUFFIXES else "")
    if Decimal(short.strip(f"${''.join(_SUFFIXES)}")) * 1000**power == exact:
        return _NO_TENTHS.sub("", short)
    return usd(exact) if exact % 1 else usd_whole(exact)


def trend(before: int | None, now: int) -> str:
    """``▲38%`` against an earlier pace: an arrow and a figure, never colour alone; empty without one."""
    if not before:
        return ""
    sign = "▲" if now > before else "▼" if now < before else "="
    return f"{sign}{change(before, now).lstrip(f'+{MINUS}')}"


def change(before: Decimal | int | None, after: Decimal | int | None) -> str:
    """``+84%``, ``−3%``, ``0%``; ``×12`` from tenfold on; ``new`` where there was nothing before."""
    if before is None or after is None:
        return NOTHING
    if before == after:
        return "0%"
    if before == 0:
        return "new"
    ratio = _ROUNDING.divide(Decimal(after), Decimal(before))
    if ratio >= 10:
        return f"×{_rounded(ratio, 0):f}"
    percent = _rounded((ratio - 1) * 100, 0)
    sign = "+" if percent > 0 else MINUS if percent < 0 else ""
    return f"{sign}{abs(percent):f}%"


def share(part: Decimal | int | None, whole: Decimal | int | None) -> str:
    """``52%`` of a whole; a part that rounds to nothing reads ``<1%``."""
    if part is None or not whole:
        return NOTHING
    percent = _rounded(_ROUNDING.divide(Decimal(part) * 100, Decimal(whole)), 0)
    return "<1%" if part > 0 and not percent else f"{percent:f}%"


def age(duration: timedelta, *, seconds: bool = False) -> str:
    """``3 min``, ``2 h``, ``4 d``, rounded down; below a minute ``<1 min``, or ``45 s`` if asked."""
    total = max(0, int(duration.total_seconds()))
    if total < 60:
        return f"{total} s" if seconds else "<1 min"
    if total < 2 * 3600:
        return f"{total // 60} min"
    if total < 48 * 3600:
        return f"{total // 3600} h"
    return f"{total // 86400} d"


def _fits(count: int, unit: Unit, digits: int) -> bool:
    limit = 10 ** (digits - unit.decimals) if unit.decimals else 1000
    return _rounded(_scaled(count, unit), unit.decimals) < limit


def _scaled(count: int, unit: Unit) -> Decimal:
    return _ROUNDING.divide(Decimal(count), Decimal(unit.scale))


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), context=_ROUNDING)


def _money(amount: Decimal, *, decimals: int, sign: str, symbol: str = "$") -> str:
    minus = MINUS if amount < 0 else ""
    size = _rounded(abs(amount), decimals)
    if amount and not size:
        least = Decimal(1).scaleb(-decimals)
        return f"{sign}<{minus}{symbol}{least:f}"
    return f"{sign}{minus}{symbol}{size:,f}"


def _trim_zero(text: str) -> str:
    return text[1:] if text.startswith("0.") else text
