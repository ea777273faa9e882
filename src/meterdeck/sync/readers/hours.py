"""Closed hours."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import override

from meterdeck.api import UsageQuery
from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store.budget import Priority
from meterdeck.store.coverage import Report
from meterdeck.sync import plan
from meterdeck.sync.intake import Intake
from meterdeck.sync.plan import Feed
from meterdeck.sync.portion import Portion
from meterdeck.sync.readers.base import Outcome, Reader, Sources
from meterdeck.sync.readers.due_hours import DueHours


class HoursReader(Reader):
    """Closed hours: the backfill, newest first, and the later re-readings (design, feed "hours")."""

    feed = Feed.HOURS

    def __init__(self, sources: Sources, intake: Intake) -> None:
        super().__init__(sources, intake)
        self._page = history.FIRST_PAGE
        """As many hours as should give a page of rows that is not too large."""
        self._portion = Portion(BucketWidth.HOUR.page_limit)
        self._due = DueHours(sources.store, Report.USAGE, plan.READ_HOUR_AFTER)

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read one page of the hours that are due, the newest of them first."""
        now = self._clock()
        wanted = history.history(now)
        if since is not None:
            wanted = Window(min(since, wanted.end - plan.HOUR), wanted.end)
        due = await self._due.within(wanted, now)
        if forced:
            window = plan.refreshed_hours(now, since, self._portion.size)
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
        self._due.were_asked(window, now)
        self._page = history.hours_a_page(answer.most_rows)
        changed = await self._intake.store_usage(query, answer, now)
        more = await self._due.within(wanted, now)
        return Outcome(changed, now if more else plan.next_hours_read(now), remarks=answer.remarks)
