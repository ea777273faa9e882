"""The mix is replaced like everything that is read, kept apart from the series, and forgotten when it is old."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import MIX_DIMENSIONS, SERIES_DIMENSIONS, Dimension
from meterdeck.domain.reports import Served, UsageBucket, UsageRow
from meterdeck.domain.tokens import TokenCounts
from meterdeck.store import Store, coverage, mix, sums
from meterdeck.store.coverage import Report
from meterdeck.store.mix import WITHOUT_SPEED, MixTotal

HOUR = timedelta(hours=1)
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOTH = Window(START, START + 2 * HOUR)
LATER = BOTH.end + HOUR
US = Served("wrkspc_a", "claude-opus-5", "standard", "us", "standard")
GLOBAL = US._replace(inference_geo="global")
DEFAULT_FAST = Served(None, "claude-opus-5", "standard", "global", "fast")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def hour(
    start: datetime,
    rows: Mapping[tuple[str | None, ...], int],
    group_by: tuple[Dimension, ...] = MIX_DIMENSIONS,
) -> UsageBucket:
    """An hour of the mix; the numbers are output tokens."""
    return UsageBucket(
        Window(start, start + HOUR),
        group_by,
        tuple(UsageRow(members, TokenCounts(output=count), 0) for members, count in rows.items()),
    )


def put(store: Store, *hours: UsageBucket, window: Window = BOTH, at: datetime = LATER) -> bool:
    with store.write() as transaction:
        return mix.replace(transaction, window, hours, at)


def output(store: Store, window: Window = BOTH) -> dict[Served, int]:
    with store.read() as transaction:
        return {served: tokens.output for served, tokens in mix.totals(transaction, window)}


def covered(store: Store, window: Window = BOTH) -> list[datetime]:
    with store.read() as transaction:
        return list(coverage.covered(transaction, Report.MIX, BucketWidth.HOUR, window))


def test_hours_are_summed_by_where_and_how_fast_and_null_stays_null(store: Store) -> None:
    assert put(store, hour(START, {US: 1, DEFAULT_FAST: 4}), hour(START + HOUR, {US: 2, GLOBAL: 8}))
    assert output(store) == {US: 3, GLOBAL: 8, DEFAULT_FAST: 4}
    assert output(store, Window(START, START + HOUR)) == {US: 1, DEFAULT_FAST: 4}


def test_a_read_replaces_its_window_whole_and_says_whether_it_said_anything_new(store: Store) -> None:
    put(store, hour(START, {US: 1}), hour(START + HOUR, {GLOBAL: 2}))
    assert not put(store, hour(START, {US: 1}), hour(START + HOUR, {GLOBAL: 2}))
    assert put(store, hour(START, {GLOBAL: 7}), hour(START + HOUR, {}))
    assert output(store) == {GLOBAL: 7}
    assert covered(store) == [START, START + HOUR]
    assert put(store, hour(START + HOUR, {}))
    assert output(store) == {}
    assert covered(store) == [START + HOUR], "an hour that did not come is not known any more"


def test_an_older_answer_does_not_replace_a_newer_one(store: Store) -> None:
    first = Window(START, START + HOUR)
    put(store, hour(START, {US: 5}), window=first, at=LATER + HOUR)
    put(store, hour(START, {US: 1}), hour(START + HOUR, {US: 2}), at=LATER)
    assert output(store) == {US: 7}


def test_rows_of_equal_identity_in_one_answer_are_added(store: Store) -> None:
    row = UsageRow(US, TokenCounts(1, 2, 3, 4, 5), 6)
    put(store, UsageBucket(Window(START, START + HOUR), MIX_DIMENSIONS, (row, row)))
    with store.read() as transaction:
        assert mix.totals(transaction, BOTH) == [MixTotal(US, TokenCounts(2, 4, 6, 8, 10))]


def test_without_speed_no_speed_is_known(store: Store) -> None:
    put(store, hour(START, {US[:-1]: 3, GLOBAL[:-1]: 4}, WITHOUT_SPEED))
    assert output(store) == {US._replace(speed=None): 3, GLOBAL._replace(speed=None): 4}


def test_what_is_grouped_in_another_way_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="the mix is stored by"):
        put(store, hour(START, {US: 1}, SERIES_DIMENSIONS))


def test_the_mix_is_no_part_of_any_sum_of_usage(store: Store) -> None:
    put(store, hour(START, {US: 1}))
    with store.read() as transaction:
        assert sums.by_series(transaction, BOTH) == {}
        assert sums.series(transaction) == {}
        assert coverage.newest_read(transaction, Report.USAGE) is None
        assert "usage" not in transaction.revisions()


def test_hours_are_forgotten_after_five_weeks(store: Store) -> None:
    put(store, hour(START, {US: 1}), hour(START + HOUR, {GLOBAL: 2}))
    with store.write() as transaction:
        mix.thin(transaction, START + timedelta(days=35))
    assert output(store) == {US: 1, GLOBAL: 2}
    with store.write() as transaction:
        mix.thin(transaction, START + timedelta(days=35) + HOUR)
    assert output(store) == {GLOBAL: 2}
    assert covered(store) == [START + HOUR]
