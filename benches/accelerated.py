"""Run as a program, with START URL DIR: the deck on a server, by a clock that goes forty times as fast.

An hour of polls passes in a minute and a half. START is where the clock was at a moment, as ``real,shown`` seconds.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

os.environ |= {
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_FPS": "15",
    "ESCDELAY": "250",
}  # before Textual is imported

from meterdeck.api import AdminClient, Secret
from meterdeck.api.client import UNPACED
from meterdeck.app.app import DeckApp
from meterdeck.app.session import Session
from meterdeck.cli import heap
from meterdeck.store import Store
from meterdeck.sync import engine
from meterdeck.sync.plan import Cadence, Feed
from meterdeck.sync.readers import Sources

FACTOR = 40
HOUR_S = 3600 / FACTOR


def start_now() -> str:
    """A START that shows the present, and runs ahead from here."""
    return f"{time.time()},{time.time()}"


def clock_of(start: str) -> Callable[[], datetime]:
    """The fast clock."""
    real, shown = (float(part) for part in start.split(","))
    return lambda: datetime.fromtimestamp(shown + (time.time() - real) * FACTOR, UTC)


class Faster(engine.SyncEngine):
    """Sleeps by the clock that it is shown."""

    async def _sleep(self, feed: Feed, seconds: float | None) -> None:
        await super()._sleep(feed, None if seconds is None else seconds / FACTOR)


def main(start: str, url: str, folder: Path) -> None:
    """Collect at the usual pace by the fast clock."""
    clock = clock_of(start)
    engine.HEARTBEAT_S /= FACTOR  # else each would find that the lease has expired

    def start_engine(store: Store, on_change: Callable[[engine.Changed], None]) -> engine.SyncEngine:
        client = AdminClient(url, Secret("bench"))
        return Faster(Sources(client, store, clock, lambda _: UNPACED, Cadence(), one_clock=True), on_change)

    def no_demo() -> Session:
        raise NotImplementedError

    heap.keep_small()  # as `meterdeck` does
    DeckApp(Session(folder / "store.db", clock, start_engine), demo=no_demo).run_to_the_end()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
