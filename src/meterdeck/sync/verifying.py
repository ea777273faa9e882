"""Settled figures read from the API again and held against the store, cell by cell."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from meterdeck.api import CostQuery, UsageQuery
from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS
from meterdeck.domain.money import EXACT
from meterdeck.domain.reports import CostBucket, UsageBucket
from meterdeck.domain.tokens import TokenType
from meterdeck.store import Store, Transaction, costs, counter_rows, coverage, hours, sums, usage
from meterdeck.store.budget import Priority
from meterdeck.store.coverage import Report
from meterdeck.sync.readers import Sources

HOUR, DAY = BucketWidth.HOUR, BucketWidth.DAY
FEW_REQUESTS = 5
COUNTERS = (*(token_type.value for token_type in TokenType), "web_searches")

Cells = Mapping[tuple[str | None, ...], int | Decimal]
"""Figures by what they are of: members and a counter, or the fields of a line."""


class Sample(NamedTuple):
    """What to read again: windows of hours of usage, and of days of the bill, one request each."""

    usage: tuple[Window, ...]
    bills: tuple[Window, ...]

    @property
    def requests(self) -> int:
        """How many requests it takes."""
        return len(self.usage) + len(self.bills)

    @property
    def priority(self) -> Priority:
        """A person waits for a few requests; many must leave places for what is happening now."""
        return Priority.USER if self.requests <= FEW_REQUESTS else Priority.BACKFILL


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell of which the store says something else than the API, or a day's sum than its hours.

    None: there is no such row.
    """

    report: Report
    start: datetime
    cell: tuple[str | None, ...]
    stored: int | Decimal | None
    reported: int | Decimal | None
    width: BucketWidth = HOUR
    """`BucketWidth.DAY` in usage: of a day's sum, with which its hours were compared."""


def choose(store: Store, now: datetime, count: int, lots: random.Random) -> Sample:
    """So many settled hours and days of the bill, at random.

    Those that fit into one request are asked for together, and what lies between them is compared along.
    """
    longest = history.history(now, history.LONGEST_HISTORY_DAYS)
    with store.read() as transaction:
        known = hours.hour_sources(transaction, longest)
        page = history.hours_a_page(sums.most_rows_of_an_hour(transaction, longest))
        days = coverage.covered(transaction, Report.COST, DAY, longest)
    billed = [day for day, read in days.items() if _is_settled(day, read.read_at)]

    def pages(settled: list[datetime], width: BucketWidth, page: int) -> tuple[Window, ...]:
        chosen = sorted(lots.sample(settled, min(count, len(settled))), reverse=True)
        windows: list[Window] = []
        while chosen:
            windows.append(history.next_page(chosen, width, page))
            chosen = [start for start in chosen if start not in windows[-1]]
        return tuple(windows)

    return Sample(pages(_settled_hours(known), HOUR, page), pages(billed, DAY, DAY.page_limit))


