"""What is there already is closed to others again, by name: a file that is opened and closed would lose its locks."""

import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from meterdeck.domain.secret import Secret
from meterdeck.store import Store
from meterdeck.store.index import KeyIndex

BUSY = 5
TRIES_TO_WRITE = """
import sqlite3, sys
try:
    sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None).execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as error:
    sys.exit(error.sqlite_errorcode)
"""
LOOSE_FOLDER, LOOSE_FILE = 0o755, 0o644


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """A store as a restored backup leaves it: everybody can read it, and what is beside it."""
    found = tmp_path / "data" / "organizations" / "store.db"
    store = Store(found)
    with store.write() as transaction:
        transaction.revise("something")
    for each in (found, found.with_name("store.db-wal")):
        each.chmod(LOOSE_FILE)
    for folder in found.parents[:2]:
        folder.chmod(LOOSE_FOLDER)
    yield found
    store.close()


def test_a_store_its_log_and_its_folder_are_closed_to_others_when_it_is_opened(path: Path) -> None:
    Store(path).close()
    assert (mode(path), mode(path.with_name("store.db-wal")), mode(path.parent)) == (0o600, 0o600, 0o700)
    assert mode(path.parent.parent) == LOOSE_FOLDER, "the data folder may be somebody's own choice"


def test_who_holds_a_lock_keeps_it_meanwhile(path: Path) -> None:
    first = Store(path)
    path.chmod(LOOSE_FILE)
    with first.write():
        Store(path).close()
        other = subprocess.run([sys.executable, "-c", TRIES_TO_WRITE, str(path)], check=False)
    assert other.returncode == BUSY, "another process took the lock"
    first.close()
    assert mode(path) == 0o600


def test_a_folder_that_all_may_write_to_stays_open(path: Path) -> None:
    """A store that lies right in ``/tmp``, opened by root, must not take ``/tmp`` from everybody else."""
    path.parent.chmod(0o1777)
    Store(path).close()
    assert (mode(path), mode(path.parent)) == (0o600, 0o1777)


def test_what_may_only_be_read_is_not_opened_further(path: Path) -> None:
    path.parent.chmod(0o550)
    Store(path).close()
    assert mode(path.parent) == 0o500
    path.parent.chmod(0o700)


def test_the_folder_of_keys_is_closed_too(tmp_path: Path) -> None:
    index = KeyIndex(tmp_path, "http://localhost")
    index.remember(Secret("key"), "one")
    (tmp_path / "keys").chmod(LOOSE_FOLDER)
    index.remember(Secret("key"), "one")
    assert mode(tmp_path / "keys") == 0o700
