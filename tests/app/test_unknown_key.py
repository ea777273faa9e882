"""A key that nobody knows yet: the app is there at once, asks calmly, and opens that organisation's store alone."""

from __future__ import annotations

import asyncio

from app.decks import World, opened
from meterdeck.api import KeyRefused, Unreachable
from meterdeck.app.screens.unknown_key import UnknownKeyScreen
from meterdeck.app.session import Session, UnknownKey
from meterdeck.domain.errors import MeterdeckError

SERVER = "https://api.example"


class Api:
    """Says whose key it is when it is let, after the failures that a test puts first."""

    def __init__(self, session: Session, *failures: MeterdeckError) -> None:
        self._session = session
        self._failures = list(failures)
        self.open = asyncio.Event()
        self.asked = 0

    @property
    def key(self) -> UnknownKey:
        return UnknownKey(SERVER, self.ask)

    async def ask(self) -> Session:
        self.asked += 1
        if self._failures:
            raise self._failures.pop(0)
        await self.open.wait()
        return self._session


async def test_it_says_whom_it_asks_and_opens_the_deck_when_it_was_told(world: World) -> None:
    api = Api(world.session)
    async with opened(api.key) as shown:
        await shown.until_shown(f"Asking {SERVER} whose key this is.", "r ask again", "q quit")
        assert "prod-chat" not in shown.text
        await shown.press("question_mark")
        api.open.set()
        await shown.until_shown("◆ demo", "prod-chat", "Fri 20")
        assert len(shown.app.screen_stack) == 2


async def test_without_a_network_it_says_so_and_r_asks_again(world: World) -> None:
    api = Api(world.session, Unreachable("The API can't be reached: no route.", next="Check the network."))
    async with opened(api.key) as shown:
        await shown.until_shown("✕ The API can't be reached: no route.", "Asking again in", "r asks now")
        assert "prod-chat" not in shown.text
        api.open.set()
        await shown.press("r")
        await shown.until_shown("prod-chat", "Fri 20")
        assert api.asked == 2


async def test_it_asks_again_by_itself_but_not_with_a_key_that_was_refused(world: World) -> None:
    soon = Unreachable("The API can't be reached.", retry_after=0.0)
    api = Api(world.session, soon, soon, KeyRefused("The key was refused (401).", status=401))
    async with opened(api.key) as shown:
        await shown.until_shown("✕ The key was refused (401).", "Press r to ask again.")
        assert api.asked == 3
        assert isinstance(shown.screen, UnknownKeyScreen)
        await shown.press("q")
        assert not shown.app.is_running
