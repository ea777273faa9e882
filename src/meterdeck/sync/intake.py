"""Takes a report from the wire to the store: in a thread what is small, in a process of its own what is large."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from meterdeck.api import AdminClient, CostQuery, Pacing, UsageQuery
from meterdeck.api.paging import Digest as Reading
from meterdeck.api.paging import Page, PagesOf
from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.questions import Asked, Question
from meterdeck.domain.remarks import Remark, joined
from meterdeck.store import Store
from meterdeck.sync.aside import Aside
from meterdeck.sync.digest import (
    Digest,
    Held,
    days_that_differ,
    digest_costs,
    digest_usage,
    in_store_at,
    packed,
    replace_answer,
    replace_costs,
    replace_mix,
    replace_usage,
)

Result = TypeVar("Result")

LARGE_BODY = 256 * 1024
"""In bytes. Some 600 rows: what a thread reads of it at once keeps the screen waiting for a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """All pages of a report, each checked, none stored yet."""

    pages: list[Digest]

    @property
    def most_rows(self) -> int:
        """In one bucket."""
        return max((page.most_rows for page in self.pages), default=0)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What was odd about them and read all the same, each oddity once."""
        return joined(remark for page in self.pages for remark in page.remarks)


class Intake:
    """Asks for whole reports and stores them. Which way a body goes makes no difference but to the screen."""

    def __init__(self, client: AdminClient, store: Store) -> None:
        self._client = client
        self._store = store
        self.aside = Aside()

    async def usage(self, query: UsageQuery, pacing: Pacing) -> Answer:
        """Ask for usage, all pages; raises an `ApiError` or `AsideDied`."""
        digest = partial(digest_usage, group_by=query.group_by)
        return await _whole(self._client.usage_digests(query, self._reading(digest), pacing=pacing))

    async def costs(self, query: CostQuery, pacing: Pacing) -> Answer:
        """Ask for the bill, all pages; raises an `ApiError` or `AsideDied`.

        The client reads buckets of any width (api-facts 4). What is not a UTC day is refused here: it is by its
        midnight that a bill is found again.
        """
        digest = self._reading(digest_costs)
        pages = self._client.cost_digests(query, digest, width=BucketWidth.DAY, pacing=pacing)
        return await _whole(pages)

    async def store_usage(self, query: UsageQuery, answer: Answer, read_at: datetime) -> bool:
        """Put the answer in the place of what was known of its window; returns whether anything changed."""
        replace = partial(replace_usage, width=query.width, window=query.window, read_at=read_at)
        return await self._put(replace, answer)

    async def days_that_differ(self, answer: Answer) -> frozenset[datetime]:
        """The days of an answer by the day that differ from the sums of their hours in the store."""
        return await self._put(days_that_differ, answer)

    async def store_costs(self, query: CostQuery, answer: Answer, read_at: datetime) -> bool:
        """Put the answer in the place of what was known of its days; returns whether anything changed."""
        return await self._put(partial(replace_costs, window=query.window, read_at=read_at), answer)

    async def store_mix(self, query: UsageQuery, answer: Answer, read_at: datetime) -> bool:
        """Put the answer in the place of what was known of the mix of its hours; returns whether anything changed."""
        return await self._put(partial(replace_mix, window=query.window, read_at=read_at), answer)

    async def store_answer(self, question: Question, asked: Asked, answer: Answer, read_at: datetime) -> bool:
        """Put the answer to a question in the place of the one before; returns whether anything changed."""
        replace = partial(replace_answer, question=question, asked=asked, read_at=read_at)
        return await self._put(replace, answer)

    def close(self) -> None:
        """End the process of large answers, whatever it is doing."""
        self.aside.close()

    def _reading(self, digest: Callable[[bytes], Page[Digest]]) -> Reading[Digest]:
        async def read(body: bytes) -> Page[Digest]:
            if len(body) > LARGE_BODY:
                return await self.aside.run(packed, digest, body)
            return await asyncio.to_thread(digest, body)

        return read

    async def _put(self, work: Callable[[Store, Sequence[Held]], Result], answer: Answer) -> Result:
        pages = [page.held for page in answer.pages]
        if sum(page.body_size for page in answer.pages) > LARGE_BODY:
            return await self.aside.run(in_store_at, self._store.path, work, pages)
        return await asyncio.to_thread(work, self._store, pages)


async def _whole(pages: PagesOf[Digest]) -> Answer:
    return Answer([page async for page in pages])
