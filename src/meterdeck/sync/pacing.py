"""The pace of requests to a real server: one at a time and out of one budget, for all processes on a store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from meterdeck.api import Pacing, Unreachable
from meterdeck.api.transport import count_of, retry_after
from meterdeck.store import Store, StoreError, budget
from meterdeck.store.budget import Priority
from meterdeck.store.clock import Clock, skew_of
from meterdeck.store.turn import LASTS_S, Turn
from meterdeck.sync.pausing import Paused
from meterdeck.sync.wrong_clock import WrongClock

LONGEST_NAP_S = 5.0
"""How long to wait before looking at the budget again: another session may have changed it."""
LOOK_AGAIN_S = 0.1
"""How soon to look whether another process has given the turn back."""
RENEW_EVERY_S = LASTS_S / 4
BACK_OFF_FIRST_S = 30.0
TOO_MANY, FAILED = 429, 500


class Paces:
    """Makes the pacing for each read: all of them, in all processes, share the store's budget and its one turn.

    A `Clock` is put right by each answer that says what time it is.
    """

    def __init__(
        self, store: Store, clock: Callable[[], datetime], *, hourly: int = budget.DEFAULT_HOURLY
    ) -> None:
        self._store = store
        self._clock = Clock.of(clock)
        self._sent_at: datetime | None = None
        """When the request was sent that is under way, by this machine's own clock."""
        self._hourly = hourly
        self._first_here = asyncio.Lock()
        self._turn = Turn(store.path)
        self._noted: timedelta | None = None
        """The skew that was noted last; nothing yet, so that the first answer corrects what an earlier process noted."""

    def of(self, priority: Priority) -> Pacing:
        """Pace requests of one priority."""
        return _Pace(self, priority)

    @asynccontextmanager
    async def turn(self, priority: Priority) -> AsyncIterator[None]:
        """Hold the one request that may be under way; the budget had it left, and it is taken.

        The budget is asked once it is our turn: the request before may have been told that all must wait. A
        request that never left this machine gives its place back: an hour without a network must not be an hour
        without a budget after it.
        """
        while True:
            async with self._alone():
                wait = await asyncio.to_thread(self._take, priority)
                if wait <= 0:
                    self._sent_at = self._clock.local()
                    try:
                        yield
                    except (Unreachable, WrongClock) as error:
                        if not error.was_sent:
                            await asyncio.to_thread(self._give_back, priority)
                        raise
                    except Paused:
                        await asyncio.to_thread(self._give_back, priority)
                        raise
                    return
            await asyncio.sleep(min(wait, LONGEST_NAP_S))

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold the turn: among the requests here, in the order in which they came, and among all processes.

        The turn is taken and given back without a thread (it is a line in a file): one that was cancelled in
        between would leave it to expire.
        """
        async with self._first_here:
            while not self._turn.take():  # noqa: ASYNC110 - it is another process that gives it back
                await asyncio.sleep(LOOK_AGAIN_S)
            renewing = asyncio.create_task(self._renew())
            try:
                yield
            finally:
                renewing.cancel()
                self._turn.release()

    async def _renew(self) -> None:
        """Keep the turn for as long as a slow answer takes."""
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            with suppress(StoreError):  # the next try may do; if none does, it expires
                self._turn.take()

    def note(self, status: int, headers: Mapping[str, str]) -> None:
        """Keep what the server said of our pace and of the time, for every session (api-facts 1.4)."""
        limit = count_of(headers, "anthropic-ratelimit-requests-limit")
        remaining = count_of(headers, "anthropic-ratelimit-requests-remaining")
        skew = self._skew(headers)
        now = self._clock.local() + skew
        hold = _hold(status, headers, remaining, now)
        if limit is None and hold is None and skew == self._noted == self._clock.skew:
            return
        with self._store.write() as transaction:
            # While the store is ours: a session that looks up what was noted must not find it between the two.
            self._clock.skew = skew
            if limit:
                budget.lower_to(transaction, limit)
            if remaining is not None and status != TOO_MANY:
                budget.note_remaining(transaction, now, remaining, self._hourly)
            if hold is not None:
                budget.hold(transaction, now, hold)
            if skew != self._noted:
                budget.note_skew(transaction, skew.total_seconds())
        self._noted = skew

    def _skew(self, headers: Mapping[str, str]) -> timedelta:
        """How far the server's clock is ahead; as known where the answer does not say."""
        said, now = date_of(headers), self._clock.local()
        if said is None:
            return self._clock.skew
        return skew_of(said, self._sent_at or now, now, self._clock.skew)

    def _take(self, priority: Priority) -> float:
        with self._store.write() as transaction:
            return budget.take(transaction, self._clock(), priority, self._hourly)

    def _give_back(self, priority: Priority) -> None:
        with suppress(StoreError), self._store.write() as transaction:
            budget.give_back(transaction, priority)


class _Pace:
    def __init__(self, paces: Paces, priority: Priority) -> None:
        self._paces = paces
        self._priority = priority

    def turn(self) -> AbstractAsyncContextManager[None]:
        return self._paces.turn(self._priority)

    async def after_answer(self, status: int, headers: Mapping[str, str]) -> None:
        await asyncio.to_thread(self._paces.note, status, headers)


def _hold(status: int, headers: Mapping[str, str], remaining: int | None, now: datetime) -> float | None:
    """For how many seconds nobody may ask; None where the server does not say so (api-facts 1.3, 1.4)."""
    if status == TOO_MANY or status >= FAILED:
        seconds = retry_after(headers)
        if seconds is not None or status == TOO_MANY:
            return BACK_OFF_FIRST_S if seconds is None else seconds
    return _until_reset(headers, now) if remaining == 0 else None


def _until_reset(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long no request is left; None where it does not say, or what no hourly budget can mean."""
    try:
        reset = datetime.fromisoformat(headers.get("anthropic-ratelimit-requests-reset", ""))
        seconds = (reset - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return seconds if 0 < seconds <= budget.HOUR_S else None


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """The time that an answer says it is, in UTC; None where it says none."""
    try:
        said = parsedate_to_datetime(headers.get("date", ""))
        return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
