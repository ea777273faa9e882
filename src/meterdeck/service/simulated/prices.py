"""The one price table: usage and bill agree to the last digit because both sides are priced here.

List prices in US dollars per million tokens, input and output, as of 2026-09 (api-facts 3.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from meterdeck.domain.money import EXACT
from meterdeck.domain.tokens import TokenType
from meterdeck.service.simulated.options import PriceStep
from meterdeck.service.source import UsageMembers

LIST_PRICES = {
    "claude-opus-5-5": ("4", "20"),
    "claude-opus-5": ("5", "25"),
    "claude-opus-4-7": ("5", "25"),
    "claude-sonnet-5": ("3", "15"),
    "claude-sonnet-4-6": ("3", "15"),
    "claude-haiku-4-5-20251001": ("1", "5"),
    "claude-fable-5": ("10", "50"),
    "claude-fable-5-1": ("10", "50"),
}
CHEAP_CACHE_READS = frozenset({"claude-fable-5-1"})

WEB_SEARCH_CENTS = Decimal(1)
CODE_EXECUTION_HOUR_CENTS = Decimal(5)
SESSION_HOUR_CENTS = Decimal(8)

_CENTS_A_TOKEN = Decimal(100) / Decimal(1_000_000)
_CACHE_READ = Decimal("0.1")
_CHEAP_CACHE_READ = Decimal("0.025")
_CACHE_WRITE_5M = Decimal("1.25")
_CACHE_WRITE_1H = Decimal(2)
_TIERS = {
    "standard": Decimal(1),
    "batch": Decimal("0.5"),
    "flex": Decimal("0.75"),
    "flex_discount": Decimal("0.6"),
    "priority_on_demand": Decimal("1.25"),
}
"""Invented but for the first two: no reference says what a tier beside them costs. Priority Tier has no price."""
_LONG_CONTEXT = {True: Decimal("1.5"), False: Decimal(2)}
"""Beyond 200k tokens of context: output 1.5 times, input twice the price."""
_US_ONLY = Decimal("1.1")
_FAST = Decimal(6)


class PriceTable:
    """Cents for one token of any kind on any day, after the discount."""

    def __init__(self, discount: Decimal, steps: Sequence[PriceStep] = ()) -> None:
        self._kept = 1 - discount
        self._steps = steps

    def token(self, members: UsageMembers, token_type: TokenType, day: datetime) -> Decimal:
        """The exact price of one token in cents; raises KeyError for Priority Tier, which no bill prices."""
        is_output = token_type is TokenType.OUTPUT
        price = Decimal(LIST_PRICES[members.model][is_output]) * _CENTS_A_TOKEN
        price *= _cache_factor(members.model, token_type) * _TIERS[members.service_tier]
        if members.context_window == "200k-1M":
            price *= _LONG_CONTEXT[is_output]
        if members.inference_geo == "us":
            price *= _US_ONLY
        if members.speed == "fast":
            price *= _FAST
        return EXACT.multiply(price, self.discounted(day, members.model))

    def discounted(self, day: datetime, model: str | None = None) -> Decimal:
        """What is left of a list price on a day; without a model, of what is not for tokens."""
        kept = self._kept
        for step in self._steps:
            if day >= step.day and step.model in {None, model}:
                kept = EXACT.multiply(kept, step.factor)
        return kept


def _cache_factor(model: str, token_type: TokenType) -> Decimal:
    if token_type is TokenType.CACHE_READ:
        return _CHEAP_CACHE_READ if model in CHEAP_CACHE_READS else _CACHE_READ
    return {TokenType.CACHE_WRITE_5M: _CACHE_WRITE_5M, TokenType.CACHE_WRITE_1H: _CACHE_WRITE_1H}.get(
        token_type, Decimal(1)
    )
