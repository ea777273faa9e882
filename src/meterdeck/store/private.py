"""Files and folders that their owner alone can read. All raise `OSError`."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from itertools import count
from pathlib import Path

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database, by the end of its name."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_folder(path: Path) -> None:
    """Make a folder and those above it that are missing, each its owner's alone; `mkdir` closes only the last."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def make_own_folder(path: Path) -> None:
    """The same for a folder that is meterdeck's alone: one that a copy or a restored backup left open is closed.

    One that all may write to, such as ``/tmp``, is the machine's, whoever owns it, and stays as it is.
    """
    make_folder(path)
    with suppress(OSError):
        if not path.stat().st_mode & stat.S_ISVTX:
            _close_to_others(path)


def make_file(path: Path) -> None:
    """Make an empty database file, if there is none, before anything else can make it otherwise.

    One that is there is not opened: to close a file drops all locks that this process holds on it, those of
    other connections too, and the next process to end would then take the log (WAL) away from under them. Its rights
    are set by name, which opens nothing.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path)) from None
        for suffix in ("", *BESIDE):
            _close_to_others(path.with_name(path.name + suffix))


def _close_to_others(path: Path) -> None:
    """Take away the rights of others on what is ours. Where that can't be done the doctor tells of it."""
    with suppress(OSError):
        status = path.stat()
        if os.name == "posix" and status.st_uid == os.geteuid() and status.st_mode & _OTHERS:
            path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file that is whole or not there."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_new(folder: Path, name: str, ending: str, content: bytes) -> Path:
    """Write a file under a name that nobody has (``name``, else ``name-2``, …), whole or not at all; say where."""
    for number in count(1):
        path = folder / f"{name}{'' if number == 1 else f'-{number}'}{ending}"
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
            except OSError:
                path.unlink(missing_ok=True)
                raise
            return path
    raise AssertionError  # pragma: no cover - numbers do not end
