"""What all readers have in common: their sources, what a read gives, when something was read last."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from meterdeck.api import AdminClient, Pacing
from meterdeck.domain.remarks import Remark
from meterdeck.store import Store, feeds
from meterdeck.store.budget import Priority
from meterdeck.sync.intake import Intake
from meterdeck.sync.plan import Cadence, Feed


@dataclass(frozen=True, slots=True)
class Sources:
    """What a reader works with."""

    client: AdminClient
    store: Store
    clock: Callable[[], datetime]
    pacing: Callable[[Priority], Pacing]
    cadence: Cadence
    one_clock: bool = False
    """Whether the organisation tells the time by our clock, as the embedded one does."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one read did: whether the store says something new, and when to come back."""

    changed: bool
    next_at: datetime
    asked: bool = True
    """Whether the API was asked at all."""
    by_wrong_clock: bool = False
    """Whether an answer put right the clock that was asked by: the feed is read again, and not noted as read."""
    remarks: tuple[Remark, ...] = ()
    """What was odd about the answer and stored all the same."""


class Reader(ABC):
    """Reads one feed."""

    feed: Feed

    def __init__(self, sources: Sources, intake: Intake) -> None:
        self._client = sources.client
        self._intake = intake
        self._store = sources.store
        self._clock = sources.clock
        self._pacing = sources.pacing
        self._cadence = sources.cadence

    @abstractmethod
    async def read(
        self, *, forced: bool = False, urgent: bool = False, since: datetime | None = None
    ) -> Outcome:
        """Read what is due (or, forced, the newest part whether due or not) with one query.

        ``urgent`` takes the budget's reserve: somebody waits for the answer. An outcome whose ``next_at`` has passed
        means that more is due. ``since`` is how far back to look, where that is not as far as usual.
        """

    def _pace(self, usual: Priority, *, urgent: bool) -> Pacing:
        return self._pacing(Priority.USER if urgent else usual)

    async def _last_noted(self, record: str, now: datetime) -> datetime | None:
        """When a feed was last read, or another record was noted, by any session.

        None if never, or if the clock was set back since.
        """

        def look() -> datetime | None:
            with self._store.read() as transaction:
                return feeds.noted_at(transaction, record, now)

        return await asyncio.to_thread(look)

    async def _is_noted_today(self, record: str, now: datetime) -> bool:
        """Whether something was noted, by any session, since the UTC day began."""

        def look() -> bool:
            with self._store.read() as transaction:
                return feeds.is_noted_today(transaction, record, now)

        return await asyncio.to_thread(look)

    async def _note(self, record: str, now: datetime) -> None:
        """Note something beside the feed's own record, for every session."""

        def note() -> None:
            with self._store.write() as transaction:
                feeds.succeeded(transaction, record, now)

        await asyncio.to_thread(note)
