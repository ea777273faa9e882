"""How each feed fares: last good read, last failure, next try. Every session's status line reads it here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.remarks import Remark
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds
from meterdeck.store.topics import Topic

TOMORROW_REFUSED = "costs.tomorrow refused"
"""The record of a server that refuses a range past today, kept for the rest of the UTC day (api-facts 3.3)."""

REMARKS_STAND = timedelta(hours=3)
"""How long a remark is told of: beyond the longest time between two reads of what is read often."""
_REMARK = " remark: "
"""Between a feed's name and an oddity, in the name of its record."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """One feed's record; a good read forgets the failure before it."""

    read_at: datetime | None = None
    failed_at: datetime | None = None
    failure: str | None = None
    """A few words, for a status line."""
    sentence: str | None = None
    """What happened, what still works, what to do next."""
    next_at: datetime | None = None

    @property
    def failing(self) -> bool:
        """Whether the last try failed."""
        return self.failure is not None


def succeeded(transaction: Transaction, name: str, at: datetime) -> None:
    """Note a good read; the failure before it is forgotten."""
    transaction.revise(Topic.FEEDS)
    transaction.run(
        "INSERT INTO feed (name, read_at) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE"
        " SET read_at = excluded.read_at, failed_at = NULL, failure = NULL, sentence = NULL",
        (name, to_seconds(at)),
    )


def recovered(transaction: Transaction, name: str) -> None:
    """Forget a failure of a feed that another session has read since."""
    if transaction.one("SELECT 1 FROM feed WHERE name = ? AND failure IS NOT NULL", (name,)):
        transaction.revise(Topic.FEEDS)
        transaction.run(
            "UPDATE feed SET failed_at = NULL, failure = NULL, sentence = NULL WHERE name = ?", (name,)
        )


def failed(transaction: Transaction, name: str, at: datetime, failure: str, sentence: str) -> None:
    """Note a failure, in a few words and in a sentence for a person."""
    transaction.revise(Topic.FEEDS)
    transaction.run(
        "INSERT INTO feed (name, failed_at, failure, sentence) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE"
        " SET failed_at = excluded.failed_at, failure = excluded.failure, sentence = excluded.sentence",
        (name, to_seconds(at), failure, sentence),
    )


def say_beside(transaction: Transaction, name: str, sentence: str | None) -> None:
    """Keep a sentence about a feed that is no failure of it; None: there is nothing to say."""
    row = transaction.one("SELECT sentence FROM feed WHERE name = ?", (name,))
    if (row[0] if row else None) != sentence:
        transaction.revise(Topic.FEEDS)
        transaction.run(
            "INSERT INTO feed (name, sentence) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET sentence = excluded.sentence",
            (name, sentence),
        )


def planned(transaction: Transaction, name: str, next_at: datetime | None) -> None:
    """Note when the feed will try next; None: not by itself."""
    transaction.run(
        "INSERT INTO feed (name, next_at) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET next_at = excluded.next_at",
        (name, None if next_at is None else to_seconds(next_at)),
    )


def remarked(transaction: Transaction, name: str, at: datetime, remarks: Iterable[Remark]) -> None:
    """Note what was odd about an answer that was stored all the same; each oddity has a record of its own."""
    for remark in remarks:
        transaction.revise(Topic.FEEDS)
        transaction.run(
            "INSERT INTO feed (name, read_at, sentence) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET read_at = excluded.read_at, sentence = excluded.sentence",
            (f"{name}{_REMARK}{remark.what}", to_seconds(at), remark.sentence),
        )


def remarks(transaction: Transaction, now: datetime) -> tuple[str, ...]:
    """What was odd about the answers of the last hours, in a sentence each that names the feed."""
    return remarks_in(load(transaction), now)


def remarks_in(states: Mapping[str, FeedState], now: datetime) -> tuple[str, ...]:
    """The same, of records that were loaded before."""
    return tuple(
        f"In an answer for {name.partition(_REMARK)[0]}, {state.sentence}"
        for name, state in sorted(states.items())
        if _REMARK in name and state.read_at is not None and now - state.read_at < REMARKS_STAND
    )


def load(transaction: Transaction) -> dict[str, FeedState]:
    """The state of every feed that was ever tried, by name."""
    rows = transaction.all("SELECT name, read_at, failed_at, failure, sentence, next_at FROM feed")
    return {
        name: FeedState(_moment(read_at), _moment(failed_at), failure, sentence, _moment(next_at))
        for name, read_at, failed_at, failure, sentence, next_at in rows
    }


def noted_at(transaction: Transaction, record: str, now: datetime) -> datetime | None:
    """When a feed was last read, or another record was noted, by any session.

    None if never, or if the clock was set back since.
    """
    state = load(transaction).get(record)
    return state.read_at if state and state.read_at and state.read_at <= now else None


def is_noted_today(transaction: Transaction, record: str, now: datetime) -> bool:
    """Whether something was noted, by any session, since the UTC day began."""
    noted = noted_at(transaction, record, now)
    return noted is not None and noted >= BucketWidth.DAY.floor(now)


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_seconds(seconds)
