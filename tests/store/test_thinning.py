"""Old detail goes by the stated rule, a little at a time, and no sum that stays is changed by it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.queries.look import Look
from meterdeck.queries.usage_window import BucketState, state_of, usage_window
from meterdeck.store import Store, coverage, hours, marks, sums, thinning, usage
from meterdeck.store.coverage import Report
from values import series, used

HOUR, MINUTE, DAY = BucketWidth.HOUR, BucketWidth.MINUTE, BucketWidth.DAY
NOW = datetime(2026, 11, 20, 14, 37, tzinfo=UTC)
KEPT_FROM = datetime(2026, 11, 18, 14, tzinfo=UTC)
"""The first hour whose minutes are not 48 hours old."""
FIRST_DAY_KEPT = datetime(2026, 11, 20, tzinfo=UTC) - timedelta(days=400)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def read(store: Store, width: BucketWidth, window: Window, tokens: int, read_at: datetime = NOW) -> None:
    with store.write() as transaction:
        buckets = [used(start, {series(): tokens}, width) for start in window.starts(width)]
        usage.replace(transaction, width, window, buckets, read_at)


def read_both(store: Store, window: Window) -> None:
    """Read a window by its minutes, then by its hours."""
    read(store, MINUTE, window, 1, NOW - timedelta(minutes=1))
    read(store, HOUR, window, 60)


def known(store: Store, width: BucketWidth, window: Window) -> set[datetime]:
    with store.read() as transaction:
        covered = set(coverage.covered(transaction, Report.USAGE, width, window))
        assert set(sums.by_bucket(transaction, width, window)) == covered, "rows as coverage says"
    return covered


def mark(store: Store, at: datetime) -> None:
    with store.write() as transaction:
        marks.add(transaction, at, "launch")


def hours_with_minutes(store: Store, window: Window) -> set[datetime]:
    return {HOUR.floor(minute) for minute in known(store, MINUTE, window)}


def test_minutes_go_48_hours_after_their_hour_and_the_hours_stay(store: Store) -> None:
    window = Window(KEPT_FROM - 5 * HOUR.delta, KEPT_FROM + 2 * HOUR.delta)
    read_both(store, window)
    assert thinning.thin(store, NOW) == 5
    assert known(store, MINUTE, window) == set(Window(KEPT_FROM, window.end).starts(MINUTE))
    assert known(store, HOUR, window) == set(window.starts(HOUR))
    assert thinning.thin(store, NOW) == 0


def test_minutes_from_6_hours_before_a_mark_to_24_hours_after_it_stay(store: Store) -> None:
    window = Window(KEPT_FROM - 48 * HOUR.delta, KEPT_FROM)
    read_both(store, window)
    at = KEPT_FROM - 36 * HOUR.delta + timedelta(minutes=30)
    mark(store, at)
    thinning.thin(store, NOW)
    kept = hours_with_minutes(store, window)
    assert kept == {
        hour
        for hour in window.starts(HOUR)
        if hour + HOUR.delta > at - timedelta(hours=6) and hour < at + timedelta(hours=24)
    }
    with store.write() as transaction:
        marks.remove(transaction, marks.load(transaction)[0].id)
    thinning.thin(store, NOW)
    assert not hours_with_minutes(store, window)


def test_minutes_of_an_hour_whose_last_reading_was_not_yet_never_go(store: Store) -> None:
    old = KEPT_FROM - timedelta(days=30)
    soon = old + 2 * HOUR.delta
    read(store, MINUTE, Window(old, old + HOUR.delta), 1, soon)
    read(store, HOUR, Window(old + HOUR.delta, soon), 60, soon)
    read(store, MINUTE, Window(old + HOUR.delta, soon), 2, soon + HOUR.delta)
    assert thinning.thin(store, NOW) == 0
    read(store, HOUR, Window(old, old + 2 * HOUR.delta), 60, NOW + timedelta(minutes=1))
    assert thinning.thin(store, NOW) == 2


def test_hours_go_after_400_days_and_the_sum_of_their_day_stays(store: Store) -> None:
    window = Window(FIRST_DAY_KEPT - timedelta(days=2), FIRST_DAY_KEPT + DAY.delta)
    read(store, HOUR, window, 7)
    assert thinning.thin(store, NOW) == 48
    kept = Window(FIRST_DAY_KEPT, window.end)
    assert known(store, HOUR, window) == set(kept.starts(HOUR))
    assert known(store, DAY, window) == set(window.starts(DAY))
    with store.read() as transaction:
        assert sum(map(sum, sums.by_series(transaction, window).values())) == 3 * 24 * 7


def test_hours_of_a_day_that_is_not_whole_stay_for_there_is_no_sum_of_it(store: Store) -> None:
    day = FIRST_DAY_KEPT - timedelta(days=3)
    read(store, HOUR, Window(day, day + 23 * HOUR.delta), 7)
    assert thinning.thin(store, NOW) == 0


def test_hours_whose_minutes_are_kept_around_a_mark_stay(store: Store) -> None:
    day = FIRST_DAY_KEPT - timedelta(days=3)
    mark(store, day + timedelta(hours=12))
    read_both(store, Window(day + 12 * HOUR.delta, day + 13 * HOUR.delta))
    read(store, HOUR, Window(day, day + DAY.delta), 60, NOW + timedelta(minutes=1))
    assert thinning.thin(store, NOW) == 23
    with store.read() as transaction:
        sources = hours.hour_sources(transaction, Window(day, day + DAY.delta))
    assert sources.by_hour == (day + 12 * HOUR.delta,)


def test_what_was_thinned_is_a_gap_and_never_zero(store: Store) -> None:
    day = FIRST_DAY_KEPT - DAY.delta
    window = Window(day, day + 2 * DAY.delta)
    read(store, HOUR, window, 7)
    thinning.thin(store, NOW)
    with store.read() as transaction:
        found = usage_window(Look(transaction), window, NOW)
        assert list(sums.totals(transaction, Window(day, day + 5 * HOUR.delta), ())) == []
    assert found.gaps == (Window(day, day + DAY.delta),)
    assert state_of(day, found.sources, NOW) is BucketState.GAP


def test_what_was_thinned_is_not_part_of_any_history_that_is_read(store: Store) -> None:
    longest = history.history(NOW, history.LONGEST_HISTORY_DAYS)
    read(store, HOUR, Window(longest.start - 2 * DAY.delta, longest.start + 2 * DAY.delta), 7)
    before = known(store, HOUR, longest)
    thinning.thin(store, NOW)
    assert known(store, HOUR, longest) == before


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 95), max_size=30), st.sets(st.integers(0, 95), max_size=30), st.integers(0, 96))
def test_no_sum_over_kept_hours_is_changed(
    tmp_path_factory: pytest.TempPathFactory, by_minute: set[int], by_hour: set[int], marked: int
) -> None:
    store = Store(tmp_path_factory.mktemp("thin") / "store.db")
    start = KEPT_FROM - timedelta(hours=90)
    window = Window(start, start + timedelta(hours=96))
    mark(store, start + timedelta(hours=marked))
    for place in by_minute:
        hour = start + timedelta(hours=place)
        read(store, MINUTE, Window(hour, hour + HOUR.delta), place, NOW - timedelta(minutes=place % 2))
    for place in by_hour:
        hour = start + timedelta(hours=place)
        read(store, HOUR, Window(hour, hour + HOUR.delta), place, NOW - timedelta(minutes=place % 3))

    def figures() -> tuple[object, ...]:
        with store.read() as transaction:
            sources = hours.hour_sources(transaction, window)
            return (
                sums.by_bucket(transaction, HOUR, window),
                sums.by_bucket(transaction, DAY, window),
                sums.by_series(transaction, window),
                set(sources.read_at),
                sources.partial,
            )

    before = figures()
    thinning.thin(store, NOW)
    assert figures() == before
    store.close()
