"""The cursor stays on its row, also on that of the default workspace, whose id is no id at all."""

import pytest

from app.decks import Shown, World, opened_deck
from app.test_drilling_down import until_read
from app.test_panes_without_content import LONG_AGO, look_at


def row_under_cursor(shown: Shown) -> str:
    table = shown.breakdown.table
    return next((row.cells[0].text for row in table.rows if row.key == table.cursor_key), "none")


async def put_on(shown: Shown, name: str) -> None:
    """Put the cursor on a row."""
    rows = [row.cells[0].text for row in shown.breakdown.table.rows]
    await shown.press("g", *["j"] * rows.index(name))
    assert row_under_cursor(shown) == name


@pytest.mark.parametrize("name", ["Default", "evals"])
async def test_escape_comes_back_to_the_row_that_was_entered(world: World, name: str) -> None:
    async with opened_deck(world) as shown:
        await put_on(shown, name)
        await shown.press("enter")
        await until_read(shown)
        await shown.press("escape")
        await until_read(shown)
        assert row_under_cursor(shown) == name


@pytest.mark.parametrize("name", ["Default", "evals"])
async def test_a_filter_that_leaves_no_row_gives_the_cursor_back_to_its_own(world: World, name: str) -> None:
    async with opened_deck(world) as shown:
        await put_on(shown, name)
        await shown.press("slash", *"zzz")
        assert row_under_cursor(shown) == "none"
        await shown.press("escape")
        assert row_under_cursor(shown) == name


@pytest.mark.parametrize("name", ["prod-chat", "evals"])
@pytest.mark.parametrize("size", [(80, 18), (80, 24)], ids=["low", "high"])
async def test_a_time_without_usage_gives_the_cursor_back_to_its_row(
    world: World, name: str, size: tuple[int, int]
) -> None:
    async with opened_deck(world, size) as shown:
        await put_on(shown, name)
        await look_at(shown, LONG_AGO)
        assert row_under_cursor(shown) == "none"
        await look_at(shown, None)
        assert row_under_cursor(shown) == name
        assert f"▶  {name}" in shown.text


async def test_an_untouched_cursor_is_on_top_after_a_time_without_usage(world: World) -> None:
    async with opened_deck(world) as shown:
        await look_at(shown, LONG_AGO)
        await look_at(shown, None)
        assert row_under_cursor(shown) == "prod-chat"
        assert shown.breakdown.table.scroll_offset.y == 0
