"""`p` holds everything that asks, says so, and lets it go on; seconds are shown to who looks."""

from contextlib import closing
from datetime import timedelta

from textual import events

from app.decks import World, opened, opened_deck
from app.states import STATES
from meterdeck.app.session import Session
from meterdeck.domain.errors import MeterdeckError
from meterdeck.store import Store, lease
from meterdeck.store.lease import Lease


async def test_while_paused_nothing_is_asked_though_it_is_due_and_r_says_why(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("p")
        await shown.until_shown("⏸ paused since 14:32Z", "until p is pressed")
        asked = len(world.server.asked)
        world.clock.now += timedelta(hours=1)
        await shown.press("r")
        await shown.until_shown("Nothing is asked while this session is paused; p goes on.")
        await shown.until(lambda: "data 60 min" in shown.header, "the figures grow old in the open")
        assert len(world.server.asked) == asked
        await shown.press("p")
        await shown.until(lambda: len(world.server.asked) > asked, "it goes on")
        await shown.until(lambda: "◆ demo" in shown.header, "the state is over")
        assert "paused" not in shown.text.lower()


async def test_while_paused_it_says_who_collects_instead_though_nothing_new_was_stored(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("p")
        await shown.until_shown("collects, so no figure gets newer")
        other = Lease("another", 4711)
        with closing(Store(world.store)) as store:

            def takes_the_lease() -> bool:
                with store.write() as transaction:
                    return lease.acquire(transaction, other, world.clock()) == other

            await shown.until(takes_the_lease, "another session collects")
        await shown.until_shown("with pid 4711 collects")


async def test_who_asks_for_figures_while_rate_limited_is_told_until_when(world: World) -> None:
    async with STATES["rate-limited"].opened(world, (80, 24)) as shown:
        await shown.press("r")
        await shown.until_shown("No request may be sent before 14:46Z")


async def test_a_session_that_asks_nobody_has_nothing_to_pause(world: World) -> None:
    def nothing_is_asked(*_: object) -> object:
        raise MeterdeckError("Nothing new is read by this session.")

    session = Session(world.store, world.clock, nothing_is_asked, is_offline=True)  # type: ignore[arg-type] # never returns
    async with opened(session) as shown:
        await shown.until_shown("◇ offline")
        await shown.press("p")
        await shown.until_shown("This session asks nothing anyway.")
        assert "◇ offline" in shown.header


async def test_ages_step_by_seconds_only_in_a_terminal_that_says_it_has_the_keyboard(world: World) -> None:
    world.server.open.clear()
    async with opened_deck(world) as shown:
        world.clock.now += timedelta(seconds=4)
        await shown.until(lambda: "data <1 min  next <1 min" in shown.header, "ages are in minutes")
        shown.app.post_message(events.AppFocus())
        await shown.until(lambda: "data 4 s  next 0:06" in shown.header, "ages are in seconds")
        world.clock.now += timedelta(seconds=1)
        await shown.until(lambda: "data 5 s  next 0:05" in shown.header, "they step")
        shown.app.post_message(events.AppBlur())
        await shown.until(lambda: "data <1 min  next <1 min" in shown.header, "ages are in minutes again")
