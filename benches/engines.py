"""The engines that answer single questions faster than SQLite, beside it: same rows, same questions, one run."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import duckdb
import numpy as np

from benches.organisation import MODELS, LargeOrganisation
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Filter
from meterdeck.store import Store, sums, usage

END = datetime(2026, 11, 25, 14, tzinfo=UTC)
MONTH = Window(END - timedelta(days=31), END)
WEEK = Window(END - timedelta(days=7), END)
PER_HOUR = 1344
ROUNDS = 7

Question = Callable[[], object]


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Ask four questions of a million hourly rows: in the store, in DuckDB, and in NumPy columns."""
    organisation = LargeOrganisation()
    store = Store(folder / "engines.db")
    rows = _fill(store, organisation)
    columns = np.array(rows, dtype=np.int64)
    members = sorted(set(organisation.series))
    place = {of: at for at, of in enumerate(members)}
    with store.read() as transaction:
        series = {of: place[members] for of, members in sums.series(transaction).items()}
    duck = _duckdb(folder, rows, series, members)
    of_member = np.array([[_number(member) for member in one] for one in members], dtype=np.int64)
    dense = np.array([series[of] for of in columns[:, 1]], dtype=np.int64)
    asked = {
        "one workspace and model by hour, 7 days": _by_hour,
        "20 workspaces, 7 days": _workspaces,
        "keys of one workspace, 7 days": _keys,
        "31 days by day and model": _days,
    }
    for name, question in asked.items():
        figures = [
            f"{engine} {_median(ask):.1f} ms"
            for engine, ask in question(store, duck, columns, of_member[dense]).items()
        ]
        yield f"{len(rows):,} rows: {name}", ", ".join(figures)
    store.close()


def _fill(store: Store, organisation: LargeOrganisation) -> list[tuple[int, ...]]:
    for day in range(31):
        window = Window(END - timedelta(days=day + 1), END - timedelta(days=day))
        with store.write() as transaction:
            buckets = organisation.usage(BucketWidth.HOUR, window, PER_HOUR)
            usage.replace(transaction, BucketWidth.HOUR, window, buckets, END)
    with store.read() as transaction:
        return transaction.all(
            "SELECT start, series, uncached_input, cache_read, cache_write_5m, cache_write_1h, output, web_searches"
            " FROM usage WHERE width = 3600 ORDER BY start, series"
        )


def _duckdb(
    folder: Path,
    rows: list[tuple[int, ...]],
    series: dict[int, int],
    members: Sequence[tuple[str | None, ...]],
) -> duckdb.DuckDBPyConnection:
    path = folder / "rows.csv"
    with path.open("w") as file:
        for start, of, *counters in rows:
            workspace, model, key, *_ = (_number(member) for member in members[series[of]])
            file.write(",".join(map(str, (start, workspace, model, key, *counters))) + "\n")
    connection = duckdb.connect(str(folder / "rows.duckdb"), config={"threads": 2})
    connection.execute(
        "CREATE TABLE usage (start BIGINT, ws INT, model INT, key INT, a BIGINT, b BIGINT, c BIGINT, d BIGINT,"
        f" e BIGINT, f BIGINT); COPY usage FROM '{path}'"
    )
    return connection


def _number(member: str | None) -> int:
    tail = (member or "").rsplit("_", 1)[-1].rsplit("-", 1)[-1]
    return int(tail) if tail.isdecimal() else -1


_DUCK_SUMS = "sum(a), sum(b), sum(c), sum(d), sum(e), sum(f)"


def _by_hour(
    store: Store, duck: duckdb.DuckDBPyConnection, columns: np.ndarray, of: np.ndarray
) -> dict[str, Question]:
    filters = (
        Filter(Dimension.WORKSPACE, frozenset({"wrkspc_007"})),
        Filter(Dimension.MODEL, frozenset({MODELS[3]})),
    )
    start = int(WEEK.start.timestamp())

    def numpy() -> object:
        first = np.searchsorted(columns[:, 0], start)
        hit = (of[first:, 0] == 7) & (of[first:, 1] == 3)
        hours = (columns[first:, 0][hit] - start) // 3600
        return [np.bincount(hours, weights=columns[first:, at][hit]) for at in range(2, 8)]

    return {
        "store": lambda: _totals(store, WEEK, (), filters, BucketWidth.HOUR),
        "DuckDB": lambda: duck.execute(
            f"SELECT start, {_DUCK_SUMS} FROM usage WHERE start >= {start} AND ws = 7 AND model = 3 GROUP BY start"
        ).fetchall(),
        "NumPy": numpy,
    }


def _workspaces(
    store: Store, duck: duckdb.DuckDBPyConnection, columns: np.ndarray, of: np.ndarray
) -> dict[str, Question]:
    some = list(range(20))
    filters = (Filter(Dimension.WORKSPACE, frozenset(f"wrkspc_{number:03}" for number in some)),)
    start = int(WEEK.start.timestamp())

    def numpy() -> object:
        first = np.searchsorted(columns[:, 0], start)
        hit = np.isin(of[first:, 0], some)
        return [
            np.bincount(of[first:, 0][hit], weights=columns[first:, at][hit], minlength=200)
            for at in range(2, 8)
        ]

    return {
        "store": lambda: _totals(store, WEEK, (Dimension.WORKSPACE,), filters, None),
        "DuckDB": lambda: duck.execute(
            f"SELECT ws, {_DUCK_SUMS} FROM usage WHERE start >= {start} AND ws < 20 GROUP BY ws"
        ).fetchall(),
        "NumPy": numpy,
    }


def _keys(
    store: Store, duck: duckdb.DuckDBPyConnection, columns: np.ndarray, of: np.ndarray
) -> dict[str, Question]:
    filters = (Filter(Dimension.WORKSPACE, frozenset({"wrkspc_007"})),)
    start = int(WEEK.start.timestamp())

    def numpy() -> object:
        first = np.searchsorted(columns[:, 0], start)
        hit = of[first:, 0] == 7
        return [np.bincount(of[first:, 2][hit], weights=columns[first:, at][hit]) for at in range(2, 8)]

    return {
        "store": lambda: _totals(store, WEEK, (Dimension.API_KEY,), filters, None),
        "DuckDB": lambda: duck.execute(
            f"SELECT key, {_DUCK_SUMS} FROM usage WHERE start >= {start} AND ws = 7 GROUP BY key"
        ).fetchall(),
        "NumPy": numpy,
    }


def _days(
    store: Store, duck: duckdb.DuckDBPyConnection, columns: np.ndarray, of: np.ndarray
) -> dict[str, Question]:
    def numpy() -> object:
        day = columns[:, 0] // 86400
        cell = (day - day[0]) * 8 + of[:, 1]
        return [np.bincount(cell, weights=columns[:, at]) for at in range(2, 8)]

    return {
        "store": lambda: _totals(store, MONTH, (Dimension.MODEL,), (), BucketWidth.DAY),
        "DuckDB": lambda: duck.execute(
            f"SELECT start // 86400, model, {_DUCK_SUMS} FROM usage GROUP BY ALL"
        ).fetchall(),
        "NumPy": numpy,
    }


def _totals(
    store: Store,
    window: Window,
    group_by: tuple[Dimension, ...],
    filters: tuple[Filter, ...],
    each: BucketWidth | None,
) -> object:
    with store.read() as transaction:
        return list(sums.totals(transaction, window, group_by, filters, each=each))


def _median(ask: Question) -> float:
    took = []
    for _ in range(ROUNDS):
        began = perf_counter()
        ask()
        took.append((perf_counter() - began) * 1000)
    return statistics.median(took)
