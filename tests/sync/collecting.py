"""Run as a program: a session with a quick heart that says whom it sees collecting, and each of its own reads.

SIGUSR1 stops it as Ctrl+Z would, between two transactions.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from meterdeck.api import AdminClient, Secret
from meterdeck.api.client import UNPACED
from meterdeck.service import demo_app
from meterdeck.service.simulated.options import Options
from meterdeck.store import Store, lease
from meterdeck.sync import engine as engines
from meterdeck.sync.engine import SyncEngine
from meterdeck.sync.plan import Cadence, Feed
from meterdeck.sync.readers import Sources

engines.HEARTBEAT_S = 0.05
lease.LEASE_LASTS = timedelta(seconds=0.5)


def _now() -> datetime:
    return datetime.now(UTC)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


async def main(path: Path) -> None:
    """Go on until killed."""
    store = Store(path)

    def stop() -> None:
        with store._lock:
            os.kill(os.getpid(), signal.SIGSTOP)

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, stop)
    app = httpx.ASGITransport(app=demo_app(Options(size="small"), clock=_now))
    client = AdminClient("http://localhost", Secret("demo"), via=app)
    sources = Sources(client, store, _now, lambda _: UNPACED, Cadence(live=timedelta(seconds=0.1)))
    engine = SyncEngine(sources, lambda _: _say("read"))
    heart, feed = asyncio.create_task(engine.keep_lease()), asyncio.create_task(engine.run(Feed.LIVE))
    seen = None
    while not (heart.done() or feed.done()):
        if engine.holder is not None and engine.holder != seen:
            seen = engine.holder
            _say("collects" if seen.pid == os.getpid() else f"follows {seen.pid}")
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
