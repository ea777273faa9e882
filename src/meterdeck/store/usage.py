"""Usage rows: written a window at a time, never added across reads, never older over newer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS
from meterdeck.domain.reports import UsageBucket
from meterdeck.store import counter_rows, coverage, hours
from meterdeck.store.coverage import Report, starts_as_json
from meterdeck.store.database import Transaction
from meterdeck.store.hours import COUNTERS
from meterdeck.store.times import from_seconds, to_seconds
from meterdeck.store.topics import Topic

_SERIES_COLUMNS = ", ".join(dimension.value for dimension in SERIES_DIMENSIONS)

_Counters = tuple[int, int, int, int, int, int]
_Content = dict[int, _Counters]
"""What a bucket says: counters by series id."""


def replace(
    transaction: Transaction,
    width: BucketWidth,
    window: Window,
    buckets: Iterable[UsageBucket],
    read_at: datetime,
) -> bool:
    """Put a read of a window, by the minute or the hour, in the place of what was known of it.

    Rows that vanished vanish; rows of equal identity within the answer are added. Buckets that were read after
    ``read_at`` stay: this answer is older than theirs. Returns whether anything changed.
    """
    if width is BucketWidth.HOUR:
        newer = hours.newer_than(transaction, window, read_at)
    else:
        newer = coverage.read_later(transaction, Report.USAGE, width, window, read_at)
    series = _SeriesIds(transaction)
    after: dict[datetime, _Content] = {}
    others_after: dict[datetime, counter_rows.Content] = {}
    for bucket in buckets:
        if bucket.window.start not in newer:
            after[bucket.window.start], others = _content(series, bucket)
            if others:
                others_after[bucket.window.start] = others
    before = _contents(transaction, width, window, newer)
    others_before = counter_rows.contents(transaction, width, window, newer)
    changed = {
        start: content != before.get(start, {}) or others_after.get(start) != others_before.get(start)
        for start, content in after.items()
    }
    says_new = any(changed.values()) or any(start not in after for start in before)
    if says_new:
        _rewrite(transaction, width, window, after, newer)
        if others_before or others_after:
            counter_rows.rewrite(transaction, width, window, others_after, newer)
        transaction.revise(Topic.USAGE)
    known = coverage.covered(transaction, Report.USAGE, width, window).keys() - newer
    coverage.replace(transaction, Report.USAGE, width, window, changed, read_at, newer=newer)
    if width is BucketWidth.MINUTE or says_new or known != changed.keys():
        hours.settle(transaction, window.starts(width))
    return says_new


class _SeriesIds:
    """The ids of series, made as they are first seen; one look at the table for a whole read."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        rows = transaction.all(f"SELECT id, {_SERIES_COLUMNS} FROM series")
        self._ids: dict[tuple[str | None, ...], int] = {
            tuple([member or None for member in members]): series_id for series_id, *members in rows
        }

    def of(self, members: tuple[str | None, ...]) -> int:
        """The id of one combination of members."""
        found = self._ids.get(members)
        if found is None:
            row = self._transaction.one(
                f"INSERT INTO series ({_SERIES_COLUMNS}) VALUES (?, ?, ?, ?, ?) RETURNING id",
                tuple(member or "" for member in members),
            )
            assert row is not None  # noqa: S101 - INSERT … RETURNING returns its row
            found = self._ids[members] = row[0]
        return found


def _content(series: _SeriesIds, bucket: UsageBucket) -> tuple[_Content, counter_rows.Content]:
    """What a bucket says, and what it counts beside (`meterdeck.store.counter_rows`)."""
    if bucket.group_by != SERIES_DIMENSIONS:
        msg = f"usage is stored by {SERIES_DIMENSIONS}, not by {bucket.group_by}"
        raise ValueError(msg)
    content: _Content = {}
    others: counter_rows.Content = {}
    for row in bucket.rows:
        members, tokens, searches, _ = row
        of = series.of(members)
        counts = (
            tokens.uncached_input,
            tokens.cache_read,
            tokens.cache_write_5m,
            tokens.cache_write_1h,
            tokens.output,
            searches,
        )
        have = content.get(of)
        content[of] = counts if have is None else _added(have, counts)
        if row.others:
            counter_rows.add(others, of, row)
    return content, others


def _added(one: _Counters, other: _Counters) -> _Counters:
    return (
        one[0] + other[0],
        one[1] + other[1],
        one[2] + other[2],
        one[3] + other[3],
        one[4] + other[4],
        one[5] + other[5],
    )


def _contents(
    transaction: Transaction, width: BucketWidth, window: Window, newer: Collection[datetime]
) -> dict[datetime, _Content]:
    contents: dict[datetime, _Content] = {}
    rows = transaction.all(
        f"SELECT start, series, {COUNTERS} FROM usage WHERE width = ? AND start >= ? AND start < ?",
        (width.seconds, to_seconds(window.start), to_seconds(window.end)),
    )
    for start, series, *counts in rows:
        contents.setdefault(from_seconds(start), {})[series] = tuple(counts)
    return {start: content for start, content in contents.items() if start not in newer}


def _rewrite(
    transaction: Transaction,
    width: BucketWidth,
    window: Window,
    after: Mapping[datetime, _Content],
    newer: Collection[datetime],
) -> None:
    transaction.run(
        "DELETE FROM usage WHERE width = ? AND start >= ? AND start < ?"
        " AND start NOT IN (SELECT value FROM json_each(?))",
        (width.seconds, to_seconds(window.start), to_seconds(window.end), starts_as_json(newer)),
    )
    transaction.run_many(
        f"INSERT INTO usage (width, start, series, {COUNTERS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (width.seconds, to_seconds(start), series, *counts)
            for start, content in after.items()
            for series, counts in content.items()
        ),
    )
