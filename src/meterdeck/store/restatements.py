"""Settled days that changed afterwards: what was shared out of them is void, and they are named."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds
from meterdeck.store.topics import Topic


class Restatement(NamedTuple):
    """A settled UTC day that was changed: its bill before and after, in cents. Equal sums: its usage was changed."""

    day: datetime
    at: datetime
    before: Decimal
    after: Decimal


def is_allocated(transaction: Transaction, day: datetime) -> bool:
    """Whether a day's bill is kept shared out."""
    return transaction.one("SELECT 1 FROM allocation WHERE day = ?", (to_seconds(day),)) is not None


def restate(transaction: Transaction, day: datetime, at: datetime, before: Decimal, after: Decimal) -> None:
    """Forget what a day's bill was shared out to, for it or the day's usage has changed; note that it has.

    A day that was restated before keeps its first amount, so that the whole change is told.
    """
    seconds = to_seconds(day)
    for table in ("allocated", "not_allocated", "allocation"):
        transaction.run(f"DELETE FROM {table} WHERE day = ?", (seconds,))
    transaction.run(
        "INSERT INTO restatement (day, at, before, after) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (day) DO UPDATE SET at = excluded.at, after = excluded.after",
        (seconds, to_seconds(at), str(before), str(after)),
    )
    transaction.revise(Topic.ALLOCATION)


def since(transaction: Transaction, moment: datetime) -> list[Restatement]:
    """The restatements that were noticed since a moment, the newest day first."""
    rows = transaction.all(
        "SELECT day, at, before, after FROM restatement WHERE at >= ? ORDER BY day DESC",
        (to_seconds(moment),),
    )
    return [
        Restatement(from_seconds(day), from_seconds(at), Decimal(before), Decimal(after))
        for day, at, before, after in rows
    ]
