"""The lines of a day's bill as a document: the JSON contract of `report costs --lines` (docs/report-json.md)."""

from __future__ import annotations

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.dollars import Dollars, Lack
from meterdeck.domain.money import plain, to_units, usd_to_cents
from meterdeck.present.day_lines import notes
from meterdeck.present.documents import (
    Document,
    dollars_fields,
    head,
    member_fields,
    spend_fields,
    total_fields,
)
from meterdeck.queries.day_lines import DayLine, DayLines
from meterdeck.queries.spend import UNIT_DECIMALS, Spend


def lines_document(found: DayLines, *, fresh: bool) -> Document:
    """Every line of a day's bill that the filters keep, the dearest first, and what they leave out."""
    window = Window(found.day, found.day + BucketWidth.DAY.delta)
    document = {
        **head("cost_lines", found.scope, window, found.gaps, found.as_of, fresh=fresh),
        "by": "line",
        "currency": "USD",
        "billed": found.reported,
        "settled": found.settled,
        **total_fields(
            Spend(
                billed=to_units(usd_to_cents(found.total_usd), UNIT_DECIMALS),
                billed_parts=1,
                other_currencies=len(found.other_lines),
            )
        ),
        "left_out_lines": len(found.left_out),
        "left_out_usd": plain(found.left_out_usd),
        "rows": [_row(found, line) for line in (*found.lines, *found.other_lines)],
    }
    geos = found.scope.members(Dimension.INFERENCE_GEO)
    if geos is not None:
        document["filters"][Dimension.INFERENCE_GEO.word] = sorted(geo or "" for geo in geos)
    if found.other_currencies:
        document["other_currencies"] = {of: plain(amount) for of, amount in found.other_currencies.items()}
    if found.worth is not None:
        worth = spend_fields(found.worth)
        document["worth_usd"] = worth.pop("usd")
        document |= {f"worth_{name}": value for name, value in worth.items()}
    said = notes(found)
    if said:
        document["note"] = " ".join(said)
    return document


def _row(found: DayLines, line: DayLine) -> Document:
    of = line.line
    return {
        "day": found.day.strftime("%Y-%m-%d"),
        **member_fields(line.workspace),
        "description": of.description,
        "cost_type": of.cost_type,
        "model": of.model,
        "token_type": of.member(Dimension.TOKEN_TYPE),
        "service_tier": of.service_tier,
        "context_window": of.context_window,
        "inference_geo": of.inference_geo,
        "cents": f"{line.cents:f}",
        **({} if of.is_usd else {"currency": of.currency}),
        **dollars_fields(Dollars(line.usd) if of.is_usd else _NO_DOLLARS),
    }


_NO_DOLLARS = Dollars(None, lacks=(Lack.OTHER_CURRENCY,))
"""What a line in another currency comes to."""
