"""The engine: runs each feed's reader at its time, each failing alone, while this session holds the lease."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from meterdeck.api import ApiError, KeyRefused, Pacing
from meterdeck.domain.errors import MeterdeckError
from meterdeck.domain.questions import Question
from meterdeck.store import StoreError, allocation, budget, clock, directory, feeds, lease, questions, wishes
from meterdeck.store.budget import Priority
from meterdeck.store.clock import Clock
from meterdeck.store.lease import Lease
from meterdeck.sync.backfilling import Backfilling
from meterdeck.sync.housekeeping import House
from meterdeck.sync.intake import Intake
from meterdeck.sync.pausing import Gate, Paused
from meterdeck.sync.plan import Feed
from meterdeck.sync.readers import (
    CostsReader,
    MinutesReader,
    OnDemandReader,
    Outcome,
    Sources,
    all_readers,
)
from meterdeck.sync.readers.directory import lacking_names
from meterdeck.sync.retrying import PASSING, retry_after
from meterdeck.sync.witness import Witness
from meterdeck.sync.wrong_clock import ClockUnsteady, WrongClock, minding

HEARTBEAT_S = 2.0
HOUSEKEEPING_S = 3600.0
LONGEST_GOODBYE_S = 0.1
"""Who quits does not wait for the store's lock, which another process may hold for seconds."""
CATCH_UP_RETRIES = 2
CLOCK_CORRECTIONS = 2
"""How often one feed is asked again because an answer said another time than the one that was asked by."""
LONGEST_CATCH_UP_WAIT_S = 20.0
"""A server that wants a longer rest is told of, not waited for."""

TEACHES = frozenset({Feed.HOURS, Feed.COSTS, Feed.CHECK})
"""The feeds after which a day's bill may be settled, and is shared out."""

NEWEST_WISH = {Feed.MINUTES: wishes.newest, Feed.ON_DEMAND: questions.newest}
"""When the newest wish was made, for the feeds that read on demand alone."""
SinceWhen = datetime | Callable[[datetime], datetime] | None
"""How far back to read: to a moment, or to what is one for the time of the read; None: as far as usual."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A feed wrote something new to the store, or its state changed."""

    feed: Feed


