"""While the history is being read a line tells how far that is; with nothing left to read it goes."""

import asyncio
from datetime import timedelta

from app.decks import Shown, World, opened_deck
from meterdeck.domain import history
from meterdeck.store import Store, lease
from meterdeck.store.lease import Lease
from meterdeck.sync.plan import Feed


async def read_two_days(world: World) -> None:
    """Read the newest hours alone, as a first page does, and leave the rest due."""
    store = Store(world.store)
    engine = world.engine(store)
    since = history.history(world.clock()).end - timedelta(days=2)
    assert not await engine.catch_up([Feed.LIVE, Feed.COSTS, Feed.DIRECTORY])
    assert not await engine.catch_up([Feed.HOURS], since=since)
    with store.write() as transaction:
        transaction.run("UPDATE feed SET next_at = NULL WHERE name = 'hours'")
    await engine.close()
    store.close()


def line(shown: Shown) -> str:
    return next((line for line in shown.text.splitlines() if "history ▇" in line or "history ▁" in line), "")


async def test_a_bar_says_how_much_of_the_history_is_left_until_all_of_it_is_read(empty_world: World) -> None:
    await read_two_days(empty_world)
    empty_world.server.open.clear()
    async with opened_deck(empty_world) as shown:
        await shown.until_shown("history ▁", "6 %", "30 days left, done in a minute")
        empty_world.server.open.set()
        await shown.until(lambda: not line(shown), "the history is read")
        assert "prod-chat" in shown.text


async def test_a_session_that_follows_shows_the_same(empty_world: World) -> None:
    await read_two_days(empty_world)
    collector = Store(empty_world.store)
    with collector.write() as transaction:
        lease.acquire(transaction, Lease("other", 4711), empty_world.clock())
    async with opened_deck(empty_world) as shown:
        await shown.until_shown("following pid 4711", "history ▁", "30 days left")
        engine = empty_world.engine(collector)
        assert not await engine.catch_up([Feed.HOURS])
        await shown.until(lambda: not line(shown), "the history was read by the other session")
        await engine.close()
    await asyncio.to_thread(collector.close)
