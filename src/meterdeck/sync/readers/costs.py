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
from meterdeck.sync.intake import Answer
from meterdeck.sync.plan import Feed
from meterdeck.sync.readers.base import Outcome, Reader

MONTHS_READ = "costs.months"
"""The record of the daily read of both months, beside the feed's own."""


class CostsReader(Reader):
    """The bill: the last days often, both months once a day (design, feed "costs")."""

    feed = Feed.COSTS

    @override
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read the last days if they are due, else both months if today has not read them yet."""
        now = self._clock()
        last_read = await self._last_noted(self.feed, now)
        months_due = not await self._is_noted_today(MONTHS_READ, now)
        is_months = False
        if forced or last_read is None or last_read + self._cadence.costs <= now:
            window = plan.costs_tail(now)
        elif months_due:
            window = plan.costs_months(now)
            is_months = True
        else:
            return Outcome(changed=False, asked=False, next_at=last_read + self._cadence.costs)
        query, answer = await self._ask(window, now, self._pace(Priority.COSTS, urgent=urgent or forced))
        changed = await self._intake.store_costs(query, answer, now)
        if is_months:
            await self._note(MONTHS_READ, now)
        more = months_due and not is_months
        next_at = now if more else now + self._cadence.costs
        return Outcome(changed, next_at, remarks=answer.remarks)

    async def _ask(self, window: Window, now: datetime, pacing: Pacing) -> tuple[CostQuery, Answer]:
        """Ask up to tomorrow; where that is refused ask up to today, for the rest of the UTC day."""
        limit = BucketWidth.DAY.page_limit
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
