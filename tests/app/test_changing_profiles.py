"""Another organisation while the deck is open: this one's session ends, and nothing of it stays on show."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.decks import SMALL, Shown, World, impatient, no_demo
from meterdeck.app.app import DeckApp
from meterdeck.app.deck.screen import DeckScreen
from meterdeck.app.screens.unknown_key import UnknownKeyScreen
from meterdeck.app.session import Profiles, Session, UnknownKey
from meterdeck.domain.errors import MeterdeckError
from meterdeck.store import Store, lease


@asynccontextmanager
async def opened_with(
    world: World, opened: Callable[[str], Awaitable[Session | UnknownKey]]
) -> AsyncIterator[Shown]:
    app = DeckApp(world.session, demo=no_demo, profiles=Profiles(("acme", "eu"), opened))
    with impatient():
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            shown = Shown(app, pilot)
            await shown.until(lambda: isinstance(shown.screen, DeckScreen), "the deck is open")
            await shown.until(lambda: shown.app.engine is not None, "the engine runs")
            await shown.until(lambda: shown.deck.deck is not None, "the deck is read")
            yield shown


@pytest.fixture
def other(empty_world: World, tmp_path: Path, small_store: Path) -> World:
    """A second organisation, in a store of its own."""
    return World.of(Path(shutil.copy(small_store, tmp_path / "eu.db")), SMALL)


async def say(shown: Shown, line: str) -> None:
    await shown.press("colon", *("space" if sign == " " else sign for sign in line), "enter")


async def test_a_profile_s_organisation_comes_in_the_place_of_this_one(world: World, other: World) -> None:
    async def opened(name: str) -> Session:
        assert name == "eu"
        return other.session

    async with opened_with(world, opened) as shown:
        first = shown.deck
        await shown.press("enter")
        await say(shown, "profile eu")
        await shown.until(
            lambda: isinstance(shown.screen, DeckScreen) and shown.screen is not first, "another deck"
        )
        await shown.until(lambda: shown.app.engine is not None, "its engine runs")
        assert shown.deck.trail.depth == 0
        assert [screen for screen in shown.app.screen_stack if isinstance(screen, DeckScreen)] == [shown.deck]
        assert shown.app.opened is not None
        assert shown.app.opened.session.store == other.store
        await shown.until(lambda: shown.app.engine is not None and shown.app.engine.collecting, "it collects")
        store = Store(world.store)
        with store.read() as transaction:
            assert lease.holder(transaction, world.clock()) is None
        store.close()


async def test_a_profile_that_can_not_be_opened_is_said_and_this_one_goes_on(world: World) -> None:
    async def opened(name: str) -> Session:
        raise MeterdeckError("The key file /nowhere can't be read: gone.")

    async with opened_with(world, opened) as shown:
        first = shown.deck
        await say(shown, "profile eu")
        await shown.until_shown("eu: The key file /nowhere", "read: gone.")
        assert shown.deck is first
        assert shown.app.engine is not None


async def test_a_profile_s_key_that_was_never_asked_about_is_asked_about_first(
    world: World, other: World
) -> None:
    answered = asyncio.Event()

    async def ask() -> Session:
        await answered.wait()
        return other.session

    async def opened(name: str) -> UnknownKey:
        return UnknownKey("https://example.com", ask)

    async with opened_with(world, opened) as shown:
        await say(shown, "profile eu")
        await shown.until(lambda: isinstance(shown.screen, UnknownKeyScreen), "it says that it asks")
        assert not any(isinstance(screen, DeckScreen) for screen in shown.app.screen_stack)
        answered.set()
        await shown.until(lambda: isinstance(shown.screen, DeckScreen), "the other deck is shown")
        assert shown.app.opened is not None
        assert shown.app.opened.session.store == other.store


async def test_only_the_profiles_of_the_configuration_are_offered(world: World) -> None:
    async def opened(name: str) -> Session:
        raise AssertionError(name)

    async with opened_with(world, opened) as shown:
        await say(shown, "profile mars")
        await shown.until_shown("There is no profile 'mars'. Known profiles: acme, eu.")