class SyncEngine:
    """Keeps the store current.

    `run` is one feed's worker and `keep_lease` the heartbeat; both go on until cancelled and never raise for a
    failed request. `refresh` makes every feed read now. `catch_up` reads once, for a command. `pause` holds all
    feeds and leaves the collecting to another session, until `resume`. What was asked by a clock of which the answer
    said that it is wrong is asked again by the right one.
    """

    def __init__(self, sources: Sources, on_change: Callable[[Changed], None] = lambda _: None) -> None:
        self._clock = Clock.of(sources.clock)
        self._one_clock = sources.one_clock
        self._witness = Witness(self._clock.local, one_clock=sources.one_clock)
        self._gate = Gate()
        sources = replace(sources, clock=self._clock, pacing=self._pacing(sources))
        self.sources = sources
        """What it works with, for commands that ask in a way of their own."""
        self._intake = Intake(sources.client, sources.store)
        self._readers = all_readers(sources, self._intake)
        self._client = sources.client
        self._store = sources.store
        self._house = House(sources.store)
        self._on_change = on_change
        self._me = Lease(secrets.token_hex(8), os.getpid())
        self.holder: Lease | None = None
        """Who collects, as last seen; None before the first look."""
        self.store_trouble: StoreError | None = None
        """Why the store could not be written at the last heartbeat; the store can't hold that itself."""
        self._collecting = asyncio.Event()
        self._beat = asyncio.Event()
        """Set to let the heartbeat come now."""
        self._released: asyncio.Future[None] | None = None
        self._wake = {feed: asyncio.Event() for feed in Feed}
        self._forced: set[Feed] = set()
        self._failures = dict.fromkeys(Feed, 0)
        self._has_heard = sources.one_clock
        """Whether an answer came since the clock may have been set: each that says the time puts it right."""
        self._corrections = dict.fromkeys(Feed, 0)
        """How often in a row an answer to each feed corrected the clock."""
        self.trouble: dict[Feed, MeterdeckError] = {}
        """The last passing failure of each feed that `catch_up` met."""
        self._renewed_at = self._clock.local()
        """When the heartbeat last reached the store, by this machine's own clock."""
        self._wish_met: float | None = None
        """When the refresh was asked for that this session saw last; None before its first look.

        Another one is a new wish, though it may be of an earlier time: a clock can be set back.
        """
        self._wishes_seen = dict.fromkeys(NEWEST_WISH, 0.0)
        """When the newest wish for each feed that reads on demand was made, as it was seen last."""

    def _pacing(self, sources: Sources) -> Callable[[Priority], Pacing]:
        return self._gate.guarding(self._witness.hearing(minding(sources.pacing, self._clock, self._hear)))

    @property
    def collecting(self) -> bool:
        """Whether this session is the one that reads."""
        return self._collecting.is_set()

    @property
    def paused_at(self) -> datetime | None:
        """Since when this session asks nothing; None where it may."""
        return self._gate.closed_at

    def pause(self) -> None:
        """Send no request more, and give the lease away. An answer that is under way is stored, its next page not asked for."""
        if self._gate.closed_at is None:
            self._gate.closed_at = self._clock()
        self._collecting.clear()
        self._beat.set()

    def resume(self) -> None:
        """Collect again, if nobody else does by now."""
        self._gate.closed_at = None
        self._beat.set()

    @property
    def elsewhere(self) -> Lease | None:
        """Which other session collects, as last seen."""
        return None if self.holder == self._me else self.holder

    async def keep_lease(self) -> None:
        """Hold the lease while this session lives and is not paused, or wait for it to become free."""
        try:
            while True:
                await self._renew_lease()
                with suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT_S):
                        await self._beat.wait()
                self._beat.clear()
        finally:
            await self._release_lease()

    async def run(self, feed: Feed) -> None:
        """Read one feed at its times, for as long as this session collects."""
        while True:
            await self._turn_to_collect()
            next_at = await self._read_and_note(feed)
            await self._sleep(feed, None if next_at is None else (next_at - self._clock()).total_seconds())

    async def keep_house(self) -> None:
        """Thin the store once an hour, for as long as this session collects and the API bears its clock out."""
        while True:
            await self._witness.confirmed.wait()
            await self._turn_to_collect()
            if not self._witness.confirmed.is_set():  # the clock was set while we waited
                continue
            with suppress(StoreError):  # the heartbeat says what is wrong with it
                await asyncio.to_thread(self._house.keep, self._clock())
            await asyncio.sleep(HOUSEKEEPING_S)

    async def _turn_to_collect(self) -> None:
        """Wait until this session collects. After a pause only the next heartbeat knows whether it still does."""
        while True:
            await self._collecting.wait()
            if not lease.missed(self._renewed_at, self._clock.local()):
                return
            self._collecting.clear()

    def refresh(self) -> None:
        """Make the feeds of figures read their newest part now, due or not, and the names."""
        for feed in (Feed.LIVE, Feed.HOURS, Feed.COSTS, Feed.DIRECTORY):
            self._forced.add(feed)
            self._wake[feed].set()

    async def ask_refresh(self) -> None:
        """Refresh if this session collects; else ask the one that does, through the store.

        While this session is paused and no other collects, nothing is asked.
        """
        if self.collecting:
            self.refresh()
            return
        if self.paused_at is not None and self.elsewhere is None:
            return

        def ask() -> None:
            with self._store.write() as transaction:
                lease.ask_refresh(transaction, self._clock())

        await asyncio.to_thread(ask)

    async def want_minutes(self, hour: datetime) -> None:
        """Ask for the minutes of an hour (its start): read by this session or by whichever collects, within seconds.

        A wish that nobody can meet is dropped after some minutes; the feed's state says why it failed.
        """

        def ask() -> None:
            with self._store.write() as transaction:
                wishes.ask(transaction, hour, self._clock())

        await asyncio.to_thread(ask)
        self._wake[Feed.MINUTES].set()

    def want_bill_here(self, day: datetime) -> None:
        """Let the next `catch_up` of costs read the bill of one day (its start), for a command that waits."""
        reader = self._readers[Feed.COSTS]
        assert isinstance(reader, CostsReader)  # noqa: S101 - it is the feed's own
        reader.wanted_here.append(day)

    def want_minutes_here(self, hour: datetime) -> None:
        """Let the next `catch_up` of minutes read those of an hour (its start), for a command that waits."""
        reader = self._readers[Feed.MINUTES]
        assert isinstance(reader, MinutesReader)  # noqa: S101 - it is the feed's own
        reader.wanted_here.append(hour)

    async def want_answer(self, question: Question) -> bool:
        """Ask a question: read by this session or by whichever collects, within seconds.

        Returns whether the API will be asked: an answer that is less than an hour old stays. A question that nobody
        can ask is dropped after some minutes; the feed's state says why it failed.
        """

        def ask() -> bool:
            with self._store.write() as transaction:
                return questions.ask(transaction, question, self._clock())

        is_asked = await asyncio.to_thread(ask)
        if is_asked:
            self._wake[Feed.ON_DEMAND].set()
        return is_asked

    def want_answer_here(self, question: Question) -> None:
        """Let the next `catch_up` of what is read on demand read this answer, for a command that waits."""
        reader = self._readers[Feed.ON_DEMAND]
        assert isinstance(reader, OnDemandReader)  # noqa: S101 - it is the feed's own
        reader.wanted_here.append(question)

    async def catch_up(
        self, wanted: Iterable[Feed], *, forced: bool = False, since: SinceWhen = None
    ) -> dict[Feed, MeterdeckError]:
        """Read what is due of some feeds (forced: their newest part too), once, and return what failed.

        Somebody waits for it, so it may use the budget to its end. After a refused key nothing more is asked. What
        failed is told to the caller alone: in the store it would stand on the decks of others until their next read.
        """
        failures: dict[Feed, MeterdeckError] = {}
        for feed in wanted:
            try:
                await self._catch_up(feed, forced=forced, since=since)
            except MeterdeckError as error:
                failures[feed] = error
                if isinstance(error, KeyRefused):
                    break
        return failures

    async def read_names(self) -> bool:
        """Read the names for somebody who gave one that nobody has; returns whether they were read.

        That is once in 5 minutes at most, by whichever session, and not while this one is paused. Somebody waits, so
        it needs no lease. Raises what kept them from being read.
        """
        if self.paused_at is not None or not await asyncio.to_thread(self._may_ask_by_name):
            return False
        try:
            await self._catch_up(Feed.DIRECTORY, forced=True, since=None)
        except Paused:
            return False
        self._on_change(Changed(Feed.DIRECTORY))
        return True

    def _may_ask_by_name(self) -> bool:
        with self._store.write() as transaction:
            return directory.may_ask_by_name(transaction, Feed.DIRECTORY, self._clock())

    def backfilling(self, days: int) -> Backfilling:
        """Read the history of so many days, for a command: with the backfill's share of the budget, lease or not."""

        async def read_hours(since: datetime) -> Outcome:
            return await self._read(Feed.HOURS, forced=False, since=since)

        return Backfilling(self.sources, self._intake, read_hours, days)

    async def _catch_up(self, feed: Feed, *, forced: bool, since: SinceWhen) -> None:
        """Read until nothing more is due; a passing failure is tried again, soon, a few times."""
        tries = 0
        while True:
            start = since(self._clock()) if callable(since) else since
            try:
                outcome = await self._read(feed, forced=forced, urgent=True, since=start)
            except PASSING as error:
                tries += 1
                self.trouble[feed] = error
                wait = error.retry_after if isinstance(error, ApiError) else None
                if tries > CATCH_UP_RETRIES or (wait or 0) > LONGEST_CATCH_UP_WAIT_S:
                    raise
                await asyncio.sleep(tries if wait is None else wait)
                continue
            if outcome.by_wrong_clock:
                continue
            if not forced and outcome.next_at > self._clock():
                return
            forced = False

    async def close(self) -> None:
        """End the process of large answers, give the lease back, close the client's connections."""
        self._intake.close()
        await self._release_lease()
        await self._client.close()

    async def _read_and_note(self, feed: Feed) -> datetime | None:
        forced = feed in self._forced
        self._forced.discard(feed)
        try:
            outcome = await self._read(feed, forced=forced)
        except Paused:
            if forced:
                self._forced.add(feed)
            return self._clock()  # due at once, when it is this session's turn again
        except MeterdeckError as error:
            if forced:
                self._forced.add(feed)  # the wish stands until it is met
            self._failures[feed] += 1
            wait = retry_after(error, self._failures[feed])
            next_at = None if wait is None else self._clock() + wait
            await self._note_failure(feed, error)
            await self._plan(feed, next_at)
            self._on_change(Changed(feed))
            return next_at
        if forced and outcome.by_wrong_clock:
            self._forced.add(feed)
        was_failing = self._failures[feed] > 0
        self._failures[feed] = 0
        if outcome.changed and feed is not Feed.DIRECTORY and await asyncio.to_thread(self._lacks_names):
            self._wake[Feed.DIRECTORY].set()
        if outcome.asked or was_failing:
            self._on_change(Changed(feed))
        return outcome.next_at

    async def _read(
        self, feed: Feed, *, forced: bool, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        is_doubtful = await asyncio.to_thread(self._finds_reads_to_come)
        skew = self._clock.skew
        try:
            outcome = await self._readers[feed].read(forced=forced or is_doubtful, urgent=urgent, since=since)
        except WrongClock:
            return self._asked_by_wrong_clock(feed)
        if self._clock.skew != skew:
            return self._asked_by_wrong_clock(feed)
        self._corrections[feed] = 0
        await asyncio.to_thread(self._note_success, feed, outcome)
        if outcome.asked and feed in TEACHES:
            await asyncio.to_thread(allocation.keep_up, self._store, self._clock())
        return outcome

    def _lacks_names(self) -> bool:
        with self._store.read() as transaction:
            return bool(lacking_names(transaction))

    def _asked_by_wrong_clock(self, feed: Feed) -> Outcome:
        """Let all that is due by the right clock be read now; raises `ClockUnsteady` where each answer corrects it."""
        self._corrections[feed] += 1
        if self._corrections[feed] > CLOCK_CORRECTIONS:
            raise ClockUnsteady
        for other in Feed:
            if other is not feed:
                self._wake[other].set()
        return Outcome(changed=True, next_at=self._clock(), by_wrong_clock=True)

    async def _hear(self) -> None:
        """Take note that an answer left the clock as it is: what was read later than now was read by a wrong one."""
        if not self._has_heard:
            self._has_heard = True
            await asyncio.to_thread(self._finds_reads_to_come)

    def _finds_reads_to_come(self) -> bool:
        """Where the clock was set back: let nothing wait for the time at which it was last read.

        Whether an answer must come first, for until then it may be this clock that is wrong, and no read.
        """
        now = self._clock()
        with self._store.read() as transaction:
            are_there = clock.reads_to_come(transaction, now)
        if are_there and self._has_heard:
            with self._store.write() as transaction:
                clock.mistrust_reads_to_come(transaction, now)
        return are_there and not self._has_heard

    def _note_success(self, feed: Feed, outcome: Outcome) -> None:
        """Note the read; where nothing was due another session has read it, and no failure is left."""
        with self._store.write() as transaction:
            if outcome.asked:
                feeds.succeeded(transaction, feed, self._clock())
                feeds.remarked(transaction, feed, self._clock(), outcome.remarks)
            else:
                feeds.recovered(transaction, feed)
            feeds.planned(transaction, feed, outcome.next_at)

    async def _note_failure(self, feed: Feed, error: MeterdeckError) -> None:
        said = error.short if isinstance(error, ApiError | StoreError) else error.what

        def note() -> None:
            with self._store.write() as transaction:
                feeds.failed(transaction, feed, self._clock(), said, str(error))

        with suppress(
            StoreError
        ):  # a store that can't be written can't hold its own failure; the caller has it
            await asyncio.to_thread(note)

    async def _plan(self, feed: Feed, next_at: datetime | None) -> None:
        def note() -> None:
            with self._store.write() as transaction:
                feeds.planned(transaction, feed, next_at)

        with suppress(StoreError):
            await asyncio.to_thread(note)

    async def _sleep(self, feed: Feed, seconds: float | None) -> None:
        """Wait for a time to pass (None: for ever) or for a refresh."""
        try:
            async with asyncio.timeout(None if seconds is None else max(0.0, seconds)):
                await self._wake[feed].wait()
        except TimeoutError:
            return
        finally:
            self._wake[feed].clear()

    async def _renew_lease(self) -> None:
        def renew() -> tuple[Lease | None, float, dict[Feed, float], datetime]:
            with self._store.write() as transaction:
                now = self._clock.local()
                if not self._one_clock:
                    self._clock.skew = budget.skew(transaction)
                if self.paused_at is None:
                    holder: Lease | None = lease.acquire(transaction, self._me, now)
                else:
                    lease.release(transaction, self._me)
                    holder = lease.holder(transaction, now)
                if self.holder is None:  # nothing was read by this session yet
                    self._house.last_seen = clock.newest_read(transaction)
                by_api = self._clock()
                wished = {feed: newest(transaction, by_api) for feed, newest in NEWEST_WISH.items()}
                return holder, lease.refresh_asked_at(transaction), wished, now

        try:
            self.holder, asked_at, wished, now = await asyncio.to_thread(renew)
        except StoreError as error:
            self.store_trouble = error
            self._collecting.clear()
            return
        self.store_trouble = None
        if lease.missed(self._renewed_at, now):
            self._wake_all()
            self._witness.forget()
            self._has_heard = self._one_clock
        self._renewed_at = now
        if self._wish_met is None:
            self._wish_met = asked_at
        if self.holder == self._me and self.paused_at is None:
            self._collecting.set()
            if asked_at != self._wish_met:
                self.refresh()
            self._wish_met = asked_at
            self._see_wishes(wished)
        else:
            self._collecting.clear()

    def _see_wishes(self, wished: dict[Feed, float]) -> None:
        """Wake the feeds that read on demand where somebody has asked since the last look."""
        for feed, at in wished.items():
            if at != self._wishes_seen[feed]:
                self._wake[feed].set()
        self._wishes_seen = wished

    def _wake_all(self) -> None:
        """Let every feed look whether it is due: a machine that slept did not count the time, and clocks get set."""
        for wake in self._wake.values():
            wake.set()

    async def _release_lease(self) -> None:
        """Give the lease back; where the store is too busy to take note, leave it to expire by itself."""
        if self.collecting:
            self._collecting.clear()
            self._released = asyncio.ensure_future(asyncio.to_thread(self._release))
        if self._released is not None:
            await asyncio.wait({self._released}, timeout=LONGEST_GOODBYE_S)

    def _release(self) -> None:
        with suppress(StoreError), self._store.write() as transaction:
            lease.release(transaction, self._me)
