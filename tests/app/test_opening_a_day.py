"""Enter on a day of the Costs pane opens its bill line by line; Escape comes back to the same day."""

from datetime import UTC, datetime

import pytest

from app.decks import Shown, World, opened_deck
from app.test_screens_by_size import compare
from app.truth import billed_on
from meterdeck.app.deck.screen import DeckScreen
from meterdeck.app.screens.day import DayScreen
from meterdeck.app.widgets.panes import CostsPane
from meterdeck.app.widgets.table import LiveTable
from meterdeck.domain.money import plain

FRIDAY = datetime(2026, 11, 20, tzinfo=UTC)
SIZES = [(80, 24), (120, 40), (200, 50)]


async def open_day(shown: Shown, *keys: str) -> None:
    """Go to Costs, press some keys, and open the day under the cursor."""
    await shown.press("3", *keys, "enter")
    await shown.until(lambda: isinstance(shown.screen, DayScreen), "the day is open")
    await shown.until_shown("Bill of")


async def until_lines(shown: Shown) -> LiveTable:
    table = shown.screen.query_one(LiveTable)
    await shown.until(lambda: bool(table.rows), "the lines are shown")
    return table


@pytest.mark.parametrize("size", SIZES, ids=[f"{width}x{height}" for width, height in SIZES])
async def test_the_lines_look_as_drawn(demo_world: World, size: tuple[int, int]) -> None:
    async with opened_deck(demo_world, size) as shown:
        await open_day(shown, "j")
        await until_lines(shown)
        compare(f"day-{size[0]}x{size[1]}", shown.text)


async def test_a_day_opens_into_lines_that_add_up_and_escape_returns_to_it(world: World) -> None:
    for key in ("escape", "backspace"):
        async with opened_deck(world, (120, 40)) as shown:
            await open_day(shown, "j")
            table = await until_lines(shown)
            await shown.press("G")
            total = table.rows[-1].cells
            assert total[0].text == "total"
            assert total[-1].text.replace(",", "").strip() == plain(billed_on(FRIDAY, {}))
            assert f"{len(table.rows) - 1} lines  may still change" in shown.text
            await shown.press(key)
            await shown.until(lambda: isinstance(shown.screen, DeckScreen), "the deck is back")
            assert shown.pane_with_keyboard == "costs"
            assert shown.deck.query_one(CostsPane).day == FRIDAY


async def test_the_lines_of_a_scope_say_what_its_filters_leave_out(world: World) -> None:
    async with opened_deck(world, (120, 24)) as shown:
        await shown.press("w", *"evals", "enter")
        await shown.until_shown("▸ evals ")
        await open_day(shown, "j")
        table = await until_lines(shown)
        assert {row.cells[0].text for row in table.rows[:-1]} == {"evals"}
        assert "Left out by the filters:" in shown.text


async def test_a_running_day_says_that_there_is_no_bill_and_shows_the_part_that_came(world: World) -> None:
    async with opened_deck(world, (120, 24)) as shown:
        await open_day(shown)
        await until_lines(shown)
        assert (
            "The bill of this day is not complete yet: the lines are what is billed so far. It is worth ~$"
            in shown.text
        )
        assert "not complete  so far $" in shown.text


async def test_a_scope_that_no_line_is_in_says_so(world: World) -> None:
    async with opened_deck(world, (120, 24)) as shown:
        await shown.press("m", *"fable-5", "space", "enter")
        await shown.press("w", *"batch", "enter")
        await shown.until_shown("▸ batch-etl ")
        await shown.press("3")
        if shown.deck.query_one(CostsPane).day is None:
            assert "⏎ in" not in shown.text
            return
        await open_day(shown, "j")
        await shown.until_shown("no line in this scope")


async def test_the_keys_of_the_cursor_move_through_the_lines(world: World) -> None:
    async with opened_deck(world) as shown:
        await open_day(shown, "j")
        table = await until_lines(shown)
        first = table.rows[0].key
        for keys, index in ((("j", "j", "k"), 1), (("pagedown", "pageup"), 1), (("G",), -1), (("g",), 0)):
            await shown.press(*keys)
            assert table.cursor_key == table.rows[index].key
        assert table.cursor_key == first


async def test_enter_on_a_months_subtotal_opens_nothing_and_the_footer_does_not_offer_it(
    world: World,
) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await shown.press("3")
        assert "⏎ in" in shown.text
        await shown.press("G")
        assert "⏎ in" not in shown.text
        await shown.press("enter")
        assert isinstance(shown.screen, DeckScreen)


async def test_an_open_day_follows_what_the_store_says(world: World) -> None:
    async with opened_deck(world, (120, 24)) as shown:
        await open_day(shown)
        await until_lines(shown)
        before = shown.text
        world.clock.now = world.clock.now.replace(hour=19)
        shown.app.refresh_feeds()
        await shown.until(lambda: shown.text != before and "so far $" in shown.text, "the bill has grown")


@pytest.mark.parametrize("size", [(80, 24), (60, 15)], ids=["80x24", "60x15"])
async def test_lines_are_told_apart_where_there_is_room_for_few_columns(
    demo_world: World, size: tuple[int, int]
) -> None:
    async with opened_deck(demo_world, size) as shown:
        await open_day(shown, "j")
        table = await until_lines(shown)
        texts = [tuple(cell.text for cell in row.cells[:-1]) for row in table.rows]
        assert len(set(texts)) == len(texts)
        await shown.until_shown("Opus 5 Output", "Opus 5.5 Output", "Sonnet 5 Output", "Sonnet 5 Input")
        drawn = [line[3:].rpartition("  ")[0] for line in shown.text.splitlines()[2:-1]]
        assert len(set(drawn)) == len(drawn), "nor are they cut so that they look alike"
        await shown.resize((140, 24))
        await shown.until_shown("Claude Opus 5", "uncached input", "global", "standard")
