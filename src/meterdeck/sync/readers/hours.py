"""Closed hours."""

from __future__ import annotations

import asyncio
from datetime import datetime

from typing_extensions import override

from meterdeck.api import UsageQuery
from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import coverage
from meterdeck.store.budget import Priority
from meterdeck.store.coverage import Report
from meterdeck.sync import plan
from meterdeck.sync.intake import Intake
from meterdeck.sync.plan import Feed
from meterdeck.sync.portion import Portion
from meterdeck.sync.readers.base import Outcome, Reader, Sources


class HoursReader(Reader):
    """Closed hours: the backfill, newest first, and the later re-readings (design, feed "hours")."""

    feed = Feed.HOURS

    def __init__(self, sources: Sources, intake: Intake) -> None:
        super().__init__(sources, intake)
        self._page = history.FIRST_PAGE
        """As many hours as should give a page of rows that is not too large."""
        self._portion = Portion(BucketWidth.HOUR.page_limit)
        self._asked: dict[datetime, datetime] = {}
        """When an hour was last asked for, by its start: one that never comes must not be asked for at once again."""

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read one page of the hours that are due, the newest of them first."""
        now = self._clock()
        wanted = history.history(now)
        if since is not None:
            wanted = Window(min(since, wanted.end - plan.HOUR), wanted.end)
        due = await asyncio.to_thread(self._due, now, wanted)
        if forced:
            closed = BucketWidth.HOUR.floor(now)
            window = Window(closed - min(plan.REFRESHED_HOURS, self._portion.size) * plan.HOUR, closed)
        elif due:
            window = history.next_page(due, BucketWidth.HOUR, min(self._page, self._portion.size))
        else:
            return Outcome(changed=False, asked=False, next_at=plan.next_hours_read(now))
        is_recent = now - window.end < plan.DAY
        pacing = self._pace(Priority.HOURS if is_recent else Priority.BACKFILL, urgent=urgent or forced)
        hours = window.duration // plan.HOUR
        query = UsageQuery(window, BucketWidth.HOUR, limit=hours)
        with self._portion.asking_for(hours):
            answer = await self._intake.usage(query, pacing)
        self._asked |= dict.fromkeys(window.starts(BucketWidth.HOUR), now)
        self._page = history.hours_a_page(answer.most_rows)
        changed = await self._intake.store_usage(query, answer, now)
        more = await asyncio.to_thread(self._due, now, wanted)
        return Outcome(changed, now if more else plan.next_hours_read(now))

    def _due(self, now: datetime, wanted: Window) -> list[datetime]:
        with self._store.read() as transaction:
            hours = coverage.covered(transaction, Report.USAGE, BucketWidth.HOUR, wanted)
        read_at = {hour: read.read_at for hour, read in hours.items()}
        missing = {
            hour: asked
            for hour, asked in self._asked.items()
            # What was asked for later than now was asked for by a clock that was wrong.
            if hour not in read_at and hour in wanted and asked <= now
        }
        return plan.due_hours(now, read_at | missing, wanted)
