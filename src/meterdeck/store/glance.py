"""The key figures of the whole organisation, as the session that collects saw them last."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meterdeck.domain.dollars import ByState, Dollars, Evidence, Lack, State
from meterdeck.domain.money import plain
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds


@dataclass(frozen=True, slots=True)
class Glance:
    """Figures of a moment; None where nothing was known."""

    at: datetime
    tokens_per_hour: int | None = None
    tokens_per_hour_before: int | None = None
    """An hour before."""
    hour: Dollars | None = None
    """What an hour at this pace costs."""
    today: Dollars | None = None
    """Since the start of the UTC day of ``at``."""
    month: Dollars | None = None
    """Since the start of its UTC month."""


def keep(transaction: Transaction, glance: Glance) -> None:
    """Put newer figures in the place of those before. No screen rests on them, so no revision is raised."""
    amounts = [_columns(amount) for amount in (glance.hour, glance.today, glance.month)]
    transaction.run(
        f"INSERT OR REPLACE INTO glance (id, at, tokens_per_hour, tokens_per_hour_before, {_AMOUNTS})"
        " VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            to_seconds(glance.at),
            glance.tokens_per_hour,
            glance.tokens_per_hour_before,
            *(cell for columns in amounts for cell in columns),
        ),
    )


def last(transaction: Transaction) -> Glance | None:
    """The newest figures; None if none were ever kept."""
    row = transaction.one(f"SELECT at, tokens_per_hour, tokens_per_hour_before, {_AMOUNTS} FROM glance")
    if row is None:
        return None
    at, tokens, before, *amounts = row
    hour, today, month = (_amount(*amounts[place : place + 3]) for place in (0, 3, 6))
    return Glance(from_seconds(at), tokens, before, hour, today, month)


_AMOUNTS = ", ".join(f"{of}_usd, {of}_lacks, {of}_known" for of in ("hour", "today", "month"))


def _columns(amount: Dollars | None) -> tuple[str | None, int | None, str | None]:
    if amount is None:
        return None, None, None
    known = {
        "state": amount.state,
        "evidence": amount.evidence,
        "lacks": amount.lacks,
        "mixed": amount.mixed,
        "by_state": [str(part) for part in amount.by_state],
    }
    usd = None if amount.amount is None else plain(amount.amount)
    return usd, int(bool(amount.lacks)), json.dumps(known)


def _amount(usd: str | None, lacks: int | None, known: str | None) -> Dollars | None:
    """One that an older meterdeck kept is an estimate that may lack tokens without a price."""
    if lacks is None:
        return None
    amount = None if usd is None else Decimal(usd)
    if known is None:
        return Dollars(amount, State.ESTIMATED, Evidence.LEARNED, (Lack.UNPRICED,) if lacks else ())
    of = json.loads(known)
    evidence = None if of["evidence"] is None else Evidence(of["evidence"])
    return Dollars(
        amount,
        State(of["state"]),
        evidence,
        tuple(Lack(lack) for lack in of["lacks"]),
        of["mixed"],
        ByState(*map(Decimal, of["by_state"])),
    )
