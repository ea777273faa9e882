"""From the body of a page to the store: plain functions, which run in a thread or in the process aside."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, cast

from meterdeck.api.paging import Page
from meterdeck.api.wire import Bucket, ReportPage, parse_cost_page, parse_usage_page
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.questions import Asked, Question
from meterdeck.domain.remarks import Remark
from meterdeck.domain.reports import CostBucket, UsageBucket
from meterdeck.store import Store, StoreError, answers, costs, mix, usage

Held = tuple[UsageBucket | CostBucket, ...] | bytes
"""The buckets of a page; packed where they come from the process aside, for here they are only passed on."""
Replace = Callable[[Store, Sequence[Held]], bool]
"""Puts the pages of one answer into a store, in one transaction; returns whether anything changed."""


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


def in_store_at(path: Path, replace: Replace, pages: Sequence[Held]) -> bool:
    """Open the store, as a process must that has none, and put an answer into it."""
    store = Store(path)
    try:
        if store.notice:
            # It was found damaged just now; the session that asked still has the damaged one open.
            raise StoreError(store.notice, next="Start meterdeck again.")
        return replace(store, pages)
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
