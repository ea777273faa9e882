"""Asks the server within limits: few requests, a place in the shared budget for each, and an end to waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

from meterdeck.api import Pacing, RateLimited, Unreachable

EACH_S, ALL_S = 10.0, 30.0
"""How long one answer may take, and all of them together."""
MOST_REQUESTS = 6

Answer = TypeVar("Answer")


class Unasked(Exception):
    """A request was not sent; the message says why."""


class MorePages(Exception):
    """The first page came and another would have to be asked for: one is enough to know that it works."""


class Listener:
    """A pacing around another: it counts requests and keeps what the answers' headers say."""

    def __init__(self, pacing: Pacing, clock: Callable[[], datetime]) -> None:
        self.headers: dict[str, str] = {}
        """The rate-limit headers of the last answer that had any."""
        self.skew: timedelta | None = None
        """How far this machine's clock is ahead of the server's; None where no answer said the time."""
        self.requests = 0
        self.waiting = False
        """Whether a request waits for a place in the budget."""
        self._allowed = 0
        self._pacing = pacing
        self._clock = clock

    def keep_to(self, pacing: Pacing) -> None:
        """Pace what follows by another pacing."""
        self._pacing = pacing

    def allow_one(self) -> None:
        """Let one more request out."""
        self._allowed = min(self.requests + 1, MOST_REQUESTS)

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Enter when the budget has a place; raises `MorePages` where one more was not allowed."""
        return self._turn()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self.requests >= self._allowed:
            raise MorePages
        self.waiting = True
        async with self._pacing.turn():
            self.waiting = False
            self.requests += 1
            yield

    async def after_answer(self, status: int, headers: Mapping[str, str]) -> None:
        """Keep the time and the budget that an answer tells."""
        said = _moment(headers.get("date", ""))
        if said is not None and self.skew is None:
            self.skew = self._clock() - said
        limits = {name: value for name, value in headers.items() if name.startswith("anthropic-ratelimit-")}
        self.headers = limits or self.headers
        await self._pacing.after_answer(status, headers)


class Asker:
    """Sends what the checks need, until something makes asking on useless."""

    def __init__(self, listener: Listener, *, each_s: float = EACH_S, all_s: float = ALL_S) -> None:
        self.listener = listener
        self.blocked = ""
        """Why nothing more is asked; empty while it is."""
        self.had_no_place = False
        """Whether the budget had no place for a request."""
        self._each_s = each_s
        self._all_s = all_s
        self._ends = time.monotonic() + all_s

    async def ask(self, request: Callable[[Pacing], Awaitable[Answer]]) -> Answer:
        """Send one request; raises an `ApiError`, `Unasked` or `MorePages`."""
        left = min(self._each_s, self._ends - time.monotonic())
        if left <= 0:
            self.blocked = self.blocked or f"the checks had {self._all_s:g} s, and they are over"
        if self.blocked:
            raise Unasked(self.blocked)
        self.listener.allow_one()
        try:
            async with asyncio.timeout(left):
                return await request(self.listener)
        except TimeoutError:
            if self.listener.waiting:
                self.had_no_place = True
                self.blocked = "the request budget has no place now"
                raise Unasked(self.blocked) from None
            raise Unreachable(
                f"The server did not answer within {left:.0f} s.", next="Check the network or proxy."
            ) from None
        except RateLimited:
            self.blocked = "the server asked everybody to wait (429)"
            raise


def _moment(text: str) -> datetime | None:
    """The time of a `date` header; None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else None
