"""Which closed hours a reader should ask for, and which it need not ask for again at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import Store, coverage
from meterdeck.store.coverage import Report
from meterdeck.sync import plan


class DueHours:
    """The hours of one report: each is read at some times after it closed (``reads``)."""

    def __init__(self, store: Store, report: Report, reads: Sequence[timedelta]) -> None:
        self._store = store
        self._report = report
        self._reads = reads
        self._asked: dict[datetime, datetime] = {}
        """When an hour was last asked for, by its start: one that never comes must not be asked for at once again."""

    def were_asked(self, window: Window, now: datetime) -> None:
        """Take note that a window was asked for, whatever came of it."""
        self._asked |= dict.fromkeys(window.starts(BucketWidth.HOUR), now)

    async def within(self, wanted: Window, now: datetime) -> list[datetime]:
        """Those that are due in a window, newest first."""
        return await asyncio.to_thread(self._within, wanted, now)

    def _within(self, wanted: Window, now: datetime) -> list[datetime]:
        with self._store.read() as transaction:
            hours = coverage.covered(transaction, self._report, BucketWidth.HOUR, wanted)
        read_at = {hour: read.read_at for hour, read in hours.items()}
        missing = {
            hour: asked
            for hour, asked in self._asked.items()
            # What was asked for later than now was asked for by a clock that was wrong.
            if hour not in read_at and hour in wanted and asked <= now
        }
        return plan.due_hours(now, read_at | missing, wanted, self._reads)
