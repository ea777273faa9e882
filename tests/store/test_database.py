"""The file itself: private, migrated, refused when newer, kept when damaged, shared by two connections."""

import sqlite3
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from meterdeck.domain.reports import Organization
from meterdeck.store import Store, StoreError, directory, feeds
from meterdeck.store.schema import MIGRATIONS, VERSION

NOW = datetime(2026, 11, 20, 14, 37, tzinfo=UTC)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def tables(path: Path) -> dict[str, str]:
    connection = sqlite3.connect(path)
    try:
        return dict(
            connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        )
    finally:
        connection.close()


def version(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        number: int = connection.execute("PRAGMA user_version").fetchone()[0]
        return number
    finally:
        connection.close()


def test_folder_and_files_can_be_read_by_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "organizations" / "store.db"
    store = Store(path)
    with store.write() as transaction:
        feeds.succeeded(transaction, "live", NOW)
    assert [mode(path.parent), mode(path.parent.parent)] == [0o700, 0o700]
    assert {file.name for file in path.parent.iterdir()} == {
        "store.db",
        "store.db-wal",
        "store.db-shm",
        "store.db.turn",
    }
    assert {mode(file) for file in path.parent.iterdir()} == {0o600}
    store.close()


def test_an_empty_file_becomes_a_store_of_the_newest_schema(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch()
    store = Store(path)
    assert store.notice is None
    assert version(path) == VERSION == len(MIGRATIONS)
    assert {"series", "usage", "cost", "coverage", "feed", "lease", "request", "pace"} <= tables(path).keys()
    store.close()


def test_opening_again_changes_nothing_and_keeps_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = Store(path)
    with store.write() as transaction:
        directory.replace(transaction, Organization("o", "Acme"), [], [])
    store.close()
    before = tables(path)
    again = Store(path)
    with again.read() as transaction:
        assert directory.load(transaction).organization == Organization("o", "Acme")
    assert again.notice is None
    again.close()
    assert tables(path) == before


def test_a_migration_that_fails_leaves_the_version_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.db"
    Store(path).close()
    before = tables(path)
    monkeypatch.setattr(
        "meterdeck.store.opening.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE x (a);\nNONSENSE;\n")
    )
    monkeypatch.setattr("meterdeck.store.opening.VERSION", VERSION + 1)
    with pytest.raises(StoreError, match="can't be opened"):
        Store(path)
    assert version(path) == VERSION
    assert tables(path) == before


def test_a_newer_schema_is_refused_with_its_number_and_what_to_do_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 3}")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError) as caught:
        Store(path)
    assert "made by a newer meterdeck" in caught.value.what
    assert f"schema {VERSION + 3}, known {VERSION}" in caught.value.what
    assert "Update meterdeck" in caught.value.next
    assert version(path) == VERSION + 3
    assert [file.name for file in tmp_path.iterdir() if "damaged" in file.name] == []


@pytest.mark.parametrize(
    "content", [b"this is no database at all" * 40, b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_damaged_file_is_set_aside_and_kept_and_the_user_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(content)
    store = Store(path)
    (kept,) = (file for file in tmp_path.iterdir() if "damaged" in file.name)
    assert kept.read_bytes() == content
    assert kept.name.startswith("store.db.damaged-")
    assert store.notice is not None
    assert kept.name in store.notice
    assert "read anew" in store.notice
    with store.write() as transaction:
        feeds.succeeded(transaction, "live", NOW)
    assert mode(path) == 0o600
    store.close()


def test_damage_found_while_reading_is_said_and_does_not_crash(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = Store(path)
    with store.write() as transaction:
        for number in range(2000):
            feeds.failed(transaction, f"feed {number:04}", NOW, "no connection", "x" * 100)
    store.close()
    content = bytearray(path.read_bytes())
    content[4096 * 45 : -4096 * 2] = b"\xff" * (len(content) - 4096 * 47)
    path.write_bytes(content)
    store = Store(path)
    with pytest.raises(StoreError) as caught, store.read() as transaction:
        feeds.load(transaction)
    assert "damaged" in caught.value.what
    assert "Start meterdeck again" in caught.value.next
    store.close()
    store = Store(path)
    assert store.notice is not None
    (kept,) = (file for file in tmp_path.iterdir() if ".damaged-" in file.name and "-wal" not in file.name)
    assert kept.read_bytes() == content
    with store.read() as transaction:
        assert feeds.load(transaction) == {}
    store.close()


def test_a_folder_that_cannot_be_made_is_said_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't be opened") as caught:
        Store(tmp_path / "file" / "store.db")
    assert "--data-dir" in caught.value.next


def test_a_transaction_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db")

    def fail_halfway() -> None:
        with store.write() as transaction:
            feeds.succeeded(transaction, "live", NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    with store.read() as transaction:
        assert feeds.load(transaction) == {}
    store.close()


def test_a_lock_held_by_another_is_a_sentence_and_not_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterdeck.store.opening._BUSY_TIMEOUT_S", 0.0)
    one, other = Store(tmp_path / "store.db"), Store(tmp_path / "store.db")
    with one.write(), pytest.raises(StoreError, match="Another program holds the store"), other.write():
        pytest.fail("two wrote at once")
    with other.write() as transaction:
        feeds.succeeded(transaction, "live", NOW)
    one.close()
    other.close()


def test_two_stores_on_one_file_see_each_others_commits_by_the_data_version(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "store.db"), Store(tmp_path / "store.db")
    before = other.data_version()
    assert other.data_version() == before
    with one.write() as transaction:
        feeds.succeeded(transaction, "live", NOW)
    assert other.data_version() != before
    with other.read() as transaction:
        assert feeds.load(transaction)["live"].read_at == NOW
    seen = one.data_version()
    with other.write() as transaction:
        feeds.succeeded(transaction, "costs", NOW)
    assert one.data_version() != seen
    one.close()
    other.close()


def test_a_read_sees_one_moment_whatever_is_committed_meanwhile(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "store.db"), Store(tmp_path / "store.db")
    with one.read() as reading:
        assert feeds.load(reading) == {}
        with other.write() as transaction:
            feeds.succeeded(transaction, "live", NOW)
        assert feeds.load(reading) == {}
    with one.read() as reading:
        assert feeds.load(reading).keys() == {"live"}
    one.close()
    other.close()


def test_one_store_can_be_used_from_any_thread(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db")

    def write(number: int) -> None:
        with store.write() as transaction:
            feeds.succeeded(transaction, f"feed {number}", NOW)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as transaction:
        assert len(feeds.load(transaction)) == 8
    store.close()


def test_a_process_that_ends_leaves_the_log_to_those_that_still_have_the_store_open(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    first, second = Store(path), Store(path)
    with first.write() as transaction:
        feeds.succeeded(transaction, "before", NOW)
    opens_and_closes = "import sys; from pathlib import Path; from meterdeck.store import Store; Store(Path(sys.argv[1])).close()"
    subprocess.run([sys.executable, "-c", opens_and_closes, str(path)], check=True, timeout=60)
    assert path.with_name("store.db-wal").exists()
    with second.write() as transaction:
        feeds.succeeded(transaction, "after", NOW)
    first.close()
    second.close()
    again = Store(path)
    with again.read() as transaction:
        assert set(feeds.load(transaction)) == {"before", "after"}
    again.close()
