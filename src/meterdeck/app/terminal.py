"""The driver: a terminal taken over without a flicker, never waited for, and given back whatever happens.

The private names of Textual's that this takes stand here and in `terminal_app`; Textual is pinned.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from queue import Full, Queue
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.color import Color
from textual.drivers._writer_thread import MAX_QUEUED_WRITES
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import LineFilter

from meterdeck.present.ascii import to_ascii

if TYPE_CHECKING:
    from meterdeck.app.terminal_app import TerminalApp

ENTER_ALTERNATE_SCREEN = "\x1b[?1049h"
LONGEST_WAIT_S = 1.0
"""How long a terminal that takes nothing may keep the app that must tell it something, such as its modes."""
_STDOUT, _STDERR = 1, 2


class TerminalDriver(LinuxDriver):
    """Textual's driver, for a terminal that may stall, hang up, or show a screen of ours already."""

    def __init__(
        self,
        app: TerminalApp,
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._painted = app.terminal.painted
        # Textual would draw on standard error, which may lead to a file; while the app runs it leads nowhere.
        self._file = os.fdopen(os.dup(_STDOUT), "w", encoding=sys.stdout.encoding, errors="backslashreplace")
        self._their_stderr = os.dup(_STDERR)

    @property
    def is_stalled(self) -> bool:
        """Whether the terminal has yet to take what was written: it was stopped, or its line is slow or dead."""
        return self._queue is not None and self._queue.qsize() > MAX_QUEUED_WRITES // 2

    def write(self, data: str) -> None:
        """Write, without a long wait for a terminal that takes nothing: what is not on screen has to go on."""
        if data == ENTER_ALTERNATE_SCREEN and self._painted is not None:
            return  # the figures on it would be gone until there are others
        if self._queue is not None:
            with suppress(Full):
                self._queue.put(data, timeout=LONGEST_WAIT_S)

    def start_application_mode(self) -> None:
        """Take the terminal over, and keep all others from writing to it: libraries, warnings, children."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _STDERR)
        os.close(nowhere)
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._painted is not None:
            self.attrs_before = self._painted.attributes
            self._painted.taken_over()
            self._painted = None

    def close(self) -> None:
        """Let the terminal have what was written, if it takes anything; standard error leads where it led before."""
        if self._queue is not None and self._writer_thread is not None:
            with suppress(Full):
                self._queue.put(None, timeout=LONGEST_WAIT_S)
            self._writer_thread.join(LONGEST_WAIT_S)
        os.dup2(self._their_stderr, _STDERR)

    def run_input_thread(self) -> None:
        """Read keys. A closed line has none, and the app, which looks once a second, ends."""
        with suppress(OSError):
            super().run_input_thread()

    def forget_input_thread(self) -> None:
        """Don't wait for it in the end: it looks up ten times a second, and twice before it ends."""
        self._key_thread = None

    @property
    def _queue(self) -> Queue[str | None] | None:
        """What waits to be written."""
        return None if self._writer_thread is None else self._writer_thread._queue  # noqa: SLF001


class AsciiFilter(LineFilter):
    """Turns every cell that is painted into ASCII, whoever painted it."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        """Leave the styles, and as many cells."""
        return [Segment(to_ascii(text), style, control) for text, style, control in segments]
