"""The key figures of the whole organisation, as the session that collects saw them last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meterdeck.domain.money import plain
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds


@dataclass(frozen=True, slots=True)
class Amount:
    """Estimated dollars."""

    usd: Decimal | None
    """None where nothing prices the tokens."""
    lacks: bool = False
    """Whether a part is missing: a day that was not read, or tokens without a price."""


@dataclass(frozen=True, slots=True)
class Glance:
    """Figures of a moment; None where nothing was known."""

    at: datetime
    tokens_per_hour: int | None = None
    tokens_per_hour_before: int | None = None
    """An hour before."""
    hour: Amount | None = None
    """What an hour at this pace costs."""
    today: Amount | None = None
    """Since the start of the UTC day of ``at``."""
    month: Amount | None = None
    """Since the start of its UTC month."""


def keep(transaction: Transaction, glance: Glance) -> None:
    """Put newer figures in the place of those before. No screen rests on them, so no revision is raised."""
    amounts = [_columns(amount) for amount in (glance.hour, glance.today, glance.month)]
    transaction.run(
        "INSERT OR REPLACE INTO glance VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            to_seconds(glance.at),
            glance.tokens_per_hour,
            glance.tokens_per_hour_before,
            *(cell for columns in amounts for cell in columns),
        ),
    )


def last(transaction: Transaction) -> Glance | None:
    """The newest figures; None if none were ever kept."""
    row = transaction.one(
        "SELECT at, tokens_per_hour, tokens_per_hour_before, hour_usd, hour_lacks, today_usd, today_lacks,"
        " month_usd, month_lacks FROM glance"
    )
    if row is None:
        return None
    at, tokens, before, *amounts = row
    hour, today, month = (_amount(*amounts[place : place + 2]) for place in (0, 2, 4))
    return Glance(from_seconds(at), tokens, before, hour, today, month)


def _columns(amount: Amount | None) -> tuple[str | None, int | None]:
    if amount is None:
        return None, None
    return None if amount.usd is None else plain(amount.usd), int(amount.lacks)


def _amount(usd: str | None, lacks: int | None) -> Amount | None:
    return None if lacks is None else Amount(None if usd is None else Decimal(usd), bool(lacks))
