"""The session that collects keeps the key figures of the whole organisation for status bars; no other one does."""

from __future__ import annotations

from datetime import timedelta

from app.decks import SATURDAY, Shown, World, opened_deck
from meterdeck.domain.scope import Scope
from meterdeck.queries.deck import DeckReader
from meterdeck.queries.question import Question
from meterdeck.store import Store, glance, lease
from meterdeck.store.glance import Glance
from meterdeck.store.lease import Lease


def kept(world: World) -> Glance | None:
    """What a status bar would find."""
    store = Store(world.store)
    try:
        with store.read() as transaction:
            return glance.last(transaction)
    finally:
        store.close()


async def read_again(shown: Shown, world: World) -> None:
    """Let the deck read newer figures."""
    world.clock.now += timedelta(minutes=2)
    await world.fill()
    await shown.until(
        lambda: shown.deck.deck is not None and shown.deck.deck.now == world.clock.now, "it is read"
    )


async def test_the_figures_on_screen_are_kept_with_their_time(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.until(lambda: shown.app.collecting.here, "it collects")
        await read_again(shown, world)
        await shown.until(lambda: (found := kept(world)) is not None and found.at > SATURDAY, "they are kept")
        deck = shown.deck.deck
    found = kept(world)
    assert deck is not None
    assert found is not None
    assert found.at == deck.now
    assert deck.figures.pace is not None
    assert found.tokens_per_hour == deck.figures.pace.tokens_per_hour
    assert found.month is not None
    assert deck.figures.month is not None
    assert found.month.amount == deck.figures.month.dollars.amount
    assert found.hour is not None
    assert found.hour.amount == deck.figures.pace.spend_per_hour.dollars.amount


async def test_a_narrowed_deck_keeps_those_of_the_whole_organisation(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("enter")
        await shown.until(lambda: bool(shown.deck.scope.filters), "the scope is narrower")
        await read_again(shown, world)
        await shown.until(lambda: (found := kept(world)) is not None and found.at == world.clock.now, "kept")
        narrow = shown.deck.deck
    store = Store(world.store)
    whole = DeckReader(store).load(Question(Scope()), world.clock.now)
    store.close()
    found = kept(world)
    assert found is not None
    assert found.month is not None
    assert whole.figures.month is not None
    assert found.month.amount == whole.figures.month.dollars.amount
    assert narrow is not None
    assert narrow.figures.month is not None
    assert found.month.amount != narrow.figures.month.dollars.amount


async def test_a_session_that_follows_keeps_none(world: World) -> None:
    store = Store(world.store)
    with store.write() as transaction:
        lease.acquire(transaction, Lease("another", 7), world.clock.now)
    async with opened_deck(world) as shown:
        await shown.until(lambda: shown.app.collecting.elsewhere_pid == 7, "it follows")
        with store.write() as transaction:
            lease.acquire(transaction, Lease("another", 7), world.clock.now + timedelta(minutes=2))
        await read_again(shown, world)
    assert kept(world) is None
    store.close()
