"""Opening the database and its transactions: owner-only files, WAL, migrations, a damaged file set aside."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from meterdeck.store import private
from meterdeck.store.errors import StoreError
from meterdeck.store.schema import MIGRATIONS, VERSION

_BUSY_TIMEOUT_S = 5.0

_PRIMARY_CODE = 0xFF
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_CIRCUMSTANCES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_NOMEM,
}

Row = tuple[Any, ...]


class Transaction:
    """One read or write transaction; the functions of this package take it, nobody else runs SQL."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self, sql: str, parameters: Sequence[object] | dict[str, object] = ()) -> list[Row]:
        """Run a statement and return its rows."""
        return self._connection.execute(sql, parameters).fetchall()

    def one(self, sql: str, parameters: Sequence[object] | dict[str, object] = ()) -> Row | None:
        """Run a statement and return its first row."""
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def run(self, sql: str, parameters: Sequence[object] | dict[str, object] = ()) -> None:
        """Run a statement for what it changes."""
        self._connection.execute(sql, parameters)

    def revise(self, topic: str) -> None:
        """Note that something changed that a screen could show; each topic has its own number."""
        self.run(
            "INSERT INTO revision (topic, number) VALUES (?, 1)"
            " ON CONFLICT (topic) DO UPDATE SET number = number + 1",
            (topic,),
        )

    def revisions(self) -> dict[str, int]:
        """The number of each topic that ever changed."""
        return dict(self.all("SELECT topic, number FROM revision"))

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once for each row."""
        self._connection.executemany(sql, rows)


class Store:
    """One database file and one connection to it, usable from any thread, one transaction at a time.

    A process that reads and writes at once opens two. Raises `StoreError` when it can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice: str | None = None
        """A sentence for the user about what happened on opening, if anything did."""
        self._lock = threading.Lock()
        try:
            self._connection = self._open_whole()
        except sqlite3.OperationalError as error:
            raise _cannot_open(path, error) from None

    def close(self) -> None:
        """Close the connection; waits for a running transaction."""
        with self._lock:
            self._connection.close()

    def interrupt(self) -> None:
        """Make a query that runs in another thread stop at once."""
        self._connection.interrupt()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Show one moment of the database, however many statements are run."""
        with self._lock, _transaction(self._connection, "BEGIN", self.path) as transaction:
            yield transaction

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Change the database: all of it or nothing."""
        with self._lock, _transaction(self._connection, "BEGIN IMMEDIATE", self.path) as transaction:
            yield transaction

    def data_version(self) -> int:
        """Return a number that changes when another connection commits; cheap enough for once a second."""
        with self._lock, _said_for_a_person(self._connection, self.path):
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
            return version

    def revision(self) -> int:
        """Return a number that grows with every change that a screen could show; leases and budgets are none."""
        with self.read() as transaction:
            return sum(transaction.revisions().values())

    def _open(self) -> sqlite3.Connection:
        _create_private(self.path)
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            _migrate(connection, self.path)
        except BaseException:
            connection.close()
            raise
        return connection

    def _open_whole(self) -> sqlite3.Connection:
        """Open the database; one that is damaged is set aside first, by one session of all that notice."""
        if not _marker(self.path).exists():
            try:
                return self._open()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                _marker(self.path).touch(mode=0o600)
        with _alone(self.path):
            if _marker(self.path).exists():
                self._set_aside()
                _marker(self.path).unlink()
        return self._open()

    def _set_aside(self) -> None:
        kept = self.path.with_name(
            f"{self.path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"
        )
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                self.path.with_name(self.path.name + suffix).rename(kept.with_name(kept.name + suffix))
        self.notice = f"The store was damaged; it is kept as {kept.name} and is being read anew from the API."


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str, path: Path) -> Iterator[Transaction]:
    with _said_for_a_person(connection, path):
        connection.execute(begin)
        try:
            yield Transaction(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


@contextmanager
def _said_for_a_person(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Turn what a disk or another process can do to us into a `StoreError`; our own mistakes stay what they are."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
        if code in _DAMAGED:
            _marker(path).touch(mode=0o600)
            raise StoreError(
                f"The store {path.name} is damaged.",
                still="What is on screen stays.",
                next="Start meterdeck again: the store is set aside, kept, and read anew from the API.",
            ) from None
        if code not in _CIRCUMSTANCES:
            raise
        raise StoreError(
            f"The store {path.name} can't be used: {error}.",
            still="What is on screen stays.",
            next="Check free space and rights of its folder; meterdeck tries again.",
        ) from None


def _marker(path: Path) -> Path:
    """A file beside a database that was found damaged, until it is set aside."""
    return path.with_name(f"{path.name}.is-damaged")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other sessions from doing the same at once."""
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _create_private(path: Path) -> None:
    """Make the folder and the file readable by their owner alone, before SQLite can make them otherwise."""
    try:
        private.make_folder(path.parent)
        private.make_file(path)
    except OSError as error:
        raise _cannot_open(path, error) from None


def _cannot_open(path: Path, error: Exception) -> StoreError:
    return StoreError(
        f"The store {path} can't be opened: {error}.",
        next="Check the folder's rights and free space, or choose another with --data-dir.",
    )


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring an older database up to `VERSION`, one numbered step a transaction."""
    if _version(connection) > VERSION:
        raise StoreError(
            f"The store {path} was made by a newer meterdeck (schema {_version(connection)}, known {VERSION}).",
            next="Update meterdeck, or choose another folder with --data-dir.",
        )
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
            connection.execute("ROLLBACK")
            raise


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
