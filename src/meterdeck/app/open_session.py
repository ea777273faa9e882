"""A session that is open: its two stores, what reads the deck from one, and the engine that keeps the other current."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from meterdeck.app.session import Session
from meterdeck.present.state import Collecting, Trouble
from meterdeck.queries.deck import Deck, DeckReader
from meterdeck.queries.foresight import Foresight
from meterdeck.store import Store, StoreError, glance

if TYPE_CHECKING:
    from collections.abc import Callable

    from meterdeck.sync.engine import SyncEngine


class OpenSession:
    """Opens the stores of a session; raises `StoreError` where that can't be."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.store = Store(session.store)
        """For the deck, which reads it in a thread."""
        self.writer = Store(session.store)
        """For the engine."""
        self.reader = DeckReader(
            self.store,
            session.requests_per_hour,
            is_paced=not session.is_demo,
            foresight=Foresight(session.timezone, session.budgets),
        )
        self.engine: SyncEngine | None = None
        """None until it was started, and where it could not be."""

    @property
    def notice(self) -> str | None:
        """What happened when the stores were opened, if anything did."""
        return self.session.notice or self.store.notice or self.writer.notice

    def collecting(self, *, is_watched: bool) -> Collecting:
        """Who reads from the API, for the header; ``is_watched`` tells whether the terminal has the keyboard."""
        engine = self.engine
        trouble = engine.store_trouble if engine is not None else None
        holder = engine.elsewhere if engine is not None else None
        return Collecting(
            here=holder is None,
            elsewhere_pid=holder.pid if holder is not None else None,
            is_demo=self.session.is_demo,
            is_offline=self.session.is_offline,
            trouble=Trouble(trouble.short, str(trouble)) if trouble is not None else None,
            paused_at=engine.paused_at if engine is not None else None,
            is_watched=is_watched,
        )

    def start_engine(self, changed: Callable[[], None]) -> SyncEngine:
        """Make the engine, which calls ``changed`` when the store says something new; raises `MeterdeckError`."""
        self.engine = self.session.start_engine(self.writer, lambda _: changed())
        return self.engine

    def keep_glance(self, deck: Deck) -> None:
        """Keep the key figures in the store, where this session collects: a status bar has no time to work them out."""
        engine = self.engine
        if engine is None or not engine.collecting:
            return
        with suppress(StoreError):  # the heartbeat says what is wrong with it
            found = self.reader.glance(deck)
            with engine.sources.store.write() as transaction:
                glance.keep(transaction, found)

    def interrupt(self) -> None:
        """Break off what is being read and written."""
        self.store.interrupt()
        self.writer.interrupt()

    async def end(self) -> None:
        """Break off what goes on, and let the engine give back what others wait for."""
        self.interrupt()
        if self.engine is not None:
            await self.engine.close()

    def close(self) -> None:
        """Close the stores; what was being written is whole or not there. Waits for a store that is in use."""
        self.store.close()
        self.writer.close()
