"""Closed days held against what the API says of them now: corrections come after an hour's last reading too."""

from __future__ import annotations

import asyncio
from datetime import datetime

from typing_extensions import override

from meterdeck.api import Pacing, UsageQuery
from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import hours
from meterdeck.store.budget import Priority
from meterdeck.sync import plan
from meterdeck.sync.intake import Intake
from meterdeck.sync.plan import Feed
from meterdeck.sync.portion import Portion
from meterdeck.sync.readers.base import Outcome, Reader, Sources

CHECKED = "check.days"
"""The record of the daily check, noted when all that differed was read again; the feed's own tells of each request."""
HOUR, DAY = BucketWidth.HOUR, BucketWidth.DAY


class CheckReader(Reader):
    """The last seven days once a day, by one answer of whole days; the hours of those that differ are read again.

    Forced, it takes the days of the window that somebody asks about, however lately they were read.
    """

    feed = Feed.CHECK

    def __init__(self, sources: Sources, intake: Intake) -> None:
        super().__init__(sources, intake)
        self._unchecked: list[datetime] = []
        """Days to hold against an answer, newest first."""
        self._differing: list[datetime] = []
        """Hours to read again, newest first."""
        self._days_a_page, self._hours_a_page = plan.CHECK_DAYS, history.FIRST_PAGE
        """As many as should give a page of rows that is not too large."""
        self._days, self._hours = Portion(DAY.page_limit), Portion(HOUR.page_limit)

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Ask for some days, or for some hours of days that differ."""
        now = self._clock()
        if forced:
            start = now - plan.CHECK_DAYS * plan.DAY if since is None else since
            await asyncio.to_thread(self._begin, start, now, forced=True)
        elif not self._unchecked and not self._differing:
            last = await self._last_noted(CHECKED, now)
            if last is None or last < plan.check_due(now):
                await asyncio.to_thread(self._begin, now - plan.CHECK_DAYS * plan.DAY, now, forced=False)
        pacing = self._pace(Priority.MIX, urgent=urgent or forced)
        changed = False
        if self._differing:
            changed = await self._read_hours(now, pacing)
        elif self._unchecked:
            await self._compare(pacing)
        else:
            return Outcome(changed=False, asked=False, next_at=plan.next_check(now))
        if self._unchecked or self._differing:
            return Outcome(changed, next_at=now)
        await self._note(CHECKED, now)
        return Outcome(changed, plan.next_check(now))

    def _begin(self, start: datetime, now: datetime, *, forced: bool) -> None:
        """Choose the days: of which all hours are known, and, unless forced, not all were read within the last day.

        Forced, the hours of a day that is known in part can only be read again.
        """
        self._unchecked, self._differing = [], []
        for day in Window(DAY.floor(start), DAY.after(now)).starts(DAY):
            window = Window(day, day + DAY.delta)
            if window.end > now:
                break
            with self._store.read() as transaction:
                known = hours.hour_sources(transaction, window)
            if len(known.read_at) == plan.DAY // plan.HOUR and not known.partial:
                if forced or min(known.read_at.values()) <= now - plan.DAY:
                    self._unchecked.insert(0, day)
            elif forced:
                hours_there = Window(max(start, day), window.end).starts(HOUR)
                self._differing = [*reversed(list(hours_there)), *self._differing]

    async def _compare(self, pacing: Pacing) -> None:
        """Ask for days, and find those of which the store's hours say something else."""
        page = min(self._days_a_page, self._days.size)
        window = history.next_page(self._unchecked, DAY, page)
        days = window.duration // plan.DAY
        with self._days.asking_for(days):
            answer = await self._intake.usage(UsageQuery(window, DAY, limit=days), pacing)
        self._days_a_page = min(DAY.page_limit, history.hours_a_page(answer.most_rows))
        found = await self._intake.days_that_differ(answer)
        for day in (day for day in self._unchecked if day in window and day in found):
            self._differing += reversed(list(Window(day, day + DAY.delta).starts(HOUR)))
        self._unchecked = [day for day in self._unchecked if day not in window]

    async def _read_hours(self, now: datetime, pacing: Pacing) -> bool:
        """Read hours again; returns whether they say something new."""
        page = min(self._hours_a_page, self._hours.size)
        window = history.next_page(self._differing, HOUR, page)
        count = window.duration // plan.HOUR
        query = UsageQuery(window, HOUR, limit=count)
        with self._hours.asking_for(count):
            answer = await self._intake.usage(query, pacing)
        self._hours_a_page = history.hours_a_page(answer.most_rows)
        changed = await self._intake.store_usage(query, answer, now)
        self._differing = [hour for hour in self._differing if hour not in window]
        return changed
