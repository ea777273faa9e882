"""Usage rows: written a window at a time, read back summed as a pane asks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.reports import UsageBucket
from meterdeck.domain.scope import Filter
from meterdeck.domain.tokens import NO_TOKENS, TokenCounts
from meterdeck.store import coverage
from meterdeck.store.coverage import Report
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds

_COUNTERS = "uncached_input, cache_read, cache_write_5m, cache_write_1h, output, web_searches"
_SUMS = ", ".join(f"sum(u.{counter})" for counter in _COUNTERS.split(", "))
_SERIES_COLUMNS = ", ".join(dimension.value for dimension in SERIES_DIMENSIONS)

_Counters = tuple[int, int, int, int, int, int]
_Content = dict[int, _Counters]
"""What a bucket says: counters by series id."""


class UsageTotal(NamedTuple):
    """A sum of usage: of one bucket (or of all, where ``start`` is None) and one combination of members."""

    start: datetime | None
    members: tuple[str | None, ...]
    tokens: TokenCounts
    web_searches: int


@dataclass(frozen=True, slots=True)
class HourSources:
    """Where each hour's figures come from, so that no minute is counted twice.

    The newest read of an hour wins: its own row, or the sum of its minutes if all sixty were read after it. A
    few minutes read again do not make the others newer.
    """

    by_hour: tuple[datetime, ...]
    by_minute: tuple[datetime, ...]
    partial: frozenset[datetime]
    """Hours of ``by_minute`` of which fewer than 60 minutes were read."""
    read_at: Mapping[datetime, datetime]
    """When each known hour was last read."""
    covered_until: datetime | None
    """The end of the newest minute or hour that was read."""

    def __contains__(self, hour: datetime) -> bool:
        return hour in self.read_at

    def within(self, window: Window) -> HourSources:
        """The same, of the hours that start inside a narrower window."""
        return HourSources(
            tuple(hour for hour in self.by_hour if hour in window),
            tuple(hour for hour in self.by_minute if hour in window),
            frozenset(hour for hour in self.partial if hour in window),
            {hour: read_at for hour, read_at in self.read_at.items() if hour in window},
            self.covered_until,
        )


def hour_sources(transaction: Transaction, window: Window) -> HourSources:
    """Decide for each hour of a window where its figures come from."""
    hours = coverage.covered(transaction, Report.USAGE, BucketWidth.HOUR, window)
    minutes = _minute_coverage(transaction, window)
    by_hour, by_minute, partial = [], [], set()
    read_at: dict[datetime, datetime] = {}
    for hour in sorted(hours.keys() | minutes.keys()):
        own, of_minutes = hours.get(hour), minutes.get(hour)
        if of_minutes and (own is None or (of_minutes.complete and of_minutes.all_read_since > own.read_at)):
            by_minute.append(hour)
            read_at[hour] = of_minutes.read_at
            if not of_minutes.complete:
                partial.add(hour)
        elif own:
            by_hour.append(hour)
            read_at[hour] = own.read_at
    return HourSources(
        tuple(by_hour), tuple(by_minute), frozenset(partial), read_at, _covered_until(by_hour, minutes)
    )


class _MinuteCoverage(NamedTuple):
    minutes: int
    all_read_since: datetime
    """When the minute that was read longest ago was read."""
    read_at: datetime
    until: datetime

    @property
    def complete(self) -> bool:
        return self.minutes == 60


def _minute_coverage(transaction: Transaction, window: Window) -> dict[datetime, _MinuteCoverage]:
    rows = transaction.all(
        "SELECT start - start % 3600 AS hour, count(*), min(read_at), max(read_at), max(start) FROM coverage"
        " WHERE report = 'usage' AND width = 60 AND start >= ? AND start < ? GROUP BY hour",
        (to_seconds(window.start), to_seconds(window.end)),
    )
    return {
        from_seconds(hour): _MinuteCoverage(
            count,
            from_seconds(oldest),
            from_seconds(read_at),
            from_seconds(last) + BucketWidth.MINUTE.delta,
        )
        for hour, count, oldest, read_at, last in rows
    }


def _covered_until(
    by_hour: Sequence[datetime], minutes: Mapping[datetime, _MinuteCoverage]
) -> datetime | None:
    ends = [hour + timedelta(hours=1) for hour in by_hour[-1:]]
    ends += [minutes[hour].until for hour in sorted(minutes)[-1:]]
    return max(ends, default=None)


def replace(
    transaction: Transaction,
    width: BucketWidth,
    window: Window,
    buckets: Iterable[UsageBucket],
    read_at: datetime,
) -> bool:
    """Put a read of a window in the place of what was known of it; rows that vanished vanish.

    Rows of equal identity within the answer are added. Returns whether anything changed.
    """
    series = _SeriesIds(transaction)
    after = {bucket.window.start: _content(series, bucket) for bucket in buckets}
    before = _contents(transaction, width, window)
    changed = {start: content != before.get(start, {}) for start, content in after.items()}
    vanished = any(start not in after for start in before)
    if vanished or any(changed.values()):
        _rewrite(transaction, width, window, after)
    transaction.revise()
    coverage.replace(transaction, Report.USAGE, width, window, changed, read_at)
    return vanished or any(changed.values())


class _SeriesIds:
    """The ids of series, made as they are first seen; one look at the table for a whole read."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        rows = transaction.all(f"SELECT id, {_SERIES_COLUMNS} FROM series")
        self._ids: dict[tuple[str, ...], int] = {tuple(members): series_id for series_id, *members in rows}

    def of(self, members: tuple[str | None, ...]) -> int:
        """The id of one combination of members."""
        stored = tuple([member or "" for member in members])
        if stored not in self._ids:
            row = self._transaction.one(
                f"INSERT INTO series ({_SERIES_COLUMNS}) VALUES (?, ?, ?, ?, ?) RETURNING id", stored
            )
            assert row is not None  # noqa: S101 - INSERT … RETURNING returns its row
            self._ids[stored] = row[0]
        return self._ids[stored]


