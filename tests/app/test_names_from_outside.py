"""Names are other people's text: shown as they are written, and never able to draw, colour or move anything."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from rich.cells import cell_len

from app.decks import Shown, World, opened_deck
from app.truth import IDS
from meterdeck.domain.reports import Workspace
from meterdeck.store import Store, directory

MARKUP = "[red]all[/] [@click=app.quit]x[/]"
NAMES = {
    IDS["prod-chat"]: MARKUP,
    IDS["batch-etl"]: "\x1b[31m\x1b[2Jred\x1b]0;title\x07 \x9b1mbold",
    IDS["evals"]: "two\nlines\r\tand\x00\x08 more",
    "wrkspc_unused_1": "\u202egnp.exe\u2066 \u200bzero\ufeff",
    "wrkspc_unused_2": "$(reboot); `x` \\ %s {0} [",
}
SEEN = [MARKUP, "red bold", "two lines and more", "gnp.exe zero", "$(reboot); `x` \\ %s {0} ["]
"""What may be seen of each."""


def name_workspaces(world: World, names: Mapping[str, str]) -> None:
    """Give workspaces these names, as an administrator could."""
    store = Store(world.store)
    with store.write() as transaction:
        known = directory.load(transaction)
        assert known.organization
        workspaces = [Workspace(workspace_id, name) for workspace_id, name in names.items()]
        directory.replace(transaction, known.organization, workspaces, known.api_keys)
    store.close()


def check_screen(shown: Shown, size: tuple[int, int]) -> None:
    """Each line is as wide as the screen, and nothing in it is more than a character with a place."""
    strips = shown.app.screen._compositor.render_strips()
    assert len(strips) == size[1]
    for strip in strips:
        assert cell_len(strip.text) == size[0]
        assert [c for c in strip.text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"}] == []
        assert all(segment.control is None for segment in strip)


async def test_names_are_shown_literally_wherever_they_stand(world: World) -> None:
    size = (200, 30)
    name_workspaces(world, NAMES)
    async with opened_deck(world, size) as shown:
        listed = [row.cells[0].text for row in shown.breakdown.table.rows]
        assert {MARKUP, "red bold", "two lines and more"} <= set(listed)
        check_screen(shown, size)

        await shown.press("w")
        await shown.until_shown("Choose workspaces", *SEEN)
        check_screen(shown, size)
        await shown.press(*"all", "enter")
        await shown.until(lambda: f"▸ {MARKUP} " in shown.header, "the header names the choice")
        await shown.until(lambda: shown.breakdown.table.rows[0].cells[0].text == MARKUP, "the panes follow")
        assert len(shown.breakdown.table.rows) == 1
        check_screen(shown, size)
