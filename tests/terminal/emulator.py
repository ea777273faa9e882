"""A program in a real pseudo-terminal, its screen read by a terminal emulator."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

PATIENCE_S = 20.0
"""How long anything may take before a test says what it waited for; never waited out when all is well."""
_IN_A_TERMINAL = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
_QUERY, _ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""Textual asks for synchronised output (mode 2026); like most terminals we know it."""


class Terminal:
    """Starts a command in a terminal of its own; leaving the context ends it if it still runs."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], size: tuple[int, int] = (80, 24)
    ) -> None:
        self.written = b""
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._own, self._theirs = pty.openpty()
        self._set_size(size)
        self._before = termios.tcgetattr(self._theirs)
        # A small Python in between makes this its controlling terminal: forking here, beside threads, is not safe.
        self._process = subprocess.Popen(
            [sys.executable, "-c", _IN_A_TERMINAL, *command],
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
            env=dict(environment),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for end in (self._own, self._theirs):
            with suppress(OSError):  # the line was closed
                os.close(end)

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        return self._process.poll() is None

    @property
    def modes_are_as_before(self) -> bool:
        """Whether the terminal driver echoes, and reads by the line, as it did before the program."""
        return bool(termios.tcgetattr(self._theirs)[:4] == self._before[:4])

    @property
    def shows_the_main_screen(self) -> bool:
        """Whether the alternate screen was entered, and left last."""
        return -1 < self.written.rfind(b"\x1b[?1049h") < self.written.rfind(b"\x1b[?1049l")

    @property
    def shows_the_cursor(self) -> bool:
        """Whether the cursor was hidden, and shown last."""
        return -1 < self.written.rfind(b"\x1b[?25l") < self.written.rfind(b"\x1b[?25h")

    def send(self, text: str) -> None:
        """Type."""
        os.write(self._own, text.encode())

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self._process.send_signal(number)

    def close_line(self) -> None:
        """Close the line, as a lost connection does; nothing more can be read."""
        os.close(self._theirs)
        os.close(self._own)

    def forget(self) -> None:
        """Blank the screen, so that only what is painted from now on stands there."""
        self._screen.reset()

    def wait_until_stopped(self) -> None:
        """Wait until the program is stopped, as by Ctrl+Z."""
        self._wait(lambda: self._state() == "T", "the program to stop")

    @property
    def is_at_rest(self) -> bool:
        """Whether the program computes next to nothing, for it waits: for keys, or for us to read."""
        before = self._times()
        time.sleep(0.3)
        return self._times() - before <= 1

    def _times(self) -> int:
        return sum(int(ticks) for ticks in self._stat()[11:13])

    def _state(self) -> str:
        return self._stat()[0]

    def _stat(self) -> list[str]:
        return Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()

    def resize(self, size: tuple[int, int]) -> None:
        """Change the window's size; the driver tells the program."""
        self._screen.resize(lines=size[1], columns=size[0])
        self._set_size(size)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the screen shows a pattern."""
        self._wait(lambda: re.search(pattern, self.text) is not None, f"the screen to show {pattern!r}")
        found = re.search(pattern, self.text)
        assert found
        return found

    def wait_for_end(self) -> int:
        """Wait until the program has ended, and return its exit code."""
        self._wait(lambda: not self.is_running, "the program to end")
        self.read(0)
        return self._process.wait()

    def wait_until_quiet(self, seconds: float) -> None:
        """Wait until nothing was written for so long."""
        end = time.monotonic() + PATIENCE_S
        while self.read(seconds):
            assert time.monotonic() < end, f"never quiet for {seconds} s; the screen shows:\n{self.text}"

    def read(self, seconds: float) -> bytes:
        """Read what is written next, for at most so long; empty if nothing was."""
        got = b""
        while select.select([self._own], [], [], 0 if got else seconds)[0]:
            piece = os.read(self._own, 65536)
            if _QUERY in piece:
                os.write(self._own, _ANSWER)
            self._stream.feed(piece)
            got += piece
        self.written += got
        return got

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, f"waited in vain for {what}; the screen shows:\n{self.text}"
            self.read(0.05)

    def _set_size(self, size: tuple[int, int]) -> None:
        fcntl.ioctl(self._own, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
