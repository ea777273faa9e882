"""Help on a narrow screen: what has no room in a line goes on under its own column, never at the left edge."""

import pytest

from app.decks import World, opened_deck
from meterdeck.app.widgets.entries import Entries


@pytest.mark.parametrize("size", [(40, 10), (60, 15), (80, 24), (120, 40)])
async def test_every_line_of_help_begins_with_a_key_a_sign_or_blanks(
    world: World, size: tuple[int, int]
) -> None:
    async with opened_deck(world, size) as shown:
        await shown.press("question_mark")
        await shown.until(lambda: "In Breakdown" in shown.text, "help is open")
        for entries in shown.screen.query(Entries):
            heads = {entry.head for entry in entries._entries} | {""}
            cells = entries._head_cells
            lines = [line.text for line in (entries.render_line(y) for y in range(entries.size.height))]
            assert {line[:cells].strip() for line in lines} <= heads
            assert all(len(line.rstrip()) <= entries.size.width for line in lines)
