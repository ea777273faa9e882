"""The app as its terminal knows it: opening, painting, a line that stalls or closes, leaving. Nothing of the deck."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import rich
from rich.console import RenderableType
from rich.segment import Segments
from textual.filter import LineFilter
from textual.screen import Screen
from textual.timer import Timer

from meterdeck.app.keys_in_order import KeysInOrder
from meterdeck.app.session import Terminal
from meterdeck.app.terminal import AsciiFilter, TerminalDriver

LOOK_EVERY_S = 1.0
"""How long the process may outlive a line that was closed without a signal."""
TRY_STALLED_EVERY_S = 0.1
LONGEST_OLD_FIGURES_S = 3.0
"""How long figures of an earlier session may stand before what there is of this one replaces them."""
_STDIN = 0


class TerminalApp(KeysInOrder):
    """An app that leaves its terminal as it was, and goes on while the terminal does not."""

    def __init__(self, terminal: Terminal, *, ansi_color: bool | None, keeps_old_figures: bool) -> None:
        super().__init__(driver_class=TerminalDriver, ansi_color=ansi_color)
        self.terminal = terminal
        self._ascii_filter = AsciiFilter()
        self._shows_old_figures = keeps_old_figures and terminal.painted is not None
        self._frames_are_missing = False
        self._next_try: Timer | None = None
        """When a terminal that takes nothing is asked again; None while nothing waits for it."""
        self._ends_the_process = False

    @property
    def ascii(self) -> bool:
        """Whether the terminal is shown nothing but ASCII."""
        return self.terminal.is_ascii

    @property
    def shows_old_figures(self) -> bool:
        """Whether the screen still shows those of an earlier session."""
        return self._shows_old_figures

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What everything that is painted goes through."""
        return [*super().get_line_filters(), *([self._ascii_filter] if self.ascii else [])]

    def on_load(self) -> None:
        """Watch the terminal."""
        self.set_interval(LOOK_EVERY_S, self._look_at_terminal)
        if self._shows_old_figures:
            self.set_timer(LONGEST_OLD_FIGURES_S, self.show_new_figures)

    def show_new_figures(self) -> None:
        """Replace the figures of an earlier session, if they stand there: there are others, or a reason why not.

        They stand until the others are laid out: before that the panes say that they are loading.
        """
        if self._shows_old_figures and self._screen_stack:
            self.screen.call_after_refresh(self._replace_old_figures)

    def _replace_old_figures(self) -> None:
        if self._shows_old_figures:
            self._shows_old_figures = False
            self.paint_at_once()

    def paint_at_once(self) -> None:
        """Paint the whole screen now, and not when the next frame is due (15 a second): somebody waits for it."""
        self._frames_are_missing = True
        self.call_next(self._paint_all)

    def action_suspend(self) -> None:
        """Give the terminal to the shell until `fg`; Textual then takes its size again, and paints all of it."""
        self.action_suspend_process()

    def run_to_the_end(self) -> NoReturn:
        """Run in this terminal, and end the process, with the return code, as soon as the user has left.

        When the terminal is given back, all is done. Python would go on to wait for every thread (one may hang
        at a name server for half a minute) and to take its modules apart.
        """

        async def run_and_end() -> NoReturn:
            loop = asyncio.get_running_loop()
            # Before the terminal is taken over; and SIGHUP even where `nohup` had it ignored.
            for ending in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                loop.add_signal_handler(ending, self._end, 128 + ending)
            await self.run_async(mouse=self.terminal.mouse)
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError):  # the line is closed
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
        if self._ends_the_process and isinstance(self._driver, TerminalDriver):
            self._driver.forget_input_thread()  # it ends with the process, a moment later
        super().exit(result, return_code, message)

    def _end(self, code: int) -> None:
        self.exit(return_code=code)

    def _look_at_terminal(self) -> None:
        """End where the line was closed, even if no signal said so."""
        if isinstance(self._driver, TerminalDriver) and not os.isatty(_STDIN):
            self._end(128 + signal.SIGHUP)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Paint, unless there is nothing newer than the old figures yet, or the terminal takes nothing.

        Textual would wait for the terminal, and all else with it: nothing would be collected.
        """
        if self._shows_old_figures or self._is_stalled:
            self._frames_are_missing = True
            self._try_later()
        else:
            super()._display(screen, renderable)

    @property
    def _is_stalled(self) -> bool:
        return isinstance(self._driver, TerminalDriver) and self._driver.is_stalled

    def _try_later(self) -> None:
        """Ask a stalled terminal again in a moment, by one timer however many frames are missing."""
        if self._is_stalled and self._next_try is None:
            self._next_try = self.set_timer(TRY_STALLED_EVERY_S, self._try_again)

    def _try_again(self) -> None:
        self._next_try = None
        self._paint_all()

    def _paint_all(self) -> None:
        """Paint the whole screen if frames are missing: what has changed since the last one is not enough.

        To work out a screen that nobody can be shown would keep a processor busy for as long as the line stalls.
        """
        if not self._screen_stack:
            return  # the user has left meanwhile
        if self._is_stalled:
            self._try_later()
        elif self._frames_are_missing and not self._shows_old_figures:
            self._frames_are_missing = False
            compositor = self.screen._compositor  # noqa: SLF001 - a screen can be asked for its changes alone
            self._display(
                self.screen, compositor.render_update(full=True, screen_stack=self._background_screens)
            )

    def _fatal_error(self) -> None:
        """Show a crash without local variables: Textual's own report prints them, and a key could be among them."""
        from rich.traceback import Traceback

        self.bell()
        report = Traceback(show_locals=False, width=None, suppress=[rich])
        self._exit_renderables.append(Segments(self.console.render(report, self.console.options)))
        self._close_messages_no_wait()
