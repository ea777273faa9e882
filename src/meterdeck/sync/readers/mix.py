"""Where and how fast tokens ran."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import override

from meterdeck.api import Pacing, RequestRefused, UsageQuery
from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import MIX_DIMENSIONS
from meterdeck.store.budget import Priority
from meterdeck.store.coverage import Report
from meterdeck.store.mix import WITHOUT_SPEED
from meterdeck.sync import plan
from meterdeck.sync.intake import Answer, Intake
from meterdeck.sync.plan import Feed
from meterdeck.sync.portion import Portion
from meterdeck.sync.readers.base import Outcome, Reader, Sources
from meterdeck.sync.readers.due_hours import DueHours

SPEED_REFUSED = "mix.speed refused"
"""The record of a server that does not group by speed, kept for the rest of the UTC day (api-facts 2.2)."""
BAD_REQUEST = 400


class MixReader(Reader):
    """The mix of the last closed hours, once an hour (design, feed "mix"); at first the newest ten days, in pages."""

    feed = Feed.MIX

    def __init__(self, sources: Sources, intake: Intake) -> None:
        super().__init__(sources, intake)
        self._page = history.FIRST_PAGE
        """As many hours as should give a page of rows that is not too large."""
        self._portion = Portion(BucketWidth.HOUR.page_limit)
        self._due = DueHours(sources.store, Report.MIX, plan.READ_MIX_AFTER)

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read one page of the hours that are due, the newest of them first. Nobody waits for them: none is forced."""
        now = self._clock()
        wanted = history.history(now, plan.MIX_DAYS)
        if since is not None:
            wanted = Window(min(max(wanted.start, since), wanted.end - plan.HOUR), wanted.end)
        due = await self._due.within(wanted, now)
        if not due:
            return Outcome(changed=False, asked=False, next_at=plan.next_mix_read(now))
        window = history.next_page(due, BucketWidth.HOUR, min(self._page, self._portion.size))
        query, answer = await self._ask(window, now, self._pace(Priority.MIX, urgent=urgent))
        self._due.were_asked(window, now)
        self._page = history.hours_a_page(answer.most_rows)
        changed = await self._intake.store_mix(query, answer, now)
        more = await self._due.within(wanted, now)
        return Outcome(changed, now if more else plan.next_mix_read(now), remarks=answer.remarks)

    async def _ask(self, window: Window, now: datetime, pacing: Pacing) -> tuple[UsageQuery, Answer]:
        """Ask by speed too; where that is refused without it, for the rest of the UTC day."""
        hours = window.duration // plan.HOUR
        was_refused = await self._is_noted_today(SPEED_REFUSED, now)
        if not was_refused:
            query = UsageQuery(window, BucketWidth.HOUR, MIX_DIMENSIONS, limit=hours)
            try:
                with self._portion.asking_for(hours):
                    return query, await self._intake.usage(query, pacing)
            except RequestRefused as error:
                if error.status != BAD_REQUEST:
                    raise
        query = UsageQuery(window, BucketWidth.HOUR, WITHOUT_SPEED, limit=hours)
        with self._portion.asking_for(hours):
            answer = await self._intake.usage(query, pacing)
        if not was_refused:
            await self._note(SPEED_REFUSED, now)
        return query, answer
