"""How long it takes to fill a store from the embedded organisation, and to read a screen from it."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import httpx

from meterdeck.api import AdminClient
from meterdeck.api.client import UNPACED
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope
from meterdeck.domain.secret import Secret
from meterdeck.queries.deck import DeckReader
from meterdeck.queries.question import Question
from meterdeck.service import demo_app
from meterdeck.service.simulated.options import Options
from meterdeck.store import Store
from meterdeck.sync.engine import SyncEngine
from meterdeck.sync.plan import DEMO_CADENCE, Feed
from meterdeck.sync.readers import Sources

MOMENT = datetime(2026, 11, 18, 19, 48, tzinfo=UTC)
SCREENS = 8


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Fill a store for two sizes of organisation and load screens from each."""
    for size in ("normal", "large"):
        options = Options(size=size)
        store = Store(folder / f"{size}.db")
        began = perf_counter()
        asyncio.run(fill(store, options, MOMENT))
        took = perf_counter() - began
        with store.read() as transaction:
            row = transaction.one("SELECT count(*) FROM usage")
        rows = row[0] if row else 0
        yield (
            f"first fill of 31 days, {size}: {rows:,} rows of usage",
            f"{took:.1f} s ({rows / took:,.0f} rows/s)",
        )
        reader = DeckReader(store)
        times = [
            _screen(reader, by) for _ in range(SCREENS) for by in (Dimension.WORKSPACE, Dimension.API_KEY)
        ]
        median, worst = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        yield (
            f"whole deck read from that store, {size}",
            f"median {median * 1000:.0f} ms, 95 % {worst * 1000:.0f} ms",
        )
        store.close()


async def fill(store: Store, options: Options, moment: datetime) -> None:
    """Read all that a new deck reads at that moment from the simulated organisation; raise what failed."""

    def clock() -> datetime:
        return moment

    via = httpx.ASGITransport(app=demo_app(options, clock=clock))
    client = AdminClient("http://localhost", Secret("demo"), via=via)
    engine = SyncEngine(Sources(client, store, clock, lambda _: UNPACED, DEMO_CADENCE))
    failures = await engine.catch_up(Feed)
    await engine.close()
    for failure in failures.values():
        raise failure


def _screen(reader: DeckReader, by: Dimension) -> float:
    began = perf_counter()
    reader.load(Question(Scope(by=by)), MOMENT)
    return perf_counter() - began
