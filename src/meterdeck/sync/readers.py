"""One reader for each feed: decides what is due, reads it, stores it. A reader knows no timers."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from typing_extensions import override

from meterdeck.api import (
    AdminClient,
    CostQuery,
    DateRangeRefused,
    Pacing,
    ServerFailed,
    TooLarge,
    UsageQuery,
)
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.reports import CostBucket
from meterdeck.store import Store, costs, coverage, directory, feeds, usage
from meterdeck.store.budget import Priority
from meterdeck.store.coverage import Report
from meterdeck.sync import plan
from meterdeck.sync.plan import Cadence, Feed

REACH_BACK_EVERY = 8
FIRST_PAGE = 24
ROWS_A_PAGE = 20_000
TOOK_TOO_LONG = 504
TOMORROW_REFUSED = "costs.tomorrow refused"
"""The record of a server that refuses a range past today, kept for the rest of the UTC day (api-facts 3.3)."""
MONTHS_READ = "costs.months"
"""The record of the daily read of both months, beside the feed's own."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a reader works with."""

    client: AdminClient
    store: Store
    clock: Callable[[], datetime]
    pacing: Callable[[Priority], Pacing]
    cadence: Cadence


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one read did: whether the store says something new, and when to come back."""

    changed: bool
    next_at: datetime
    asked: bool = True
    """Whether the API was asked at all."""


class Reader(ABC):
    """Reads one feed."""

    feed: Feed

    def __init__(self, sources: Sources) -> None:
        self._client = sources.client
        self._store = sources.store
        self._clock = sources.clock
        self._pacing = sources.pacing
        self._cadence = sources.cadence

    @abstractmethod
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read what is due (or, forced, the newest part whether due or not) with one query.

        ``urgent`` takes the budget's reserve: somebody waits for the answer. An outcome whose ``next_at`` has passed means that more is due. ``since`` leaves out older windows.
        """

    def _pace(self, usual: Priority, *, urgent: bool) -> Pacing:
        return self._pacing(Priority.USER if urgent else usual)

    async def _last_read(self) -> datetime | None:
        """When this feed was last read by any session; None if never, or if the clock was set back since."""

        def look() -> datetime | None:
            with self._store.read() as transaction:
                state = feeds.load(transaction).get(self.feed)
            return state.read_at if state and state.read_at and state.read_at <= self._clock() else None

        return await asyncio.to_thread(look)


