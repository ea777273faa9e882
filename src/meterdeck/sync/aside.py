"""A process beside this one, for work that would hold Python's lock for longer than a screen can wait."""

from __future__ import annotations

import asyncio
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from meterdeck.domain.errors import MeterdeckError

KEPT_IDLE_S = 120.0
"""How long the process waits for more before it is ended, and its memory (some 45 MB) given back.

Longer than from one poll of the minutes to the next: who has large answers there does not start it each time.
"""
_PASSED_ON = ("PYTHON", "LANG", "LC_", "TMPDIR")
"""What the process is told of the environment, by the beginnings of names: a variable may hold the key."""

Result = TypeVar("Result")


class AsideDied(MeterdeckError):
    """The process ended before its work did: killed, or out of memory. The next call starts a new one."""

    def __init__(self) -> None:
        super().__init__(
            "The process that reads large answers was ended before it had finished.",
            still="What was read before stays on screen.",
            next="It is started again at the next try; if it goes on, this machine may be short of memory.",
        )


class Aside:
    """Runs functions in one other process, one at a time: ``await aside.run(function, *arguments)``.

    The function must be importable there; it, its arguments and what it gives are pickled. What it raises is
    raised here. The process is started by the first call, ended after a while without one, by `close`, and by a
    cancelled call: nobody waits for it. It has no terminal and does not outlive this process.
    """

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()
        self._process: _Process | None = None
        self._idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The process's id while there is one."""
        return self._process.pid if self._process else None

    async def run(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Call a function over there; raises what it raises, or `AsideDied`."""
        async with self._one_at_a_time:
            self._stay()
            process = self._process = self._process or _Process()
            try:
                is_good, value = await asyncio.to_thread(process.ask, function, arguments)
            except BaseException:
                self.close()
                raise
            self._idle = asyncio.get_running_loop().call_later(KEPT_IDLE_S, self.close)
        if not is_good:
            raise value
        result: Result = value
        return result

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._stay()
        if self._process is not None:
            self._process.end()
            self._process = None

    def _stay(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


class _Process:
    """The process and the two pipes to it. `ask` blocks its thread; `end` may be called from another."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._started: subprocess.Popen[bytes] | None = None
        self._is_over = False

    @property
    def pid(self) -> int | None:
        return self._started.pid if self._started else None

    def ask(self, function: Callable[..., Any], arguments: tuple[object, ...]) -> tuple[bool, Any]:
        """Whether a call over there ended well, and what it gave or raised; raises `AsideDied`."""
        process = self._start()
        assert process.stdin is not None  # noqa: S101 - they are pipes, see below
        assert process.stdout is not None  # noqa: S101
        try:
            pickle.dump((function, arguments), process.stdin, pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            answer: tuple[bool, Any] = pickle.load(process.stdout)  # noqa: S301 - written by our own code
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            raise AsideDied from None
        return answer

    def end(self) -> None:
        with self._guard:
            self._is_over = True
            process = self._started
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what was still to be written can't be
                    pipe and pipe.close()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._guard:
            if self._is_over:  # by a call that was cancelled before its thread began
                raise AsideDied
            if self._started is None:
                self._started = subprocess.Popen(
                    # -P: a file in the user's folder must not be taken for a module of ours.
                    [sys.executable, "-P", "-m", "meterdeck.sync.aside_process"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    # Out of the terminal's reach: its Ctrl+C, Ctrl+Z and hang-up are for the screen.
                    start_new_session=True,
                    env={name: value for name, value in os.environ.items() if name.startswith(_PASSED_ON)},
                )
            return self._started
