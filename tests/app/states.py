"""Every state of the deck, brought about as it comes about: by what the server answers, the clock, and a key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from app.decks import Shown, World, opened, opened_deck
from meterdeck.store import Store, lease
from meterdeck.store.lease import Lease
from meterdeck.sync.plan import Feed


@dataclass(frozen=True)
class Staged:
    """A state: what its words begin with, their colour, and what happens to a world before and after the app opens."""

    words: str
    tone: str
    before: Callable[[World], Awaitable[None]]
    needs_usage: bool = True
    """Whether the world's store is filled before."""
    keys: tuple[str, ...] = ()

    @asynccontextmanager
    async def opened(self, world: World, size: tuple[int, int]) -> AsyncIterator[Shown]:
        """The deck in this state."""
        await self.before(world)
        async with opened_deck(world, size) as shown:
            if self.keys:
                await shown.press(*self.keys)
            await shown.until(lambda: self.words in shown.header, f"the state is {self.words!r}")
            await shown.until(lambda: not shown.deck.is_loading, "all of it is read")
            yield shown


async def _live(world: World) -> None:
    world.is_demo = False


async def _demo(_: World) -> None:
    pass


async def _loading(world: World) -> None:
    world.is_demo = False
    world.server.open.clear()


async def _empty(world: World) -> None:
    world.is_demo = False
    world.server.is_unused = True
    await world.fill()


async def _partial(world: World) -> None:
    world.is_demo = False
    await world.fill([Feed.DIRECTORY, Feed.COSTS, Feed.LIVE])
    world.server.open.clear()


async def _stale(world: World) -> None:
    world.is_demo = False
    world.clock.now += timedelta(minutes=14)
    world.server.open.clear()


async def _failed(world: World) -> None:
    world.is_demo = False
    world.clock.now += timedelta(minutes=2)
    world.server.refusing = {"usage_report": 529}


async def _offline(world: World) -> None:
    world.is_demo = False
    world.clock.now += timedelta(hours=3)
    world.server.unreachable = True


async def _limited(world: World) -> None:
    world.is_demo, world.is_paced = False, True
    world.clock.now += timedelta(minutes=2)
    world.server.refusing, world.server.retry_after = {"usage_report": 429}, 754


async def _following(world: World) -> None:
    world.is_demo = False
    store = Store(world.store)
    with store.write() as transaction:
        lease.acquire(transaction, Lease("another", 4711), world.clock())
    store.close()


STATES = {
    "live": Staged("● live", "accent", _live),
    "demo": Staged("◆ demo", "accent", _demo),
    "loading": Staged("… loading", "muted", _loading, needs_usage=False),
    "empty": Staged("○ no usage", "muted", _empty, needs_usage=False),
    "partial": Staged("◐ partial", "warning", _partial, needs_usage=False),
    "stale": Staged("◌ stale 14 min", "warning", _stale),
    "failed": Staged("✕ live failed: 529", "error", _failed),
    "offline": Staged("◇ offline", "warning", _offline),
    "rate-limited": Staged("◔ rate-limited", "warning", _limited),
    "paused": Staged("⏸ paused since", "warning", _live, keys=("p",)),
    "following": Staged("▷ following pid 4711", "muted", _following),
}


@asynccontextmanager
async def opened_without_a_key(size: tuple[int, int]) -> AsyncIterator[Shown]:
    """The screen that says how to give a key."""
    async with opened(None, size) as shown:
        await shown.until_shown("no Admin key")
        yield shown
