"""The history that a command asks for: hours, then the bill, newest first, one page at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from meterdeck.api import CostQuery
from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.errors import MeterdeckError
from meterdeck.store import coverage
from meterdeck.store.budget import Priority
from meterdeck.store.coverage import Report
from meterdeck.sync.intake import Intake
from meterdeck.sync.readers import Outcome, Sources
from meterdeck.sync.retrying import PASSING, retry_after
from meterdeck.sync.wrong_clock import WrongClock

RETRIES = 5
"""How many failures in a row are waited out: some minutes in all, or as long as the server says."""


class Backfilling:
    """Reads what of the history was never read or not since it settled. Each page is stored before the next is asked.

    It needs no lease: a window that two sessions read is replaced twice by the same. What it is stopped at is kept,
    and another one goes on from there.
    """

    def __init__(
        self,
        sources: Sources,
        intake: Intake,
        read_hours: Callable[[datetime], Awaitable[Outcome]],
        days: int,
    ) -> None:
        self._client = sources.client
        self._store = sources.store
        self._clock = sources.clock
        self._pacing = sources.pacing
        self._intake = intake
        self._read_hours = read_hours
        self._days = days
        self._bills_asked: set[datetime] = set()
        """Days whose bill was asked for: one that does not come must not be asked for again and again."""

    async def run(
        self, on_page: Callable[[], None], on_failure: Callable[[MeterdeckError, timedelta], None]
    ) -> None:
        """Read until nothing is left; raises what failed for good, or too often."""
        failures = 0
        while True:
            try:
                more = await self._page()
            except WrongClock:  # by the right one what is left may be something else
                continue
            except PASSING as error:
                failures += 1
                wait = retry_after(error, failures)
                if failures > RETRIES or wait is None:
                    raise
                on_failure(error, wait)
                await asyncio.sleep(wait.total_seconds())
                continue
            if not more:
                return
            failures = 0
            on_page()

    async def _page(self) -> bool:
        """Read one page of hours, else one of the bill; return whether there was one to read."""
        since = history.history(self._clock(), self._days).start
        if (await self._read_hours(since)).asked:
            return True
        now = self._clock()
        due = await asyncio.to_thread(self._due_bills, now)
        if not due:
            return False
        window = history.next_page(due, BucketWidth.DAY, BucketWidth.DAY.page_limit)
        query = CostQuery(window, limit=BucketWidth.DAY.page_limit)
        answer = await self._intake.costs(query, self._pacing(Priority.BACKFILL))
        self._bills_asked |= set(window.starts(BucketWidth.DAY))
        await self._intake.store_costs(query, answer, now)
        return True

    def _due_bills(self, now: datetime) -> list[datetime]:
        with self._store.read() as transaction:
            read = coverage.covered(
                transaction, Report.COST, BucketWidth.DAY, history.ended_days(now, self._days)
            )
        due = history.due_bills(now, {day: of.read_at for day, of in read.items()}, self._days)
        return [day for day in due if day not in self._bills_asked]
