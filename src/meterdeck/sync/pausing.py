"""The gate before every request of a session: while it is closed none is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

from meterdeck.api import Pacing
from meterdeck.store.budget import Priority


class Paused(Exception):
    """A read ends here: its next request is not to be sent. No failure, so no `MeterdeckError`."""


class Gate:
    """Open, or closed since some time."""

    def __init__(self) -> None:
        self.closed_at: datetime | None = None

    def check(self) -> None:
        """Raise `Paused` while it is closed."""
        if self.closed_at is not None:
            raise Paused

    def guarding(self, pacing: Callable[[Priority], Pacing]) -> Callable[[Priority], Pacing]:
        """The same pacing, behind the gate."""
        return lambda priority: _Guarded(pacing(priority), self)


class _Guarded:
    def __init__(self, pacing: Pacing, gate: Gate) -> None:
        self._pacing = pacing
        self._gate = gate

    def turn(self) -> AbstractAsyncContextManager[None]:
        return self._turn()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        self._gate.check()
        async with self._pacing.turn():
            self._gate.check()  # a turn can be long in coming
            yield

    async def after_answer(self, status: int, headers: Mapping[str, str]) -> None:
        await self._pacing.after_answer(status, headers)
