"""The calm screen for a key whose organisation is not known yet: it says so, and what came of asking."""

from __future__ import annotations

import asyncio

from textual.app import ComposeResult
from textual.containers import VerticalGroup
from textual.screen import Screen
from textual.widgets import Static

from meterdeck.app.commands import Where, bindings_of, registry_of
from meterdeck.app.widgets.footer import KeyFooter

_TEXT = """\
Asking {server} whose key this is.

Each organisation has a store of its own, so that no figures meet
another organisation's. Which one to open is known when the answer is
here; from the next start on it opens at once.
"""


class UnknownKeyScreen(Screen[None]):
    """Waits for the API's word; a key makes it ask again now."""

    BINDINGS = bindings_of(Where.UNKNOWN_KEY)

    def __init__(self, server: str) -> None:
        super().__init__()
        self._server = server
        self._again = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Lay out a short text, room for what went wrong, and the footer."""
        with VerticalGroup(classes="calm"):
            yield Static("meterdeck", classes="calm-title", markup=False)
            yield Static(_TEXT.format(server=self._server), markup=False)
            yield Static("", id="trouble", markup=False)
        yield KeyFooter(Where.UNKNOWN_KEY)

    def action_ask_again(self) -> None:
        """Ask again now."""
        self._again.set()

    async def tell_and_wait(self, sentence: str, seconds: float | None) -> None:
        """Say what came of asking, and wait before it is tried again: None waits for the user alone."""
        key = registry_of(self.app).of("unknown_key.again").key_label
        retry = (
            f"Press {key} to ask again."
            if seconds is None
            else f"Asking again in {seconds:.0f} s; {key} asks now."
        )
        trouble = self.query_one("#trouble", Static)
        trouble.update(f"✕ {sentence}\n\n{retry}")
        self._again.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._again.wait()
        except TimeoutError:
            pass
        trouble.update("… asking again")
