"""What can be chosen of a simulated organisation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

HISTORY_STARTS = datetime(2026, 1, 1, tzinfo=UTC)
"""Before this nothing was used and nothing billed."""


@dataclass(frozen=True, slots=True)
class PriceStep:
    """From a UTC day on, prices (of one model, or of all and what is not for tokens) are multiplied by a factor."""

    day: datetime
    factor: Decimal
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """Same options, same organisation, whenever it is asked."""

    seed: int = 1
    size: Literal["small", "normal", "large"] = "normal"
    today: Literal["partial", "empty", "absent", "refused"] = "partial"
    """What the bill says of the running day; ``refused`` answers a range past today with the 400."""
    incidents: frozenset[str] = field(default=frozenset({"launch", "runaway"}))
    discount: Decimal = Decimal("0.12")
    """Off every list price."""
    price_steps: tuple[PriceStep, ...] = ()
    """Steps of one price multiply: two that halve it leave a quarter."""
    shape: Literal["nested", "flat"] = "nested"
    accepted_key: str | None = None
    """The one key that is answered; None answers any."""
