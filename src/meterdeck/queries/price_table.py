"""Every price in use and where it comes from: what `meterdeck prices` shows."""

from __future__ import annotations

from dataclasses import dataclass

from meterdeck.domain.reports import PriceKey
from meterdeck.queries.price_history import PriceHistory
from meterdeck.queries.prices import SEARCH, UNBILLED_TIER, Price, PriceBook


@dataclass(frozen=True, slots=True)
class PriceRow:
    """The price of one kind of token."""

    key: PriceKey
    price: Price | None
    """None where nothing tells it, and for tokens of the Priority Tier, which no bill holds."""
    everywhere: bool = True
    """Whether it holds for every workspace that has none of its own."""
    workspace_id: str | None = None
    """Whose price it is, where it does not hold everywhere; None is the default workspace."""

    @property
    def unbilled(self) -> bool:
        """Whether no bill ever holds these tokens."""
        return self.key.service_tier == UNBILLED_TIER


def price_rows(history: PriceHistory, book: PriceBook) -> list[PriceRow]:
    """The prices of all kinds of token that were used, of the whole organisation first, then of workspaces."""
    used = {
        key
        for (_, key), by_day in history.paid.items()
        if key.token_type is not None and any(paid.tokens for paid in by_day.values())
    }
    common = [
        PriceRow(key, book.prices.get(key) or book.list_price(key))
        for key in sorted(used | book.prices.keys() - {SEARCH}, key=_in_order)
    ]
    own = [
        PriceRow(key, price, everywhere=False, workspace_id=workspace)
        for (workspace, key), price in sorted(
            ((of, price) for of, price in book.of_workspaces.items() if of[1] != SEARCH),
            key=lambda one: (one[0][0] or "", _in_order(one[0][1])),
        )
    ]
    return [*common, *own]


def _in_order(key: PriceKey) -> tuple[str, ...]:
    return tuple(field or "" for field in (key.model, key.service_tier, key.context_window, key.token_type))
