"""What was asked by a clock that an answer then put right is not believed: it was meant to be of another time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from meterdeck.api import Pacing
from meterdeck.domain.errors import MeterdeckError
from meterdeck.store.budget import Priority
from meterdeck.store.clock import Clock


class WrongClock(MeterdeckError):
    """The time by which something is asked for was put right meanwhile. The engine asks again by the right one."""

    def __init__(self, *, was_sent: bool) -> None:
        super().__init__(
            "The API says that it is another time than this machine's clock does.",
            still="Nothing was read by the wrong time.",
            next="Ask again: the API's time counts from now on.",
        )
        self.was_sent = was_sent
        """Whether the request was sent; else its place in the budget is free."""


class ClockUnsteady(MeterdeckError):
    """Each answer said another time: what was asked for may be of another day than it was meant to be."""

    def __init__(self) -> None:
        super().__init__(
            "The API's answers disagree on what time it is: the newest hours can't be told.",
            still="What was read before stays.",
            next="Ask again later; if it goes on, a proxy on the way may repeat old answers.",
        )


def minding(
    pacing: Callable[[Priority], Pacing], clock: Clock, borne_out: Callable[[], Awaitable[None]]
) -> Callable[[Priority], Pacing]:
    """The same pacing for one read each, which ends with `WrongClock` where the clock is put right during it.

    ``borne_out`` is awaited after each answer that leaves the clock as it is.
    """
    return lambda priority: _Minding(pacing(priority), clock, borne_out)


class _Minding:
    def __init__(self, pacing: Pacing, clock: Clock, borne_out: Callable[[], Awaitable[None]]) -> None:
        self._pacing = pacing
        self._clock = clock
        self._asked_by = clock.skew
        self._borne_out = borne_out

    def turn(self) -> AbstractAsyncContextManager[None]:
        return self._turn()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        async with self._pacing.turn():
            self._check(was_sent=False)  # the answer before may have put it right
            yield

    async def after_answer(self, status: int, headers: Mapping[str, str]) -> None:
        await self._pacing.after_answer(status, headers)
        self._check(was_sent=True)
        await self._borne_out()

    def _check(self, *, was_sent: bool) -> None:
        if self._clock.skew != self._asked_by:
            raise WrongClock(was_sent=was_sent)
