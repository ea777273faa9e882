"""The minutes of an hour that somebody looks into."""

from __future__ import annotations

import asyncio
from datetime import datetime

from typing_extensions import override

from meterdeck.api import UsageQuery
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import coverage, wishes
from meterdeck.store.budget import Priority
from meterdeck.store.coverage import Report
from meterdeck.sync import plan
from meterdeck.sync.intake import Intake
from meterdeck.sync.plan import Feed
from meterdeck.sync.readers.base import Outcome, Reader, Sources

LOOK_AGAIN = plan.HOUR
"""A new wish wakes this reader; by itself it has nothing to do."""


class MinutesReader(Reader):
    """Minutes on demand: one request an hour of them, for whoever waits (`meterdeck.store.wishes`)."""

    feed = Feed.MINUTES

    def __init__(self, sources: Sources, intake: Intake) -> None:
        super().__init__(sources, intake)
        self.wanted_here: list[datetime] = []
        """Hours that a command waits for: it reads them itself, so no other session need know."""

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read the hour that was asked for last."""
        now = self._clock()
        hours = [*self.wanted_here, *await asyncio.to_thread(self._wanted, now)]
        if not hours:
            return Outcome(changed=False, asked=False, next_at=now + LOOK_AGAIN)
        window = await asyncio.to_thread(self._window, hours[0], now, forced)
        next_at = now if len(hours) > 1 else now + LOOK_AGAIN
        if window is None:
            await asyncio.to_thread(self._met, hours[0], now)
            return Outcome(changed=False, asked=False, next_at=next_at)
        query = UsageQuery(window, BucketWidth.MINUTE, limit=window.duration // BucketWidth.MINUTE.delta)
        answer = await self._intake.usage(query, self._pacing(Priority.USER))
        changed = await self._intake.store_usage(query, answer, now)
        await asyncio.to_thread(self._met, hours[0], now)
        return Outcome(changed, next_at, remarks=answer.remarks)

    def _wanted(self, now: datetime) -> list[datetime]:
        with self._store.read() as transaction:
            return wishes.wanted(transaction, now)

    def _met(self, hour: datetime, now: datetime) -> None:
        if hour in self.wanted_here:
            self.wanted_here.remove(hour)
        with self._store.write() as transaction:
            wishes.met(transaction, hour, now)

    def _window(self, hour: datetime, now: datetime, forced: bool) -> Window | None:  # noqa: FBT001 - in a thread
        whole = Window(hour, hour + plan.HOUR)
        with self._store.read() as transaction:
            read = coverage.covered(transaction, Report.USAGE, BucketWidth.MINUTE, whole)
        known = {} if forced else {minute: of.read_at for minute, of in read.items()}
        return plan.minutes_window(now, hour, known, self._cadence.live)
