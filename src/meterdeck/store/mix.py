"""The mix: usage by where and how fast it ran, hour by hour. The same tokens as the series', and never added to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from operator import add
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import MIX_DIMENSIONS
from meterdeck.domain.reports import Served, UsageBucket
from meterdeck.domain.tokens import TokenCounts
from meterdeck.store import coverage
from meterdeck.store.coverage import Report, starts_as_json
from meterdeck.store.database import Transaction
from meterdeck.store.hours import COUNTERS, SUMS
from meterdeck.store.times import from_seconds, to_seconds
from meterdeck.store.topics import Topic

KEPT = timedelta(days=35)
"""Longer than prices are learned from; nothing else rests on the mix."""
WITHOUT_SPEED = MIX_DIMENSIONS[:-1]

_COLUMNS = ", ".join(Served._fields)

_Content = dict[int, tuple[int, ...]]
"""What an hour says: five token counters and web searches, by the id of what served them."""


class MixTotal(NamedTuple):
    """A sum of tokens that were served in one way."""

    served: Served
    tokens: TokenCounts


def replace(
    transaction: Transaction, window: Window, buckets: Iterable[UsageBucket], read_at: datetime
) -> bool:
    """Put a read of some hours in the place of what was known of them; returns whether anything changed.

    As with the series, rows that vanished vanish, rows of equal identity within the answer are added, and hours that
    were read after ``read_at`` stay.
    """
    newer = coverage.read_later(transaction, Report.MIX, BucketWidth.HOUR, window, read_at)
    ids = _ServedIds(transaction)
    after = {
        bucket.window.start: _content(ids, bucket) for bucket in buckets if bucket.window.start not in newer
    }
    before = _contents(transaction, window, newer)
    changed = {start: content != before.get(start, {}) for start, content in after.items()}
    says_new = any(changed.values()) or any(start not in after for start in before)
    if says_new:
        _rewrite(transaction, window, after, newer)
        transaction.revise(Topic.MIX)
    coverage.replace(transaction, Report.MIX, BucketWidth.HOUR, window, changed, read_at, newer=newer)
    return says_new


def thin(transaction: Transaction, now: datetime) -> None:
    """Forget hours that are older than `KEPT`."""
    oldest = to_seconds(now - KEPT)
    transaction.run("DELETE FROM mix WHERE start < ?", (oldest,))
    transaction.run("DELETE FROM coverage WHERE report = ? AND start < ?", (Report.MIX, oldest))


def totals(transaction: Transaction, window: Window) -> list[MixTotal]:
    """Sums over the hours that start inside a window, for each way in which tokens were served."""
    rows = transaction.all(
        f"SELECT {_COLUMNS}, {SUMS} FROM mix JOIN served ON served.id = mix.served"
        f" WHERE start >= ? AND start < ? GROUP BY served.id ORDER BY {_COLUMNS}",
        (to_seconds(window.start), to_seconds(window.end)),
    )
    return [
        MixTotal(Served._make([member or None for member in row[:5]]), TokenCounts(*row[5:10]))
        for row in rows
    ]


class _ServedIds:
    """The ids of ways to be served, made as they are first seen; one look at the table for a whole read."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        rows = transaction.all(f"SELECT id, {_COLUMNS} FROM served")
        self._ids: dict[tuple[str, ...], int] = {tuple(members): of for of, *members in rows}

    def of(self, members: tuple[str | None, ...]) -> int:
        """The id of one combination of members, of which the last may be missing."""
        key = tuple([member or "" for member in members]) + ("",) * (len(MIX_DIMENSIONS) - len(members))
        found = self._ids.get(key)
        if found is None:
            row = self._transaction.one(
                f"INSERT INTO served ({_COLUMNS}) VALUES (?, ?, ?, ?, ?) RETURNING id", key
            )
            assert row is not None  # noqa: S101 - INSERT … RETURNING returns its row
            found = self._ids[key] = row[0]
        return found


def _content(ids: _ServedIds, bucket: UsageBucket) -> _Content:
    if bucket.group_by not in {MIX_DIMENSIONS, WITHOUT_SPEED}:
        msg = f"the mix is stored by {MIX_DIMENSIONS}, not by {bucket.group_by}"
        raise ValueError(msg)
    content: _Content = {}
    for members, tokens, searches, _ in bucket.rows:
        of = ids.of(members)
        counters = (*(count for _, count in tokens.items()), searches)
        have = content.get(of)
        content[of] = counters if have is None else tuple(map(add, have, counters))
    return content


def _contents(
    transaction: Transaction, window: Window, newer: Collection[datetime]
) -> dict[datetime, _Content]:
    contents: dict[datetime, _Content] = {}
    rows = transaction.all(
        f"SELECT start, served, {COUNTERS} FROM mix WHERE start >= ? AND start < ?",
        (to_seconds(window.start), to_seconds(window.end)),
    )
    for start, of, *counters in rows:
        contents.setdefault(from_seconds(start), {})[of] = tuple(counters)
    return {start: content for start, content in contents.items() if start not in newer}


def _rewrite(
    transaction: Transaction,
    window: Window,
    after: Mapping[datetime, _Content],
    newer: Collection[datetime],
) -> None:
    transaction.run(
        "DELETE FROM mix WHERE start >= ? AND start < ? AND start NOT IN (SELECT value FROM json_each(?))",
        (to_seconds(window.start), to_seconds(window.end), starts_as_json(newer)),
    )
    transaction.run_many(
        f"INSERT INTO mix (start, served, {COUNTERS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (to_seconds(start), of, *counters)
            for start, content in after.items()
            for of, counters in content.items()
        ),
    )
