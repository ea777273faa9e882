from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meterdeck.store import Store, lease
from meterdeck.store.lease import CLOCKS_DIFFER, LEASE_LASTS, Lease
from meterdeck.sync.engine import HEARTBEAT_S

NOW = datetime(2026, 11, 20, 14, 37, tzinfo=UTC)
ME, OTHER = Lease("me", 1), Lease("other", 2)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def ask(store: Store, who: Lease, at: datetime) -> Lease:
    with store.write() as transaction:
        return lease.acquire(transaction, who, at)


def test_a_free_lease_is_taken_and_others_learn_who_has_it(store: Store) -> None:
    assert ask(store, ME, NOW) == ME
    assert ask(store, OTHER, NOW + timedelta(seconds=1)) == ME


def test_renewing_keeps_it_for_as_long_again(store: Store) -> None:
    ask(store, ME, NOW)
    assert ask(store, ME, NOW + LEASE_LASTS * 0.9) == ME
    assert ask(store, OTHER, NOW + LEASE_LASTS * 1.5) == ME


def test_a_lease_that_is_not_renewed_goes_to_the_next_who_asks(store: Store) -> None:
    ask(store, ME, NOW)
    assert ask(store, OTHER, NOW + LEASE_LASTS - timedelta(milliseconds=1)) == ME
    assert ask(store, OTHER, NOW + LEASE_LASTS) == OTHER
    assert ask(store, ME, NOW + LEASE_LASTS) == OTHER


def test_a_dead_holder_is_replaced_within_ten_seconds() -> None:
    heartbeat = timedelta(seconds=HEARTBEAT_S)
    assert 2 * heartbeat < LEASE_LASTS < timedelta(seconds=10) - heartbeat


def test_giving_it_back_frees_it_at_once_and_only_ones_own(store: Store) -> None:
    ask(store, ME, NOW)
    with store.write() as transaction:
        lease.release(transaction, OTHER)
    assert ask(store, OTHER, NOW) == ME
    with store.write() as transaction:
        lease.release(transaction, ME)
    assert ask(store, OTHER, NOW) == OTHER


@pytest.mark.parametrize("back", [timedelta(seconds=2), timedelta(minutes=5), timedelta(days=400)])
def test_a_clock_that_was_set_back_blocks_nobody(store: Store, back: timedelta) -> None:
    ask(store, ME, NOW)
    assert ask(store, OTHER, NOW - back) == OTHER


def test_a_clock_a_little_behind_the_holders_does_not_take_the_lease(store: Store) -> None:
    ask(store, ME, NOW)
    assert ask(store, OTHER, NOW) == ME


def test_machines_whose_clocks_differ_a_little_do_not_take_it_from_each_other(store: Store) -> None:
    ask(store, ME, NOW)
    assert ask(store, OTHER, NOW - CLOCKS_DIFFER) == ME


def test_a_clock_that_was_set_forward_frees_it_once_and_for_one(store: Store) -> None:
    ask(store, ME, NOW)
    later = NOW + timedelta(hours=3)
    assert ask(store, OTHER, later) == OTHER
    assert ask(store, ME, later) == OTHER


@pytest.mark.parametrize(
    ("passed", "missed"),
    [
        (timedelta(0), False),
        (timedelta(seconds=2), False),
        (LEASE_LASTS - timedelta(milliseconds=1), False),
        (LEASE_LASTS, True),
        (timedelta(hours=8), True),
        (-timedelta(seconds=1), True),
        (-timedelta(days=400), True),
    ],
)
def test_a_holder_that_was_away_or_whose_clock_was_set_knows_that_it_must_ask(
    passed: timedelta, missed: bool
) -> None:
    assert lease.missed(NOW, NOW + passed) is missed


def test_two_connections_agree_on_the_holder(tmp_path: Path) -> None:
    one, two = Store(tmp_path / "store.db"), Store(tmp_path / "store.db")
    assert ask(one, ME, NOW) == ME
    assert ask(two, OTHER, NOW) == ME
    one.close()
    two.close()
