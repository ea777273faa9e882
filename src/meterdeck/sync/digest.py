"""From the body of a page to the store: plain functions, which run in a thread or in the process aside."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from operator import add
from pathlib import Path
from typing import NamedTuple, TypeVar, cast

from meterdeck.api.paging import Page
from meterdeck.api.wire import Bucket, ReportPage, parse_cost_page, parse_usage_page
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.questions import Asked, Question
from meterdeck.domain.remarks import Remark
from meterdeck.domain.reports import CostBucket, UsageBucket
from meterdeck.store import Store, StoreError, answers, costs, mix, sums, usage

Held = tuple[UsageBucket | CostBucket, ...] | bytes
"""The buckets of a page; packed where they come from the process aside, for here they are only passed on."""
Result = TypeVar("Result")


class Digest(NamedTuple):
    """A page that was parsed and found good, ready to be stored."""

    held: Held
    most_rows: int
    """In one bucket."""
    body_size: int
    """In bytes."""
    remarks: tuple[Remark, ...] = ()
    """What was odd about it and read all the same."""


def digest_usage(body: bytes, group_by: tuple[Dimension, ...]) -> Page[Digest]:
    """Read a page of the usage report; raises `BadPayload`."""
    return _digest(parse_usage_page(body, group_by), len(body))


def digest_costs(body: bytes) -> Page[Digest]:
    """Read a page of the cost report; raises `BadPayload`."""
    return _digest(parse_cost_page(body), len(body))


def packed(digest: Callable[[bytes], Page[Digest]], body: bytes) -> Page[Digest]:
    """The same, its buckets pickled: to take them apart for every process that they pass would cost more than to read them."""
    page = digest(body)
    held = pickle.dumps(page.content.held, pickle.HIGHEST_PROTOCOL)
    return page._replace(content=page.content._replace(held=held))


def replace_usage(
    store: Store, pages: Iterable[Held], width: BucketWidth, window: Window, read_at: datetime
) -> bool:
    """Put an answer in the place of what was known of its window; returns whether anything changed."""
    buckets = cast("Iterator[UsageBucket]", _unpacked(pages))
    with store.write() as transaction:
        return usage.replace(transaction, width, window, buckets, read_at)


def replace_costs(store: Store, pages: Iterable[Held], window: Window, read_at: datetime) -> bool:
    """Put the bill of some days in the place of what was known of them; returns whether anything changed."""
    buckets = cast("Iterator[CostBucket]", _unpacked(pages))
    with store.write() as transaction:
        return costs.replace(transaction, window, buckets, read_at)


def replace_mix(store: Store, pages: Iterable[Held], window: Window, read_at: datetime) -> bool:
    """Put the mix of some hours in the place of what was known of them, and forget hours that are too old to matter.

    Returns whether anything changed.
    """
    buckets = cast("Iterator[UsageBucket]", _unpacked(pages))
    with store.write() as transaction:
        mix.thin(transaction, read_at)
        return mix.replace(transaction, window, buckets, read_at)


def replace_answer(
    store: Store, pages: Iterable[Held], question: Question, asked: Asked, read_at: datetime
) -> bool:
    """Put the answer to a question in the place of the one before; returns that something changed: it was read."""
    buckets = cast("Iterator[UsageBucket]", _unpacked(pages))
    with store.write() as transaction:
        answers.put(transaction, question, asked, buckets, read_at)
    return True


def days_that_differ(store: Store, pages: Iterable[Held]) -> frozenset[datetime]:
    """The days of an answer, by the day, of which the hours in the store add up to something else."""
    buckets = cast("Iterator[UsageBucket]", _unpacked(pages))
    with store.read() as transaction:
        members = sums.series(transaction)
        return frozenset(
            bucket.window.start
            for bucket in buckets
            if _used(bucket)
            != {
                tuple(members[of]): counters
                for of, counters in sums.parts_by_series(transaction, BucketWidth.HOUR, bucket.window).items()
                if any(counters)
            }
        )


def _used(bucket: UsageBucket) -> dict[tuple[str | None, ...], tuple[int, ...]]:
    """What a bucket counts by members: the five counters and web searches; a row of nothing and no row are the same."""
    used: dict[tuple[str | None, ...], tuple[int, ...]] = {}
    for row in bucket.rows:
        counters = (*(count for _, count in row.tokens.items()), row.web_searches)
        if any(counters):
            have = used.get(row.members, (0,) * len(counters))
            used[row.members] = tuple(map(add, have, counters))
    return used


def in_store_at(path: Path, work: Callable[[Store, Sequence[Held]], Result], pages: Sequence[Held]) -> Result:
    """Open the store, as a process must that has none, and let an answer be put into it or held against it."""
    store = Store(path)
    try:
        if store.notice:
            # It was found damaged just now; the session that asked still has the damaged one open.
            raise StoreError(store.notice, next="Start meterdeck again.")
        return work(store, pages)
    finally:
        store.close()


def _digest(page: ReportPage[Bucket], body_size: int) -> Page[Digest]:
    most_rows = max((len(bucket.rows) for bucket in page.buckets), default=0)
    windows = [bucket.window for bucket in page.buckets]
    digest = Digest(page.buckets, most_rows, body_size, page.remarks)
    return Page(digest, windows, page.has_more, page.next_page, page.remarks)


def _unpacked(pages: Iterable[Held]) -> Iterator[UsageBucket | CostBucket]:
    for held in pages:
        yield from pickle.loads(held) if isinstance(held, bytes) else held  # noqa: S301 - of our own making
