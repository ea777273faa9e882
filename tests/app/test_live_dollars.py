"""Dollars of now stand in every pane, and every one of them looks like the estimate that it is."""

import re

import pytest

from app.decks import World, opened_deck

DOLLARS = re.compile(r"[~<]*−?\$(?!/)[\d,.]+[kM]?")


@pytest.mark.parametrize("size", [(120, 40), (200, 50)])
async def test_where_there_is_room_the_breakdown_has_now_this_hour_and_today(
    demo_world: World, size: tuple[int, int]
) -> None:
    async with opened_deck(demo_world, size) as shown:
        head = next(line for line in shown.text.splitlines() if "tok/h" in line and "share" in line)
        assert [title for title in head.split() if title.startswith("~")] == ["~$/h", "~hour", "~today"]
        assert "$" in head.split(), (
            "of the time on show, which may be settled: its cells say how they are known"
        )
        table = shown.breakdown.table
        places = [table.column_keys.index(key) for key in ("usd_pace", "this_hour", "today", "usd")]
        for row in table.rows:
            for cell in (row.cells[place] for place in places):
                assert cell.text.startswith("~") or cell.text in {"—", "unpriced"}


async def test_the_rates_of_a_scope_say_what_an_hour_of_it_costs(demo_world: World) -> None:
    async with opened_deck(demo_world, (200, 50)) as shown:
        for keys in ((), ("w", *"evals", "enter")):
            await shown.press(*keys)
            await shown.until(
                lambda: shown.deck.deck is not None and shown.deck.deck.scope == shown.deck.scope,
                "it is read",
            )
            rates = next(line for line in shown.text.splitlines() if "Rates" in line)
            pace = re.search(r"~\$[\d.,k]+/h", rates)
            assert pace is not None
            assert pace[0] in shown.text.splitlines()[1], "it is the figure of the strip"


async def test_no_dollar_of_now_stands_without_its_mark(demo_world: World) -> None:
    async with opened_deck(demo_world, (80, 24)) as shown:
        costs = next(i for i, line in enumerate(shown.text.splitlines()) if "Costs" in line)
        above = "\n".join(shown.text.splitlines()[:costs])
        found = DOLLARS.findall(above)
        assert found
        assert [dollars for dollars in found if not dollars.startswith("~")] == []


async def test_where_all_members_have_a_part_of_the_bars_there_are_no_others(world: World) -> None:
    async with opened_deck(world, (200, 50)) as shown:
        await shown.press("dollar_sign", "1", "z")
        await shown.until_shown("~$/h, 24 h", "running")
        assert "0 others" not in shown.text
