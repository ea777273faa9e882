"""A damaged database is set aside and kept, by one session of all that notice; the next one starts empty."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from meterdeck.store.private import BESIDE

_FILES = ("", *BESIDE)


def mark(path: Path) -> None:
    """Note that a database was found damaged; whoever opens it next sets it aside."""
    with suppress(OSError):  # a disk that takes nothing more: the next opening finds the damage by itself
        _marker(path).touch(mode=0o600)


def is_marked(path: Path) -> bool:
    """Whether it was found damaged and is not set aside yet."""
    return _marker(path).exists()


def set_aside(path: Path) -> str | None:
    """Rename a database that is marked; return a sentence for the user, None where another session was faster.

    Raises `OSError`.
    """
    with alone(path):
        if not is_marked(path):
            return None
        kept = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}")
        for suffix in _FILES:
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).rename(kept.with_name(kept.name + suffix))
        _marker(path).unlink()
    return (
        f"The store was damaged; it is kept as {kept.name}. It is read anew from the API by the next session that"
        " collects; marks are lost."
    )


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other sessions from doing the same at once, where the disk can lock."""
    # Not ".lock": that is SQLite's own name where it locks by files.
    lock = os.open(path.with_name(f"{path.name}.turn"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _marker(path: Path) -> Path:
    return path.with_name(f"{path.name}.is-damaged")
