"""What every token, search and container of the organisation truly costs: the final bill, shared out by the same rules.

Amounts are whole units of 10⁻³⁰ cents. A credit is spread over its pool's tokens, as a bill is shared out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from benches.price_steps.organisation import (
    CHAT,
    DAY,
    HOUR,
    SERIES,
    TODAY,
    USAGE_LAG,
    Organisation,
    Pool,
    Used,
    used_in_hours,
    used_in_minutes,
)
from meterdeck.domain.buckets import BucketWidth, Window, whole_and_parts
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import BILL_DECIMALS, to_units
from meterdeck.domain.reports import CostLine, CostRow, Series
from meterdeck.domain.tokens import TokenType

Member = str
"""A member's id, or the kind of a row without one: ``default``, ``console``, ``not_token``, ``not_allocated``."""
NOT_TOKEN, NOT_ALLOCATED = "not_token", "not_allocated"


class Worth(NamedTuple):
    """What some use costs, in units of 10⁻³⁰ cents."""

    tokens: int = 0
    searches: int = 0
    others: int = 0
    """Code execution: of whole days, and of today what is billed of it so far."""

    def plus(self, other: Worth) -> Worth:
        """Both together."""
        return Worth(*(one + more for one, more in zip(self, other, strict=True)))

    @property
    def used(self) -> int:
        """What usage tells of: tokens and searches."""
        return self.tokens + self.searches

    @property
    def whole(self) -> int:
        """All of it."""
        return self.used + self.others


Worths = dict[Member, Worth]


class Truth:
    """The organisation's dollars, as far as the reports can know of their tokens at a moment.

    ``bill_of_today`` is what was read of today's bill.
    """

    def __init__(self, organisation: Organisation, now: datetime, bill_of_today: Iterable[CostRow]) -> None:
        self.now = now
        self.known_until = now - USAGE_LAG
        self.bill_of_today = tuple(bill_of_today)
        self._organisation = organisation
        self._prices = cache(self._prices_of)

    def has_credits(self, day: datetime) -> bool:
        """Whether the bill of a day has lines below zero: a back-test has them on neither side."""
        return self._organisation.has_credits(day)

    def of_day(self, by: Dimension, day: datetime) -> Worths:
        """A day, as far as it is known, by member, with what is not for tokens."""
        found = self._used_in(by, Window(day, day + DAY))
        _add(found, _member_of_code(by), Worth(others=self.code_of(day)))
        return found

    def of_window(self, by: Dimension, window: Window) -> Worths:
        """What was used in a window by member, and what is not for tokens of the days that begin in it."""
        found = self._used_in(by, window)
        for day in window.starts(BucketWidth.DAY):
            _add(found, _member_of_code(by), Worth(others=self.code_of(day)))
        return found

    def code_of(self, day: datetime) -> int:
        """What code execution costs on a day: of today, what is billed of it."""
        if day < TODAY:
            return _units(self._organisation.code_cents(day, 24))
        return self.billed_of_today(lambda line: line.cost_type == "code_execution")

    def billed_of_today(self, kept: Callable[[CostLine], bool] = lambda _: True) -> int:
        """What is billed of today already, of some lines."""
        return sum(_units(row.cents) for row in self.bill_of_today if kept(row.line))

    def final(self, window: Window) -> int:
        """The whole bill of some days, those to come among them, once it is final."""
        days = window.starts(BucketWidth.DAY)
        return sum(_units(row.cents) for day in days for row in self._organisation.lines(day, day + 2 * DAY))

    def price_of_today(self, pool: Pool) -> int:
        """What a token of a pool costs today."""
        return _units(self._organisation.token_cents(TODAY, pool))

    def _used_in(self, by: Dimension, window: Window) -> Worths:
        found: Worths = {}
        end = min(window.end, self.known_until)
        start = window.start
        while start < end:
            day = BucketWidth.DAY.floor(start)
            part = Window(start, min(day + DAY, end))
            for series in SERIES:
                used = _used(self._organisation.seed, series, part)
                for token_type, price in self._prices(day, series):
                    if token_type is None:
                        _add(found, _member_of_searches(series, by), Worth(searches=used.searches * price))
                    else:
                        units = used.tokens.of(token_type) * price
                        of_type = token_type.value if by is Dimension.TOKEN_TYPE else member_of(series, by)
                        _add(found, of_type, Worth(units))
            start = part.end
        return found

    def _prices_of(self, day: datetime, series: Series) -> list[tuple[TokenType | None, int]]:
        """What each type of a series' tokens costs on a day; None: its searches."""
        cents = self._organisation.token_cents
        of_tokens = [(one, _units(cents(day, Pool.of(series, one)))) for one in TokenType]
        return [*of_tokens, (None, _units(self._organisation.search_cents(day)))]


def _units(cents: Decimal) -> int:
    return to_units(cents, BILL_DECIMALS)


def _used(seed: int, series: Series, part: Window) -> Used:
    """What a series took of a part of a day: whole hours at once, others by their minutes."""
    whole, beside = whole_and_parts(part, BucketWidth.HOUR)
    used = Used()
    if whole is not None:
        used = used_in_hours(seed, series, whole.start, whole.duration // HOUR)
    for minutes in beside:
        for hour in Window(BucketWidth.HOUR.floor(minutes.start), minutes.end).starts(BucketWidth.HOUR):
            inside = max(minutes.start, hour), min(minutes.end, hour + HOUR)
            first, end = ((moment - hour) // BucketWidth.MINUTE.delta for moment in inside)
            used = used.plus(used_in_minutes(seed, series, hour, first, end))
    return used


def member_of(series: Series, by: Dimension) -> Member:
    """How rows of a report name the member of a series."""
    if by is Dimension.WORKSPACE:
        return series.workspace_id or "default"
    if by is Dimension.API_KEY:
        return series.api_key_id or "console"
    return series.model or ""


def _member_of_searches(series: Series, by: Dimension) -> Member:
    """Searches are shared out to series; the lines that pay for them have a workspace alone."""
    return member_of(series, by) if by in {Dimension.WORKSPACE, Dimension.API_KEY} else NOT_TOKEN


def _member_of_code(by: Dimension) -> Member:
    """Nothing shares it out: it stands at its line's workspace, or at nobody's."""
    if by is Dimension.WORKSPACE:
        return CHAT
    return NOT_ALLOCATED if by is Dimension.API_KEY else NOT_TOKEN


def _add(found: Worths, member: Member, more: Worth) -> None:
    found[member] = found[member].plus(more) if member in found else more
