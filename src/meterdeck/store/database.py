"""A store: one database, its transactions, and what a disk can do to them said in sentences."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from meterdeck.store import circumstances, damage
from meterdeck.store.opening import Opened, open_database, roll_back

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

    A process that reads and writes at once opens two. Raises `StoreError` when it can't be opened; where it can't
    be written (a read-only or full disk) it is opened all the same, to be looked at.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice: str | None = None
        """A sentence for the user about what happened on opening, if anything did."""
        self._lock = threading.Lock()
        opened = self._open_whole()
        self._connection = opened.connection
        self._obstacle = opened.obstacle
        self._file = _identity(path)
        self.journal = opened.journal
        """``wal``, or ``delete`` on a disk without shared memory: sessions wait for each other there."""
        if opened.obstacle is not None:
            self.notice = str(opened.obstacle)

    @property
    def read_only(self) -> bool:
        """Whether it can only be looked at; `notice` says why."""
        return self._obstacle is not None

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
        if self._obstacle is not None:
            raise self._obstacle.with_traceback(None)
        self._check_there()
        with self._lock, _transaction(self._connection, "BEGIN IMMEDIATE", self.path) as transaction:
            yield transaction

    def data_version(self) -> int:
        """Return a number that changes when another connection commits; cheap enough for once a second."""
        self._check_there()
        with self._lock, _said_for_a_person(self._connection, self.path):
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
            return version

    def checkpoint(self) -> None:
        """Write the log (WAL) back into the file and cut it to nothing, if nobody is reading or writing just now."""
        self._check_there()
        with self._lock, _said_for_a_person(self._connection, self.path):
            (waits,) = self._connection.execute("PRAGMA busy_timeout").fetchone()
            self._connection.execute("PRAGMA busy_timeout = 0")
            try:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                self._connection.execute(f"PRAGMA busy_timeout = {waits}")

    def revision(self) -> int:
        """Return a number that grows with every change that a screen could show; leases and budgets are none."""
        with self.read() as transaction:
            return sum(transaction.revisions().values())

    def _check_there(self) -> None:
        """Notice that the file is another one by now: SQLite would go on in the old one, which nobody finds."""
        if _identity(self.path) != self._file:
            raise circumstances.gone()

    def _open_whole(self) -> Opened:
        """Open the database; one that is damaged is set aside first."""
        if not damage.is_marked(self.path):
            try:
                return open_database(self.path)
            except sqlite3.DatabaseError:
                damage.mark(self.path)
        try:
            self.notice = damage.set_aside(self.path)
            return open_database(self.path)
        except (OSError, sqlite3.DatabaseError) as error:
            raise circumstances.cannot_open(self.path, error) from None


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str, path: Path) -> Iterator[Transaction]:
    with _said_for_a_person(connection, path):
        connection.execute(begin)
        try:
            yield Transaction(connection)
        except BaseException:
            roll_back(connection)
            raise
        connection.execute("COMMIT")


@contextmanager
def _said_for_a_person(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Turn what a disk or another process can do to us into a `StoreError`; our own mistakes stay what they are."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        roll_back(connection)
        said = circumstances.explained(error)
        if said is None:
            raise
        if circumstances.code_of(error) & 0xFF in circumstances.DAMAGED:
            damage.mark(path)
        raise said from None


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies there now; None where none does."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
