"""Sums of usage, as panes and reports ask for them. An hour that was not read has no rows, and is in no sum."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.reports import Series
from meterdeck.domain.scope import Filter
from meterdeck.domain.tokens import TokenCounts
from meterdeck.store import coverage
from meterdeck.store.coverage import Report, starts_as_json
from meterdeck.store.database import Transaction
from meterdeck.store.hours import COUNTERS, SUMS
from meterdeck.store.times import from_seconds, to_seconds

MINUTE, HOUR, DAY = BucketWidth.MINUTE, BucketWidth.HOUR, BucketWidth.DAY
_TOKENS = COUNTERS.replace(", web_searches", "").replace(", ", " + ")
_SERIES_COLUMNS = ", ".join(dimension.value for dimension in SERIES_DIMENSIONS)

Counters = tuple[int, int, int, int, int, int]
"""The five token counters, in the order of `TokenCounts`, and web searches."""


class UsageTotal(NamedTuple):
    """A sum of usage: of one bucket (or of all, where ``start`` is None) and one combination of members."""

    start: datetime | None
    members: tuple[str | None, ...]
    counters: Counters

    @property
    def tokens(self) -> TokenCounts:
        """The token counters by name."""
        return TokenCounts(*self.counters[:5])

    @property
    def web_searches(self) -> int:
        """A count of requests."""
        return self.counters[5]


def series(transaction: Transaction) -> dict[int, Series]:
    """Every series that was ever seen, by its id in the store."""
    rows = transaction.all(f"SELECT id, {_SERIES_COLUMNS} FROM series")
    return {of: Series._make([member or None for member in members]) for of, *members in rows}


def by_series(transaction: Transaction, window: Window) -> dict[int, Counters]:
    """Sums of the hours that start inside a window, by series."""
    usage, parameters = hours_of(transaction, window)
    rows = transaction.all(f"SELECT series, {SUMS} FROM ({usage}) GROUP BY series", parameters)
    return {of: tuple(counters) for of, *counters in rows}


def minutes_by_series(transaction: Transaction, window: Window) -> dict[int, Counters]:
    """Sums of the minutes of a window, by series."""
    return parts_by_series(transaction, MINUTE, window)


def parts_by_series(transaction: Transaction, width: BucketWidth, window: Window) -> dict[int, Counters]:
    """Sums of the buckets of one width in a window, by series; whatever is kept added up of them."""
    rows = transaction.all(
        f"SELECT series, {SUMS} FROM usage WHERE width = ? AND start >= ? AND start < ? GROUP BY series",
        (width.seconds, to_seconds(window.start), to_seconds(window.end)),
    )
    return {of: tuple(counters) for of, *counters in rows}


def of_each(
    transaction: Transaction, width: BucketWidth, window: Window
) -> dict[datetime, dict[int, Counters]]:
    """Each bucket of a window by series, oldest first; one without usage does not come."""
    rows = transaction.all(
        f"SELECT start, series, {COUNTERS} FROM usage WHERE width = ? AND start >= ? AND start < ? ORDER BY start",
        (width.seconds, to_seconds(window.start), to_seconds(window.end)),
    )
    found: dict[datetime, dict[int, Counters]] = {}
    for start, of, *counters in rows:
        found.setdefault(from_seconds(start), {})[of] = tuple(counters)
    return found


def tokens_of_each(
    transaction: Transaction, width: BucketWidth, window: Window
) -> list[tuple[int, int, int]]:
    """(which minute or hour of the window, series, tokens of all types) of every row of its buckets."""
    return transaction.all(
        f"SELECT (start - :start) / :width, series, {_TOKENS} FROM usage"
        " WHERE width = :width AND start >= :start AND start < :end",
        {**_range(window), "width": width.seconds},
    )


def counters_of_each_hour(
    transaction: Transaction, window: Window, of: Collection[int] | None = None
) -> list[tuple[int, int, int, int, int, int, int, int]]:
    """(which hour of the window, series, six counters) of every row of its hours, or those of some series."""
    only = "" if of is None else " AND series IN (SELECT value FROM json_each(:series))"
    chosen = {} if of is None else {"series": json.dumps(list(of))}
    return transaction.all(
        f"SELECT (start - :start) / 3600, series, {COUNTERS} FROM usage"
        f" WHERE width = 3600 AND start >= :start AND start < :end{only}",
        {**_range(window), **chosen},
    )


def by_bucket(
    transaction: Transaction, width: BucketWidth, window: Window, of: Collection[int] | None = None
) -> dict[datetime, Counters]:
    """Sums of each bucket of a window, over all series or over some; one without usage does not come."""
    only = "" if of is None else " AND series IN (SELECT value FROM json_each(:series))"
    parameters: dict[str, object] = {
        "width": width.seconds,
        "start": to_seconds(window.start),
        "end": to_seconds(window.end),
    }
    if of is not None:
        parameters["series"] = json.dumps(list(of))
    rows = transaction.all(
        f"SELECT start, {SUMS} FROM usage WHERE width = :width AND start >= :start AND start < :end{only}"
        " GROUP BY start",
        parameters,
    )
    return {from_seconds(start): tuple(counters) for start, *counters in rows}


def totals(
    transaction: Transaction,
    window: Window,
    group_by: Sequence[Dimension],
    filters: Sequence[Filter] = (),
    *,
    each: BucketWidth | None = None,
) -> Iterator[UsageTotal]:
    """Sum the hours of a window for each combination of ``group_by``, for each hour or UTC day if asked."""
    where = [f"{f.dimension.value} IN (SELECT value FROM json_each(:{f.dimension.value}))" for f in filters]
    only = f"series IN (SELECT id FROM series WHERE {' AND '.join(where)})" if where else "TRUE"
    if each is HOUR:
        usage, parameters = _rows(HOUR, only), _range(window)
    else:
        usage, parameters = hours_of(transaction, window, only)
    for f in filters:
        parameters[f.dimension.value] = json.dumps([member or "" for member in f.members])
    keys = [f"u.start - u.start % {each.seconds}"] if each else []
    keys += [f"s.{dimension.value}" for dimension in group_by]
    sql = f"SELECT {', '.join([*keys, SUMS])} FROM ({usage}) AS u JOIN series AS s ON s.id = u.series"
    if keys:
        sql += f" GROUP BY {', '.join(keys)} ORDER BY {', '.join(keys)}"
    for row in transaction.all(sql, parameters):
        members, counters = row[:-6], row[-6:]
        if counters[0] is None:  # no rows to sum and nothing to group by
            return
        start = from_seconds(members[0]) if each else None
        yield UsageTotal(start, tuple([member or None for member in members[bool(each) :]]), counters)


def days_by_series(
    transaction: Transaction, window: Window, of: Collection[int] | None = None
) -> Iterator[tuple[datetime, int, Counters]]:
    """(day, series, sums) of each UTC day of a window and each series, or each of some, that has any."""
    only = "TRUE" if of is None else "series IN (SELECT value FROM json_each(:series))"
    usage, parameters = hours_of(transaction, window, only)
    if of is not None:
        parameters["series"] = json.dumps(list(of))
    rows = transaction.all(
        f"SELECT start - start % 86400 AS day, series, {SUMS} FROM ({usage}) GROUP BY day, series", parameters
    )
    days = {seconds: from_seconds(seconds) for seconds in {row[0] for row in rows}}
    return ((days[day], series, tuple(counters)) for day, series, *counters in rows)


def most_rows_of_an_hour(transaction: Transaction, window: Window) -> int:
    """How many series the fullest hour of a window has; 0 where none was read."""
    row = transaction.one(
        "SELECT max(series) FROM (SELECT count(*) AS series FROM usage"
        " WHERE width = 3600 AND start >= ? AND start < ? GROUP BY start)",
        (to_seconds(window.start), to_seconds(window.end)),
    )
    return int(row[0] or 0) if row else 0


def known_members(transaction: Transaction, dimension: Dimension) -> tuple[str | None, ...]:
    """Every member of a dimension that was ever seen in usage."""
    rows = transaction.all(f"SELECT DISTINCT {dimension.value} FROM series ORDER BY 1")
    return tuple(member or None for (member,) in rows)


def _rows(width: BucketWidth, only: str = "TRUE", table: str = "usage", columns: str = COUNTERS) -> str:
    return (
        f"SELECT start, series, {columns} FROM {table}"
        f" WHERE width = {width.seconds} AND start >= :start AND start < :end AND {only}"
    )


def _range(window: Window) -> dict[str, object]:
    return {"start": to_seconds(window.start), "end": to_seconds(window.end)}


def hours_of(
    transaction: Transaction,
    window: Window,
    only: str = "TRUE",
    table: str = "usage",
    columns: str = COUNTERS,
) -> tuple[str, dict[str, object]]:
    """SQL and parameters of the rows (start, series, columns) that make up a window.

    They are those of its whole days that are kept added up, and hours for the rest. ``table`` and ``columns`` are
    names of the schema, never text from outside.
    """
    days = list(_days_added_up(transaction, window))
    if not days:
        return _rows(HOUR, only, table, columns), _range(window)
    usage = (
        f"SELECT u.start AS start, series, {columns} FROM json_each(:days) AS d CROSS JOIN {table} AS u"
        f" ON u.width = 86400 AND u.start = d.value AND {only}"
        f" UNION ALL SELECT u.start, series, {columns} FROM json_each(:ranges) AS r CROSS JOIN {table} AS u"
        f" ON u.width = 3600 AND u.start >= r.value ->> 0 AND u.start < r.value ->> 1 AND {only}"
    )
    return usage, {"days": starts_as_json(days), "ranges": json.dumps(_between(window, days))}


def _days_added_up(transaction: Transaction, window: Window) -> Iterator[datetime]:
    first = DAY.ceil(window.start)
    if first + DAY.delta <= window.end:
        whole_days = Window(first, DAY.floor(window.end))
        yield from coverage.covered(transaction, Report.USAGE, DAY, whole_days)


def _between(window: Window, days: Sequence[datetime]) -> list[tuple[int, int]]:
    """The ranges of a window, in seconds, that lie outside some of its days."""
    edges = [to_seconds(window.start)]
    for day in days:
        edges += [to_seconds(day), to_seconds(day) + DAY.seconds]
    edges.append(to_seconds(window.end))
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]
