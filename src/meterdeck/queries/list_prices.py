"""List prices, kept as data with their date and source: what a token costs where no settled bill tells."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from meterdeck.domain.reports import PriceKey
from meterdeck.domain.tokens import TokenType

_DATA = Path(__file__).with_name("list_prices.toml")
_CENTS_A_TOKEN = Decimal("0.0001")
"""Cents for one token, of a price of one dollar for a million."""
_CENTS_A_SEARCH = Decimal("0.1")
"""Cents for one search, of a price of one dollar for a thousand."""
_SNAPSHOT = re.compile(r"-\d{8}$")
"""The date behind a model's name: ``claude-haiku-4-5-20251001``."""
_SHORT_CONTEXTS = {"0-200k", None}


@dataclass(frozen=True, slots=True)
class ListPrices:
    """Published prices of a date."""

    date: str
    source: str
    data: dict[str, Any]

    def cents(self, key: PriceKey) -> Decimal | None:
        """Cents for one token, or one web search; None where the list has no such price."""
        if key.token_type is None:
            per_thousand = self.data.get("web_search")
            return None if per_thousand is None else Decimal(per_thousand) * _CENTS_A_SEARCH
        model = self.data["models"].get(_SNAPSHOT.sub("", key.model or ""))
        tier = self.data["tiers"].get(key.service_tier or "standard")
        if model is None or tier is None or key.context_window not in _SHORT_CONTEXTS:
            return None
        usd = Decimal(model["output" if key.token_type is TokenType.OUTPUT else "input"])
        if key.token_type not in {TokenType.UNCACHED_INPUT, TokenType.OUTPUT}:
            name = key.token_type.value
            usd *= Decimal(model.get(name, self.data[name]))
        return usd * Decimal(tier) * _CENTS_A_TOKEN


@cache
def list_prices() -> ListPrices:
    """The list that this version of meterdeck knows."""
    data = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    return ListPrices(data.pop("date"), data.pop("source"), data)
