"""Hours whose minutes somebody waits for: any session asks, the one that collects reads them."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterdeck.domain.buckets import require_utc
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds

WISH_LASTS = timedelta(minutes=10)
"""Nobody waits longer; a wish that was not met by then is dropped."""


def ask(transaction: Transaction, hour: datetime, now: datetime) -> None:
    """Ask for the minutes of an hour."""
    transaction.run(
        "INSERT OR REPLACE INTO wanted_hour (start, asked_at) VALUES (?, ?)",
        (to_seconds(hour), require_utc(now).timestamp()),
    )


def wanted(transaction: Transaction, now: datetime) -> list[datetime]:
    """The hours that somebody waits for, the newest wish first."""
    since, until = (now - WISH_LASTS).timestamp(), (now + WISH_LASTS).timestamp()
    rows = transaction.all(
        "SELECT start FROM wanted_hour WHERE asked_at > ? AND asked_at < ? ORDER BY asked_at DESC, start DESC",
        (since, until),
    )
    return [from_seconds(start) for (start,) in rows]


def newest(transaction: Transaction, now: datetime) -> float:
    """When the newest wish was made, in seconds since the epoch; 0 if there is none.

    One of a time to come is no wish any more: the clock was set back, and it would hide all that are made now.
    """
    row = transaction.one(
        "SELECT max(asked_at) FROM wanted_hour WHERE asked_at < ?", ((now + WISH_LASTS).timestamp(),)
    )
    return float(row[0] or 0.0) if row else 0.0


def met(transaction: Transaction, hour: datetime, now: datetime) -> None:
    """Take a wish away, and all that nobody waits for any more."""
    transaction.run(
        "DELETE FROM wanted_hour WHERE start = ? OR asked_at <= ? OR asked_at >= ?",
        (to_seconds(hour), (now - WISH_LASTS).timestamp(), (now + WISH_LASTS).timestamp()),
    )
