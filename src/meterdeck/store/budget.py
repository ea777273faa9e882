"""The request budget of an organisation, shared by all sessions through the store (api-facts 5)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from meterdeck.domain.buckets import require_utc
from meterdeck.store.database import Transaction
from meterdeck.store.topics import Topic

HOUR_S = 3600.0
DEFAULT_HOURLY = 60
LONGEST_HOLD_S = 86_400.0
"""A server may ask for no more; a hold that ends later was noted by a clock that was wrong."""
CLOCK_TOLERANCE_S = 120.0
WAIT_MATTERS_S = 120.0
"""The live feed uses its part of an hour to the full, so that it waits for a minute now and then is no news."""
_FOREIGN = -1
"""The priority of a request that another tool sent."""


class Priority(IntEnum):
    """How many of 60 requests an hour a caller must leave untouched.

    What asks seldom comes before what asks all the time: a live feed of 48 requests an hour would else eat every
    place that becomes free, and the bill and the names would never be read again.
    """

    USER = 0
    HOURS = 2
    COSTS = 3
    DIRECTORY = 4
    MIX = 6
    LIVE = 10
    BACKFILL = 8


@dataclass(frozen=True, slots=True)
class BudgetState:
    """Requests sent in the last hour, of how many."""

    used: int
    hourly: int
    foreign: int = 0
    """Those among ``used`` that another tool sent, as far as the server's headers tell."""
    skew_s: float = 0.0
    """How far the server's clock is ahead of ours, in seconds."""
    waits_until: datetime | None = None
    """When the newest minutes can be asked for again, where the server holds everybody or the hour is used up."""


def take(transaction: Transaction, now: datetime, priority: Priority, hourly: int = DEFAULT_HOURLY) -> float:
    """Take one request out of the sliding hour; return 0, or the seconds to wait before asking again."""
    moment = require_utc(now).timestamp()
    _forget_what_is_to_come(transaction, moment)
    transaction.run("DELETE FROM request WHERE at <= ?", (moment - HOUR_S,))
    wait_until, said = _pace(transaction, moment)
    if wait_until > moment:
        return wait_until - moment
    limit = min(hourly, said or hourly)
    allowed = _allowed(limit, priority)
    if priority is Priority.BACKFILL:
        filled = transaction.all("SELECT at FROM request WHERE priority = ? ORDER BY at", (int(priority),))
        if len(filled) >= _of_backfill(limit):
            return max(1.0, float(filled[0][0]) + HOUR_S - moment)
    times = [at for (at,) in transaction.all("SELECT at FROM request ORDER BY at")]
    if len(times) >= allowed:
        # The wait is over when enough of the oldest requests have left the hour.
        return max(1.0, float(times[len(times) - allowed]) + HOUR_S - moment)
    transaction.run("INSERT INTO request (at, priority) VALUES (?, ?)", (moment, int(priority)))
    return 0.0


def last_of(
    transaction: Transaction, now: datetime, priority: Priority, requests: int, hourly: int = DEFAULT_HOURLY
) -> datetime:
    """The earliest moment at which so many more requests of a priority can all have been sent.

    It knows what is used now and a hold that stands. What others will ask is not known: each priority has its
    reserve, so those that ask all the time leave these requests their places.
    """
    moment = require_utc(now).timestamp()
    wait_until, said = _pace(transaction, moment)
    limit = min(hourly, said or hourly)
    rows = transaction.all("SELECT at, priority FROM request WHERE at > ? ORDER BY at", (moment - HOUR_S,))
    limits = [(_allowed(limit, priority), deque(at for at, _ in rows))]
    if priority is Priority.BACKFILL:
        limits.append((_of_backfill(limit), deque(at for at, of in rows if of == priority)))
    moment = max(moment, wait_until)
    for _ in range(requests):
        for most, sent in limits:
            while len(sent) >= most:
                moment = max(moment, sent.popleft() + HOUR_S)
        for _, sent in limits:
            sent.append(moment)
    return datetime.fromtimestamp(moment, UTC)


def give_back(transaction: Transaction, priority: Priority) -> None:
    """Free the place of the newest request of a priority: it was never sent."""
    transaction.run(
        "DELETE FROM request WHERE id = (SELECT max(id) FROM request WHERE priority = ?)", (int(priority),)
    )


