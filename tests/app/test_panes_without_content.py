"""A pane that has nothing to show keeps the keyboard, and what comes into it has the keyboard too."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.decks import Shown, World, opened_deck
from app.test_drilling_down import until_read
from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, Dimension
from meterdeck.present.empty import has_no_rates

SIZES = [(60, 15), (80, 24), (120, 40)]
IDS = [f"{width}x{height}" for width, height in SIZES]
LONG_AGO = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))


def is_empty(shown: Shown) -> bool:
    deck = shown.deck.deck
    return deck is not None and has_no_rates(deck)


async def look_at(shown: Shown, window: Window | None) -> None:
    """Look at a time, and wait until it is shown."""
    shown.deck.replace_scope(replace(shown.deck.scope, at=window))
    await until_read(shown)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
async def test_rates_keep_the_keyboard_while_minutes_are_fetched_and_when_they_came(
    world: World, size: tuple[int, int]
) -> None:
    world.server.open.clear()
    async with opened_deck(world, size) as shown:
        await shown.press("1", *["left"] * 6, "enter")
        await until_read(shown)
        await shown.until(lambda: is_empty(shown), "there are no minutes")
        assert "▌1  Rates" in shown.text
        scope = shown.deck.scope
        await shown.press("enter", "left", "enter")
        assert shown.deck.scope == scope
        assert not shown.deck.rates.is_read_off, "there is nothing to read off"
        world.server.open.set()
        await shown.until(lambda: not is_empty(shown), "the minutes are there")
        assert "▌1  Rates" in shown.text
        await shown.press("left")
        assert shown.deck.rates.is_read_off


async def test_breakdown_keeps_the_keyboard_where_the_api_was_not_asked_yet(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press(*"bbbbbb")
        await until_read(shown)
        by = shown.deck.scope.by
        assert by in ON_DEMAND_DIMENSIONS
        assert f"▌2  Breakdown  by {by.title}" in shown.text
        await shown.press("b", "b", "b", "b")
        await until_read(shown)
        assert shown.deck.scope.by is Dimension.WORKSPACE
        assert "▌2  Breakdown  by workspace" in shown.text


@pytest.mark.parametrize(("key", "pane"), [("1", "rates"), ("2", "breakdown"), ("3", "costs")])
async def test_a_time_without_usage_takes_the_keyboard_from_no_pane(
    world: World, key: str, pane: str
) -> None:
    async with opened_deck(world) as shown:
        await shown.press(key)
        await look_at(shown, LONG_AGO)
        await shown.until_shown("no usage in ")
        assert shown.pane_with_keyboard == pane
        await look_at(shown, None)
        assert shown.pane_with_keyboard == pane
        assert f"▌{key}" in shown.text


async def test_the_words_of_an_empty_pane_cover_all_of_it(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await shown.press("1", "z")
        await look_at(shown, LONG_AGO)
        await shown.until_shown("no usage in ")
        below_the_title = [line for line in shown.text.splitlines()[3:-1] if line.strip()]
        assert len(below_the_title) == 1


async def test_a_pane_that_is_not_read_yet_does_not_say_so_of_those_that_are(empty_world: World) -> None:
    empty_world.server.refusing = {"usage_report": 529}
    async with opened_deck(empty_world) as shown:
        await shown.until_shown("✕ The API failed (529: Overloaded). What was read before stays")
        await shown.until(lambda: bool(shown.days), "the bill is there")
        assert shown.deck.deck is not None
        # What was billed so far stands in Breakdown too, with no pace; Rates alone has nothing to draw.
        assert shown.text.count("not read yet: the last line says why") == 1
        assert {row.part.tokens.total for row in shown.deck.deck.breakdown.rows} == {0}
        assert all(row.pace is None for row in shown.deck.deck.breakdown.rows)
        assert "nothing was read" not in shown.text
