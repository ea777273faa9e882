"""A store is one organisation's: what another one says is refused before anything of it is written."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from meterdeck.domain.reports import Organization, Workspace
from meterdeck.store import Store, directory, ownership
from meterdeck.store.ownership import WrongOrganization

ACME, BETA = Organization("org-1", "Acme"), Organization("org-2", "Beta")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def owner(store: Store) -> Organization | None:
    with store.read() as transaction:
        return ownership.owner(transaction)


def claim(store: Store, organization: str, name: str = "") -> None:
    with store.write() as transaction:
        ownership.claim(transaction, organization, name)


def test_a_new_store_is_nobody_s_and_then_of_whoever_claims_it_first(store: Store) -> None:
    assert owner(store) is None
    claim(store, "org-1")
    assert owner(store) == Organization("org-1", "")
    claim(store, "ORG-1")
    assert owner(store) == Organization("org-1", "")


def test_the_directory_gives_it_its_name_and_a_later_claim_takes_it_not_away(store: Store) -> None:
    claim(store, "org-1")
    with store.write() as transaction:
        directory.replace(transaction, ACME, [], [])
    claim(store, "org-1")
    assert owner(store) == ACME


def test_another_organisation_can_neither_claim_it_nor_write_its_directory(store: Store) -> None:
    claim(store, "org-1", "Acme")
    with pytest.raises(WrongOrganization) as caught:
        claim(store, "org-2")
    assert "belongs to the organisation org-2, and this store to Acme" in caught.value.what
    assert "--org org-2" in caught.value.next
    with pytest.raises(WrongOrganization), store.write() as transaction:
        directory.replace(transaction, BETA, [Workspace("w", "secret", None)], [])
    assert owner(store) == ACME
    with store.read() as transaction:
        assert directory.load(transaction).workspaces == ()


def test_whose_a_store_is_can_be_asked_of_its_file(tmp_path: Path, store: Store) -> None:
    claim(store, "org-1", "Acme")
    assert ownership.owner_of(store.path) == ACME
    (tmp_path / "store.db-newer").write_bytes(b"")
    assert ownership.owner_of(tmp_path / "no" / "such" / "folder") is None
