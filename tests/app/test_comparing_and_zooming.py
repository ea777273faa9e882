"""`c` compares two members from the rows that are held; `z` gives a pane the whole screen."""

from collections.abc import Hashable

import pytest

from app.decks import Shown, World, opened_deck
from app.test_screens_by_size import compare
from meterdeck.app.messages import StoreChanged
from meterdeck.app.screens.compare import CompareScreen
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.app.widgets.table import LiveTable
from meterdeck.domain.dollars import Dollars
from meterdeck.present.numbers import tokens, usd_short

SIZES = [(60, 15), (80, 24), (120, 40), (200, 50)]
IDS = [f"{width}x{height}" for width, height in SIZES]


async def until_read(shown: Shown) -> None:
    await shown.until(
        lambda: shown.deck.deck is not None and shown.deck.deck.question == shown.deck.question,
        "the question is answered",
    )


async def compare_two(shown: Shown, *keys: str) -> None:
    await shown.press(*keys, "c")
    await shown.until(lambda: isinstance(shown.screen, CompareScreen), "two are compared")


def figures(shown: Shown) -> dict[str, list[str]]:
    """Each line of the comparison by its first word."""
    rows = shown.screen.query_one(LiveTable).rows
    return {row.cells[0].text.strip(): [cell.text for cell in row.cells[1:]] for row in rows}


@pytest.mark.parametrize("size", SIZES, ids=IDS)
async def test_a_comparison_looks_as_drawn(demo_world: World, size: tuple[int, int]) -> None:
    async with opened_deck(demo_world, size) as shown:
        await compare_two(shown, "space", "j", "space")
        compare(f"compare-{size[0]}x{size[1]}", shown.text)


async def test_a_comparison_shows_the_marked_two_and_escape_returns_to_them(world: World) -> None:
    async with opened_deck(world) as shown:
        deck = shown.deck.deck
        assert deck is not None
        first, _, third, _ = deck.breakdown.rows
        await compare_two(shown, "space", "j", "j", "space")
        a, b = first.part.tokens, third.part.tokens
        assert figures(shown)["tokens"][:2] == [tokens(a.total), tokens(b.total)]
        assert figures(shown)["cache read"][:2] == [tokens(a.cache_read), tokens(b.cache_read)]
        assert figures(shown)["tokens"][2] == f"+{tokens(a.total - b.total)}"
        assert len(figures(shown)) > len(deck.rates.bars), "and every bucket"
        await shown.press("escape")
        assert shown.screen is shown.deck
        assert [row.sign for row in shown.breakdown.table.rows] == ["✓", "", "✓", ""]


async def test_the_difference_of_dollars_is_of_dollars_and_as_sure_as_both(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        for day, sign in ((None, "~"), ("2026-11-12", "")):
            if day is not None:
                await shown.press("escape", "colon", *f"at {day}", "enter", "dollar_sign")
                await until_read(shown)
            deck = shown.deck.deck
            assert deck is not None
            rows: dict[Hashable, Dollars] = {
                row.part.member.key: row.part.spend.dollars for row in deck.breakdown.rows
            }
            first, second = (rows[row.key].amount for row in shown.breakdown.table.rows[:2])
            assert first is not None
            assert second is not None
            assert first > second
            await shown.press("g")
            await compare_two(shown, "space", "j", "space")
            assert figures(shown)["$"][2] == f"{sign}+{usd_short(first - second)}"
            await shown.press("escape", "space", "k", "space")


async def test_with_one_mark_it_is_compared_with_the_row_under_the_cursor(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await shown.press("space")
        assert "c compare" not in shown.screen.query_one(KeyFooter).text
        await shown.press("c")
        assert shown.screen is shown.deck
        await shown.press("j")
        assert "c compare" in shown.screen.query_one(KeyFooter).text
        await compare_two(shown)
        assert shown.text.splitlines()[1].split()[0] == "prod-chat"


async def test_a_comparison_follows_what_the_store_says(world: World) -> None:
    async with opened_deck(world) as shown:
        await compare_two(shown, "space", "j", "space")
        before = figures(shown)["tokens"]
        world.clock.now = world.clock.now.replace(hour=16)
        shown.app.refresh_feeds()
        await shown.until(lambda: figures(shown)["tokens"] != before, "the figures have changed")
        deck = shown.deck.deck
        assert deck is not None


async def test_the_keys_of_the_cursor_move_through_a_comparison(world: World) -> None:
    async with opened_deck(world) as shown:
        await compare_two(shown, "space", "j", "space")
        table = shown.screen.query_one(LiveTable)
        for keys, position in ((("j", "j", "k"), 1), (("pagedown", "pageup"), 1), (("G",), -1), (("g",), 0)):
            await shown.press(*keys)
            assert table.cursor_key == table.rows[position].key


@pytest.mark.parametrize("size", SIZES, ids=IDS)
@pytest.mark.parametrize("pane", ["rates", "breakdown", "costs"])
async def test_a_zoomed_pane_looks_as_drawn(demo_world: World, size: tuple[int, int], pane: str) -> None:
    async with opened_deck(demo_world, size) as shown:
        await shown.press(str(["rates", "breakdown", "costs"].index(pane) + 1), "z")
        await until_read(shown)
        compare(f"zoomed-{pane}-{size[0]}x{size[1]}", shown.text)


async def test_zoom_gives_one_pane_the_screen_and_z_or_escape_gives_it_back(world: World) -> None:
    async with opened_deck(world, (160, 40)) as shown:
        before = shown.text
        assert " input " not in before
        for back in ("z", "escape"):
            await shown.press("z")
            await until_read(shown)
            assert "Rates" not in shown.text
            assert "Costs" not in shown.text
            assert " input " in shown.text
            assert shown.header in shown.text
            await shown.press(back)
            await until_read(shown)
            await shown.until(lambda: shown.text == before, "the deck is as it was")


async def test_tab_and_digits_go_to_another_pane_on_the_whole_screen(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("z", "3")
        await shown.until_shown("▌3  Costs", "Nov")
        assert "Breakdown" not in shown.text
        await shown.press("1")
        await shown.until_shown("▌1  Rates", "running")
        buckets = shown.deck.rates.table
        await shown.press("j", "j", "j")
        assert buckets.position == "3 of 24"
        await shown.press("z")
        await shown.until_shown("▌1  Rates", "Breakdown", "Costs")
        assert "running" not in shown.text


async def test_new_data_and_another_size_leave_the_zoom(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("z")
        await until_read(shown)
        deck = shown.deck.deck
        shown.deck.post_message(StoreChanged())
        await shown.until(lambda: shown.deck.deck is not deck, "it was read again")
        assert "Costs" not in shown.text
        for size in ((200, 50), (38, 8), (60, 15)):
            await shown.resize(size)
        assert "Costs" not in shown.text
        await shown.until_shown("▌2  Breakdown")