class Verifying:
    """Reads a sample again. With ``repair`` each answer that differs is stored; else the store stays as it is."""

    def __init__(self, sources: Sources, priority: Priority = Priority.USER, *, repair: bool = False) -> None:
        self._client = sources.client
        self._store = sources.store
        self._clock = sources.clock
        self._pacing = sources.pacing(priority)
        self._repair = repair

    async def hours(self, window: Window) -> list[Difference]:
        """Ask for some hours, and compare those that had settled; raises an `ApiError`."""
        now = self._clock()
        query = UsageQuery(window, HOUR, SERIES_DIMENSIONS, limit=window.duration // HOUR.delta)
        buckets = await self._client.usage(query, pacing=self._pacing)
        return await asyncio.to_thread(self._compare_hours, window, buckets, now)

    async def bills(self, window: Window) -> list[Difference]:
        """Ask for some days of the bill, and compare those that had settled; raises an `ApiError`."""
        now = self._clock()
        buckets = await self._client.costs(CostQuery(window, limit=DAY.page_limit), pacing=self._pacing)
        return await asyncio.to_thread(self._compare_bills, window, buckets, now)

    def _compare_hours(
        self, window: Window, buckets: Iterable[UsageBucket], now: datetime
    ) -> list[Difference]:
        buckets = list(buckets)
        with self._store.read() as transaction:
            known = hours.hour_sources(transaction, window)
            stored = _stored_cells(transaction, window)
        reported = {bucket.window.start: _reported_cells(bucket) for bucket in buckets}
        found = [
            difference
            for hour in _settled_hours(known)
            for difference in differences(Report.USAGE, hour, stored.get(hour, {}), reported.get(hour, {}))
        ]
        if found and self._repair:
            with self._store.write() as transaction:
                usage.replace(transaction, HOUR, window, buckets, now)
        return found

    def _compare_bills(
        self, window: Window, buckets: Iterable[CostBucket], now: datetime
    ) -> list[Difference]:
        buckets = list(buckets)
        with self._store.read() as transaction:
            read = coverage.covered(transaction, Report.COST, DAY, window)
            lines = costs.lines(transaction, window)
        stored: dict[datetime, dict[tuple[str | None, ...], Decimal]] = {day: {} for day in read}
        for day, line, cents in lines:
            stored[day][tuple(line)] = cents
        reported = {bucket.window.start: _reported_lines(bucket) for bucket in buckets}
        settled = [day for day, of in read.items() if _is_settled(day, of.read_at)]
        found = [
            difference
            for day in settled
            for difference in differences(Report.COST, day, stored[day], reported.get(day, {}), width=DAY)
        ]
        if found and self._repair:
            with self._store.write() as transaction:
                costs.replace(transaction, window, buckets, now)
        return found


def _is_settled(day: datetime, read_at: datetime) -> bool:
    return read_at >= day + DAY.delta + history.BILL_SETTLES_AFTER


def _settled_hours(known: hours.HourSources) -> list[datetime]:
    return [hour for hour in known.by_hour if known.read_at[hour] >= hour + HOUR.delta + hours.SETTLES_AFTER]


def _stored_cells(transaction: Transaction, window: Window) -> Mapping[datetime, Cells]:
    members = sums.series(transaction)
    cells: dict[datetime, dict[tuple[str | None, ...], int | Decimal]] = {
        hour: {
            (*members[of], counter): value
            for of, counters in content.items()
            for counter, value in zip(COUNTERS, counters, strict=True)
        }
        for hour, content in sums.of_each(transaction, HOUR, window).items()
    }
    for hour, others in counter_rows.contents(transaction, HOUR, window).items():
        cells.setdefault(hour, {}).update(
            {(*members[of], name): count for (of, name), count in others.items()}
        )
    return cells


def _reported_cells(bucket: UsageBucket) -> Cells:
    cells: Counter[tuple[str | None, ...]] = Counter()
    for members, tokens, searches, others in bucket.rows:
        counts = [count for _, count in tokens.items()]
        for counter, value in zip(COUNTERS, (*counts, searches), strict=True):
            cells[(*members, counter)] += value
        for counter, value in others:
            cells[(*members, counter)] += value
    return cells


def _reported_lines(bucket: CostBucket) -> Cells:
    cells: dict[tuple[str | None, ...], Decimal] = {}
    for line, cents in bucket.rows:
        cells[tuple(line)] = EXACT.add(cells[tuple(line)], cents) if tuple(line) in cells else cents
    return cells


def differences(
    report: Report, start: datetime, stored: Cells, reported: Cells, *, width: BucketWidth = HOUR
) -> Iterator[Difference]:
    """The cells of a bucket that say two things."""
    cells = sorted(stored.keys() | reported.keys(), key=lambda cell: tuple(part or "" for part in cell))
    for cell in cells:
        # A row of nothing and no row say the same (api-facts 2.5).
        if (stored.get(cell) or 0) != (reported.get(cell) or 0):
            yield Difference(report, start, cell, stored.get(cell), reported.get(cell), width)
