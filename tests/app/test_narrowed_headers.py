"""A narrow first line tells every filter, by name or by number, and keeps the age of figures that get no newer."""

import pytest

from app.decks import Shown, World
from app.states import STATES
from app.test_states import resized

SIZES = [(80, 24), (60, 15), (50, 12), (40, 10)]


async def enter(shown: Shown) -> None:
    """Go into the row under the cursor, and wait for what is in it."""
    before = shown.deck.scope
    await shown.press("enter")
    await shown.until(lambda: shown.deck.scope != before, "the scope is narrower")
    await shown.until(lambda: shown.deck.rows_are_there, "its rows are there")


async def narrow(shown: Shown, filters: int = 3) -> None:
    """Filter by a workspace, then by a model, then by a key."""
    for _ in range(filters):
        await enter(shown)
    assert len(shown.deck.scope.filters) == filters


def filters_told(header: str) -> int:
    """How many filters a first line tells of: those that are named, and those that are counted."""
    crumbs = [crumb.split("  ")[0].strip() for crumb in header.split("▸")[1:]]
    scope = [crumb for crumb in crumbs if not crumb.startswith("all ") and crumb != "24 h"]
    return sum(int(crumb[1:]) if crumb.startswith("+") else 1 for crumb in scope)


@pytest.mark.parametrize("state", ["failed", "demo", "following", "rate-limited"])
@pytest.mark.parametrize("filters", [1, 3])
async def test_a_filter_without_room_for_its_name_is_counted(state: str, filters: int, world: World) -> None:
    async with STATES[state].opened(world, (120, 40)) as shown:
        await narrow(shown, filters)
        for size in SIZES:
            await resized(shown, size)
            assert filters_told(shown.header) == filters, (size, shown.header)


async def test_where_all_names_fit_cut_none_is_counted(world: World) -> None:
    async with STATES["demo"].opened(world, (40, 10)) as shown:
        await narrow(shown)
        assert "+" not in shown.header
        assert filters_told(shown.header) == 3


@pytest.mark.parametrize(
    ("state", "age", "word"),
    [
        ("failed", "data 2 min", "✕ live failed"),
        ("rate-limited", "data 2 min", "◔ rate-limited"),
        ("offline", "data 3 h", "◇ offline"),
    ],
)
@pytest.mark.parametrize("filters", [0, 1, 3])
async def test_figures_that_get_no_newer_say_how_old_they_are(
    state: str, age: str, word: str, filters: int, world: World
) -> None:
    async with STATES[state].opened(world, (120, 40)) as shown:
        await narrow(shown, filters)
        for size in SIZES:
            await resized(shown, size)
            assert age in shown.header, (size, shown.header)
            assert word in shown.header, (size, shown.header)


async def test_who_follows_tells_the_age_before_the_number_of_the_process(world: World) -> None:
    async with STATES["following"].opened(world, (120, 40)) as shown:
        await narrow(shown, 2)
        await resized(shown, (60, 15))
        assert "data <1 min" in shown.header
        assert shown.header.endswith("▷ following")