def _content(series: _SeriesIds, bucket: UsageBucket) -> _Content:
    if bucket.group_by != SERIES_DIMENSIONS:
        msg = f"usage is stored by {SERIES_DIMENSIONS}, not by {bucket.group_by}"
        raise ValueError(msg)
    sums: dict[tuple[str | None, ...], tuple[TokenCounts, int]] = {}
    for row in bucket.rows:
        tokens, searches = sums.get(row.members, (NO_TOKENS, 0))
        sums[row.members] = (tokens + row.tokens, searches + row.web_searches)
    return {
        series.of(members): (
            tokens.uncached_input,
            tokens.cache_read,
            tokens.cache_write_5m,
            tokens.cache_write_1h,
            tokens.output,
            searches,
        )
        for members, (tokens, searches) in sums.items()
    }


def _contents(transaction: Transaction, width: BucketWidth, window: Window) -> dict[datetime, _Content]:
    contents: dict[datetime, _Content] = {}
    rows = transaction.all(
        f"SELECT start, series, {_COUNTERS} FROM usage WHERE width = ? AND start >= ? AND start < ?",
        (width.seconds, to_seconds(window.start), to_seconds(window.end)),
    )
    for start, series, *counters in rows:
        contents.setdefault(from_seconds(start), {})[series] = tuple(counters)
    return contents


def _rewrite(
    transaction: Transaction, width: BucketWidth, window: Window, after: Mapping[datetime, _Content]
) -> None:
    transaction.run(
        "DELETE FROM usage WHERE width = ? AND start >= ? AND start < ?",
        (width.seconds, to_seconds(window.start), to_seconds(window.end)),
    )
    transaction.run_many(
        f"INSERT INTO usage (width, start, series, {_COUNTERS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (width.seconds, to_seconds(start), series, *counters)
            for start, content in after.items()
            for series, counters in content.items()
        ),
    )


def totals(
    transaction: Transaction,
    sources: HourSources,
    group_by: Sequence[Dimension],
    filters: Sequence[Filter] = (),
    *,
    each: BucketWidth | None = None,
) -> Iterator[UsageTotal]:
    """Sum the hours of ``sources`` for each combination of ``group_by``, for each hour or day if asked."""
    usage = (
        "SELECT h.value AS start, u.series AS series, {counters}"
        " FROM json_each(:hours) AS h CROSS JOIN usage AS u ON u.width = 3600 AND u.start = h.value"
        " UNION ALL "
        "SELECT h.value, u.series, {counters}"
        " FROM json_each(:minute_hours) AS h CROSS JOIN usage AS u"
        " ON u.width = 60 AND u.start >= h.value AND u.start < h.value + 3600"
    ).format(counters=", ".join(f"u.{counter} AS {counter}" for counter in _COUNTERS.split(", ")))
    parameters: dict[str, object] = {
        "hours": json.dumps([to_seconds(hour) for hour in sources.by_hour]),
        "minute_hours": json.dumps([to_seconds(hour) for hour in sources.by_minute]),
    }
    yield from _sum(transaction, usage, parameters, group_by, filters, each=each)


def minute_totals(
    transaction: Transaction,
    window: Window,
    filters: Sequence[Filter] = (),
    group_by: Sequence[Dimension] = (),
    *,
    each: BucketWidth | None = None,
) -> Iterator[UsageTotal]:
    """Sum the minutes of a window, for each minute if asked; one without usage does not come."""
    usage = "SELECT * FROM usage WHERE width = 60 AND start >= :start AND start < :end"
    parameters: dict[str, object] = {"start": to_seconds(window.start), "end": to_seconds(window.end)}
    yield from _sum(transaction, usage, parameters, group_by, filters, each=each)


def _sum(
    transaction: Transaction,
    usage: str,
    parameters: dict[str, object],
    group_by: Sequence[Dimension],
    filters: Sequence[Filter],
    *,
    each: BucketWidth | None,
) -> Iterator[UsageTotal]:
    keys = [f"u.start - u.start % {each.seconds}"] if each else []
    keys += [f"s.{dimension.value}" for dimension in group_by]
    where = [
        f"s.{f.dimension.value} IN (SELECT value FROM json_each(:{f.dimension.value}))" for f in filters
    ] or ["TRUE"]
    for f in filters:
        parameters[f.dimension.value] = json.dumps([member or "" for member in f.members])
    sql = (
        f"SELECT {', '.join([*keys, _SUMS])} FROM ({usage}) AS u JOIN series AS s ON s.id = u.series"
        f" WHERE {' AND '.join(where)}"
    )
    if keys:
        sql += f" GROUP BY {', '.join(keys)} ORDER BY {', '.join(keys)}"
    for row in transaction.all(sql, parameters):
        *members, uncached, read, write_5m, write_1h, output, searches = row
        if uncached is None:  # no rows to sum and nothing to group by
            return
        start = from_seconds(members.pop(0)) if each else None
        yield UsageTotal(
            start,
            tuple(member or None for member in members),
            TokenCounts(uncached, read, write_5m, write_1h, output),
            searches,
        )


def known_members(transaction: Transaction, dimension: Dimension) -> tuple[str | None, ...]:
    """Every member of a dimension that was ever seen in usage."""
    rows = transaction.all(f"SELECT DISTINCT {dimension.value} FROM series ORDER BY 1")
    return tuple(member or None for (member,) in rows)
