"""What a disk or another process can do to the store: a sentence for each, chosen by SQLite's own code.

They are short enough for the deck's notice; where the store lies, the doctor tells.
The codes are those of https://sqlite.org/rescode.html. A code that is not here is a mistake of ours.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path

from meterdeck.domain.errors import MeterdeckError
from meterdeck.store.errors import StoreError

_PRIMARY = 0xFF
_STAYS = "What was read before stays."
TRIES_AGAIN = "meterdeck tries again by itself."

DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NO_LOCKS = frozenset(
    {
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_IOERR_LOCK,
        sqlite3.SQLITE_IOERR_RDLOCK,
        sqlite3.SQLITE_IOERR_UNLOCK,
        sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK,
    }
)
NO_SHARED_MEMORY = _NO_LOCKS | {
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMLOCK,
    sqlite3.SQLITE_IOERR_SHMMAP,
}
"""What WAL meets on a disk that several machines share; a rollback journal needs less."""
_NOT_WRITTEN = frozenset(
    {
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_DIR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_COMMIT_ATOMIC,
        sqlite3.SQLITE_IOERR_DELETE,
        sqlite3.SQLITE_IOERR_CLOSE,
    }
)
NO_WRITING = frozenset(
    {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
)
"""What a disk that takes nothing more says to whoever opens a database on it."""
_OTHER = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_NOMEM,
    }
)


def code_of(error: sqlite3.Error) -> int:
    """SQLite's extended code; 0 where the error is Python's own."""
    return getattr(error, "sqlite_errorcode", 0)


def full() -> StoreError:
    """No room for what is to be written."""
    return StoreError(
        "The disk of the store is full: nothing new can be kept.",
        still=_STAYS,
        next=f"Make room; {TRIES_AGAIN}",
        short="disk full",
    )


def not_written() -> StoreError:
    """The disk refuses to write: over a quota or a limit, or failing."""
    return StoreError(
        "The store's disk does not take what is written: a quota, a limit, or a failing disk.",
        still=_STAYS,
        next=f"Make room or check the disk; {TRIES_AGAIN}",
        short="disk not writable",
    )


def read_only() -> StoreError:
    """There is no right to write."""
    return StoreError(
        "The store can't be written: it, its folder or its disk is read-only.",
        still="What it has is shown; nothing new is read or kept.",
        next="Make it writable and start again, or choose another folder with --data-dir.",
        short="store read-only",
    )


def held() -> StoreError:
    """Somebody holds the lock for longer than anything of ours takes."""
    return StoreError(
        "Another program holds the store and does not let go.",
        still=_STAYS,
        next=f"A backup or a database tool may have it open; {TRIES_AGAIN}",
        short="store held by another program",
    )


def no_locks() -> StoreError:
    """A disk on which files can't be locked, so that sessions could not share a store."""
    return StoreError(
        "The store's folder can't lock files, as some network disks can't, so sessions could not share it.",
        still=_STAYS,
        next="Choose a folder on a disk of this machine with --data-dir.",
        short="no locks",
    )


def gone() -> StoreError:
    """The file was deleted or moved while it was open; what is written now would be in nobody's file."""
    return StoreError(
        "The store was deleted or moved while it was open.",
        still="What is on screen stays; nothing new is read or kept.",
        next="Start meterdeck again: the store is made anew and read again from the API.",
        short="store gone",
    )


def damaged() -> StoreError:
    """What is in the file is no database any more."""
    return StoreError(
        "The store is damaged.",
        still="What is on screen stays.",
        next="Start meterdeck again: the store is set aside, kept, and read anew from the API; marks are lost.",
        short="store damaged",
    )


def refused(error: OSError) -> StoreError | None:
    """What the disk has against a file of ours beside the database, where SQLite has a sentence for the same."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return full()
    if error.errno in {errno.EFBIG, errno.EIO}:
        return not_written()
    return None


def to_do(error: MeterdeckError) -> str:
    """What to do next, for a command: it has ended, and tries nothing again by itself as a deck does."""
    return error.next.replace(f"; {TRIES_AGAIN}", ".")


def unusable(error: Exception) -> StoreError:
    """Anything else that the system can refuse."""
    return StoreError(
        f"The store can't be used: {error}.",
        still=_STAYS,
        next=f"Check its folder's rights and free space; {TRIES_AGAIN}",
    )


def cannot_open(path: Path, error: Exception) -> StoreError:
    """It can neither be opened nor made."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    full_disk = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
    return StoreError(
        f"The store {path} can't be opened: {reason}.",
        next="Make room on its disk, or choose another folder with --data-dir."
        if full_disk
        else "Check the folder's rights and free space, or choose another with --data-dir.",
    )


def only_to_be_looked_at(obstacle: StoreError) -> StoreError:
    """What an obstacle means for a session that met it on opening: it shows, and neither reads nor keeps."""
    return StoreError(
        obstacle.what,
        still="What it has is shown; nothing new is read or kept.",
        next="Mend that and start again, or choose another folder with --data-dir.",
        short=obstacle.short,
    )


_SENTENCES: tuple[tuple[frozenset[int], Callable[[], StoreError]], ...] = (
    (frozenset({sqlite3.SQLITE_READONLY_DBMOVED}), gone),
    (DAMAGED, damaged),
    (_NO_LOCKS, no_locks),
    (frozenset({sqlite3.SQLITE_FULL}), full),
    (_NOT_WRITTEN, not_written),
    (frozenset({sqlite3.SQLITE_READONLY}), read_only),
    (frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}), held),
)


def explained(error: sqlite3.Error) -> StoreError | None:
    """The circumstance that an error tells of, by its extended code first; None for a mistake of ours."""
    code = code_of(error)
    for codes, sentence in _SENTENCES:
        if code in codes or code & _PRIMARY in codes:
            return sentence()
    return unusable(error) if code & _PRIMARY in _OTHER else None
