"""How far the history is: what is unread, in how many requests, and when it will be there."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.queries.backfill import A_PAGE_TAKES, Backfill, backfill
from meterdeck.queries.look import Look
from meterdeck.store import Store, budget, feeds, usage
from meterdeck.store.budget import Priority
from values import series, used

HOUR, MINUTE = BucketWidth.HOUR, BucketWidth.MINUTE
NOW = datetime(2026, 11, 20, 14, 37, tzinfo=UTC)
RUNNING = datetime(2026, 11, 20, 14, tzinfo=UTC)
HISTORY = 31 * 24 + 14


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def read(store: Store, hours: int, *, back_from: datetime = RUNNING, rows: int = 1) -> None:
    window = Window(back_from - hours * HOUR.delta, back_from)
    content = {series(f"wrkspc_{number}"): 1 for number in range(rows)}
    with store.write() as transaction:
        buckets = [used(start, content) for start in window.starts(HOUR)]
        usage.replace(transaction, HOUR, window, buckets, NOW)


def going_on(store: Store, now: datetime = NOW, *, is_paced: bool = True) -> Backfill | None:
    with store.read() as transaction:
        return backfill(Look(transaction), now, is_paced=is_paced)


def test_a_store_without_anything_has_all_of_it_before_it(store: Store) -> None:
    found = going_on(store)
    assert found is not None
    assert (found.hours, found.unread) == (HISTORY, HISTORY)
    assert found.requests == -(-HISTORY // 24), "the first page is of 24 hours, and no other is known of yet"


def test_what_is_left_takes_as_many_requests_as_the_hours_that_were_read_fill_a_page(store: Store) -> None:
    read(store, 24)
    found = going_on(store)
    assert found is not None
    assert found.unread == HISTORY - 24
    assert found.requests == -(-found.unread // 168)
    read(store, 24, rows=1000)
    found = going_on(store)
    assert found is not None
    assert found.requests == -(-found.unread // 20)


def test_it_is_gone_when_all_is_read_and_while_the_reader_waits_for_its_next_hour(store: Store) -> None:
    read(store, HISTORY)
    assert going_on(store) is None
    read(store, 1, back_from=RUNNING + HOUR.delta)
    later = NOW + timedelta(hours=5)
    assert going_on(store, later) is not None
    with store.write() as transaction:
        feeds.planned(transaction, "hours", later + timedelta(minutes=1))
    assert going_on(store, later) is None


def test_an_hour_that_closed_just_now_is_no_history_yet(store: Store) -> None:
    read(store, HISTORY)
    assert going_on(store, RUNNING + timedelta(hours=1, minutes=9)) is None
    assert going_on(store, RUNNING + timedelta(hours=1, minutes=10)) is not None


def test_an_hour_whose_minutes_are_all_known_is_read_and_one_with_fewer_is_not(store: Store) -> None:
    read(store, HISTORY - 2, back_from=RUNNING - 2 * HOUR.delta)
    for hour, count in ((RUNNING - 2 * HOUR.delta, 60), (RUNNING - HOUR.delta, 59)):
        window = Window(hour, hour + count * MINUTE.delta)
        with store.write() as transaction:
            buckets = [used(start, {series(): 1}, MINUTE) for start in window.starts(MINUTE)]
            usage.replace(transaction, MINUTE, window, buckets, NOW)
    found = going_on(store)
    assert found is not None
    assert found.unread == 1


def test_it_ends_when_its_half_of_the_hour_has_places_for_the_last_request(store: Store) -> None:
    read(store, 24, rows=1000)
    found = going_on(store)
    assert found is not None
    assert found.requests == 37
    assert found.done_at == NOW + timedelta(hours=1) + A_PAGE_TAKES, "thirty now, seven in an hour"
    with store.write() as transaction:
        for minute in range(10):
            assert not budget.take(transaction, NOW - timedelta(minutes=minute), Priority.BACKFILL)
        budget.hold(transaction, NOW, 300)
    found = going_on(store)
    assert found is not None
    assert found.done_at == NOW + timedelta(hours=1, minutes=5) + A_PAGE_TAKES


def test_without_a_budget_it_takes_as_long_as_its_pages_do(store: Store) -> None:
    found = going_on(store, is_paced=False)
    assert found is not None
    assert found.done_at == NOW + found.requests * A_PAGE_TAKES
