"""`meterdeck report … --watch`: keeps the store current as the deck does, and prints the report when it changed."""

from __future__ import annotations

import argparse
import asyncio
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from meterdeck.app.session import Session
from meterdeck.cli import connect
from meterdeck.cli.beside import beside
from meterdeck.cli.catching_up import HARMLESS, Failure, Since, catch_up, say_of_names
from meterdeck.present import clocks
from meterdeck.present.blocks import Blocks
from meterdeck.present.documents import Document
from meterdeck.present.formats import Format
from meterdeck.present.names import clean
from meterdeck.queries.glance import read_glance
from meterdeck.queries.look import Look, Memory
from meterdeck.queries.price_cache import PriceCache
from meterdeck.queries.status import status
from meterdeck.store import Store, StoreError, feeds, glance
from meterdeck.sync.plan import Feed

if TYPE_CHECKING:
    from meterdeck.sync.engine import SyncEngine

LOOK_EVERY_S = 1.0
"""How often to look whether any session wrote, and whether anybody still reads what is printed."""
LONGEST_GOODBYE_S = 0.1
"""How long a store that is in use may keep the user from the shell."""
STORE = "store"
"""Fails beside the feeds, by a name of its own."""
_NOT_FIGURES = frozenset({"as_of", "window", "awaited"})
"""What moves with every read or with the clock alone."""

DocumentOf = Callable[[Look, datetime, bool], Document]
"""Makes a document from a look at the store at a moment; the flag says whether all that was due could be read."""


