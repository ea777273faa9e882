"""How a file becomes a connection: made private, in WAL where the disk can, migrated; or only to be looked at."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from meterdeck.store import circumstances, damage, private
from meterdeck.store.errors import StoreError
from meterdeck.store.schema import MIGRATIONS, VERSION

_BUSY_TIMEOUT_S = 5.0
_WAL, _ROLLBACK = "wal", "delete"


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection, and what the disk allowed."""

    connection: sqlite3.Connection
    journal: str
    """``wal``; ``delete`` on a disk without shared memory, where readers and writers wait for each other."""
    obstacle: StoreError | None = None
    """Why it can't be written; None where it can."""


def open_database(path: Path) -> Opened:
    """Open a database, made and migrated where needed; one that can't be written is opened to be looked at.

    Raises `StoreError`, and `sqlite3.DatabaseError` for a damaged file.
    """
    try:
        private.make_own_folder(path.parent)
        private.make_file(path)
    except OSError as error:
        if not _holds_anything(path):
            raise circumstances.cannot_open(path, error) from None
        return _look_at(path, circumstances.read_only())
    try:
        return _open(path)
    except sqlite3.OperationalError as error:
        # A full or read-only disk has no room for the files beside the database; its content can be shown.
        obstacle = circumstances.explained(error) or circumstances.cannot_open(path, error)
        if circumstances.code_of(error) & 0xFF not in circumstances.NO_WRITING or not _holds_anything(path):
            raise obstacle from None
        return _look_at(path, obstacle)


def look_at(path: Path) -> sqlite3.Connection:
    """Open a database to be read and never changed, whatever its version; raises `sqlite3.Error`."""
    # On a disk that takes no file beside it, only `immutable` opens a database in WAL. It is the second choice:
    # it would not see what another process writes.
    place = quote(str(path.absolute()))
    for how in ("mode=ro", "immutable=1"):
        connection = _connect(f"file:{place}?{how}", uri=True)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise sqlite3.OperationalError("unable to open database file")


def _open(path: Path) -> Opened:
    connection = _connect(str(path))
    try:
        journal = _choose_journal(connection, path)
        connection.execute("PRAGMA synchronous = NORMAL")
        if journal != _WAL:
            _try_locks(connection)
        connection.execute("PRAGMA foreign_keys = OFF")  # a migration may put a table in another's place
        _migrate(connection, path)
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return Opened(connection, journal)


def _look_at(path: Path, obstacle: StoreError) -> Opened:
    try:
        connection = look_at(path)
    except sqlite3.OperationalError:
        raise obstacle from None
    try:
        check_version(connection, path, obstacle)
    except StoreError:
        connection.close()
        raise
    return Opened(connection, _WAL, circumstances.only_to_be_looked_at(obstacle))


def check_version(connection: sqlite3.Connection, path: Path, obstacle: StoreError | None = None) -> None:
    """Raise `StoreError` for a store of another version, where it is only looked at; ``obstacle`` says why it is."""
    version = _version(connection)
    if version > VERSION:
        raise _newer(path, version)
    if version < VERSION and obstacle is not None:
        raise StoreError(
            f"The store {path} was made by an older meterdeck and can't be brought up to date: {obstacle.what}",
            next=obstacle.next,
        )
    if version < VERSION:
        raise StoreError(
            f"The store {path} was made by an older meterdeck.",
            next="Open it once, to be brought up to date: meterdeck",
        )


def _holds_anything(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _connect(place: str, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(
        place, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, uri=uri
    )


def _choose_journal(connection: sqlite3.Connection, path: Path) -> str:
    """WAL, or a rollback journal where the disk has no shared memory for WAL (many network disks)."""
    if _journal(connection, "") == _WAL:
        return _WAL
    # The change needs the database for itself and does not wait for it: sessions that start at once take turns.
    with damage.alone(path):
        try:
            if _journal(connection, " = WAL") == _WAL:
                return _WAL
        except sqlite3.OperationalError as error:
            if circumstances.code_of(error) not in circumstances.NO_SHARED_MEMORY:
                raise
        _journal(connection, " = DELETE")
    return _ROLLBACK


def _journal(connection: sqlite3.Connection, change: str) -> str:
    mode: str = connection.execute(f"PRAGMA journal_mode{change}").fetchone()[0]
    return mode


def _try_locks(connection: sqlite3.Connection) -> None:
    """Find out now, and not at the first write, whether files can be locked at all."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if circumstances.code_of(error) != sqlite3.SQLITE_BUSY:  # somebody holds the lock, so there are locks
            raise


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring an older database up to `VERSION`, one numbered step a transaction."""
    if _version(connection) > VERSION:
        raise _newer(path, _version(connection))
    while _version(connection) < VERSION:
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another session may have come first while this one waited for the lock.
            version = _version(connection)
            if version < VERSION:
                for statement in _statements(MIGRATIONS[version]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            roll_back(connection)
            raise


def roll_back(connection: sqlite3.Connection) -> None:
    """Leave a transaction, if SQLite has not left it by itself, as it does on a full disk."""
    if connection.in_transaction:
        with suppress(sqlite3.OperationalError):
            connection.execute("ROLLBACK")


def _newer(path: Path, version: int) -> StoreError:
    return StoreError(
        f"The store {path} was made by a newer meterdeck (schema {version}, known {VERSION}).",
        next="Update meterdeck, or choose another folder with --data-dir.",
        short="store newer than meterdeck",
    )


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _statements(script: str) -> Iterator[str]:
    """Split a script by SQLite's own rule; `executescript` would commit the transaction it runs in."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
