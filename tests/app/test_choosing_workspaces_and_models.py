"""The picker of `w` and `m`: type, mark, apply or leave; all three panes follow."""

import re
from datetime import timedelta

from app.decks import SATURDAY, Shown, World, opened_deck
from app.truth import IDS, Wanted, billed_on, tokens_of_hour
from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.dimensions import Dimension
from meterdeck.present.numbers import tokens, usd

THIS_HOUR = BucketWidth.HOUR.floor(SATURDAY)
YESTERDAY = BucketWidth.DAY.floor(SATURDAY) - timedelta(days=1)


def names(shown: Shown) -> set[str]:
    """The members that the Breakdown lists."""
    return {row.cells[0].text for row in shown.breakdown.table.rows}


async def until_chosen(shown: Shown, words: str) -> None:
    """Wait until the picker is gone and the header names the choice."""
    await shown.until(lambda: words in shown.header and shown.screen is shown.deck, f"{words} is chosen")
    await shown.until(lambda: _is_read(shown), "the deck of that scope is read")


def _is_read(shown: Shown) -> bool:
    return shown.deck.deck is not None and shown.deck.deck.scope == shown.deck.scope


def check_that_all_panes_follow(shown: Shown, wanted: Wanted) -> None:
    """Compare what stands in Rates and Costs with the organisation's own figures."""
    hours = [THIS_HOUR - timedelta(hours=back) for back in range(23, 0, -1)]
    expected = {hour: tokens_of_hour(hour, wanted) for hour in hours}
    deck = shown.deck.deck
    assert deck is not None
    assert {bar.start: bar.amount or 0 for bar in deck.rates.bars if bar.start != THIS_HOUR} == expected
    peak = max(expected, key=lambda hour: expected[hour])
    when = "" if "left out" in shown.text else f" {peak:%H:%M}"  # what must be named takes its room
    assert f"peak {tokens(expected[peak])}{when}" in shown.text
    yesterday = re.search(r"Fri 20…? +(\S+)", shown.text)
    assert yesterday
    assert yesterday[1] == usd(billed_on(YESTERDAY, wanted))


async def test_all_panes_follow_a_workspace_that_was_searched_for(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("w", *"OD")
        await shown.until_shown("Choose workspaces", "1 of 4")
        await shown.press("enter")
        await until_chosen(shown, "▸ prod-chat ")
        assert names(shown) == {"prod-chat"}
        check_that_all_panes_follow(shown, {"workspace_id": {IDS["prod-chat"]}})


async def test_the_space_bar_marks_several(world: World) -> None:
    async with opened_deck(world, (120, 24)) as shown:
        await shown.press("w", *"t", "space", "space")
        await shown.until_shown("3 of 4, 2 marked")
        await shown.press("enter")
        await until_chosen(shown, "▸ batch-etl, Default ")
        assert names(shown) == {"batch-etl", "Default"}
        check_that_all_panes_follow(shown, {"workspace_id": {IDS["batch-etl"], None}})


async def test_all_panes_follow_a_model(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("m", *"5-5")
        await shown.until_shown("Choose models", "1 of 8")
        await shown.press("enter")
        await until_chosen(shown, "▸ opus-5-5 ")
        assert shown.deck.scope.members(Dimension.MODEL) == frozenset({"claude-opus-5-5"})
        assert "Breakdown  by workspace" in shown.text
        check_that_all_panes_follow(shown, {"model": {"claude-opus-5-5"}})


async def test_escape_leaves_the_choice_and_the_first_row_takes_it_away(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("w", *"ev", "enter")
        await until_chosen(shown, "▸ evals ")
        before = shown.text
        await shown.press("w", "ctrl+a", "escape")
        await shown.until(lambda: shown.screen is shown.deck, "the picker is closed")
        assert shown.text == before
        await shown.press("w")
        await shown.until_shown("✓  evals", "1 marked")
        await shown.press(*["up"] * 3)
        await shown.until_shown("▶     all workspaces")
        await shown.press("enter")
        await until_chosen(shown, "▸ all workspaces ")
        assert len(names(shown)) == 4


async def test_a_picker_that_is_opened_before_names_are_read_says_so_and_fills(empty_world: World) -> None:
    empty_world.server.open.clear()
    async with opened_deck(empty_world) as shown:
        await shown.press("w")
        await shown.until_shown("names are being read…")
        await shown.press(*"chat")
        empty_world.server.open.set()
        await shown.until_shown("prod-chat", "1 of 4, 0 marked")
        await shown.press("enter")
        await until_chosen(shown, "prod-chat")
