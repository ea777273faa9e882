"""The app over a store of our own, an organisation that answers in this process, and a clock that we turn."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import httpx
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen

from meterdeck.api import AdminClient
from meterdeck.api.client import UNPACED
from meterdeck.app.app import DeckApp
from meterdeck.app.deck.screen import DeckScreen
from meterdeck.app.session import Session, Terminal, UnknownKey
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.panes import BreakdownPane, CostsPane, Pane
from meterdeck.app.widgets.table import LiveTable
from meterdeck.domain.budgets import Budget
from meterdeck.domain.secret import Secret
from meterdeck.present.columns import Row
from meterdeck.queries.deck import Deck
from meterdeck.queries.question import Question
from meterdeck.service import demo_app
from meterdeck.service.simulated.options import Options
from meterdeck.store import Store
from meterdeck.sync.engine import Changed, SyncEngine
from meterdeck.sync.pacing import Paces
from meterdeck.sync.plan import DEMO_CADENCE, Feed
from meterdeck.sync.readers import Sources

SATURDAY = datetime(2026, 11, 21, 14, 32, 10, tzinfo=UTC)
SMALL = Options(size="small")
"""Four workspaces: batch-etl, Default, evals and prod-chat."""
PATIENCE_S = 20.0
"""How long anything may take before a test says what it waited for; never waited out when all is well."""


class Clock:
    """Stands still until a test sets ``now``."""

    def __init__(self, now: datetime = SATURDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Server(httpx.AsyncBaseTransport):
    """The simulated organisation. ``refusing`` maps a part of a path to the status it gets instead of an answer."""

    def __init__(self, clock: Clock, options: Options) -> None:
        self._organization = httpx.ASGITransport(app=demo_app(options, clock=clock))
        self.asked: list[httpx.URL] = []
        self.refusing: dict[str, int] = {}
        self.retry_after: int | None = None
        """In how many seconds it wants to be asked again, where it refuses."""
        self.is_unused = False
        """Whether the organisation has no usage and no bill."""
        self.unreachable = False
        self.open = asyncio.Event()
        self.open.set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.unreachable:
            raise httpx.ConnectError("no route to host")
        self.asked.append(request.url)
        await self.open.wait()
        for part, status in self.refusing.items():
            if part in request.url.path:
                error = {"type": "overloaded_error", "message": "Overloaded"}
                headers = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
                return httpx.Response(status, json={"type": "error", "error": error}, headers=headers)
        answer = await self._organization.handle_async_request(request)
        return await _without_results(answer) if self.is_unused else answer


async def _without_results(answer: httpx.Response) -> httpx.Response:
    """The same answer, its buckets empty; an answer without buckets as it is."""
    content = json.loads(await answer.aread())
    for bucket in content.get("data", []):
        if "results" in bucket:
            bucket["results"] = []
    return httpx.Response(answer.status_code, json=content)


@dataclass
class World:
    """What a session is made of."""

    store: Path
    clock: Clock
    server: Server
    budgets: tuple[Budget, ...] = ()
    is_demo: bool = True
    is_paced: bool = False
    """Whether requests come out of the store's budget, as they do for a real server."""

    @classmethod
    def of(cls, store: Path, options: Options) -> World:
        """A store's organisation, with a clock of its own."""
        clock = Clock()
        return cls(store, clock, Server(clock, options))

    def engine(self, store: Store, on_change: Callable[[Changed], None] = lambda _: None) -> SyncEngine:
        """An engine that reads from the server, at its pace in the demo."""
        client = AdminClient("http://localhost", Secret("demo"), via=self.server)
        pacing = Paces(store, self.clock).of if self.is_paced else lambda _: UNPACED
        return SyncEngine(Sources(client, store, self.clock, pacing, DEMO_CADENCE), on_change)

    @property
    def session(self) -> Session:
        """The session for an app."""
        return Session(self.store, self.clock, self.engine, is_demo=self.is_demo, budgets=self.budgets)

    async def fill(self, feeds: Iterable[Feed] = Feed) -> None:
        """Read everything that is due of some feeds."""
        store = Store(self.store)
        engine = self.engine(store)
        failures = await engine.catch_up(feeds)
        assert not failures, failures
        await engine.close()
        store.close()


