"""What time it is, where this machine's clock is wrong; and what a clock did that had been: reads still to come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from meterdeck.store import hours
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds
from meterdeck.store.topics import Topic

SKEW_MATTERS = timedelta(minutes=2)
"""How far this machine's clock may be off before the API's counts instead."""
_STEADY = timedelta(minutes=1)
"""How far the clocks may drift from what is known of them before that is told anew."""
_EARLIEST, _LATEST = datetime(2023, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""No API of ours tells an earlier or a later time."""
TOLERATED = timedelta(minutes=10)
"""How far ahead a read may be noted: longer than any request takes, shorter than anything waits to be read again."""


class Clock:
    """The time: that of this machine, put right by what the API's answers say of it.

    All that asks what time it is, or which day, asks here; but what only measures how long something takes between
    sessions of one machine (the lease) goes by ``local``.
    """

    def __init__(self, local: Callable[[], datetime], skew: timedelta = timedelta()) -> None:
        self.local = local
        """This machine's own clock."""
        self.skew = skew
        """How far the API's clock is ahead, in whole minutes; nothing where it matters not."""

    @classmethod
    def of(cls, clock: Callable[[], datetime]) -> Clock:
        """The clock itself, or one that begins as a plain one goes."""
        return clock if isinstance(clock, Clock) else cls(clock)

    def __call__(self) -> datetime:
        """The time now, in UTC."""
        return self.local() + self.skew


def skew_of(said: datetime, sent: datetime, now: datetime, known: timedelta) -> timedelta:
    """How far the API's clock is ahead, where it said a time in answer to a request; as known, if that is unlikely.

    The answer was written between ``sent`` and ``now``, both of this machine's clock: the machine may have slept
    meanwhile. What is known already stays while the answer agrees with it, so that the time does not jump to and fro.
    """
    if not _EARLIEST <= said < _LATEST:
        return known
    least, most = said - now, max(said - sent, said - now)
    if known and least - _STEADY <= known <= most + _STEADY:
        return known
    if least < SKEW_MATTERS and most > -SKEW_MATTERS:
        return timedelta()
    return timedelta(minutes=round(least / timedelta(minutes=1)))


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
