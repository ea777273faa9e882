"""What tokens truly cost in the simulated organisation."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from meterdeck.domain.reports import PriceKey
from meterdeck.domain.tokens import TokenType
from meterdeck.service.simulated.catalog import streams
from meterdeck.service.simulated.options import Options
from meterdeck.service.simulated.prices import PriceTable


def true_prices(day: datetime) -> dict[PriceKey, set[Decimal]]:
    """What a token of each kind truly costs, from the simulation's own table: several where geos or speeds mix."""
    table = PriceTable(Options().discount)
    found: dict[PriceKey, set[Decimal]] = {}
    for stream in streams(Options().size):
        of = stream.members
        if of.service_tier == "priority":
            continue
        mix = zip(TokenType, stream.workload.mix.value, strict=True)
        for token_type in [token_type for token_type, share in mix if share]:
            key = PriceKey(of.model, token_type, of.service_tier, of.context_window)
            found.setdefault(key, set()).add(table.token(of, token_type, day))
    return found
