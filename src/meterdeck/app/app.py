"""The app: themes, the first screen, the refresh workers, closing the stores. Nothing of what is shown."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import RenderableType
from textual import work
from textual.types import CSSPathType
from textual.worker import Worker, WorkerState

from meterdeck.app.commands import Where, bindings_of
from meterdeck.app.messages import DeckFailed, DeckLoaded, StoreChanged
from meterdeck.app.screens.deck import DeckScreen
from meterdeck.app.screens.help import HelpScreen
from meterdeck.app.screens.no_key import NoKeyScreen
from meterdeck.app.screens.unknown_key import UnknownKeyScreen
from meterdeck.app.session import Session, ShownScreen, Terminal, UnknownKey
from meterdeck.app.terminal_app import TerminalApp
from meterdeck.app.themes import ANSI, DARK, LIGHT, theme_for
from meterdeck.domain.errors import MeterdeckError
from meterdeck.paths import styles_dir
from meterdeck.present.header import LIVE_FEED, Collecting, Trouble
from meterdeck.present.names import clean
from meterdeck.queries.deck import DeckReader
from meterdeck.queries.foresight import Foresight
from meterdeck.store import Store, StoreError

if TYPE_CHECKING:
    from meterdeck.sync.engine import SyncEngine

STYLE_FILES: CSSPathType = [
    styles_dir() / name
    for name in ("base.tcss", "deck.tcss", "day.tcss", "picker.tcss", "help.tcss", "no_key.tcss")
]

LONGEST_GOODBYE_S = 0.1
"""How long a store that is in use, or a disk that hangs, may keep the user from the shell."""
KEEP_SCREEN_EVERY_S = 30.0


class DeckApp(TerminalApp):
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
        terminal: Terminal | None = None,
    ) -> None:
        super().__init__(
            terminal or Terminal(),
            # Told now and not in on_mount: this is where Textual decides how to leave out colours under NO_COLOR.
            ansi_color=True if theme_for(os.environ) == ANSI else None,
            keeps_old_figures=isinstance(session, Session),
        )
        self._session = session if isinstance(session, Session) else None
        self._unknown = session if isinstance(session, UnknownKey) else None
        self._demo = demo
        self._stores: list[Store] = []
        self._engine: SyncEngine | None = None
        self._screen_kept_at: float | None = None
        self._collect: Callable[[], object] | None = None
        """Starts to collect; called once, when the deck shows what the store has."""

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
        """Show the first screen."""
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = theme_for(os.environ)
        if self._session is not None:
            self._open(self._session)
            return
        gc.enable()
        if self._unknown is not None:
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

    def exit(
        self,
        result: None = None,
        return_code: int = 0,
        message: RenderableType | None = None,
    ) -> None:
        """End the app; what the deck shows is kept for the next start."""
        keeping = self._keep_screen()
        if keeping is not None:
            keeping.join(LONGEST_GOODBYE_S)
        super().exit(result, return_code, message)

    def on_deck_loaded(self, _: DeckLoaded) -> None:
        """Let the deck's figures take the place of old ones, and keep them for the next start."""
        self.show_new_figures()
        if self._collect is not None:
            self.paint_at_once()
        self._go_on()
        if self._screen_kept_at is None or monotonic() - self._screen_kept_at >= KEEP_SCREEN_EVERY_S:
            self.call_after_refresh(self._keep_screen)

    def on_deck_failed(self, _: DeckFailed) -> None:
        """Let the deck say why there are no figures."""
        self.show_new_figures()
        self._go_on()

    def _go_on(self) -> None:
        """Load what else there is to load, now that the first figures are on their way to the screen."""
        gc.enable()
        if self._collect is not None:
            self.call_after_refresh(self._collect)
            self._collect = None

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that failed by a bug must not fail in silence; the others go on."""
        if event.state is WorkerState.ERROR:
            self.notify(
                f"{event.worker.description} stopped: {type(event.worker.error).__name__}. The rest goes on; please report this.",
                severity="error",
                timeout=60,
                markup=False,
            )

    def _keep_screen(self) -> threading.Thread | None:
        """Keep what the deck shows, in a thread: a disk can hang.

        Only what the next start shows too, for the header, which tells the filters, is not painted then.
        """
        screen = self.screen if self._screen_stack else None
        if self.terminal.keep is None or self.shows_old_figures:
            return None
        if not isinstance(screen, DeckScreen) or screen.deck is None or screen.scope.filters:
            return None
        newest = screen.deck.status.feeds.get(LIVE_FEED)
        if newest is None or newest.read_at is None:
            return None
        self._screen_kept_at = monotonic()
        strips = screen._compositor.render_strips()  # noqa: SLF001 - there is no public way; Textual is pinned
        shown = ShownScreen(
            (self.size.width, self.size.height),
            clean(screen.deck.status.organization or ""),
            newest.read_at,
            tuple(strip.render(self.console) for strip in strips),
        )
        keeping = threading.Thread(target=self.terminal.keep, args=(shown,), daemon=True)
        keeping.start()
        return keeping

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
            collecting=lambda: self.collecting,
            refresh_feeds=self.refresh_feeds,
        )
        if isinstance(self.screen, NoKeyScreen | UnknownKeyScreen):
            self.switch_screen(deck)
        else:
            self.push_screen(deck)
        if writer.read_only:
            self.call_after_refresh(deck.cannot_collect, writer.notice or "")
            return
        notice = session.notice or reader.notice or writer.notice
        if notice:
            self.notify(notice, severity="warning", timeout=60, markup=False)
        self._collect = partial(self._start_collecting, session, writer)

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
