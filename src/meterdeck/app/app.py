"""The app: themes, the first screen, the refresh workers, quitting. Nothing of what is shown."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

import rich
from rich.console import RenderableType
from rich.segment import Segments
from rich.traceback import Traceback
from textual import work
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.types import CSSPathType
from textual.worker import Worker, WorkerState

from meterdeck.app import clipboard
from meterdeck.app.commands import Where, bindings_of
from meterdeck.app.deck.screen import DeckScreen
from meterdeck.app.deck.taking import SAID_FOR_S
from meterdeck.app.desk import Desk
from meterdeck.app.messages import StoreChanged
from meterdeck.app.screens.help import HelpScreen
from meterdeck.app.screens.no_key import NoKeyScreen
from meterdeck.app.screens.unknown_key import UnknownKeyScreen
from meterdeck.app.session import Session, UnknownKey
from meterdeck.app.themes import ANSI, DARK, LIGHT, theme_for
from meterdeck.domain.errors import MeterdeckError
from meterdeck.paths import last_view, styles_dir
from meterdeck.present.header import Collecting, Trouble
from meterdeck.queries.deck import DeckReader
from meterdeck.queries.foresight import Foresight
from meterdeck.store import Store, StoreError

if TYPE_CHECKING:
    from meterdeck.sync.engine import SyncEngine

STYLE_FILES: CSSPathType = [
    styles_dir() / name
    for name in (
        "base.tcss",
        "deck.tcss",
        "day.tcss",
        "picker.tcss",
        "export.tcss",
        "help.tcss",
        "no_key.tcss",
    )
]

LONGEST_GOODBYE_S = 0.1
"""How long a store that is in use may keep the user from the shell."""


class DeckApp(App[None]):
    """The deck over one session; without a key, or with one that is not known yet, a screen that says so."""

    TITLE = "meterdeck"
    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = STYLE_FILES
    BINDINGS = bindings_of(Where.EVERYWHERE)

    def __init__(
        self,
        session: Session | UnknownKey | None,
        *,
        demo: Callable[[], Session],
        desk: Desk | None = None,
    ) -> None:
        # Told now and not in on_mount: this is where Textual decides how to leave out colours under NO_COLOR.
        super().__init__(ansi_color=True if theme_for(os.environ) == ANSI else None)
        self._session = session if isinstance(session, Session) else None
        self._unknown = session if isinstance(session, UnknownKey) else None
        self._demo = demo
        self._desk = desk
        self._stores: list[Store] = []
        self._engine: SyncEngine | None = None
        self._ends_the_process = False

    @property
    def collecting(self) -> Collecting:
        """Who reads from the API, for the header."""
        is_demo = self._session is not None and self._session.is_demo
        trouble = self._engine.store_trouble if self._engine is not None else None
        if self._session is not None and self._session.is_offline:
            return Collecting(here=False, is_demo=is_demo, is_offline=True)
        if trouble is not None:
            return Collecting(here=False, is_demo=is_demo, trouble=Trouble(trouble.short, str(trouble)))
        if self._engine is None or self._engine.collecting or self._engine.holder is None:
            return Collecting(here=True, is_demo=is_demo)
        return Collecting(here=False, elsewhere_pid=self._engine.holder.pid, is_demo=is_demo)

    def on_mount(self) -> None:
        """Show the first screen; leave the terminal as it was when a signal ends us."""
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = theme_for(os.environ)
        loop = asyncio.get_running_loop()
        for ending in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(ending, self._end, 128 + ending)
        if self._session is not None:
            self._open(self._session)
        elif self._unknown is not None:
            self.push_screen(UnknownKeyScreen(self._unknown.server))
            self.call_after_refresh(self._find_out, self._unknown)
        else:
            self.push_screen(NoKeyScreen())

    def action_open_demo(self) -> None:
        """Leave the screen without a key for the demo."""
        session = self._demo()
        try:
            self._open(session)
        except StoreError as error:
            self.notify(str(error), severity="error", timeout=60, markup=False)
        else:
            self._session = session

    def action_help(self) -> None:
        """Show every key and every sign."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    async def action_quit(self) -> None:
        """End at once, whatever is in flight."""
        self.exit()

    def refresh_feeds(self) -> None:
        """Read the newest figures now."""
        if self._engine is not None:
            self.run_worker(
                self._engine.ask_refresh(), group="refresh", description="Refreshing", exit_on_error=False
            )

    def want_minutes(self, hour: datetime) -> None:
        """Read the minutes of an hour (its start), for a look into it."""
        if self._engine is not None:
            self.run_worker(
                self._engine.want_minutes(hour),
                group="minutes",
                description="Asking for minutes",
                exit_on_error=False,
            )

    async def on_unmount(self) -> None:
        """Give back what others wait for and close the stores; what was being written is whole or not there."""
        for store in self._stores:
            store.interrupt()
        if self._engine is not None:
            await self._engine.close()
        closing = threading.Thread(target=self._close_stores, daemon=True)
        closing.start()
        closing.join(LONGEST_GOODBYE_S)

    def _close_stores(self) -> None:
        for store in self._stores:
            store.close()

    def run_to_the_end(self) -> NoReturn:
        """Run in this terminal, and end the process, with the return code, as soon as the user has left.

        When the terminal is given back, all is done. Python would go on to wait for every thread (one may hang
        at a name server for half a minute) and to take its modules apart.
        """

        async def run_and_end() -> NoReturn:
            await self.run_async(mouse=False)
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(self.return_code or 0)

        self._ends_the_process = True
        asyncio.run(run_and_end())
        raise AssertionError  # pragma: no cover - the process is gone

    def exit(
        self,
        result: None = None,
        return_code: int = 0,
        message: RenderableType | None = None,
    ) -> None:
        """End the app, without a wait for the thread that reads keys."""
        if self._ends_the_process and isinstance(self._driver, LinuxDriver):
            # It looks up ten times a second, and twice before it ends. It ends with the process, a moment later.
            self._driver._key_thread = None  # noqa: SLF001 - there is no public way; Textual is pinned
        self._keep_last_views()
        super().exit(result, return_code, message)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through whatever lies between here and the user's terminal."""
        self._clipboard = text
        if self._driver is not None:
            for sequence in clipboard.sequences(text, os.environ):
                self._driver.write(sequence)

    def _keep_last_views(self) -> None:
        """Keep what is on show for the next time; a disk that hangs keeps nobody."""
        keeping = [
            threading.Thread(target=screen.last_to_keep(), daemon=True)
            for screen in self.screen_stack
            if isinstance(screen, DeckScreen)
        ]
        for thread in keeping:
            thread.start()
            thread.join(LONGEST_GOODBYE_S)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that failed by a bug must not fail in silence; the others go on."""
        if event.state is WorkerState.ERROR:
            self.notify(
                f"{event.worker.description} stopped: {type(event.worker.error).__name__}. The rest goes on; please report this.",
                severity="error",
                timeout=60,
                markup=False,
            )

    def _fatal_error(self) -> None:
        """Show a crash without local variables: Textual's own report prints them, and a key could be among them."""
        self.bell()
        report = Traceback(show_locals=False, width=None, suppress=[rich])
        self._exit_renderables.append(Segments(self.console.render(report, self.console.options)))
        self._close_messages_no_wait()

    def _open(self, session: Session) -> None:
        """Show the deck from the store, then start to collect."""
        reader, writer = Store(session.store), Store(session.store)
        self._stores += [reader, writer]
        deck = DeckScreen(
            reader,
            session.clock,
            reader=DeckReader(
                reader,
                session.requests_per_hour,
                is_paced=not session.is_demo,
                foresight=Foresight(session.timezone, session.budgets),
            ),
            feeds=self,
            local=session.timezone,
        )
        said = deck.take_up(self._desk, last_view(session.store)) if self._desk is not None else None
        if isinstance(self.screen, NoKeyScreen | UnknownKeyScreen):
            self.switch_screen(deck)
        else:
            self.push_screen(deck)
        if said is not None:
            self.notify(said, timeout=SAID_FOR_S, markup=False)
        if writer.read_only:
            self.call_after_refresh(deck.cannot_collect, writer.notice or "")
            return
        notice = session.notice or reader.notice or writer.notice
        if notice:
            self.notify(notice, severity="warning", timeout=60, markup=False)
        self.call_after_refresh(self._start_collecting, session, writer)

    @work(group="key.ask", exit_on_error=False, description="Asking whose key this is")
    async def _find_out(self, unknown: UnknownKey) -> None:
        """Ask the API whose key this is until it says, calmly; then open that organisation's store."""
        from meterdeck.sync.retrying import retry_after

        screen = next(screen for screen in self.screen_stack if isinstance(screen, UnknownKeyScreen))
        failures = 0
        while self._session is None:
            try:
                session = await unknown.ask()
                while self.screen is not screen:  # the help lies over it
                    self.pop_screen()
                self._open(session)
                self._session = session
            except MeterdeckError as error:
                failures += 1
                wait = retry_after(error, failures)
                said = f"{error.what} {error.next}".rstrip()  # nothing is on screen that could stay
                await screen.tell_and_wait(said, None if wait is None else wait.total_seconds())

    @work(group="collect.start", exit_on_error=False, description="Starting to collect")
    async def _start_collecting(self, session: Session, store: Store) -> None:
        """Make the engine, off the first frame's way, and run its feeds as workers."""
        from meterdeck.sync.plan import Feed

        try:
            self._engine = engine = session.start_engine(store, lambda _: self._store_changed())
        except MeterdeckError as error:
            for screen in self.screen_stack:
                if isinstance(screen, DeckScreen):
                    screen.cannot_collect(str(error))
            return
        if self._ends_the_process:
            # All that was loaded until now stays. To walk through it again and again, as the collector does while
            # rows come in, would hold the screen up for 0.1 s and more each time.
            gc.freeze()
        self.run_worker(engine.keep_lease(), group="lease", description="The lease", exit_on_error=False)
        self.run_worker(engine.keep_house(), group="house", description="Thinning", exit_on_error=False)
        for feed in Feed:
            self.run_worker(
                engine.run(feed), group=f"feed.{feed}", description=f"The feed {feed}", exit_on_error=False
            )

    def _store_changed(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, DeckScreen):
                screen.post_message(StoreChanged())

    def _end(self, code: int) -> None:
        self.exit(return_code=code)
