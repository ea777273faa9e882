"""Whether the API bears our clock out: without that nothing may be thrown away for being old."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from meterdeck.api import Pacing
from meterdeck.store.budget import Priority
from meterdeck.store.clock import SKEW_MATTERS
from meterdeck.sync.pacing import date_of


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
        there = date_of(headers)
        if there is None:
            return
        if abs(there - self._clock()) < SKEW_MATTERS:
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
