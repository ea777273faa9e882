"""The bill."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from typing_extensions import override

from meterdeck.api import CostQuery, DateRangeRefused, Pacing
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import feeds
from meterdeck.store.budget import Priority
from meterdeck.sync import plan
from meterdeck.sync.intake import Answer, Intake
from meterdeck.sync.plan import Feed
from meterdeck.sync.readers.base import Outcome, Reader, Sources

MONTHS_READ = "costs.months"
"""The record of the daily read of both months, beside the feed's own."""


class CostsReader(Reader):
    """The bill: the last days often, both months once a day (design, feed "costs")."""

    feed = Feed.COSTS

    def __init__(self, sources: Sources, intake: Intake) -> None:
        super().__init__(sources, intake)
        self.wanted_here: list[datetime] = []
        """Days that a command waits for, wherever they lie: it reads them itself, so no other session need know."""

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read the last days if they are due, else both months if today has not read them yet.

        Forced, it reads all days since some moment: a bill can be restated weeks later. Both months come along then
        where they are due, for they are asked for next anyway.
        """
        now = self._clock()
        last_read = await self._last_noted(self.feed, now)
        months_due = not await self._is_noted_today(MONTHS_READ, now)
        is_months = False
        if forced and since is not None:
            start = min(since, plan.costs_months(now).start) if months_due else since
            window, is_months = plan.costs_since(now, start), months_due
        elif forced or last_read is None or last_read + self._cadence.costs <= now:
            window = plan.costs_tail(now)
        elif months_due:
            window = plan.costs_months(now)
            is_months = True
        elif self.wanted_here:
            day = self.wanted_here[-1]
            window = Window(day, day + plan.DAY)
        else:
            return Outcome(changed=False, asked=False, next_at=last_read + self._cadence.costs)
        query, answer = await self._ask(window, now, self._pace(Priority.COSTS, urgent=urgent or forced))
        changed = await self._intake.store_costs(query, answer, now)
        if is_months:
            await self._note(MONTHS_READ, now)
        if window.end <= plan.costs_tail(now).start:
            self.wanted_here.pop()
        more = (months_due and not is_months) or self.wanted_here
        # Both months are due again when the day turns.
        next_at = now if more else min(now + self._cadence.costs, BucketWidth.DAY.after(now))
        return Outcome(changed, next_at, remarks=answer.remarks)

    async def _ask(self, window: Window, now: datetime, pacing: Pacing) -> tuple[CostQuery, Answer]:
        """Ask up to tomorrow; where that is refused ask up to today, for the rest of the UTC day."""
        limit = BucketWidth.DAY.page_limit
        if window.end <= BucketWidth.DAY.floor(now):
            query = CostQuery(window, limit=limit)
            return query, await self._intake.costs(query, pacing)
        was_refused = await self._is_noted_today(feeds.TOMORROW_REFUSED, now)
        if not was_refused:
            query = CostQuery(window, limit=limit)
            with suppress(DateRangeRefused):
                return query, await self._intake.costs(query, pacing)
        query = CostQuery(plan.without_today(window, now), limit=limit)
        answer = await self._intake.costs(query, pacing)
        if not was_refused:
            await self._note(feeds.TOMORROW_REFUSED, now)
        return query, answer
