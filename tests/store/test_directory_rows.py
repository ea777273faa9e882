from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meterdeck.domain.reports import ApiKey, Organization, Workspace
from meterdeck.store import Store, directory, feeds
from meterdeck.store.feeds import FeedState

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
ACME = Organization("o-1", "Acme")
LIVE = Workspace("wrkspc_a", "Production")
ARCHIVED = Workspace("wrkspc_b", "Old", datetime(2026, 2, 1, 8, tzinfo=UTC))
BOUND = ApiKey("apikey_1", "prod-backend", "active", "sk-ant-api03-a...AAAA", "wrkspc_a", "wrkspc_a")
OF_DEFAULT = ApiKey("apikey_2", "prod-backend", "inactive", None, None, "wrkspc_default")
UNBOUND = ApiKey("apikey_3", "jane-laptop", "active")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def test_an_empty_store_knows_no_names(store: Store) -> None:
    with store.read() as transaction:
        found = directory.load(transaction)
    assert (found.organization, found.workspaces, found.api_keys) == (None, (), ())
    assert found.default_workspace_id is None


def test_the_directory_comes_back_as_it_was_read(store: Store) -> None:
    with store.write() as transaction:
        directory.replace(transaction, ACME, [LIVE, ARCHIVED], [BOUND, OF_DEFAULT, UNBOUND])
        found = directory.load(transaction)
    assert found.organization == ACME
    assert set(found.workspaces) == {LIVE, ARCHIVED}
    assert set(found.api_keys) == {BOUND, OF_DEFAULT, UNBOUND}


def test_names_that_are_gone_are_gone_and_a_new_name_replaces_the_old_one(store: Store) -> None:
    renamed = Organization(ACME.id, "Acme & Daughters")
    with store.write() as transaction:
        directory.replace(transaction, ACME, [LIVE, ARCHIVED], [BOUND])
        directory.replace(transaction, renamed, [ARCHIVED], [])
        found = directory.load(transaction)
    assert (found.organization, found.workspaces, found.api_keys) == (renamed, (ARCHIVED,), ())


def test_a_key_bound_to_the_default_workspace_tells_its_real_id(store: Store) -> None:
    with store.write() as transaction:
        directory.replace(transaction, ACME, [LIVE], [BOUND, UNBOUND])
        assert directory.load(transaction).default_workspace_id is None
        directory.replace(transaction, ACME, [LIVE], [BOUND, UNBOUND, OF_DEFAULT])
        assert directory.load(transaction).default_workspace_id == "wrkspc_default"


def test_a_row_listed_twice_is_kept_once(store: Store) -> None:
    with store.write() as transaction:
        directory.replace(transaction, ACME, [LIVE, Workspace("wrkspc_a", "Renamed")], [BOUND, BOUND])
        found = directory.load(transaction)
    assert [w.name for w in found.workspaces] == ["Renamed"]
    assert found.api_keys == (BOUND,)


def test_a_feed_remembers_its_last_good_read_through_failures(store: Store) -> None:
    later = NOW + timedelta(minutes=5)
    with store.write() as transaction:
        feeds.succeeded(transaction, "live", NOW)
        feeds.planned(transaction, "live", later)
        feeds.failed(transaction, "live", later, "500", "The API failed.")
        state = feeds.load(transaction)["live"]
    assert state == FeedState(NOW, later, "500", "The API failed.", later)
    assert state.failing


def test_a_good_read_forgets_the_failure_and_keeps_the_plan(store: Store) -> None:
    later = NOW + timedelta(minutes=5)
    with store.write() as transaction:
        feeds.failed(transaction, "costs", NOW, "no connection", "The API can't be reached.")
        feeds.planned(transaction, "costs", later)
        assert feeds.load(transaction)["costs"].failing
        feeds.succeeded(transaction, "costs", later)
        state = feeds.load(transaction)["costs"]
    assert state == FeedState(read_at=later, next_at=later)
    assert not state.failing


def test_feeds_are_kept_apart(store: Store) -> None:
    with store.write() as transaction:
        feeds.succeeded(transaction, "live", NOW)
        feeds.failed(transaction, "hours", NOW, "429", "Too many requests.")
        states = feeds.load(transaction)
    assert states == {
        "live": FeedState(read_at=NOW),
        "hours": FeedState(failed_at=NOW, failure="429", sentence="Too many requests."),
    }


def test_a_feed_that_will_not_try_by_itself_has_no_next_time(store: Store) -> None:
    with store.write() as transaction:
        feeds.planned(transaction, "live", NOW)
        feeds.planned(transaction, "live", None)
        assert feeds.load(transaction)["live"].next_at is None
