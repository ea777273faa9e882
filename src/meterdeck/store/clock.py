"""What a clock did that had been wrong: reads that are noted for a time still to come."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterdeck.store import hours
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds
from meterdeck.store.topics import Topic

TOLERATED = timedelta(minutes=10)
"""How far ahead a read may be noted: longer than any request takes, shorter than anything waits to be read again."""


def reads_to_come(transaction: Transaction, now: datetime) -> bool:
    """Whether something was read later than now: the clock was set back since."""
    newest = newest_read(transaction)
    return newest is not None and newest > now + TOLERATED


def newest_read(transaction: Transaction) -> datetime | None:
    """When anything was last read, by any session; None for a new store."""
    row = transaction.one("SELECT max(read_at) FROM coverage")
    return from_seconds(row[0]) if row and row[0] is not None else None


def mistrust_reads_to_come(transaction: Transaction, now: datetime) -> None:
    """Let what was read later than now count as read when its bucket began.

    Its figures stay, but any answer replaces them and they are due again. Otherwise a clock that was a day ahead
    for a minute would keep the half-filled hours of that minute for ever: their last reading would be over.
    """
    parameters: dict[str, object] = {"now": to_seconds(now), "latest": to_seconds(now + TOLERATED)}
    rows = transaction.all(
        "SELECT start FROM coverage WHERE report = 'usage' AND width < 86400 AND read_at > :latest",
        parameters,
    )
    transaction.run(
        # That both agree is nothing that two reads said.
        "UPDATE coverage SET read_at = min(start, :now), unchanged_since = :now WHERE read_at > :latest",
        parameters,
    )
    transaction.revise(Topic.COVERAGE)
    hours.settle(transaction, {from_seconds(start) for (start,) in rows})
