"""A program in a real pseudo-terminal, as far as a stopwatch needs one."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Self

PATIENCE_S = 60.0
_IN_A_TERMINAL = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
_QUERY, _ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
_NOT_PASSED_ON = ("ANTHROPIC", "TEXTUAL", "NO_COLOR", "COLORTERM", "COLUMNS", "LINES", "XDG", "TERM")


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment that knows neither this machine's terminal nor its user's files."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color", **more}


class Terminal:
    """Starts a command in a terminal, of 80×24 unless told; leaving the context ends it if it still runs."""

    def __init__(
        self, command: Sequence[str], variables: Mapping[str, str], size: tuple[int, int] = (80, 24)
    ) -> None:
        self.written = b""
        self._own, theirs = pty.openpty()
        fcntl.ioctl(self._own, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", _IN_A_TERMINAL, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env=dict(variables),
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._own)

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Read what is written until something is so."""
        end = perf_counter() + PATIENCE_S
        while not condition():
            if perf_counter() > end:
                raise TimeoutError(f"waited in vain for {what}; written so far: {self.written[-2000:]!r}")
            self._read(0.02)

    def rest(self, seconds: float) -> None:
        """Go on reading for a while."""
        end = perf_counter() + seconds
        while (left := end - perf_counter()) > 0:
            self._read(left)

    def seconds_to_paint(self, keys: str, quiet_s: float) -> tuple[float, float]:
        """Press a key, and time until the first byte comes and until the last before ``quiet_s`` of silence."""
        began = perf_counter()
        os.write(self._own, keys.encode())
        first = last = 0.0
        while True:
            before = len(self.written)
            self._read(quiet_s if first else PATIENCE_S)
            if len(self.written) == before:
                return first, last
            last = perf_counter() - began
            first = first or last

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._own, keys.encode())

    def answer(self, cause: Callable[[], None], quiet_s: float) -> bytes:
        """What is written because of something, until nothing was written for so long."""
        before = len(self.written)
        cause()
        self.wait_for(lambda: len(self.written) > before, "an answer")
        seen = 0
        while seen != len(self.written):
            seen = len(self.written)
            self.rest(quiet_s)
        return self.written[before:]

    def memory(self) -> int:
        """The resident memory of the program, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) * 1024

    def processor_s(self) -> float:
        """How long the program has used a processor."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def seconds_to_quit(self, keys: str = "q") -> float:
        """Press a key, and time until the program has ended and nobody holds its terminal any more."""
        began = perf_counter()
        os.write(self._own, keys.encode())
        while self._read(PATIENCE_S):
            pass
        self.process.wait()
        return perf_counter() - began

    def _read(self, seconds: float) -> bool:
        """Read what is there; whether the terminal is still open."""
        if not select.select([self._own], [], [], seconds)[0]:
            return True
        try:
            piece = os.read(self._own, 65536)
        except OSError:  # the last one who had it open has closed it
            return False
        if _QUERY in piece:
            os.write(self._own, _ANSWER)
        self.written += piece
        return bool(piece)
