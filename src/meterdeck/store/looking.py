"""A store that is looked at and never changed: not migrated, and not set aside where it is damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from meterdeck.store import circumstances, damage, opening
from meterdeck.store.database import Transaction
from meterdeck.store.errors import StoreError


@contextmanager
def looking(path: Path) -> Iterator[Transaction]:
    """Show one moment of a store; raises `StoreError`, for one of another version or a damaged one too."""
    if damage.is_marked(path):
        raise _damaged()
    try:
        with closing(opening.look_at(path)) as connection:
            opening.check_version(connection, path)
            connection.execute("BEGIN")
            yield Transaction(connection)
    except sqlite3.DatabaseError as error:
        if circumstances.code_of(error) & 0xFF in circumstances.DAMAGED:
            raise _damaged() from None
        said = circumstances.explained(error) or circumstances.cannot_open(path, error)
        raise said from None


def journal(transaction: Transaction) -> str:
    """``wal``, or ``delete`` on a disk without shared memory."""
    row = transaction.one("PRAGMA journal_mode")
    return str(row[0]) if row else ""


def _damaged() -> StoreError:
    """Nobody has a screen that stays here."""
    found = circumstances.damaged()
    return StoreError(found.what, next=found.next, short=found.short)
