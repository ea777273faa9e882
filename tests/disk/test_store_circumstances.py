"""What a disk can do to a store: each has its sentence, keeps what was there, and heals where it can."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from disk.disks import folder_for_anybody, made, refusing, shared_by_machines, without_roots_rights
from meterdeck.domain.reports import Organization
from meterdeck.store import Store, StoreError, circumstances, directory, feeds, ownership
from meterdeck.store.schema import VERSION

NOW = datetime(2026, 11, 20, 14, 37, tzinfo=UTC)
ACME = Organization("org-1", "Acme")


def note(store: Store, name: str = "live") -> None:
    with store.write() as transaction:
        feeds.succeeded(transaction, name, NOW)


def noted(store: Store) -> set[str]:
    with store.read() as transaction:
        return set(feeds.load(transaction))


def filled(path: Path) -> None:
    """A store that was closed in good order."""
    store = Store(path)
    note(store)
    with store.write() as transaction:
        directory.replace(transaction, ACME, [], [])
    store.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "data" / "store.db")
    note(opened)
    yield opened
    opened.close()


@pytest.mark.parametrize("closed", ["folder", "file", "both"])
def test_a_store_that_cannot_be_written_shows_what_it_has_and_says_so(closed: str) -> None:
    with folder_for_anybody() as folder, without_roots_rights(folder):
        path = folder / "data" / "store.db"
        filled(path)
        if closed != "folder":
            path.chmod(0o400)
        if closed != "file":
            path.parent.chmod(0o500)
        store = Store(path)
        assert store.read_only
        assert noted(store) == {"live"}
        assert store.notice is not None
        assert "What it has is shown; nothing new is read or kept." in store.notice
        assert "--data-dir" in store.notice
        assert store.data_version() == store.data_version()
        for _ in range(2):
            with pytest.raises(StoreError, match="nothing new is read or kept"):
                note(store)
        assert ownership.owner_of(path) == ACME
        store.close()


def test_a_read_only_folder_without_a_store_is_an_error_that_says_what_to_do() -> None:
    with folder_for_anybody() as folder, without_roots_rights(folder):
        folder.chmod(0o500)
        with pytest.raises(StoreError, match="can't be opened: Permission denied") as caught:
            Store(folder / "data" / "store.db")
        assert "--data-dir" in caught.value.next


def test_an_older_store_that_cannot_be_brought_up_to_date_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with folder_for_anybody() as folder, without_roots_rights(folder):
        path = folder / "store.db"
        filled(path)
        path.chmod(0o400)
        folder.chmod(0o500)
        monkeypatch.setattr("meterdeck.store.opening.VERSION", VERSION + 1)
        with pytest.raises(StoreError, match="made by an older meterdeck and can't be brought up to date"):
            Store(path)


def test_a_full_disk_keeps_what_was_there_and_takes_more_when_there_is_room(store: Store) -> None:
    store._connection.execute("PRAGMA max_page_count = 1")

    def note_much() -> None:
        with store.write() as transaction:
            for number in range(2000):
                feeds.failed(transaction, f"feed {number}", NOW, "no connection", "x" * 100)

    with pytest.raises(StoreError) as caught:
        note_much()
    assert caught.value.what.startswith("The disk of the store is full")
    assert "tries again by itself" in caught.value.next
    assert caught.value.short == "disk full"
    assert noted(store) == {"live"}
    store._connection.execute("PRAGMA max_page_count = 100000")
    note(store, "costs")
    assert noted(store) == {"live", "costs"}


def test_a_disk_that_is_too_full_to_open_a_store_shows_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path / "store.db")
    # The files beside a database in WAL are made at its first read or write.
    refusing(monkeypatch, sqlite3.SQLITE_FULL, lambda sql: sql == "PRAGMA synchronous = NORMAL")
    store = Store(tmp_path / "store.db")
    assert store.read_only
    assert noted(store) == {"live"}
    assert (store.notice or "").startswith("The disk of the store is full")
    store.close()


def test_on_a_disk_without_shared_memory_sessions_share_the_store_by_a_rollback_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared_by_machines(monkeypatch)
    path = tmp_path / "store.db"
    one, other = Store(path), Store(path)
    assert (one.journal, one.read_only, one.notice) == ("delete", False, None)
    seen = other.data_version()
    note(one)
    assert other.data_version() != seen
    assert noted(other) == {"live"}

    def write(name: str) -> None:
        store = Store(path)
        for number in range(5):
            note(store, f"{name} {number}")
        store.close()

    threads = [threading.Thread(target=write, args=(f"session {number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(noted(one)) == 1 + 15
    one.close()
    other.close()


@pytest.mark.parametrize("code", sorted(circumstances.NO_SHARED_MEMORY))
def test_a_disk_that_refuses_wal_by_an_error_gets_a_rollback_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    refusing(monkeypatch, code, lambda sql: sql == "PRAGMA journal_mode = WAL")
    store = Store(tmp_path / "store.db")
    note(store)
    assert store.journal == "delete"
    store.close()


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_LOCK, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOLFS])
def test_a_disk_without_any_locks_is_refused_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    refusing(monkeypatch, code, lambda sql: sql.startswith(("BEGIN", "PRAGMA journal_mode = WAL")))
    with pytest.raises(StoreError, match="can't lock files, as some network disks") as caught:
        Store(tmp_path / "store.db")
    assert "--data-dir" in caught.value.next


def test_a_damaged_store_is_set_aside_though_the_disk_has_no_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("meterdeck.store.damage.fcntl.flock", no_locks)
    path = tmp_path / "store.db"
    path.write_bytes(b"no database at all" * 100)
    store = Store(path)
    assert "was damaged; it is kept as" in (store.notice or "")
    note(store)
    store.close()


def test_a_damaged_store_that_cannot_be_set_aside_is_an_error_and_stays() -> None:
    with folder_for_anybody() as folder, without_roots_rights(folder):
        path = folder / "store.db"
        path.write_bytes(b"no database at all" * 100)
        folder.chmod(0o500)
        with pytest.raises(StoreError, match="can't be opened"):
            Store(path)
        assert path.read_bytes().startswith(b"no database")


@pytest.mark.parametrize("how", ["deleted with its folder", "deleted", "moved", "replaced"])
def test_a_store_that_is_gone_under_an_open_session_is_noticed_and_made_anew_at_the_next_start(
    store: Store, how: str
) -> None:
    if how == "deleted with its folder":
        shutil.rmtree(store.path.parent)
    elif how == "deleted":
        store.path.unlink()
    else:
        for file in list(store.path.parent.iterdir()):
            file.rename(file.with_name(f"elsewhere-{file.name}"))
    if how == "replaced":
        Store(store.path).close()
    for touch in (lambda: note(store), store.data_version):
        with pytest.raises(StoreError, match="was deleted or moved while it was open") as caught:
            touch()
        assert "Start meterdeck again" in caught.value.next
    assert noted(store) == {"live"}, "what is on screen can still be read"
    again = Store(store.path)
    assert noted(again) == set()
    note(again)
    again.close()


SENTENCES = {
    "is full": {sqlite3.SQLITE_FULL},
    "does not take what is written": {
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_SHMSIZE,
    },
    "is read-only": {
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_READONLY_DIRECTORY,
        sqlite3.SQLITE_READONLY_CANTINIT,
    },
    "Another program holds": {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_BUSY_RECOVERY},
    "can't lock files": {sqlite3.SQLITE_IOERR_LOCK, sqlite3.SQLITE_PROTOCOL},
    "was deleted or moved": {sqlite3.SQLITE_READONLY_DBMOVED},
    "is damaged": {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT_INDEX},
    "can't be used": {
        sqlite3.SQLITE_IOERR_READ,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_INTERRUPT,
    },
}


@pytest.mark.parametrize(
    ("code", "sentence"), [(code, sentence) for sentence, codes in SENTENCES.items() for code in codes]
)
def test_every_circumstance_has_one_sentence_of_its_own(code: int, sentence: str) -> None:
    said = circumstances.explained(made(code))
    assert said is not None
    assert [each for each in SENTENCES if each in said.what] == [sentence]
    assert said.next
    assert said.still


@pytest.mark.parametrize("code", [sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISUSE, 0])
def test_a_mistake_of_ours_is_no_circumstance(code: int) -> None:
    assert circumstances.explained(made(code)) is None


def test_every_sentence_is_documented() -> None:
    documented = (Path(__file__).parents[2] / "docs" / "circumstances.md").read_text(encoding="utf-8")
    said = [sentence().what for _, sentence in circumstances._SENTENCES]
    assert [what for what in said if what not in documented] == []