class LiveReader(Reader):
    """The minutes of now (design, feed "live")."""

    feed = Feed.LIVE

    def __init__(self, sources: Sources) -> None:
        super().__init__(sources)
        self._polls = 0

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read the tail of minutes; every eighth time from the oldest hour that is not read yet."""
        now = self._clock()
        last_read = await self._last_read()
        if not forced and last_read is not None and now < last_read + self._cadence.live:
            return Outcome(changed=False, asked=False, next_at=last_read + self._cadence.live)
        reach_back = forced or self._polls % REACH_BACK_EVERY == 0
        window = await asyncio.to_thread(self._window, now, reach_back)
        query = UsageQuery(window, BucketWidth.MINUTE, limit=BucketWidth.MINUTE.page_limit)
        buckets = await self._client.usage(query, pacing=self._pace(Priority.LIVE, urgent=urgent or forced))
        self._polls += 1

        def store() -> bool:
            with self._store.write() as transaction:
                return usage.replace(transaction, BucketWidth.MINUTE, window, buckets, now)

        return Outcome(await asyncio.to_thread(store), now + self._cadence.live)

    def _window(self, now: datetime, reach_back: bool) -> Window:  # noqa: FBT001 - called by a thread
        recent = Window(now - 3 * plan.HOUR, BucketWidth.MINUTE.after(now))
        with self._store.read() as transaction:
            minutes = coverage.covered(transaction, Report.USAGE, BucketWidth.MINUTE, recent)
            hours = coverage.covered(transaction, Report.USAGE, BucketWidth.HOUR, recent)
        return plan.live_window(now, minutes, hours, reach_back=reach_back)


class HoursReader(Reader):
    """Closed hours: the backfill, newest first, and the later re-readings (design, feed "hours")."""

    feed = Feed.HOURS

    def __init__(self, sources: Sources) -> None:
        super().__init__(sources)
        self._page = FIRST_PAGE
        self._asked: dict[datetime, datetime] = {}
        """When an hour was last asked for, by its start: one that never comes must not be asked for at once again."""

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read one page of the hours that are due, the newest of them first."""
        now = self._clock()
        history = plan.hours_history(now)
        if since is not None:
            history = Window(min(max(history.start, since), history.end - plan.HOUR), history.end)
        due = await asyncio.to_thread(self._due, now, history)
        if forced:
            closed = BucketWidth.HOUR.floor(now)
            window = Window(closed - plan.REFRESHED_HOURS * plan.HOUR, closed)
        elif due:
            window = plan.hours_window(due, self._page)
        else:
            return Outcome(changed=False, asked=False, next_at=plan.next_hours_read(now))
        is_recent = now - window.end < plan.DAY
        pacing = self._pace(Priority.HOURS if is_recent else Priority.BACKFILL, urgent=urgent or forced)
        query = UsageQuery(window, BucketWidth.HOUR, limit=window.duration // plan.HOUR)
        try:
            buckets = await self._client.usage(query, pacing=pacing)
        except (ServerFailed, TooLarge) as error:
            if isinstance(error, TooLarge) or error.status == TOOK_TOO_LONG:
                self._page = max(1, self._page // 2)  # ask for less (api-facts 1.3)
            raise
        self._asked |= dict.fromkeys(window.starts(BucketWidth.HOUR), now)
        rows = max((len(bucket.rows) for bucket in buckets), default=0)
        self._page = max(1, min(BucketWidth.HOUR.page_limit, ROWS_A_PAGE // max(rows, 1)))

        def store() -> tuple[bool, bool]:
            with self._store.write() as transaction:
                changed = usage.replace(transaction, BucketWidth.HOUR, window, buckets, now)
            return changed, bool(self._due(now, history))

        changed, more = await asyncio.to_thread(store)
        return Outcome(changed, now if more else plan.next_hours_read(now))

    def _due(self, now: datetime, history: Window) -> list[datetime]:
        with self._store.read() as transaction:
            hours = coverage.covered(transaction, Report.USAGE, BucketWidth.HOUR, history)
        read_at = {hour: read.read_at for hour, read in hours.items()}
        missing = {
            hour: asked for hour, asked in self._asked.items() if hour not in read_at and hour in history
        }
        return plan.due_hours(now, read_at | missing, history)


class CostsReader(Reader):
    """The bill: the last days often, both months once a day (design, feed "costs")."""

    feed = Feed.COSTS

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read the last days if they are due, else both months if today has not read them yet."""
        now = self._clock()
        tail_due, months_due = await asyncio.to_thread(self._due, now)
        if forced or tail_due:
            window = plan.costs_tail(now)
        elif months_due:
            window = plan.costs_months(now)
        else:
            last_read = await self._last_read() or now
            return Outcome(changed=False, asked=False, next_at=last_read + self._cadence.costs)
        pacing = self._pace(Priority.COSTS, urgent=urgent or forced)
        window, buckets = await self._ask(window, now, pacing)
        is_months = not (forced or tail_due)

        def store() -> bool:
            with self._store.write() as transaction:
                if is_months:
                    feeds.succeeded(transaction, MONTHS_READ, now)
                return costs.replace(transaction, window, buckets, now)

        changed = await asyncio.to_thread(store)
        more = months_due and not is_months
        return Outcome(changed, now if more else now + self._cadence.costs)

    async def _ask(
        self, window: Window, now: datetime, pacing: Pacing
    ) -> tuple[Window, tuple[CostBucket, ...]]:
        """Ask up to tomorrow; where that is refused ask up to today, for the rest of the UTC day."""
        limit = BucketWidth.DAY.page_limit
        refused = await asyncio.to_thread(self._was_tomorrow_refused, now)
        if not refused:
            try:
                return window, await self._client.costs(CostQuery(window, limit=limit), pacing=pacing)
            except DateRangeRefused:
                refused = True
        shorter = plan.without_today(window, now)
        buckets = await self._client.costs(CostQuery(shorter, limit=limit), pacing=pacing)
        await asyncio.to_thread(self._note_tomorrow_refused, now)
        return shorter, buckets

    def _was_tomorrow_refused(self, now: datetime) -> bool:
        with self._store.read() as transaction:
            state = feeds.load(transaction).get(TOMORROW_REFUSED)
        return bool(state and state.read_at and BucketWidth.DAY.floor(now) <= state.read_at <= now)

    def _note_tomorrow_refused(self, now: datetime) -> None:
        if not self._was_tomorrow_refused(now):
            with self._store.write() as transaction:
                feeds.succeeded(transaction, TOMORROW_REFUSED, now)

    def _due(self, now: datetime) -> tuple[bool, bool]:
        with self._store.read() as transaction:
            states = feeds.load(transaction)
        tail_read = states[self.feed].read_at if self.feed in states else None
        months_read = states[MONTHS_READ].read_at if MONTHS_READ in states else None
        tail_due = tail_read is None or not now - self._cadence.costs < tail_read <= now
        months_due = months_read is None or not BucketWidth.DAY.floor(now) <= months_read <= now
        return tail_due, months_due


class DirectoryReader(Reader):
    """Names of the organisation, its workspaces and keys (design, feed "directory")."""

    feed = Feed.DIRECTORY

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read all names, unless they were read lately."""
        now = self._clock()
        last_read = await self._last_read()
        if not forced and last_read is not None and now < last_read + self._cadence.directory:
            return Outcome(changed=False, asked=False, next_at=last_read + self._cadence.directory)
        pacing = self._pace(Priority.DIRECTORY, urgent=urgent or forced)
        organization = await self._client.organization(pacing=pacing)
        workspaces = await self._client.workspaces(pacing=pacing)
        api_keys = await self._client.api_keys(pacing=pacing)

        def store() -> None:
            with self._store.write() as transaction:
                directory.replace(transaction, organization, workspaces, api_keys)

        await asyncio.to_thread(store)
        return Outcome(changed=True, next_at=now + self._cadence.directory)


def all_readers(sources: Sources) -> dict[Feed, Reader]:
    """One reader for each feed, in the order in which a first fill should run."""
    readers = [LiveReader(sources), HoursReader(sources), CostsReader(sources), DirectoryReader(sources)]
    return {reader.feed: reader for reader in readers}
