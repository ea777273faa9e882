"""The app: themes, the first screen, the refresh workers, closing the stores. Nothing of what is shown."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import RenderableType
from textual import work
from textual.worker import Worker, WorkerState

from meterdeck.app import clipboard
from meterdeck.app.commands import REGISTRY, Registry, Where, bindings_of
from meterdeck.app.deck.screen import DeckScreen
from meterdeck.app.deck.taking import SAID_FOR_S
from meterdeck.app.desk import Desk
from meterdeck.app.messages import DeckFailed, DeckLoaded, StoreChanged
from meterdeck.app.screens.help import HelpScreen
from meterdeck.app.screens.no_key import NoKeyScreen
from meterdeck.app.screens.unknown_key import UnknownKeyScreen
from meterdeck.app.session import Profiles, Session, ShownScreen, Terminal, UnknownKey
from meterdeck.app.terminal_app import TerminalApp
from meterdeck.app.themes import AUTO, Shelf, choose, has_few_colours, series_of
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.domain.errors import MeterdeckError, UsageError
from meterdeck.domain.questions import Question
from meterdeck.paths import last_view, styles_dir
from meterdeck.present.names import clean
from meterdeck.present.state import Collecting, Trouble
from meterdeck.queries.deck import DeckReader
from meterdeck.queries.foresight import Foresight
from meterdeck.queries.freshness import LIVE_FEED
from meterdeck.store import Store, StoreError, glance

if TYPE_CHECKING:
    from textual.types import CSSPathType  # at run time it brings half of Textual's widgets along

    from meterdeck.sync.engine import SyncEngine

STYLE_FILES: CSSPathType = [
    styles_dir() / name
    for name in (
        "base.tcss",
        "deck.tcss",
        "day.tcss",
        "compare.tcss",
        "picker.tcss",
        "line.tcss",
        "export.tcss",
        "help.tcss",
        "no_key.tcss",
    )
]

OF_A_SESSION = {"answer", "collect.start", "house", "lease", "minutes", "refresh", "key.ask"}
"""The workers, beside the feeds', that belong to one organisation."""
LONGEST_GOODBYE_S = 0.1
"""How long a store that is in use, or a disk that hangs, may keep the user from the shell."""
KEEP_SCREEN_EVERY_S = 30.0