class Watch:
    """One report that is printed again when its figures changed, not more often than the newest minutes are read.

    With a session it collects, unless another one does; without one it only looks.
    """

    def __init__(
        self,
        arguments: argparse.Namespace,
        path: Path,
        document_of: DocumentOf,
        pace: timedelta,
        session: Session | None,
    ) -> None:
        self._arguments = arguments
        self._document_of = document_of
        self._session = session
        self._clock = connect.utc_now if session is None else session.clock
        self._pace_s = pace.total_seconds()
        self._store = Store(path)
        self._writer = Store(path) if session is not None and not self._store.read_only else None
        self._engine: SyncEngine | None = None
        self._memory = Memory()
        self._prices = PriceCache()
        self._blocks = Blocks(Format(arguments.format))
        self._troubles = _Troubles()
        self._first_failures: list[Failure] = []
        self._first_read_at = self._clock().replace(microsecond=0)  # as the store keeps it
        self._version = self._revision = -1
        self._figures: Document | None = None
        self._printed_at: float | None = None
        self._said_nothing = False
        self._said_beside: list[str] = []
        self._failing: dict[str, str] = {}
        self._is_due = False
        """Whether the store says something that was not looked at for a print yet."""

    async def run(self, since: Since) -> int:
        """Go on until a signal ends it; returns its exit code. Raises `BrokenPipeError` when nobody reads on."""
        notice = self._store.notice or (self._session.notice if self._session else None)
        if notice:
            _say(notice)
        with _ending() as ended:
            work = asyncio.create_task(self._go_on(since))
            try:
                waited: tuple[asyncio.Future[Any], ...] = (work, ended)
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                if ended.done():
                    return ended.result()
                await work
            finally:
                work.cancel()
                self._store.interrupt()
                await asyncio.gather(work, return_exceptions=True)
                self._close()
        raise AssertionError  # pragma: no cover - the work has no end of its own

    async def _go_on(self, since: Since) -> None:
        jobs: list[asyncio.Task[None]] = []
        try:
            if self._session is not None and self._writer is not None:
                self._engine = engine = self._session.start_engine(self._writer, lambda _: None)
                self._first_failures = await catch_up(engine, self._writer, self._arguments, since)
                await asyncio.to_thread(say_of_names, self._writer)
                work = (engine.keep_lease(), engine.keep_house(), *(engine.run(feed) for feed in Feed))
                jobs = [asyncio.create_task(job) for job in work]
            while True:
                await self._look()
                for job in jobs:
                    if job.done():  # by a mistake of ours: failed requests end none
                        job.result()
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            if self._engine is not None:
                await self._engine.close()

    async def _look(self) -> None:
        """Say what fails; print the report if it is time to, and its figures differ from what was printed last."""
        if _is_reader_gone():
            raise BrokenPipeError
        try:
            if self._is_store_changed():
                self._failing, self._is_due = await asyncio.to_thread(self._read_failing), True
            if self._is_due and self._is_time:
                document, now, said = await asyncio.to_thread(self._read)
                for sentence in said:
                    if sentence not in self._said_beside:
                        _say(sentence)
                self._said_beside = said
                self._print(document, now)
                self._is_due = False
                if self._engine is not None and self._engine.collecting:
                    await asyncio.to_thread(self._keep_glance, now)
        except StoreError as error:
            self._troubles.are({**self._failing, STORE: str(error)})
        else:
            trouble = self._engine.store_trouble if self._engine is not None else None
            self._troubles.are({**self._failing, STORE: str(trouble)} if trouble else self._failing)

    def _print(self, document: Document, now: datetime) -> None:
        if document["as_of"] is None:
            if not self._said_nothing:
                _say("There is nothing to report yet: nothing was ever read.")
            self._said_nothing = True
            return
        figures = {name: value for name, value in document.items() if name not in _NOT_FIGURES}
        if figures != self._figures:
            self._figures, self._printed_at = figures, monotonic()
            sys.stdout.write(self._blocks.next(document, now))
            sys.stdout.flush()

    @property
    def _is_time(self) -> bool:
        return self._printed_at is None or monotonic() - self._printed_at >= self._pace_s

    def _is_store_changed(self) -> bool:
        version = self._store.data_version()
        if version == self._version:
            return False
        before, self._revision = self._revision, self._store.revision()
        self._version = version
        return before != self._revision

    def _read(self) -> tuple[Document, datetime, list[str]]:
        now = self._clock()
        fresh = self._arguments.offline or not (
            self._store.read_only or self._failing.keys() - HARMLESS - {Feed.CHECK}
        )
        with self._store.read() as transaction:
            look = Look(transaction, self._memory)
            document = self._document_of(look, now, fresh)
            whose_clock = clocks.said(status(transaction, now), now, is_offline=self._arguments.offline)
            return document, now, [*([whose_clock] if whose_clock else []), *beside(look, document, now)]

    def _keep_glance(self, now: datetime) -> None:
        """Keep the key figures for status bars, as a deck that collects does."""
        if self._writer is None:
            return
        with self._store.read() as transaction:
            look = Look(transaction, self._memory)
            found = read_glance(look, now, self._prices.learn(look, now))
        with self._writer.write() as transaction:
            glance.keep(transaction, found)

    def _read_failing(self) -> dict[str, str]:
        """The feeds that fail, each with what is to be said of it."""
        with self._store.read() as transaction:
            states = feeds.load(transaction)
        failing = {name: state.sentence or "" for name, state in states.items() if state.failing}
        return self._failed_at_first(states) | failing

    def _failed_at_first(self, states: Mapping[str, feeds.FeedState]) -> dict[str, str]:
        """What the reading before the first print met, until its feed was read since: the store does not hold it."""
        failing = {}
        for failure in self._first_failures:
            if failure.feed is None:  # too slow: the engine goes on with it
                continue
            state = states.get(failure.feed)
            if state is None or state.read_at is None or state.read_at < self._first_read_at:
                failing[str(failure.feed)] = str(failure.error)
        return failing

    def _close(self) -> None:
        """Close what can be closed at once; what was being written is whole or not there."""

        def close() -> None:
            for store in (self._store, self._writer):
                if store is not None:
                    store.close()

        closing = threading.Thread(target=close, daemon=True)
        closing.start()
        closing.join(LONGEST_GOODBYE_S)


class _Troubles:
    """Says of each trouble when it begins and when it is over, and nothing meanwhile."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def are(self, failing: Mapping[str, str]) -> None:
        """Take note of what fails now: names, each with its sentence."""
        begun: dict[str, list[str]] = {}
        for name in sorted(failing.keys() - self._said):
            begun.setdefault(failing[name], []).append(name)
        for sentence, names in begun.items():
            _say(f"{', '.join(names)} failed: {sentence}")
        over = sorted(self._said - failing.keys())
        if over:
            _say(f"{', '.join(over)}: read again.")
        self._said = set(failing)


def _say(words: str) -> None:
    print(f"meterdeck: {clean(words)}", file=sys.stderr, flush=True)


@contextmanager
def _ending() -> Iterator[asyncio.Future[int]]:
    """Has a result, the exit code, when a signal asks us to end."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in signals:
        loop.add_signal_handler(number, end, 128 + number)
    try:
        yield ended
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def _is_reader_gone() -> bool:
    """Whether nobody can read what is printed any more; without asking, only the next print would tell."""
    try:
        descriptor = sys.stdout.fileno()
    except OSError:  # it is not a file at all
        return False
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))
