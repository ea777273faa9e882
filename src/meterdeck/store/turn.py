"""The turn: of all processes on a store one sends a request at a time.

It is a line in a small file beside the database: who has it, and until when if nobody renews it. A plain file lock
would be kept by a session that was stopped with Ctrl+Z; a row in the database would be written to the log for each
request. The line is read and written under a file lock that is held for no longer than that.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Self

from meterdeck.store import circumstances
from meterdeck.store.errors import StoreError

LASTS_S = 8.0
"""Without being renewed: so long a holder that was killed or stopped keeps the others waiting."""
_LONGEST_LINE = 128


class Turn:
    """One claimant's view of the turn of a store. Raises `StoreError` where its file can't be used."""

    def __init__(self, store: Path) -> None:
        self._path = store.with_name(f"{store.name}.turn")
        self._me = secrets.token_hex(8)

    def take(self) -> bool:
        """Take the turn, or renew it; whether it is ours now."""
        with _Line(self._path) as line:
            # The system's own clock: it is the same in all processes, and nobody sets it. One that claims to last
            # longer than any can is of the time before a restart.
            now = monotonic()
            if line.holder not in {"", self._me} and now < line.until <= now + LASTS_S:
                return False
            line.write(f"{self._me} {now + LASTS_S}")
            return True

    def release(self) -> None:
        """Let the next one have it, if it is still ours; where that fails it expires."""
        with suppress(StoreError), _Line(self._path) as line:
            if line.holder == self._me:
                line.write("")


class _Line:
    """The file's one line, while nobody else reads or writes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self.holder, self.until = "", 0.0

    def __enter__(self) -> Self:
        try:
            self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            self._read(os.read(self._file, _LONGEST_LINE))
        except OSError as error:
            self._close()
            raise self._unusable(error) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def write(self, line: str) -> None:
        """Put another line in the place of this."""
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, line.encode(), 0)
        except OSError as error:
            raise self._unusable(error) from None

    def _read(self, line: bytes) -> None:
        """Half a line, as a full disk leaves it, is nobody's."""
        try:
            holder, until = line.decode().split()
            self.holder, self.until = holder, float(until)
        except ValueError:
            return

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)

    def _unusable(self, error: OSError) -> StoreError:
        return circumstances.refused(error) or StoreError(
            f"The file {self._path.name} beside the store can't be used: {error}.",
            still="What is on screen stays.",
            next=f"Check the rights of its folder; {circumstances.TRIES_AGAIN}",
        )
