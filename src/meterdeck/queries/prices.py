"""Learned prices: what a token of each kind costs this organisation, from the days whose bill is settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Context, Decimal

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import BILL_DECIMALS, EXACT, from_units, to_units
from meterdeck.domain.reports import PriceKey
from meterdeck.domain.tokens import TokenCounts, TokenType
from meterdeck.queries.look import Look
from meterdeck.store import coverage, feeds, sums
from meterdeck.store.coverage import Coverage, Report

LEARNED_FROM = timedelta(days=31)
SETTLED_AFTER = timedelta(hours=24)
SETTLED_FOR_SURE_AFTER = timedelta(hours=72)
AGREEING_READS_APART = timedelta(hours=6)

UNBILLED_TIER = "priority"

PRICED_BY = (Dimension.MODEL, Dimension.SERVICE_TIER, Dimension.CONTEXT_WINDOW)
"""What a price depends on, beside the token type."""

_TOKEN_TYPES: dict[str | None, TokenType] = {token_type.value: token_type for token_type in TokenType}
_DIVIDE = Context(prec=60)
PRICE_DECIMALS = 12
"""Of a cent, in a learned price."""
_QUANTUM = Decimal(1).scaleb(-PRICE_DECIMALS)

Vector = tuple[int | None, int | None, int | None, int | None, int | None]
"""The price of a token of each type, in the order of `TokenCounts` and in units of 10⁻¹² cents; None: unpriced."""

Worth = tuple[int, int, int, int]
"""What tokens are worth, in units of 10⁻¹² cents, and how many were priced, unpriced, and are in no bill."""


@dataclass(frozen=True, slots=True)
class Price:
    """Cents for one token, rounded once to 12 decimals: with it, tokens × price is exact and adds up."""

    cents: Decimal
    days: int
    """How many settled days it rests on."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What tokens will cost in the bill, at learned prices; tokens without a price are counted, never priced at 0.

    Tokens of the Priority Tier are in no bill, ever (api-facts 3.2): they are neither priced nor missing.
    """

    cents: Decimal = Decimal(0)
    priced_tokens: int = 0
    unpriced_tokens: int = 0
    unbilled_tokens: int = 0

    @classmethod
    def of(cls, units: int, priced: int, unpriced: int, unbilled: int) -> Estimate:
        """The estimate that a `Worth`, or a sum of them, stands for."""
        return cls(from_units(units, PRICE_DECIMALS), priced, unpriced, unbilled)

    def __add__(self, other: Estimate) -> Estimate:
        return Estimate(
            EXACT.add(self.cents, other.cents),
            self.priced_tokens + other.priced_tokens,
            self.unpriced_tokens + other.unpriced_tokens,
            self.unbilled_tokens + other.unbilled_tokens,
        )

    @property
    def known(self) -> bool:
        """Whether there is a figure at all; where there is none it is ``unpriced``, not $0."""
        return self.priced_tokens > 0 or not (self.unpriced_tokens or self.unbilled_tokens)

    def scaled(self, factor: int) -> Estimate:
        """The same, as many times."""
        return Estimate(
            EXACT.multiply(self.cents, Decimal(factor)),
            self.priced_tokens * factor,
            self.unpriced_tokens * factor,
            self.unbilled_tokens * factor,
        )


@dataclass(frozen=True, slots=True)
class PriceBook:
    """All learned prices of the organisation."""

    prices: Mapping[PriceKey, Price] = field(default_factory=dict)
    settled_days: frozenset[datetime] = frozenset()
    _vectors: dict[tuple[str | None, str | None, str | None], Vector] = field(
        default_factory=dict, compare=False, repr=False
    )

    def vector(
        self, model: str | None, service_tier: str | None, context_window: str | None
    ) -> Vector | None:
        """The prices of one series' five token types; None where no bill ever holds them."""
        if service_tier == UNBILLED_TIER:
            return None
        key = (model, service_tier, context_window)
        found = self._vectors.get(key)
        if found is None:
            uncached, read, write_5m, write_1h, output = (
                self.prices.get(PriceKey(model, token_type, service_tier, context_window))
                for token_type in TokenType
            )
            found = _units(uncached), _units(read), _units(write_5m), _units(write_1h), _units(output)
            self._vectors[key] = found
        return found

    def estimate(
        self, tokens: TokenCounts, model: str | None, service_tier: str | None, context_window: str | None
    ) -> Estimate:
        """Price one series' tokens. Each series is priced, then added: never a sum priced."""
        counters = [count for _, count in tokens.items()]
        return Estimate.of(*worth(counters, self.vector(model, service_tier, context_window)))


