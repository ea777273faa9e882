"""The app: the first screen, the refresh workers, changing and closing sessions. Nothing of what is shown."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from rich.console import RenderableType
from textual import events, work
from textual.notifications import Notification, Notify
from textual.worker import Worker, WorkerState

from meterdeck.app import clipboard
from meterdeck.app.commands import REGISTRY, Registry, Where, bindings_of
from meterdeck.app.deck.screen import DeckScreen
from meterdeck.app.deck.taking import SAID_FOR_S
from meterdeck.app.desk import Desk
from meterdeck.app.keeping import ScreenKeeper, keep_view
from meterdeck.app.messages import DeckFailed, DeckLoaded, StoreChanged
from meterdeck.app.open_session import OpenSession
from meterdeck.app.screens.help import HelpScreen
from meterdeck.app.screens.no_key import NoKeyScreen
from meterdeck.app.screens.unknown_key import UnknownKeyScreen
from meterdeck.app.session import Profiles, Session, Terminal, UnknownKey
from meterdeck.app.themed_app import ThemedApp
from meterdeck.app.themes import AUTO, Shelf
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.domain.errors import MeterdeckError
from meterdeck.domain.questions import Question
from meterdeck.paths import last_view, styles_dir
from meterdeck.present.forms import Form
from meterdeck.present.state import Collecting
from meterdeck.store import StoreError

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


class DeckApp(ThemedApp):
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
        chart: Form = Form.BLOCKS,
        shelf: Shelf | None = None,
        registry: Registry = REGISTRY,
        profiles: Profiles | None = None,
        terminal: Terminal | None = None,
        desk: Desk | None = None,
    ) -> None:
        super().__init__(
            terminal or Terminal(),
            theme=theme,
            chart=chart,
            shelf=shelf or Shelf(),
            keeps_old_figures=isinstance(session, Session),
        )
        self._first = session
        self._demo = demo
        self.registry = registry
        """Every command, with the keys that the user wants."""
        self._profiles = profiles or Profiles()
        self._desk = desk
        self.opened: OpenSession | None = None
        """The session on show; None while there is no organisation to show."""
        self._is_watched = False
        """Whether the terminal said that it has the keyboard; one that never says so is looked at by nobody."""
        self._screen_keeper = ScreenKeeper(self.terminal.keep)
        self._collect: Callable[[], object] | None = None
        """Starts to collect; called once, when the deck shows what the store has."""

    @property
    def collecting(self) -> Collecting:
        """Who reads from the API, for the header."""
        if self.opened is None:
            return Collecting(here=True, is_watched=self._is_watched)
        return self.opened.collecting(is_watched=self._is_watched)

    @property
    def engine(self) -> SyncEngine | None:
        """What keeps the store current; None where nothing does."""
        return self.opened.engine if self.opened is not None else None

    def on_mount(self) -> None:
        """Show the first screen."""
        self.set_keymap({command: ",".join(keys) for command, keys in self.registry.keymap.items()})
        if isinstance(self._first, Session):
            self._open(self._first)
            return
        gc.enable()
        if self._first is not None:
            self._ask_whose_key(self._first)
        else:
            self.push_screen(NoKeyScreen())

    def action_open_demo(self) -> None:
        """Leave the screen without a key for the demo."""
        try:
            self._open(self._demo())
        except StoreError as error:
            self.notify(str(error), severity="error", timeout=60, markup=False)

    def action_pause(self) -> None:
        """Ask nothing until this is done again; another session may collect meanwhile."""
        engine = self.engine
        if engine is None:
            self.notify("This session asks nothing anyway.", markup=False)
            return
        if engine.paused_at is None:
            engine.pause()
        else:
            engine.resume()
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
        if self.engine is not None:
            self._ask(self.engine.ask_refresh(), "refresh", "Refreshing")

    @property
    def profile_names(self) -> tuple[str, ...]:
        """The profiles of the configuration."""
        return self._profiles.names

    def open_profile(self, name: str) -> None:
        """Leave this organisation for another profile's, once that one's key is known."""
        self._change_profile(name)

    def want_minutes(self, hour: datetime) -> bool:
        """Read the minutes of an hour (its start), for a look into it; False where there is no engine yet."""
        if self.engine is None:
            return False
        self._ask(self.engine.want_minutes(hour), "minutes", "Asking for minutes")
        return True

    def want_answer(self, question: Question) -> None:
        """Ask what the series leave out, for a look at it."""
        if self.engine is None:
            self.notify("This session asks nothing, so this can't be read.", severity="warning", markup=False)
            return
        self._ask(self.engine.want_answer(question), "answer", "Asking")

    async def read_names(self) -> bool:
        """Read the names for one that nobody has; False where nobody asks now. Raises `MeterdeckError`."""
        return self.engine is not None and await self.engine.read_names()

    def _ask(self, work: Coroutine[None, None, object], group: str, description: str) -> None:
        self.run_worker(work, group=group, description=description, exit_on_error=False)

    async def on_unmount(self) -> None:
        """Give back what others wait for and close the stores; what was being written is whole or not there."""
        if self.opened is None:
            return
        await self.opened.end()
        closing = threading.Thread(target=self.opened.close, daemon=True)
        closing.start()
        closing.join(LONGEST_GOODBYE_S)

    def exit(
        self,
        result: None = None,
        return_code: int = 0,
        message: RenderableType | None = None,
    ) -> None:
        """End the app; what the deck shows is kept for the next start."""
        decks = [screen for screen in self.screen_stack if isinstance(screen, DeckScreen)]
        for keeping in (self._keep_screen(), *map(keep_view, decks)):
            if keeping is not None:
                keeping.join(LONGEST_GOODBYE_S)
        super().exit(result, return_code, message)

    def must_wait(self, event: events.Key | events.Paste) -> bool:
        """Let a key wait for the rows that it means."""
        return (
            isinstance(event, events.Key)
            and isinstance(self.screen, DeckScreen)
            and self.screen.must_wait(event.key)
        )

    async def on_deck_loaded(self, message: DeckLoaded) -> None:
        """Let the deck's figures take the place of old ones, and keep them: for status bars, and for the next start."""
        if self.opened is not None and not message.more:
            self.run_worker(
                partial(self.opened.keep_glance, message.deck),
                group="glance",
                thread=True,
                exit_on_error=False,
                description="Keeping the key figures",
            )
        self.show_new_figures()
        if self._collect is not None:
            self.paint_at_once()
        self._go_on()
        if self._screen_keeper.is_due:
            self.call_after_refresh(self._keep_screen)
        await self.go_on_with_keys()

    async def on_deck_failed(self, _: DeckFailed) -> None:
        """Let the deck say why there are no figures."""
        self.show_new_figures()
        self._go_on()
        await self.go_on_with_keys()

    def _go_on(self) -> None:
        """Load what else there is to load, now that the first figures are on their way to the screen."""
        gc.enable()
        if self._collect is not None:
            self.call_after_refresh(self._collect)
            self._collect = None

    def on_notify(self, event: Notify) -> None:
        """Let what is said now take the place of what was said before; of what matters more, the newest stays."""
        more = [older for older in self._notifications if _weight(older) > _weight(event.notification)]
        for older in list(self._notifications):
            if older not in more[-1:]:
                self._unnotify(older, refresh=False)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through whatever lies between here and the user's terminal."""
        self._clipboard = text
        if self._driver is not None:
            for sequence in clipboard.sequences(text, os.environ):
                self._driver.write(sequence)

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
        """Keep what the deck shows for the next start, where it lies on top and is of this session."""
        screen = self.screen if self._screen_stack else None
        if self.shows_old_figures or not isinstance(screen, DeckScreen):
            return None
        return self._screen_keeper.keep(screen)

    def _open(self, session: Session) -> None:
        """Show the deck from the store, then start to collect."""
        self.opened = opened = OpenSession(session)
        deck = DeckScreen(opened.store, session.clock, reader=opened.reader, feeds=self, local=session.local)
        said = deck.take_up(self._desk, last_view(session.store)) if self._desk is not None else None
        if isinstance(self.screen, NoKeyScreen | UnknownKeyScreen):
            self.switch_screen(deck)
        else:
            self.push_screen(deck)
        if said is not None:
            self.notify(said, timeout=SAID_FOR_S, markup=False)
        if opened.writer.read_only:
            self.call_after_refresh(deck.cannot_collect, opened.writer.notice or "")
            return
        if opened.notice:
            self.notify(opened.notice, severity="warning", timeout=60, markup=False)
        self._collect = partial(self._start_collecting, opened)

    def _ask_whose_key(self, unknown: UnknownKey) -> None:
        self.push_screen(UnknownKeyScreen(unknown.server))
        self.call_after_refresh(self._find_out, unknown)

    @work(group="key.ask", exit_on_error=False, description="Asking whose key this is")
    async def _find_out(self, unknown: UnknownKey) -> None:
        """Ask the API whose key this is until it says, calmly; then open that organisation's store."""
        from meterdeck.sync.retrying import retry_after

        screen = next(screen for screen in self.screen_stack if isinstance(screen, UnknownKeyScreen))
        failures = 0
        while self.opened is None:
            try:
                session = await unknown.ask()
                while self.screen is not screen:  # the help lies over it
                    self.pop_screen()
                self._open(session)
            except MeterdeckError as error:
                failures += 1
                wait = retry_after(error, failures)
                said = f"{error.what} {error.next}".rstrip()  # nothing is on screen that could stay
                await screen.tell_and_wait(said, None if wait is None else wait.total_seconds())

    @work(group="collect.start", exit_on_error=False, description="Starting to collect")
    async def _start_collecting(self, opened: OpenSession) -> None:
        """Start the engine, off the first frame's way, and run its feeds as workers."""
        from meterdeck.sync.plan import Feed

        try:
            engine = opened.start_engine(self._store_changed)
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
            self._open(session)
        else:
            self._ask_whose_key(session)

    async def _close_session(self) -> None:
        """End what reads for this organisation and close its stores, its screens first: nothing of it stays on show."""
        for worker in self.workers:
            if worker.group.startswith("feed.") or worker.group in OF_A_SESSION:
                worker.cancel()
        opened, self.opened = self.opened, None
        if opened is not None:
            opened.interrupt()
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        if opened is not None:
            await opened.end()
            await asyncio.to_thread(opened.close)

    def _store_changed(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, DeckScreen):
                screen.post_message(StoreChanged())


def _weight(said: Notification) -> int:
    return ("information", "warning", "error").index(said.severity)
