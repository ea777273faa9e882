"""The minutes of now."""

from __future__ import annotations

import asyncio
from datetime import datetime

from typing_extensions import override

from meterdeck.api import UsageQuery
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import coverage
from meterdeck.store.budget import Priority
from meterdeck.store.coverage import Report
from meterdeck.sync import plan
from meterdeck.sync.intake import Intake
from meterdeck.sync.plan import Feed
from meterdeck.sync.portion import Portion
from meterdeck.sync.readers.base import Outcome, Reader, Sources

REACH_BACK_EVERY = 8


class LiveReader(Reader):
    """The minutes of now (design, feed "live")."""

    feed = Feed.LIVE

    def __init__(self, sources: Sources, intake: Intake) -> None:
        super().__init__(sources, intake)
        self._polls = 0
        self._portion = Portion(BucketWidth.MINUTE.page_limit)

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read the tail of minutes; every eighth time from the oldest hour that is not read yet."""
        now = self._clock()
        last_read = await self._last_noted(self.feed, now)
        if not forced and last_read is not None and now < last_read + self._cadence.live:
            return Outcome(changed=False, asked=False, next_at=last_read + self._cadence.live)
        reach_back = forced or self._polls % REACH_BACK_EVERY == 0
        window = await asyncio.to_thread(self._window, now, reach_back)
        query = UsageQuery(window, BucketWidth.MINUTE, limit=BucketWidth.MINUTE.page_limit)
        with self._portion.asking_for(window.duration // plan.MINUTE):
            answer = await self._intake.usage(query, self._pace(Priority.LIVE, urgent=urgent or forced))
        self._polls += 1
        changed = await self._intake.store_usage(query, answer, now)
        return Outcome(changed, now + self._cadence.live, remarks=answer.remarks)

    def _window(self, now: datetime, reach_back: bool) -> Window:  # noqa: FBT001 - called by a thread
        recent = Window(now - 3 * plan.HOUR, BucketWidth.MINUTE.after(now))
        with self._store.read() as transaction:
            minutes = coverage.covered(transaction, Report.USAGE, BucketWidth.MINUTE, recent)
            hours = coverage.covered(transaction, Report.USAGE, BucketWidth.HOUR, recent)
        wanted = plan.live_window(now, minutes, hours, reach_back=reach_back)
        # The newest minutes, where all are too many: the others come with their hour.
        return Window(max(wanted.start, wanted.end - self._portion.size * plan.MINUTE), wanted.end)
