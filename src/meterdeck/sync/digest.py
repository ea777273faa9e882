"""From the body of a page to the store: plain functions, which run in a thread or in the process aside."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from meterdeck.api.paging import Page
from meterdeck.api.wire import Bucket, ReportPage, parse_cost_page, parse_usage_page
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.store import Store, StoreError, costs, mix, usage


class Digest(NamedTuple):
    """A page that was parsed and found good, ready to be stored by whoever holds it."""

    packed: bytes
    """Its buckets, pickled: the process that asks for the pages only passes them on."""
    most_rows: int
    """In one bucket."""
    body_size: int
    """In bytes."""


Replace = Callable[[Store, Sequence[bytes]], bool]
"""Puts the packed pages of one answer into a store, in one transaction; returns whether anything changed."""


def digest_usage(body: bytes, group_by: tuple[Dimension, ...]) -> Page[Digest]:
    """Read a page of the usage report; raises `BadPayload`."""
    return _digest(parse_usage_page(body, group_by), len(body))


def digest_costs(body: bytes) -> Page[Digest]:
    """Read a page of the cost report; raises `BadPayload`."""
    return _digest(parse_cost_page(body), len(body))


def replace_usage(
    store: Store, packed: Iterable[bytes], width: BucketWidth, window: Window, read_at: datetime
) -> bool:
    """Put an answer in the place of what was known of its window; returns whether anything changed."""
    with store.write() as transaction:
        return usage.replace(transaction, width, window, _unpacked(packed), read_at)


def replace_costs(store: Store, packed: Iterable[bytes], window: Window, read_at: datetime) -> bool:
    """Put the bill of some days in the place of what was known of them; returns whether anything changed."""
    with store.write() as transaction:
        return costs.replace(transaction, window, _unpacked(packed), read_at)


def replace_mix(store: Store, packed: Iterable[bytes], window: Window, read_at: datetime) -> bool:
    """Put the mix of some hours in the place of what was known of them, and forget hours that are too old to matter.

    Returns whether anything changed.
    """
    with store.write() as transaction:
        mix.thin(transaction, read_at)
        return mix.replace(transaction, window, _unpacked(packed), read_at)


def in_store_at(path: Path, replace: Replace, packed: Sequence[bytes]) -> bool:
    """Open the store, as a process must that has none, and put an answer into it."""
    store = Store(path)
    try:
        if store.notice:
            # It was found damaged just now; the session that asked still has the damaged one open.
            raise StoreError(store.notice, next="Start meterdeck again.")
        return replace(store, packed)
    finally:
        store.close()


def _digest(page: ReportPage[Bucket], body_size: int) -> Page[Digest]:
    most_rows = max((len(bucket.rows) for bucket in page.buckets), default=0)
    packed = pickle.dumps(page.buckets, pickle.HIGHEST_PROTOCOL)
    windows = [bucket.window for bucket in page.buckets]
    return Page(Digest(packed, most_rows, body_size), windows, page.has_more, page.next_page)


def _unpacked(packed: Iterable[bytes]) -> Iterator[Bucket]:
    for page in packed:
        yield from pickle.loads(page)  # noqa: S301 - packed by `_digest`
