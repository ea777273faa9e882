"""The lease: of all sessions on a store one collects. It expires by itself when its holder dies or sleeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from meterdeck.domain.buckets import require_utc
from meterdeck.store.database import Transaction

LEASE_LASTS = timedelta(seconds=7)
"""With a look every 2 s by those who wait, a dead holder is replaced within 9 s: ten is the promise."""
CLOCKS_DIFFER = timedelta(seconds=1)
"""How far clocks of machines on one store may be apart before they take the lease from each other."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who collects."""

    owner: str
    pid: int


def acquire(transaction: Transaction, me: Lease, now: datetime) -> Lease:
    """Take or renew the lease if it is free, expired or mine; return whoever holds it now.

    A lease that claims to last longer than any can is void: the clock was set back since.
    """
    moment = require_utc(now).timestamp()
    longest = (LEASE_LASTS + CLOCKS_DIFFER).total_seconds()
    row = transaction.one("SELECT owner, pid, expires_at FROM lease")
    if row is not None:
        owner, pid, expires_at = row
        held = moment < expires_at <= moment + longest
        if held and owner != me.owner:
            return Lease(owner, pid)
    transaction.run(
        "INSERT OR REPLACE INTO lease (id, owner, pid, expires_at) VALUES (1, ?, ?, ?)",
        (me.owner, me.pid, moment + LEASE_LASTS.total_seconds()),
    )
    return me


def holder(transaction: Transaction, now: datetime) -> Lease | None:
    """Whoever holds the lease now, without racing for it; None if nobody does."""
    moment = require_utc(now).timestamp()
    row = transaction.one(
        "SELECT owner, pid FROM lease WHERE expires_at > ? AND expires_at <= ?",
        (moment, moment + (LEASE_LASTS + CLOCKS_DIFFER).total_seconds()),
    )
    return Lease(*row) if row else None


def missed(renewed_at: datetime, now: datetime) -> bool:
    """Whether the lease may be another's since it was renewed: until it is renewed again its holder must not read.

    The process was stopped, the machine slept, or a clock was set, so what is due by the clock has changed too.
    """
    return not timedelta() <= require_utc(now) - require_utc(renewed_at) < LEASE_LASTS


def ask_refresh(transaction: Transaction, now: datetime) -> None:
    """Ask the session that collects to read the newest figures now."""
    transaction.run("INSERT OR REPLACE INTO wish (id, at) VALUES (1, ?)", (require_utc(now).timestamp(),))


def refresh_asked_at(transaction: Transaction) -> float:
    """When a refresh was last asked for, in seconds since the epoch; 0 if never."""
    row = transaction.one("SELECT at FROM wish")
    return float(row[0]) if row else 0.0


def release(transaction: Transaction, me: Lease) -> None:
    """Give the lease back, if it is mine."""
    transaction.run("DELETE FROM lease WHERE owner = ?", (me.owner,))
