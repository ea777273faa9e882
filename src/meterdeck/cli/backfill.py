"""`meterdeck backfill`: reads more of the past than a deck does by itself, and says how far it is."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import timedelta

from meterdeck.app.session import Session
from meterdeck.cli import connect, running
from meterdeck.cli.reading import session_to_read
from meterdeck.domain.errors import MeterdeckError
from meterdeck.present.ascii import to_ascii
from meterdeck.present.backfill import backfill_line, duration
from meterdeck.present.names import clean
from meterdeck.queries.backfill import Backfill, history_left
from meterdeck.queries.look import Look
from meterdeck.store import Store, circumstances, coverage
from meterdeck.store.coverage import Report

COMPLETE, NOTHING, INCOMPLETE, INTERRUPTED = 0, 1, 3, 130
LOOK_EVERY_S = 1.0
"""How often the line of a terminal is written anew: it tells of other sessions too."""
PIPE_EVERY_S = 60.0
"""How often a line is added where it can't be rewritten, though no page came."""


def run(arguments: argparse.Namespace) -> int:
    """Read a history; return 0 if it is complete, 3 if something is missing, 1 if there is nothing, 130 at Ctrl+C."""
    place = connect.place_of(arguments)
    session = session_to_read(place, demo=arguments.demo)
    store = Store(session.store)
    progress = _Progress(session, store, arguments.days)
    again = f"Go on with: meterdeck {'--demo ' * arguments.demo}backfill --days {arguments.days}"
    try:
        if store.read_only:
            raise circumstances.read_only()
        failure = running.run(_read(session, store, progress, arguments.days))
    except KeyboardInterrupt:
        progress.say(f"Stopped; what was read is kept: {progress.kept()}. {again}")
        return INTERRUPTED
    else:
        return _ended(progress, failure, again)
    finally:
        store.close()


async def _read(session: Session, store: Store, progress: _Progress, days: int) -> MeterdeckError | None:
    """Read all pages, telling how far it is; return what it failed by."""
    engine = session.start_engine(store, lambda _: None)
    reading = asyncio.create_task(engine.backfilling(days).run(progress.page_came, progress.failed))
    try:
        await asyncio.to_thread(progress.show)
        while not (await asyncio.wait({reading}, timeout=progress.interval))[0]:
            await asyncio.to_thread(progress.show)
        reading.result()
    except MeterdeckError as error:
        return error
    finally:
        reading.cancel()
        await engine.close()
    return None


def _ended(progress: _Progress, failure: MeterdeckError | None, again: str) -> int:
    left = progress.left()
    if failure is not None:
        still = f"What was read is kept: {progress.kept()}."
        progress.say(f"{failure.what} {still} {circumstances.to_do(failure)} {again}")
    elif left.unread or left.unbilled:
        progress.say(f"The API did not give all of it: {progress.kept()} is here. {again}")
    else:
        progress.say(f"All {progress.days} days are read, and their bill.")
        return COMPLETE
    return INCOMPLETE if progress.has_any() else NOTHING


class _Progress:
    """Writes to standard error how far it is: one line that is rewritten on a terminal, else a line now and then."""

    def __init__(self, session: Session, store: Store, days: int) -> None:
        self._session = session
        self._store = store
        self.days = days
        self._rewrites = sys.stderr.isatty()
        self._shown = ""

    @property
    def interval(self) -> float:
        """How long to wait for a page before the line is looked at again, in seconds."""
        return LOOK_EVERY_S if self._rewrites else PIPE_EVERY_S

    def page_came(self) -> None:
        """Take note of a page."""
        self.show()

    def failed(self, error: MeterdeckError, wait: timedelta) -> None:
        """Tell of a failure that is waited out."""
        self.say(f"{clean(error.what)} Trying again in {wait.total_seconds():.0f} s.")

    def left(self) -> Backfill:
        """What is left to read."""
        with self._store.read() as transaction:
            return history_left(
                Look(transaction),
                self._session.clock(),
                self.days,
                self._session.requests_per_hour,
                is_paced=not self._session.is_demo,
                with_bill=True,
            )

    def kept(self) -> str:
        """``62 % of 31 days``."""
        left = self.left()
        return f"{100 * (left.hours - left.unread) // left.hours} % of {duration(left.hours)}"

    def has_any(self) -> bool:
        """Whether anything was ever read."""
        with self._store.read() as transaction:
            return coverage.newest_read(transaction, Report.USAGE) is not None

    def show(self) -> None:
        """Say how far it is, if that has changed."""
        left = self.left()
        if left.unread or left.unbilled:
            self._write(backfill_line(left, self._session.clock()), stays=False)

    def say(self, words: str) -> None:
        """Say something that stays."""
        self._write(clean(words), stays=True)

    def _write(self, words: str, *, stays: bool) -> None:
        if words == self._shown and not stays:
            return
        self._shown = words
        encoding = (sys.stderr.encoding or "ascii").lower().replace("-", "")
        text = f"meterdeck: {words if encoding == 'utf8' else to_ascii(words)}"
        begin = "\r\x1b[K" if self._rewrites else ""
        sys.stderr.write(f"{begin}{text}{'' if self._rewrites and not stays else chr(10)}")
        sys.stderr.flush()
