"""Usage is replaced a window at a time: never added across reads, never ignored, rows that vanish vanish."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.reports import Series, UsageBucket
from meterdeck.domain.tokens import TokenCounts
from meterdeck.store import Store, coverage, sums, usage
from meterdeck.store.coverage import Report
from values import series, used

HOUR = BucketWidth.HOUR
START = datetime(2026, 11, 20, tzinfo=UTC)
FIRST_READ = START + timedelta(hours=5)
LATER = FIRST_READ + timedelta(hours=1)
A, B, DEFAULT, CONSOLE = series("wrkspc_a"), series("wrkspc_b"), series(None), series("wrkspc_a", key=None)

Content = dict[tuple[datetime, Series], int]


def hour(number: int) -> datetime:
    return START + number * HOUR.delta


def window(first: int, end: int) -> Window:
    return Window(hour(first), hour(end))


@contextmanager
def scratch() -> Iterator[Store]:
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store.db")
        try:
            yield store
        finally:
            store.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def put(store: Store, where: Window, buckets: list[UsageBucket], read_at: datetime = FIRST_READ) -> bool:
    with store.write() as transaction:
        return usage.replace(transaction, HOUR, where, buckets, read_at)


def content(store: Store, where: Window | None = None) -> Content:
    """Output tokens of each hour and series."""
    with store.read() as transaction:
        everything = where or window(-48, 48)
        return {
            (total.start, Series(*total.members)): total.tokens.output
            for total in sums.totals(transaction, everything, SERIES_DIMENSIONS, each=HOUR)
            if total.start is not None
        }


def test_rows_of_equal_identity_within_one_answer_are_added(store: Store) -> None:
    rows = [(A, TokenCounts(1, 2, 3, 4, 5)), (B, TokenCounts(output=7)), (A, TokenCounts(10, 20, 30, 40, 50))]
    put(store, window(0, 1), [used(hour(0), rows, searches=3)])
    with store.read() as transaction:
        found = {t.members[0]: t for t in sums.totals(transaction, window(0, 1), (Dimension.WORKSPACE,))}
    assert found["wrkspc_a"].tokens == TokenCounts(11, 22, 33, 44, 55)
    assert found["wrkspc_a"].web_searches == 6
    assert found["wrkspc_b"].tokens == TokenCounts(output=7)


def test_reading_a_window_twice_is_reading_it_once(store: Store) -> None:
    buckets = [used(hour(0), {A: 5, DEFAULT: 6}), used(hour(1), {}), used(hour(2), {CONSOLE: 7})]
    assert put(store, window(0, 3), buckets)
    once = content(store)
    assert not put(store, window(0, 3), buckets, LATER)
    assert content(store) == once == {(hour(0), A): 5, (hour(0), DEFAULT): 6, (hour(2), CONSOLE): 7}


def test_a_corrected_row_is_replaced_and_a_vanished_one_vanishes(store: Store) -> None:
    put(store, window(0, 2), [used(hour(0), {A: 5, B: 6}), used(hour(1), {A: 1})])
    assert put(store, window(0, 2), [used(hour(0), {A: 4}), used(hour(1), {A: 1})], LATER)
    assert content(store) == {(hour(0), A): 4, (hour(1), A): 1}


def test_an_hour_that_does_not_come_any_more_is_gone_and_no_longer_covered(store: Store) -> None:
    put(store, window(0, 2), [used(hour(0), {A: 5}), used(hour(1), {A: 6})])
    assert put(store, window(0, 2), [used(hour(1), {A: 6})], LATER)
    assert content(store) == {(hour(1), A): 6}
    with store.read() as transaction:
        assert list(coverage.covered(transaction, Report.USAGE, HOUR, window(0, 2))) == [hour(1)]


def test_hours_outside_the_window_stay_as_they_were(store: Store) -> None:
    put(store, window(0, 3), [used(hour(n), {A: n + 1}) for n in range(3)])
    put(store, window(1, 2), [used(hour(1), {B: 9})], LATER)
    assert content(store) == {(hour(0), A): 1, (hour(1), B): 9, (hour(2), A): 3}


def test_nulls_of_each_dimension_are_kept_apart_from_every_id(store: Store) -> None:
    rows: dict[Series, int | TokenCounts] = {
        series(None): 1,
        series("default"): 2,
        series(key=None): 3,
        series(None, None, None, None, None): 4,
    }
    put(store, window(0, 1), [used(hour(0), rows)])
    assert content(store) == {(hour(0), of): count for of, count in rows.items()}


def test_usage_that_was_grouped_otherwise_is_refused(store: Store) -> None:
    other = UsageBucket(window(0, 1), (Dimension.MODEL,), ())
    with pytest.raises(ValueError, match="is stored by"):
        put(store, window(0, 1), [other])
    assert content(store) == {}


def test_coverage_says_when_a_bucket_was_read_and_since_when_it_says_the_same(store: Store) -> None:
    def covered() -> dict[datetime, tuple[datetime, datetime]]:
        with store.read() as transaction:
            found = coverage.covered(transaction, Report.USAGE, HOUR, window(0, 3))
        return {start: (read.read_at, read.unchanged_since) for start, read in found.items()}

    put(store, window(0, 2), [used(hour(0), {A: 5}), used(hour(1), {})])
    assert covered() == {hour(0): (FIRST_READ, FIRST_READ), hour(1): (FIRST_READ, FIRST_READ)}
    put(store, window(0, 3), [used(hour(0), {A: 5}), used(hour(1), {A: 1}), used(hour(2), {})], LATER)
    assert covered() == {hour(0): (LATER, FIRST_READ), hour(1): (LATER, LATER), hour(2): (LATER, LATER)}
    last = LATER + timedelta(hours=1)
    put(store, window(0, 2), [used(hour(0), {A: 5}), used(hour(1), {})], last)
    assert covered() == {hour(0): (last, FIRST_READ), hour(1): (last, last), hour(2): (LATER, LATER)}
    with store.read() as transaction:
        assert coverage.newest_read(transaction, Report.USAGE) == last
        assert coverage.newest_read(transaction, Report.COST) is None


def test_minutes_and_hours_of_the_same_time_do_not_touch_each_other(store: Store) -> None:
    put(store, window(0, 1), [used(hour(0), {A: 60})])
    minutes = [used(hour(0) + timedelta(minutes=n), {A: 1}, BucketWidth.MINUTE) for n in range(30)]
    with store.write() as transaction:
        usage.replace(transaction, BucketWidth.MINUTE, window(0, 1), minutes, LATER)
    assert content(store) == {(hour(0), A): 60}
    with store.read() as transaction:
        found = sums.by_bucket(transaction, BucketWidth.MINUTE, window(0, 1))
    assert {minute: counters[4] for minute, counters in found.items()} == {
        hour(0) + timedelta(minutes=n): 1 for n in range(30)
    }


rows_of_an_hour = st.lists(
    st.tuples(st.sampled_from([A, B, DEFAULT, CONSOLE]), st.integers(0, 10**15)), max_size=4
)
answers = st.dictionaries(st.integers(0, 5), rows_of_an_hour)
reads = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 6), answers), min_size=1, max_size=6)


@settings(max_examples=30)
@given(reads)
def test_after_any_reads_each_hour_is_the_sum_of_the_rows_of_its_last_read_alone(
    many: list[tuple[int, int, dict[int, list[tuple[Series, int]]]]],
) -> None:
    expected: Content = {}
    with scratch() as store:
        for number, (first, length, answer) in enumerate(many):
            end = first + length
            hours = sorted(place for place in answer if first <= place < end)
            before = dict(expected)
            expected = {
                key: count for key, count in expected.items() if not hour(first) <= key[0] < hour(end)
            }
            for place in hours:
                for of, count in answer[place]:
                    expected[hour(place), of] = expected.get((hour(place), of), 0) + count
            buckets = [used(hour(place), answer[place]) for place in hours]
            changed = put(store, window(first, end), buckets, FIRST_READ + timedelta(minutes=number))
            assert changed == (expected != before)
            assert content(store) == expected
