"""Where and how fast tokens ran."""

from __future__ import annotations

import asyncio
from datetime import datetime

from typing_extensions import override

from meterdeck.api import Pacing, RequestRefused, ServerFailed, TooLarge, UsageQuery
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import MIX_DIMENSIONS
from meterdeck.store import coverage
from meterdeck.store.budget import Priority
from meterdeck.store.coverage import Report
from meterdeck.store.mix import WITHOUT_SPEED
from meterdeck.sync import plan
from meterdeck.sync.intake import Answer, Intake
from meterdeck.sync.plan import Feed
from meterdeck.sync.readers.base import Outcome, Reader, Sources
from meterdeck.sync.readers.hours import FIRST_PAGE, ROWS_A_PAGE, TOOK_TOO_LONG

SPEED_REFUSED = "mix.speed refused"
"""The record of a server that does not group by speed, kept for the rest of the UTC day (api-facts 2.2)."""
BAD_REQUEST = 400


class MixReader(Reader):
    """The mix of the last closed hours, once an hour (design, feed "mix"); at first the newest ten days, in pages."""

    feed = Feed.MIX

    def __init__(self, sources: Sources, intake: Intake) -> None:
        super().__init__(sources, intake)
        self._page = FIRST_PAGE
        self._asked: dict[datetime, datetime] = {}
        """When an hour was last asked for, by its start: one that never comes must not be asked for at once again."""

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read one page of the hours that are due, the newest of them first. Nobody waits for them: none is forced."""
        now = self._clock()
        history = plan.mix_history(now)
        if since is not None:
            history = Window(min(max(history.start, since), history.end - plan.HOUR), history.end)
        due = await asyncio.to_thread(self._due, now, history)
        if not due:
            return Outcome(changed=False, asked=False, next_at=plan.next_mix_read(now))
        window = plan.hours_window(due, self._page)
        query, answer = await self._ask(window, now, self._pace(Priority.MIX, urgent=urgent))
        self._asked |= dict.fromkeys(window.starts(BucketWidth.HOUR), now)
        self._page = max(1, min(BucketWidth.HOUR.page_limit, ROWS_A_PAGE // max(answer.most_rows, 1)))
        changed = await self._intake.store_mix(query, answer, now)
        more = await asyncio.to_thread(self._due, now, history)
        return Outcome(changed, now if more else plan.next_mix_read(now))

    async def _ask(self, window: Window, now: datetime, pacing: Pacing) -> tuple[UsageQuery, Answer]:
        """Ask by speed too; where that is refused without it, for the rest of the UTC day."""
        hours = window.duration // plan.HOUR
        was_refused = await self._is_noted_today(SPEED_REFUSED, now)
        if not was_refused:
            query = UsageQuery(window, BucketWidth.HOUR, MIX_DIMENSIONS, limit=hours)
            try:
                return query, await self._answer(query, pacing)
            except RequestRefused as error:
                if error.status != BAD_REQUEST:
                    raise
        query = UsageQuery(window, BucketWidth.HOUR, WITHOUT_SPEED, limit=hours)
        answer = await self._answer(query, pacing)
        if not was_refused:
            await self._note(SPEED_REFUSED, now)
        return query, answer

    async def _answer(self, query: UsageQuery, pacing: Pacing) -> Answer:
        try:
            return await self._intake.usage(query, pacing)
        except (ServerFailed, TooLarge) as error:
            if isinstance(error, TooLarge) or error.status == TOOK_TOO_LONG:
                self._page = max(1, self._page // 2)  # ask for less (api-facts 1.3)
            raise

    def _due(self, now: datetime, history: Window) -> list[datetime]:
        with self._store.read() as transaction:
            hours = coverage.covered(transaction, Report.MIX, BucketWidth.HOUR, history)
        read_at = {hour: read.read_at for hour, read in hours.items()}
        missing = {
            hour: asked for hour, asked in self._asked.items() if hour not in read_at and hour in history
        }
        return plan.due_hours(now, read_at | missing, history, plan.READ_MIX_AFTER)