def hold(transaction: Transaction, now: datetime, seconds: float) -> None:
    """Let nobody ask for some seconds: the server said so. A longer hold stays."""
    moment = require_utc(now).timestamp()
    wait_until, _ = _pace(transaction, moment)
    transaction.run(
        "INSERT INTO pace (id, wait_until) VALUES (1, ?)"
        " ON CONFLICT (id) DO UPDATE SET wait_until = excluded.wait_until",
        (max(wait_until, moment + seconds),),
    )


def lower_to(transaction: Transaction, hourly: int) -> None:
    """Take note of the limit the server names."""
    transaction.run(
        "INSERT INTO pace (id, wait_until, hourly) VALUES (1, 0, ?)"
        " ON CONFLICT (id) DO UPDATE SET hourly = excluded.hourly",
        (hourly,),
    )


def note_remaining(
    transaction: Transaction, now: datetime, remaining: int, hourly: int = DEFAULT_HOURLY
) -> None:
    """Take note of how many requests the server says are left, and count those that we did not send.

    Another tool on the organisation spends the same budget (api-facts 5): its requests take places in our hour,
    and more of them than it has make no difference.
    """
    row = transaction.one("SELECT remaining, request FROM pace")
    newest = transaction.one("SELECT coalesce(max(id), 0) FROM request WHERE priority >= 0")
    newest_id = newest[0] if newest else 0
    if row is not None and row[0] is not None and remaining < row[0]:
        ours = transaction.one("SELECT count(*) FROM request WHERE priority >= 0 AND id > ?", (row[1],))
        foreign = min(hourly, row[0] - remaining - (ours[0] if ours else 0))
        moment = require_utc(now).timestamp()
        transaction.run_many(
            "INSERT INTO request (at, priority) VALUES (?, ?)", [(moment, _FOREIGN)] * max(0, foreign)
        )
    transaction.run(
        "INSERT INTO pace (id, wait_until, remaining, request) VALUES (1, 0, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET remaining = excluded.remaining, request = excluded.request",
        (remaining, newest_id),
    )


def note_skew(transaction: Transaction, seconds: float) -> None:
    """Take note of how far the server's clock is ahead of ours: it tells every session what time it is."""
    transaction.revise(Topic.FEEDS)
    transaction.run(
        "INSERT INTO pace (id, wait_until, skew) VALUES (1, 0, ?)"
        " ON CONFLICT (id) DO UPDATE SET skew = excluded.skew",
        (seconds,),
    )


def skew(transaction: Transaction) -> timedelta:
    """How far the server's clock was ahead of ours when it was last heard; nothing where that matters not."""
    row = transaction.one("SELECT skew FROM pace")
    return timedelta(seconds=row[0] if row else 0.0)


def state(transaction: Transaction, now: datetime, hourly: int = DEFAULT_HOURLY) -> BudgetState:
    """How much of the hour's budget is used."""
    moment = require_utc(now).timestamp()
    used = transaction.all("SELECT priority FROM request WHERE at > ?", (moment - HOUR_S,))
    foreign = sum(priority == _FOREIGN for (priority,) in used)
    wait_until, said = _pace(transaction, moment)
    next_live = last_of(transaction, now, Priority.LIVE, 1, hourly)
    waits = wait_until > moment or next_live - now >= timedelta(seconds=WAIT_MATTERS_S)
    return BudgetState(
        len(used),
        min(hourly, said or hourly),
        foreign,
        skew(transaction).total_seconds(),
        next_live if waits else None,
    )


def _allowed(limit: int, priority: Priority) -> int:
    """How many requests of the hour one priority may see: reserves shrink with a small budget, to leave some."""
    return limit - int(priority) * min(limit, DEFAULT_HOURLY) // DEFAULT_HOURLY


def _of_backfill(limit: int) -> int:
    """How many requests of the hour may be the backfill's: half of it is for what is happening now."""
    return max(1, limit // 2)


def _forget_what_is_to_come(transaction: Transaction, moment: float) -> None:
    """Requests that are yet to come show that the clock was set back: what it noted until then holds no more."""
    to_come = (moment + CLOCK_TOLERANCE_S,)
    if transaction.one("SELECT 1 FROM request WHERE at > ?", to_come):
        transaction.run("DELETE FROM request WHERE at > ?", to_come)
        transaction.run("UPDATE pace SET wait_until = 0")


def _pace(transaction: Transaction, moment: float) -> tuple[float, int | None]:
    """Until when nobody may ask, 0 where that is beyond belief; and the limit that the server named."""
    row = transaction.one("SELECT wait_until, hourly FROM pace")
    if row is None:
        return 0.0, None
    return (row[0] if row[0] <= moment + LONGEST_HOLD_S else 0.0), row[1]
