"""Closed hours."""

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

FIRST_PAGE = 24
ROWS_A_PAGE = 20_000


class HoursReader(Reader):
    """Closed hours: the backfill, newest first, and the later re-readings (design, feed "hours")."""

    feed = Feed.HOURS

    def __init__(self, sources: Sources, intake: Intake) -> None:
        super().__init__(sources, intake)
        self._page = FIRST_PAGE
        """As many hours as should give `ROWS_A_PAGE`."""
        self._portion = Portion(BucketWidth.HOUR.page_limit)
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
            window = Window(closed - min(plan.REFRESHED_HOURS, self._portion.size) * plan.HOUR, closed)
        elif due:
            window = plan.hours_window(due, min(self._page, self._portion.size))
        else:
            return Outcome(changed=False, asked=False, next_at=plan.next_hours_read(now))
        is_recent = now - window.end < plan.DAY
        pacing = self._pace(Priority.HOURS if is_recent else Priority.BACKFILL, urgent=urgent or forced)
        hours = window.duration // plan.HOUR
        query = UsageQuery(window, BucketWidth.HOUR, limit=hours)
        with self._portion.asking_for(hours):
            answer = await self._intake.usage(query, pacing)
        self._asked |= dict.fromkeys(window.starts(BucketWidth.HOUR), now)
        self._page = max(1, ROWS_A_PAGE // max(answer.most_rows, 1))
        changed = await self._intake.store_usage(query, answer, now)
        more = await asyncio.to_thread(self._due, now, history)
        return Outcome(changed, now if more else plan.next_hours_read(now))

    def _due(self, now: datetime, history: Window) -> list[datetime]:
        with self._store.read() as transaction:
            hours = coverage.covered(transaction, Report.USAGE, BucketWidth.HOUR, history)
        read_at = {hour: read.read_at for hour, read in hours.items()}
        missing = {
            hour: asked for hour, asked in self._asked.items() if hour not in read_at and hour in history
        }
        return plan.due_hours(now, read_at | missing, history)
