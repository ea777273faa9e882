"""The line of the last hour by minute: its last value and its maximum stand beside it, while there is room."""

from datetime import timedelta

from app.decks import Shown, World, opened_deck
from meterdeck.app.widgets.line import StatusLine


def line_of(shown: Shown) -> str:
    return shown.deck.rates.query_one(".minutes", StatusLine).text


async def test_the_last_minute_that_has_filled_stands_before_the_largest(world: World) -> None:
    async with opened_deck(world) as shown:
        deck = shown.deck.deck
        assert deck is not None
        newest = deck.rates.newest
        assert newest == deck.rates.minutes[-12], "10 minutes fill, and the running one is the last"
        assert newest is not None
        largest = max(minute for minute in deck.rates.minutes if minute is not None)
        assert newest < largest < 999_500, "both are told in thousands"
        said = f"  last {newest / 1000:.0f}k  max {largest / 1000:.0f}k/min"
        assert line_of(shown).endswith(said)
        await shown.resize((40, 10))
        await shown.press("1")
        await shown.until(
            lambda: "max" in line_of(shown) and "last" not in line_of(shown), "there is no room"
        )


async def test_it_stays_while_nothing_is_read(world: World) -> None:
    async with opened_deck(world) as shown:
        said = line_of(shown).partition(" last ")[2]
        world.server.open.clear()
        world.clock.now += timedelta(minutes=6)
        shown.deck.load()
        await shown.until(
            lambda: "data 6 min" in shown.header and not shown.deck.is_loading, "it is read again"
        )
        assert line_of(shown).partition(" last ")[2] == said