def worth(counters: Sequence[int], vector: Vector | None) -> Worth:
    """Price tokens, given in the order of `TokenCounts`."""
    if vector is None:
        return 0, 0, 0, sum(counters[:5])
    units = priced = unpriced = 0
    for count, price in zip(counters, vector, strict=False):
        if price is None:
            unpriced += count
        elif count:
            units += count * price
            priced += count
    return units, priced, unpriced, 0


def _units(price: Price | None) -> int | None:
    return None if price is None else to_units(price.cents, PRICE_DECIMALS)


def is_settled(day: datetime, read: Coverage | None, now: datetime) -> bool:
    """Whether a bucket's figures will not change any more (design, "settled day").

    It ended at least 24 h ago and two reads at least 6 h apart agree, or it was read 72 h after it ended.
    """
    if read is None:
        return False
    end = day + BucketWidth.DAY.delta
    if read.read_at >= end + SETTLED_FOR_SURE_AFTER:
        return True
    agreed_for = read.read_at - max(read.unchanged_since, end)
    return now >= end + SETTLED_AFTER and agreed_for >= AGREEING_READS_APART


def learn(look: Look, now: datetime) -> PriceBook:
    """Divide what settled days cost by the tokens they took, both sides summed first (api-facts 3.4)."""
    today = BucketWidth.DAY.floor(now)
    window = Window(today - LEARNED_FROM, today)
    settled = _settled_days(look, window, now)
    if not settled:
        return PriceBook()
    cents = _billed(look, window, settled)
    tokens = _used(look, window, settled)
    prices: dict[PriceKey, Price] = {}
    for key, by_day in cents.items():
        # A day counts only where both reports know it: a line that one of them lacks would bend the price.
        days = by_day.keys() & tokens.get(key, {}).keys()
        count = sum(tokens[key][day] for day in days)
        if count:
            paid = from_units(sum(by_day[day] for day in days), BILL_DECIMALS)
            prices[key] = Price(
                _DIVIDE.divide(paid, Decimal(count)).quantize(_QUANTUM, context=_DIVIDE), len(days)
            )
    return PriceBook(prices, settled)


_ByDay = dict[PriceKey, dict[datetime, int]]


def _settled_days(look: Look, window: Window, now: datetime) -> frozenset[datetime]:
    """Days that are settled in the bill and whole in usage."""
    bills = coverage.covered(look.transaction, Report.COST, BucketWidth.DAY, window)
    sources = look.sources(window)
    settled = set()
    for day, read in bills.items():
        hours = Window(day, day + BucketWidth.DAY.delta).starts(BucketWidth.HOUR)
        if is_settled(day, read, now) and all(
            hour in sources and hour not in sources.partial for hour in hours
        ):
            settled.add(day)
    return frozenset(settled)


def _billed(look: Look, window: Window, days: frozenset[datetime]) -> _ByDay:
    billed: _ByDay = {}
    bill = look.bill(window)
    for of, amounts in bill.amounts.items():
        line = bill.lines[of]
        if not line.is_tokens or line.token_type not in _TOKEN_TYPES:
            continue
        key = PriceKey(line.model, _TOKEN_TYPES[line.token_type], line.service_tier, line.context_window)
        by_day = billed.setdefault(key, {})
        for day, units in amounts.items(bill.days):
            if day in days:
                by_day[day] = by_day.get(day, 0) + units
    return billed


def _used(look: Look, window: Window, days: frozenset[datetime]) -> _ByDay:
    used: _ByDay = {}
    for total in sums.totals(look.transaction, window, PRICED_BY, each=BucketWidth.DAY):
        if total.start is None or total.start not in days:
            continue
        model, service_tier, context_window = total.members
        for token_type, count in total.tokens.items():
            if count:
                key = PriceKey(model, token_type, service_tier, context_window)
                used.setdefault(key, {})[total.start] = count
    return used


class PriceCache:
    """Keeps the learned prices until something they rest on was read again, or a day has passed."""

    def __init__(self) -> None:
        self._book = PriceBook()
        self._rests_on: object = None

    def learn(self, look: Look, now: datetime) -> PriceBook:
        """The price book of a moment."""
        states = feeds.load(look.transaction)
        rests_on = (BucketWidth.DAY.floor(now), states.get("hours"), states.get("costs"))
        if rests_on != self._rests_on:
            self._book = learn(look, now)
            self._rests_on = rests_on
        return self._book
