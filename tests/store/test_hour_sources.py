"""Where an hour's figures come from: its newest read wins, and no minute is ever counted twice."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import Store, hours, sums, thinning, usage
from meterdeck.store.hours import HourSources
from values import series, used

HOUR, MINUTE = BucketWidth.HOUR, BucketWidth.MINUTE
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
ONE_HOUR = Window(START, START + HOUR.delta)
EARLIER, LATER = START + timedelta(hours=2), START + timedelta(hours=3)
OF_HOUR, OF_MINUTE = 1000, 7


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def read_hour(store: Store, read_at: datetime, start: datetime = START) -> None:
    with store.write() as transaction:
        window = Window(start, start + HOUR.delta)
        usage.replace(transaction, HOUR, window, [used(start, {series(): OF_HOUR})], read_at)


def read_minutes(store: Store, numbers: Iterable[int], read_at: datetime, start: datetime = START) -> None:
    minutes = [start + timedelta(minutes=number) for number in numbers]
    window = Window(minutes[0], minutes[-1] + MINUTE.delta)
    buckets = [used(minute, {series(): OF_MINUTE}, MINUTE) for minute in minutes]
    with store.write() as transaction:
        usage.replace(transaction, MINUTE, window, buckets, read_at)


def sources(store: Store, window: Window = ONE_HOUR) -> HourSources:
    with store.read() as transaction:
        return hours.hour_sources(transaction, window)


def tokens(store: Store, window: Window = ONE_HOUR) -> int:
    with store.read() as transaction:
        return sum(total.tokens.total for total in sums.totals(transaction, window, ()))


def test_an_hour_read_as_an_hour_is_its_own_row(store: Store) -> None:
    read_hour(store, EARLIER)
    assert sources(store).by_hour == (START,)
    assert sources(store).partial == frozenset()
    assert sources(store).read_at == {START: EARLIER}
    assert tokens(store) == OF_HOUR


def test_an_hour_known_only_by_its_minutes_is_their_sum(store: Store) -> None:
    read_minutes(store, range(60), EARLIER)
    assert sources(store).by_minute == (START,)
    assert sources(store).partial == frozenset()
    assert tokens(store) == 60 * OF_MINUTE


def test_fewer_than_60_minutes_are_an_hour_in_part(store: Store) -> None:
    read_minutes(store, range(10, 59), EARLIER)
    assert sources(store).partial == {START}
    assert sources(store).covered_until == START + timedelta(minutes=59)
    assert tokens(store) == 49 * OF_MINUTE


def test_whole_minutes_that_were_read_after_the_hour_win(store: Store) -> None:
    read_hour(store, EARLIER)
    read_minutes(store, range(60), LATER)
    assert sources(store).by_minute == (START,)
    assert sources(store).read_at == {START: LATER}
    assert tokens(store) == 60 * OF_MINUTE


def test_whole_minutes_that_were_all_read_after_the_hour_had_settled_are_its_own_reading(
    store: Store,
) -> None:
    settled = START + HOUR.delta + hours.SETTLES_AFTER
    read_hour(store, EARLIER)
    read_minutes(store, range(60), settled - timedelta(seconds=1))
    assert sources(store).by_minute == (START,)
    read_minutes(store, range(30), settled)
    assert sources(store).by_minute == (START,), "of the others it may still differ"
    read_minutes(store, range(30, 60), settled + timedelta(minutes=1))
    assert sources(store).by_hour == (START,)
    assert sources(store).read_at == {START: settled}
    assert tokens(store) == 60 * OF_MINUTE
    read_minutes(store, range(10), settled + timedelta(minutes=2))
    assert tokens(store) == 60 * OF_MINUTE, "a few minutes do not make it partial again"
    read_hour(store, settled + timedelta(minutes=3))
    assert tokens(store) == OF_HOUR


def test_minutes_of_an_old_hour_that_was_never_read_as_one_can_go_and_leave_it_as_it_is(store: Store) -> None:
    read_minutes(store, range(60), START + timedelta(days=40))
    assert thinning.thin(store, START + timedelta(days=40)) == 1
    assert sources(store).by_hour == (START,)
    assert tokens(store) == 60 * OF_MINUTE


def test_a_few_minutes_read_again_do_not_make_the_others_newer_than_the_hour(store: Store) -> None:
    read_minutes(store, range(60), EARLIER)
    read_hour(store, EARLIER + timedelta(minutes=1))
    assert sources(store).by_hour == (START,)
    read_minutes(store, range(1, 60), LATER)
    assert sources(store).by_hour == (START,)
    read_minutes(store, range(1), LATER)
    assert sources(store).by_minute == (START,)
    assert sources(store).read_at == {START: LATER}


def test_an_hour_read_after_its_minutes_wins(store: Store) -> None:
    read_minutes(store, range(60), EARLIER)
    read_hour(store, LATER)
    assert sources(store).by_hour == (START,)
    assert tokens(store) == OF_HOUR


def test_an_hour_read_in_the_same_second_as_its_minutes_wins(store: Store) -> None:
    read_minutes(store, range(60), LATER)
    read_hour(store, LATER)
    assert sources(store).by_hour == (START,)


def test_minutes_that_are_not_whole_never_win_over_the_hour(store: Store) -> None:
    read_hour(store, EARLIER)
    read_minutes(store, range(59), LATER)
    assert sources(store).by_hour == (START,)
    assert sources(store).partial == frozenset()
    assert tokens(store) == OF_HOUR


def test_what_was_not_read_is_in_no_source(store: Store) -> None:
    read_hour(store, EARLIER, START + 2 * HOUR.delta)
    found = sources(store, Window(START, START + 4 * HOUR.delta))
    assert START not in found
    assert START + 2 * HOUR.delta in found
    assert found.covered_until == START + 3 * HOUR.delta
    assert sources(store).covered_until is None
    assert tokens(store) == 0


def test_each_hour_of_a_window_has_its_own_source_and_is_counted_once(store: Store) -> None:
    window = Window(START, START + 3 * HOUR.delta)
    for number in range(3):
        read_hour(store, EARLIER, START + number * HOUR.delta)
    read_minutes(store, range(60), LATER, START + HOUR.delta)
    read_minutes(store, range(30), LATER, START + 2 * HOUR.delta)
    assert tokens(store, window) == OF_HOUR + 60 * OF_MINUTE + OF_HOUR
    with store.read() as transaction:
        each = {t.start: t.tokens.total for t in sums.totals(transaction, window, (), each=HOUR)}
    assert each == {
        START: OF_HOUR,
        START + HOUR.delta: 60 * OF_MINUTE,
        START + 2 * HOUR.delta: OF_HOUR,
    }


def test_a_narrower_window_has_the_same_sources(store: Store) -> None:
    read_hour(store, EARLIER)
    read_minutes(store, range(30), LATER, START + HOUR.delta)
    wide = sources(store, Window(START, START + 2 * HOUR.delta))
    narrow = wide.within(Window(START + HOUR.delta, START + 2 * HOUR.delta))
    assert narrow.by_hour == ()
    assert narrow.by_minute == (START + HOUR.delta,)
    assert narrow.partial == {START + HOUR.delta}
    assert START not in narrow
