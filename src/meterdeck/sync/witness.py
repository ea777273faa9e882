"""Whether the API bears our clock out: without that nothing may be thrown away for being old."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from email.utils import parsedate_to_datetime

from meterdeck.api import Pacing
from meterdeck.store.budget import Priority
from meterdeck.sync.pacing import SKEW_MATTERS_S


class Witness:
    """Hears the answers of one process, and compares the date that each says with our clock."""

    def __init__(self, clock: Callable[[], datetime], *, one_clock: bool) -> None:
        self._clock = clock
        self._one_clock = one_clock
        self.confirmed = asyncio.Event()
        """Set while the newest answer that said a date said ours."""
        self.forget()

    def forget(self) -> None:
        """Wait for the next answer: the clock may have been set since the last one."""
        self.confirmed.clear()
        if self._one_clock:
            self.confirmed.set()

    def hearing(self, pacing: Callable[[Priority], Pacing]) -> Callable[[Priority], Pacing]:
        """The same pacing, whose answers are heard here too."""
        return lambda priority: _Heard(pacing(priority), self)

    def hear(self, headers: Mapping[str, str]) -> None:
        """Take note of an answer; one that says no date tells nothing."""
        try:
            there = parsedate_to_datetime(headers.get("date", ""))
            ahead = abs((there - self._clock()).total_seconds())
        except (ValueError, TypeError):
            return
        if ahead < SKEW_MATTERS_S:
            self.confirmed.set()
        else:
            self.confirmed.clear()


class _Heard:
    def __init__(self, pacing: Pacing, witness: Witness) -> None:
        self._pacing = pacing
        self._witness = witness

    def turn(self) -> AbstractAsyncContextManager[None]:
        return self._pacing.turn()

    async def after_answer(self, status: int, headers: Mapping[str, str]) -> None:
        self._witness.hear(headers)
        await self._pacing.after_answer(status, headers)
