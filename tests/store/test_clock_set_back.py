"""After a clock was set back: what was read "later" stays visible, and any read replaces it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import Store, clock, costs, coverage, sums, usage
from meterdeck.store.coverage import Coverage, Report
from values import billed, line, series, used

HOUR, MINUTE, DAY = BucketWidth.HOUR, BucketWidth.MINUTE, BucketWidth.DAY
START = datetime(2026, 11, 20, tzinfo=UTC)
NOW = START + timedelta(hours=5)
AHEAD = NOW + timedelta(days=30)
A_DAY = Window(START, START + DAY.delta)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def read_hour(store: Store, hour: int, tokens: int, read_at: datetime) -> None:
    start = START + timedelta(hours=hour)
    with store.write() as transaction:
        window = Window(start, start + HOUR.delta)
        usage.replace(transaction, HOUR, window, [used(start, {series(): tokens})], read_at)


def of_hours(store: Store) -> dict[datetime, Coverage]:
    with store.read() as transaction:
        return coverage.covered(transaction, Report.USAGE, HOUR, A_DAY)


def mistrust(store: Store) -> None:
    with store.write() as transaction:
        assert clock.reads_to_come(transaction, NOW)
        clock.mistrust_reads_to_come(transaction, NOW)
        assert not clock.reads_to_come(transaction, NOW)


def test_a_read_of_now_replaces_one_that_is_noted_for_later(store: Store) -> None:
    read_hour(store, 0, 1, AHEAD)
    read_hour(store, 0, 2, NOW)
    mistrust(store)
    read_hour(store, 0, 3, NOW)
    with store.read() as transaction:
        assert {sum(counters) for counters in sums.by_series(transaction, A_DAY).values()} == {3}
    assert of_hours(store) == {START: Coverage(NOW, NOW)}


def test_the_figures_stay_and_count_as_read_when_their_bucket_began(store: Store) -> None:
    read_hour(store, 0, 1, AHEAD)
    read_hour(store, 1, 10, NOW)
    mistrust(store)
    with store.read() as transaction:
        assert sum(map(sum, sums.by_series(transaction, A_DAY).values())) == 11
    later = START + HOUR.delta
    assert of_hours(store) == {START: Coverage(START, NOW), later: Coverage(NOW, NOW)}


def test_a_bill_that_is_noted_for_later_does_not_count_as_settled_by_agreeing_with_the_next(
    store: Store,
) -> None:
    with store.write() as transaction:
        costs.replace(transaction, A_DAY, [billed(START, {line(): "1.5"})], AHEAD)
    mistrust(store)
    with store.write() as transaction:
        costs.replace(transaction, A_DAY, [billed(START, {line(): "1.5"})], NOW)
    with store.read() as transaction:
        assert coverage.covered(transaction, Report.COST, DAY, A_DAY) == {START: Coverage(NOW, NOW)}


def test_a_clock_a_few_minutes_off_is_no_reason_to_read_anything_again(store: Store) -> None:
    read_hour(store, 0, 1, NOW + timedelta(minutes=5))
    with store.read() as transaction:
        assert not clock.reads_to_come(transaction, NOW)
