from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meterdeck.store import Store, lease
from meterdeck.store.lease import LEASE_LASTS, Lease

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
    assert timedelta(seconds=2) < LEASE_LASTS <= timedelta(seconds=10)


def test_giving_it_back_frees_it_at_once_and_only_ones_own(store: Store) -> None:
    ask(store, ME, NOW)
    with store.write() as transaction:
        lease.release(transaction, OTHER)
    assert ask(store, OTHER, NOW) == ME
    with store.write() as transaction:
        lease.release(transaction, ME)
    assert ask(store, OTHER, NOW) == OTHER


@pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(minutes=5), timedelta(days=400)])
def test_a_clock_that_was_set_back_blocks_nobody(store: Store, back: timedelta) -> None:
    ask(store, ME, NOW)
    assert ask(store, OTHER, NOW - back) == OTHER


def test_a_clock_a_little_behind_the_holders_does_not_take_the_lease(store: Store) -> None:
    ask(store, ME, NOW)
    assert ask(store, OTHER, NOW) == ME


def test_two_connections_agree_on_the_holder(tmp_path: Path) -> None:
    one, two = Store(tmp_path / "store.db"), Store(tmp_path / "store.db")
    assert ask(one, ME, NOW) == ME
    assert ask(two, OTHER, NOW) == ME
    one.close()
    two.close()
