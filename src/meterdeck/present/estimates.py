"""Estimated dollars as text: always with a tilde, and never $0 for what has no price."""

from __future__ import annotations

from decimal import Decimal

from meterdeck.domain.money import cents_to_usd
from meterdeck.present.columns import Cell
from meterdeck.present.numbers import LACKS_PART, NOTHING, UNPRICED, usd_short
from meterdeck.queries.prices import Estimate


def estimate_cell(estimate: Estimate | None) -> Cell:
    """``~$412``; ``+`` behind it where a part of its tokens has no price; ``—`` where nothing is known."""
    if estimate is None or not estimate.known:
        unpriced = estimate is not None and estimate.unpriced_tokens
        return Cell(UNPRICED if unpriced else NOTHING, "muted")
    text = usd_short(cents_to_usd(estimate.cents), estimated=True)
    return Cell(f"{text}{LACKS_PART}" if estimate.unpriced_tokens else text, "estimate")


def estimate_value(estimate: Estimate | None) -> Decimal | None:
    """What such a cell sorts by: nothing where there is no figure."""
    return estimate.cents if estimate is not None and estimate.known else None