def no_demo() -> Session:
    """For apps that have a session: nobody may ask for another."""
    msg = "the demo was opened"
    raise AssertionError(msg)


class Shown:
    """A running app as a user sees it: presses keys, waits for what should appear."""

    def __init__(self, app: DeckApp, pilot: Pilot[None]) -> None:
        self.app = app
        self._pilot = pilot

    @property
    def text(self) -> str:
        """The screen, line by line, without trailing blanks."""
        return "\n".join(
            strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()
        ).rstrip()

    @property
    def screen(self) -> Screen[object]:
        """The topmost screen."""
        return self.app.screen

    @property
    def deck(self) -> DeckScreen:
        """The deck, whatever lies over it."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, DeckScreen))

    @property
    def header(self) -> str:
        """The deck's first line."""
        return self.deck.query_one("#header", StatusLine).text

    @property
    def breakdown(self) -> BreakdownPane:
        """The pane of ranked members."""
        return self.deck.query_one(BreakdownPane)

    @property
    def days(self) -> tuple[Row, ...]:
        """The rows of the pane of days."""
        return self.deck.query_one(CostsPane).query_one(LiveTable).rows

    @property
    def pane_with_keyboard(self) -> str | None:
        """The id of the pane whose content has the focus."""
        return next((pane.id for pane in self.deck.query(Pane) if pane.has_focus_within), None)

    async def press(self, *keys: str) -> None:
        """Press keys, by Textual's names."""
        await self._pilot.press(*keys)
        await self._pilot.pause()

    def type_ahead(self, text: str) -> None:
        """Send keys all at once, as a slow line does."""
        named = {"\r": "enter", "\x03": "ctrl+c", "\x1b": "escape", "\x10": "ctrl+p"}
        for sign in text:
            self.app.post_message(events.Key(named.get(sign) or _character_to_key(sign), sign))

    async def resize(self, size: tuple[int, int]) -> None:
        """Give the terminal another size."""
        await self._pilot.resize_terminal(*size)
        await self._pilot.pause()

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until something holds; fails with the screen as it is."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, f"waited in vain until {what}; the screen shows:\n{self.text}"
            await self._pilot.pause(0.02)
        await self._pilot.pause()

    async def until_shown(self, *words: str) -> None:
        """Wait until the screen shows all of these."""
        await self.until(lambda: all(word in self.text for word in words), f"{words} are shown")


@contextmanager
def held_up(shown: Shown) -> Iterator[threading.Event]:
    """Let the deck read nothing until the event is set, or this is over: a slow disk, a large organisation."""
    reader, goes_on = shown.deck._reader, threading.Event()
    load = reader.load

    def load_late(question: Question, now: datetime) -> Deck:
        goes_on.wait(PATIENCE_S)
        return load(question, now)

    with patch.object(reader, "load", load_late):
        try:
            yield goes_on
        finally:
            goes_on.set()


@contextmanager
def impatient() -> Iterator[None]:
    """Textual sleeps 20 ms several times after each key before it looks whether the app is idle; 4 ms tell as well."""
    with patch("textual._wait.SLEEP_GRANULARITY", 0.004):
        yield


@asynccontextmanager
async def opened(
    session: Session | UnknownKey | None,
    size: tuple[int, int] = (80, 24),
    *,
    demo: Callable[[], Session] = no_demo,
    terminal: Terminal | None = None,
) -> AsyncIterator[Shown]:
    """The app at work, in a terminal of a size."""
    app = DeckApp(session, demo=demo, terminal=terminal)
    with impatient():
        async with app.run_test(size=size, notifications=True) as pilot:
            yield Shown(app, pilot)


@asynccontextmanager
async def opened_deck(
    world: World, size: tuple[int, int] = (80, 24), *, terminal: Terminal | None = None
) -> AsyncIterator[Shown]:
    """The app when its deck shows the store and collects."""
    async with opened(world.session, size, terminal=terminal) as shown:
        await shown.until(lambda: isinstance(shown.screen, DeckScreen), "the deck is open")
        await shown.until(lambda: shown.deck.deck is not None, "the deck is read")
        await shown.until(lambda: shown.app.engine is not None, "the engine runs")
        await shown.until(lambda: not shown.deck.is_loading, "its outlook is read")
        yield shown