class DeckApp(TerminalApp):
    """The deck over one session; without a key, or with one that is not known yet, a screen that says so."""

    TITLE = "meterdeck"
    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = STYLE_FILES
    BINDINGS = bindings_of(Where.EVERYWHERE)

    def __init__(  # noqa: PLR0913 - each is one thing that the command line gives
        self,
        session: Session | UnknownKey | None,
        *,
        demo: Callable[[], Session],
        theme: str = AUTO,
        shelf: Shelf | None = None,
        registry: Registry = REGISTRY,
        profiles: Profiles | None = None,
        terminal: Terminal | None = None,
        desk: Desk | None = None,
    ) -> None:
        if os.environ.get("NO_COLOR") == "":  # it is not set (no-color.org); Textual would show greys
            del os.environ["NO_COLOR"]
        super().__init__(
            terminal or Terminal(),
            # Told now and not in on_mount: this is where Textual decides how to leave out colours under NO_COLOR.
            ansi_color=True if has_few_colours(os.environ) else None,
            keeps_old_figures=isinstance(session, Session),
        )
        self._shelf = shelf or Shelf()
        for known in self._shelf.themes.values():
            self.register_theme(known)
        self.theme = choose(self._shelf.themes.get(theme), os.environ).name
        self._theme_trouble = None if theme in self._shelf.themes else self._shelf.refused.get(theme)
        self._session = session if isinstance(session, Session) else None
        self._unknown = session if isinstance(session, UnknownKey) else None
        self._demo = demo
        self.registry = registry
        """Every command, with the keys that the user wants."""
        self._profiles = profiles or Profiles()
        self._desk = desk
        self._stores: list[Store] = []
        self._reader: DeckReader | None = None
        self._engine: SyncEngine | None = None
        self._is_watched = False
        """Whether the terminal said that it has the keyboard; one that never says so is looked at by nobody."""
        self._screen_kept_at: float | None = None
        self._collect: Callable[[], object] | None = None
        """Starts to collect; called once, when the deck shows what the store has."""

    @property
    def collecting(self) -> Collecting:
        """Who reads from the API, for the header."""
        session, engine = self._session, self._engine
        trouble = engine.store_trouble if engine is not None else None
        holder = engine.elsewhere if engine is not None else None
        return Collecting(
            here=holder is None,
            elsewhere_pid=holder.pid if holder is not None else None,
            is_demo=session is not None and session.is_demo,
            is_offline=session is not None and session.is_offline,
            trouble=Trouble(trouble.short, str(trouble)) if trouble is not None else None,
            paused_at=engine.paused_at if engine is not None else None,
            is_watched=self._is_watched,
        )

    @property
    def theme_names(self) -> tuple[str, ...]:
        """The themes that this terminal can show."""
        few = has_few_colours(os.environ)
        return (AUTO, *(name for name, theme in self._shelf.themes.items() if theme.ansi or not few))

    def set_theme(self, name: str) -> None:
        """Change the colours now; raises `UsageError`, and changes nothing, where that theme can't be shown."""
        wanted = self._shelf.find(name, "theme")
        if wanted is None and name in self._shelf.refused:
            raise UsageError(self._shelf.refused[name])
        if name not in (AUTO, *self.theme_names):
            raise UsageError(
                f"theme: {name} needs more colours than this terminal shows (TERM, COLORTERM, NO_COLOR).",
                next=f"It can show: {', '.join(self.theme_names)}.",
            )
        self.theme = choose(wanted, os.environ).name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The variables that Textual does not know, for themes that have none of their own."""
        # Textual's own styles need the first two, and its themes of sixteen colours bring them along.
        of_sixteen = {"ansi-background": "ansi_default", "ansi-foreground": "ansi_default"}
        return {**of_sixteen, **series_of(self.current_theme)}

    def on_mount(self) -> None:
        """Show the first screen."""
        self.set_keymap({command: ",".join(keys) for command, keys in self.registry.keymap.items()})
        if self._theme_trouble is not None:
            self.notify(
                f"{self._theme_trouble} The colours are meterdeck's own.",
                severity="warning",
                timeout=60,
                markup=False,
            )
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

    def action_pause(self) -> None:
        """Ask nothing until this is done again; another session may collect meanwhile."""
        if self._engine is None:
            self.notify("This session asks nothing anyway.", markup=False)
            return
        if self._engine.paused_at is None:
            self._engine.pause()
        else:
            self._engine.resume()
        self._store_changed()

    def on_app_focus(self) -> None:
        """Let ages below a minute step by seconds: somebody looks."""
        self._is_watched = True

    def on_app_blur(self) -> None:
        """Let everything step once a minute."""
        self._is_watched = False

    def action_help(self) -> None:
        """Show every key and every sign."""
        if isinstance(self.screen, HelpScreen):
            return
        keys = self.screen.query_one(KeyFooter)
        pane = self.screen.pane_with_keyboard if isinstance(self.screen, DeckScreen) else ""
        self.push_screen(HelpScreen(keys.where, keys.is_live, pane))

    async def action_quit(self) -> None:
        """End at once, whatever is in flight."""
        self.exit()

    def refresh_feeds(self) -> None:
        """Read the newest figures now."""
        if self._engine is not None:
            self.run_worker(
                self._engine.ask_refresh(), group="refresh", description="Refreshing", exit_on_error=False
            )

    @property
    def profile_names(self) -> tuple[str, ...]:
        """The profiles of the configuration."""
        return self._profiles.names

    def open_profile(self, name: str) -> None:
        """Leave this organisation for another profile's, once that one's key is known."""
        self._change_profile(name)

    def want_minutes(self, hour: datetime) -> bool:
        """Read the minutes of an hour (its start), for a look into it; False where there is no engine yet."""
        if self._engine is None:
            return False
        self.run_worker(
            self._engine.want_minutes(hour),
            group="minutes",
            description="Asking for minutes",
            exit_on_error=False,
        )
        return True

    def want_answer(self, question: Question) -> None:
        """Ask what the series leave out, for a look at it."""
        if self._engine is None:
            self.notify("This session asks nothing, so this can't be read.", severity="warning", markup=False)
            return
        self.run_worker(
            self._engine.want_answer(question), group="answer", description="Asking", exit_on_error=False
        )

    async def on_unmount(self) -> None:
        """Give back what others wait for and close the stores; what was being written is whole or not there."""
        for store in self._stores:
            store.interrupt()
        if self._engine is not None:
            await self._engine.close()
        closing = threading.Thread(target=_close, args=(self._stores,), daemon=True)
        closing.start()
        closing.join(LONGEST_GOODBYE_S)

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
        self._keep_last_views()
        super().exit(result, return_code, message)

    def on_deck_loaded(self, message: DeckLoaded) -> None:
        """Let the deck's figures take the place of old ones, and keep them: for status bars, and for the next start."""
        self._keep_glance(message)
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
        self._reader = DeckReader(
            reader,
            session.requests_per_hour,
            is_paced=not session.is_demo,
            foresight=Foresight(session.timezone, session.budgets),
        )
        deck = DeckScreen(
            reader,
            session.clock,
            reader=self._reader,
            feeds=self,
            local=session.local,
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
        self._collect = partial(self._start_collecting, session, writer)

    def _keep_glance(self, message: DeckLoaded) -> None:
        """Keep the key figures in the store: a status bar has no time to work them out."""
        reader, engine = self._reader, self._engine
        if message.more or reader is None or engine is None or not engine.collecting:
            return

        def keep() -> None:
            with suppress(StoreError):  # the heartbeat says what is wrong with it
                found = reader.glance(message.deck)
                with engine.sources.store.write() as transaction:
                    glance.keep(transaction, found)

        self.run_worker(
            keep, group="glance", thread=True, exit_on_error=False, description="Keeping the key figures"
        )

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

    @work(group="profile", exclusive=True, exit_on_error=False, description="Changing the profile")
    async def _change_profile(self, name: str) -> None:
        """Open another profile's session; where that fails, this one goes on."""
        try:
            session = await self._profiles.open(name)
        except MeterdeckError as error:
            self.notify(f"{name}: {error}", severity="error", timeout=60, markup=False)
            return
        await self._close_session()
        if isinstance(session, Session):
            self._session = session
            self._open(session)
        else:
            self.push_screen(UnknownKeyScreen(session.server))
            self.call_after_refresh(self._find_out, session)

    async def _close_session(self) -> None:
        """End what reads for this organisation and close its stores, its screens first: nothing of it stays on show."""
        for worker in self.workers:
            if worker.group.startswith("feed.") or worker.group in OF_A_SESSION:
                worker.cancel()
        for store in self._stores:
            store.interrupt()
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        if self._engine is not None:
            await self._engine.close()
        stores, self._stores, self._engine, self._session = self._stores, [], None, None
        await asyncio.to_thread(_close, stores)

    def _store_changed(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, DeckScreen):
                screen.post_message(StoreChanged())


def _close(stores: list[Store]) -> None:
    for store in stores:
        store.close()
