"""The request budget: a sliding hour, reserves for what comes first, and what the server says goes for all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.store import Store, budget
from meterdeck.store.budget import BudgetState, Priority

NOW = datetime(2026, 11, 20, 14, 37, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def take(store: Store, at: datetime = NOW, priority: Priority = Priority.USER, hourly: int = 60) -> float:
    with store.write() as transaction:
        return budget.take(transaction, at, priority, hourly)


def takes(store: Store, priority: Priority, hourly: int = 60, at: datetime = NOW) -> int:
    """How many requests go through at once."""
    count = 0
    while take(store, at, priority, hourly) == 0:
        count += 1
        assert count < 1000
    return count


def test_a_burst_may_use_the_whole_hour_and_then_waits_for_the_oldest_to_leave_it(store: Store) -> None:
    for minute in range(60):
        assert take(store, NOW + timedelta(minutes=minute / 2)) == 0
    assert take(store, NOW + timedelta(minutes=30)) == 30 * 60
    assert take(store, NOW + HOUR - timedelta(seconds=10)) == 10
    assert take(store, NOW + HOUR) == 0
    assert take(store, NOW + HOUR) == 30


def test_a_request_that_must_wait_is_not_counted(store: Store) -> None:
    takes(store, Priority.USER, hourly=3)
    for _ in range(10):
        take(store, NOW, Priority.USER, 3)
    with store.read() as transaction:
        assert budget.state(transaction, NOW, 3) == BudgetState(used=3, hourly=3, waits_until=NOW + HOUR)


def test_that_the_newest_minutes_must_wait_is_told_when_it_is_long_or_the_server_s_word(store: Store) -> None:
    def waits_until(at: datetime) -> datetime | None:
        with store.read() as transaction:
            return budget.state(transaction, at).waits_until

    takes(store, Priority.LIVE)
    assert waits_until(NOW) == NOW + HOUR
    assert waits_until(NOW + HOUR - timedelta(minutes=2)) == NOW + HOUR
    assert waits_until(NOW + HOUR - timedelta(minutes=1)) is None
    later = NOW + 2 * HOUR
    with store.write() as transaction:
        budget.hold(transaction, later, 41)
    assert waits_until(later) == later + timedelta(seconds=41)
    assert waits_until(later + timedelta(seconds=41)) is None


def test_each_priority_leaves_its_reserve_to_those_before_it(store: Store) -> None:
    used = 0
    for priority in sorted(Priority, reverse=True):
        used += takes(store, priority)
        assert used == 60 - priority
    assert used == 60


def test_the_first_fill_may_use_at_least_30_at_once(store: Store) -> None:
    assert takes(store, Priority.BACKFILL) >= 30


@pytest.mark.parametrize("hourly", [1, 2, 5, 10, 20, 22, 23, 59])
@pytest.mark.parametrize("priority", Priority)
def test_in_a_small_budget_every_feed_still_has_its_turn(
    store: Store, hourly: int, priority: Priority
) -> None:
    count = takes(store, priority, hourly)
    assert 1 <= count <= hourly
    assert take(store, NOW, priority, hourly) == 3600


def test_the_wait_of_a_low_priority_is_until_enough_have_left(store: Store) -> None:
    too_many = 5
    for second in range(60 - Priority.BACKFILL + too_many):
        assert take(store, NOW + timedelta(seconds=second)) == 0
    later = NOW + timedelta(minutes=2)
    wait = take(store, later, Priority.BACKFILL)
    assert wait == too_many + 3600 - 120
    assert take(store, later + timedelta(seconds=wait - 1), Priority.BACKFILL) > 0
    assert take(store, later + timedelta(seconds=wait), Priority.BACKFILL) == 0


def test_what_the_server_says_to_wait_goes_for_every_session_and_priority(tmp_path: Path) -> None:
    one, two = Store(tmp_path / "store.db"), Store(tmp_path / "store.db")
    with one.write() as transaction:
        budget.hold(transaction, NOW, 37)
    assert [take(two, NOW, priority) for priority in Priority] == [37] * len(Priority)
    assert take(two, NOW + timedelta(seconds=36)) == 1
    assert take(two, NOW + timedelta(seconds=37)) == 0
    one.close()
    two.close()


def test_a_longer_hold_stays(store: Store) -> None:
    with store.write() as transaction:
        budget.hold(transaction, NOW, 100)
        budget.hold(transaction, NOW, 5)
    assert take(store) == 100


def test_the_limit_that_the_server_names_lowers_the_budget_and_never_raises_it(store: Store) -> None:
    with store.write() as transaction:
        budget.lower_to(transaction, 5)
        assert budget.state(transaction, NOW) == BudgetState(0, 5)
        budget.lower_to(transaction, 90)
        assert budget.state(transaction, NOW) == BudgetState(0, 60)
        budget.lower_to(transaction, 7)
    assert takes(store, Priority.USER) == 7


def test_lowering_the_budget_does_not_end_a_hold_nor_the_other_way_round(store: Store) -> None:
    with store.write() as transaction:
        budget.hold(transaction, NOW, 50)
        budget.lower_to(transaction, 4)
        budget.hold(transaction, NOW, 60)
        assert budget.state(transaction, NOW).hourly == 4
    assert take(store) == 60


@pytest.mark.parametrize("back", [timedelta(minutes=3), timedelta(minutes=50), timedelta(days=2)])
def test_a_clock_that_was_set_back_frees_the_budget_and_ends_its_hold(store: Store, back: timedelta) -> None:
    takes(store, Priority.USER, hourly=3)
    with store.write() as transaction:
        budget.hold(transaction, NOW, 30)
    assert take(store, NOW - back, hourly=3) == 0


def test_a_clock_that_is_put_right_by_seconds_frees_nothing(store: Store) -> None:
    takes(store, Priority.USER, hourly=3)
    assert take(store, NOW - timedelta(seconds=90), hourly=3) == 3690


def test_a_hold_longer_than_a_server_may_ask_is_void_and_gives_way_to_a_true_one(store: Store) -> None:
    with store.write() as transaction:
        budget.hold(transaction, NOW + timedelta(days=30), 30)
        assert budget.last_of(transaction, NOW, Priority.BACKFILL, 1) == NOW
    assert take(store) == 0
    with store.write() as transaction:
        budget.hold(transaction, NOW, 37)
    assert take(store) == 37


@settings(max_examples=25)
@given(steps=st.lists(st.integers(0, 900), min_size=1, max_size=60), hourly=st.integers(1, 12))
def test_no_hour_ever_holds_more_requests_than_allowed(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], hourly: int
) -> None:
    store = Store(tmp_path_factory.mktemp("budget") / "store.db")
    at, granted = NOW, list[datetime]()
    for step in steps:
        at += timedelta(seconds=step)
        if take(store, at, Priority.USER, hourly) == 0:
            granted.append(at)
    store.close()
    for first in granted:
        assert sum(first <= moment < first + HOUR for moment in granted) <= hourly


@settings(max_examples=60, deadline=None)
@given(
    sent=st.lists(st.tuples(st.integers(0, 3599), st.sampled_from(list(Priority))), max_size=50),
    hold=st.integers(0, 5000),
    requests=st.integers(1, 40),
    hourly=st.sampled_from([5, 20, 60]),
    priority=st.sampled_from([Priority.BACKFILL, Priority.USER]),
)
def test_the_last_of_many_requests_is_sent_when_it_was_said_it_would(
    tmp_path_factory: pytest.TempPathFactory,
    sent: list[tuple[int, Priority]],
    hold: int,
    requests: int,
    hourly: int,
    priority: Priority,
) -> None:
    store = Store(tmp_path_factory.mktemp("budget") / "store.db")
    with store.write() as transaction:
        rows = [((NOW - timedelta(seconds=ago)).timestamp(), int(of)) for ago, of in sent]
        transaction.run_many("INSERT INTO request (at, priority) VALUES (?, ?)", rows)
        budget.hold(transaction, NOW, hold)
        said = budget.last_of(transaction, NOW, priority, requests, hourly)
    now = NOW
    for _ in range(requests):
        while wait := take(store, now, priority, hourly):
            now += timedelta(seconds=wait)
    store.close()
    assert abs(now - said) < timedelta(seconds=2)


def test_nothing_more_to_ask_is_done_at_once_or_when_a_hold_ends(store: Store) -> None:
    with store.write() as transaction:
        assert budget.last_of(transaction, NOW, Priority.BACKFILL, 0) == NOW
        budget.hold(transaction, NOW, 90)
        assert budget.last_of(transaction, NOW, Priority.BACKFILL, 1) == NOW + timedelta(seconds=90)
