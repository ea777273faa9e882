"""How long the event loop of the deck is held up while 30,000 rows come in from a server in another process."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, sleep

from benches.large_server import HOURS, ROWS_AN_HOUR
from meterdeck.api import AdminClient, Secret
from meterdeck.app.app import DeckApp
from meterdeck.app.deck.screen import DeckScreen
from meterdeck.app.session import Session
from meterdeck.store import Store
from meterdeck.sync.engine import Changed, SyncEngine
from meterdeck.sync.pacing import Paces
from meterdeck.sync.plan import Cadence, Feed
from meterdeck.sync.readers import Sources

ROUNDS = 5
TICK_S = 0.002
REDRAWN_WITHIN_S = 3.0
ROWS = HOURS * ROWS_AN_HOUR


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Let the rows come into the engine alone, and into the deck, 120×40 without a terminal.

    Beside each, a loop that does nothing in a process of its own tells what the machine itself holds up.
    """
    os.environ |= {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_FPS": "15"}
    alone: list[list[float]] = []
    arriving: list[list[float]] = []
    redrawing: list[list[float]] = []
    idle: list[list[float]] = []
    with _server() as url:
        for number in range(ROUNDS):
            with _idle_loop(idle):
                alone.append(asyncio.run(_engine_alone(folder / f"alone{number}.db", url)))
            with _idle_loop(idle):
                delays = asyncio.run(_deck(folder / f"deck{number}.db", url))
            arriving.append(delays[0])
            redrawing.append(delays[1])
    yield "loop delay of an idle loop in another process meanwhile (ms: p50, p99, max)", _figures(idle)
    what = f"{ROWS:,} rows come in (ms: p50, p99, max of {ROUNDS} runs)"
    yield f"loop delay, engine alone, while {what}", _figures(alone)
    yield f"loop delay, with the deck, while {what}", _figures(arriving)
    yield (
        f"loop delay, with the deck, in the {REDRAWN_WITHIN_S:g} s in which it is read and drawn",
        _figures(redrawing),
    )


def _figures(runs: list[list[float]]) -> str:
    """Median of the runs' p50 and p99, and the worst of all."""
    p50 = statistics.median(statistics.median(run) for run in runs)
    p99 = statistics.median(statistics.quantiles(run, n=100)[-1] for run in runs)
    return f"{p50 * 1000:.1f}, {p99 * 1000:.1f}, {max(map(max, runs)) * 1000:.1f}"


async def _engine_alone(path: Path, url: str) -> list[float]:
    store = Store(path)
    engine = start_engine(url)(store, lambda _: None)
    jobs = [asyncio.create_task(job) for job in (engine.keep_lease(), *(engine.run(feed) for feed in Feed))]
    async with _delays() as delays:
        await _until_stored(path)
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
    await engine.close()
    store.close()
    return delays


async def _deck(path: Path, url: str) -> tuple[list[float], list[float]]:
    app = DeckApp(Session(path, _now, start_engine(url), requests_per_hour=1000), demo=_no_demo)
    app._ends_the_process = True  # as from the command line  # noqa: SLF001
    async with app.run_test(size=(120, 40)):
        while app.engine is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        async with _delays() as arriving:
            await _until_stored(path)
        async with _delays() as redrawing:
            await asyncio.sleep(REDRAWN_WITHIN_S)
        assert isinstance(app.screen, DeckScreen)  # noqa: S101
        assert app.screen.deck is not None  # noqa: S101
    return arriving, redrawing


def start_engine(url: str) -> Callable[[Store, Callable[[Changed], None]], SyncEngine]:
    """As the command line makes one."""

    def start(store: Store, on_change: Callable[[Changed], None]) -> SyncEngine:
        paces = Paces(store, _now, hourly=1000)
        return SyncEngine(
            Sources(AdminClient(url, Secret("bench")), store, _now, paces.of, Cadence()), on_change
        )

    return start


@asynccontextmanager
async def _delays() -> AsyncIterator[list[float]]:
    """How late each tick of a short timer was, in seconds."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            began = perf_counter()
            await asyncio.sleep(TICK_S)
            late.append(max(0.0, perf_counter() - began - TICK_S))

    ticking = asyncio.create_task(tick())
    try:
        yield late
    finally:
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking


async def _until_stored(path: Path) -> None:
    """Look from a process of its own, so that looking does not hold up what is measured."""
    looking = await asyncio.create_subprocess_exec(sys.executable, "-m", "benches.smoothness", str(path))
    if await looking.wait() != 0:
        raise RuntimeError("the rows did not come")


def _look(path: Path) -> None:
    store = Store(path)
    rows = 0
    end = perf_counter() + 60
    while rows < ROWS and perf_counter() < end:
        with store.read() as transaction:
            found = transaction.one("SELECT count(*) FROM usage WHERE width = 3600")
        rows = found[0] if found else 0
        sleep(0.02)
    store.close()
    sys.exit(rows < ROWS)


@contextmanager
def _idle_loop(runs: list[list[float]]) -> Iterator[None]:
    command = [sys.executable, "-m", "benches.smoothness"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as idle:
        assert idle.stdout  # noqa: S101
        idle.stdout.readline()
        yield
        runs.append([float(line) for line in idle.communicate()[0].split()])


async def _idle() -> None:
    print("ready", flush=True)
    async with _delays() as delays:
        await asyncio.to_thread(sys.stdin.read)
    print(*delays)


@contextmanager
def _server() -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "benches.large_server"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout  # noqa: S101
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        server.kill()


def _now() -> datetime:
    return datetime.now(UTC)


def _no_demo() -> Session:
    raise NotImplementedError


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _look(Path(sys.argv[1]))
    else:
        asyncio.run(_idle())
