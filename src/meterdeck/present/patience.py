"""A limit for what a user's words can make endless: an expression may take longer than anybody lives."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType


class TooLong(Exception):
    """It took longer than it may."""


class _Watch:
    """Raises `TooLong` in the main thread when the time is up, while somebody waits for it."""

    def __init__(self) -> None:
        self.is_awaited = False

    def ring(self, _signal: int, _frame: FrameType | None) -> None:
        """Time is up: who is done already does not mind."""
        if self.is_awaited:
            self.is_awaited = False
            raise TooLong


_WATCH = _Watch()


@contextmanager
def at_most(limit: timedelta) -> Iterator[None]:
    """Raise `TooLong` where what is within takes this process longer than this; a busy machine does not count.

    Python's engine for expressions holds the lock that other threads need to stop it, but looks for signals while it
    runs. They come to the main thread, which draws the screen; in any other there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if signal.getsignal(signal.SIGVTALRM) != _WATCH.ring:
        signal.signal(signal.SIGVTALRM, _WATCH.ring)  # for good: a signal that comes late must find somebody
    _WATCH.is_awaited = True
    signal.setitimer(signal.ITIMER_VIRTUAL, limit.total_seconds())
    try:
        yield
    finally:
        _WATCH.is_awaited = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
