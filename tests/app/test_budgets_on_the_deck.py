"""Budgets on the deck: each where its scope is on screen, and on the line that warns where it is not."""

from decimal import Decimal

import pytest

from app.decks import World, opened_deck
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.notice import Notice
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.dimensions import Dimension
from meterdeck.present.ascii import to_ascii

MONTHLY = Budget(Decimal(5_000_000), Period.MONTH)
PROD_CHAT = Budget(Decimal(900), Period.DAY, Dimension.WORKSPACE, "prod-chat")


async def test_a_workspaces_budget_warns_from_afar_and_has_its_bar_where_its_workspace_is_on_screen(
    world: World,
) -> None:
    world.budgets = (MONTHLY, PROD_CHAT)
    async with opened_deck(world, (120, 40)) as shown:
        await shown.until_shown("of $5M", "! prod-chat:", "of $900 today")
        await shown.press("enter")
        await shown.until(lambda: "▸ prod-chat" in shown.header, "prod-chat is on screen")
        await shown.until(lambda: "of $900 ▇" in shown.text, "its budget has a bar")
        assert "of $5M" not in shown.text, "the organisation's budget is not this workspace's"
        await shown.press("escape")
        await shown.until_shown("of $5M")


async def test_what_is_ahead_appears_when_past_hours_were_read_and_stays(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        await shown.until_shown("eod ~$", "eom ~$")
        figures = shown.deck.query_one("#figures", StatusLine).text
        await shown.press("b")
        await shown.until(
            lambda: shown.deck.deck is not None and shown.deck.deck.scope.by is Dimension.MODEL, "by model"
        )
        assert shown.deck.query_one("#figures", StatusLine).text == figures
        assert "?" not in to_ascii(figures)


async def test_a_budget_of_nobody_known_is_said(world: World) -> None:
    world.budgets = (Budget(Decimal(5), Period.DAY, Dimension.WORKSPACE, "prod-caht"),)
    async with opened_deck(world) as shown:
        await shown.until_shown("! A budget is of nobody known. There is no workspace named 'prod-caht'.")


async def test_without_anything_read_there_is_neither_month_nor_anything_ahead(empty_world: World) -> None:
    empty_world.budgets = (MONTHLY,)
    empty_world.server.open.clear()
    async with opened_deck(empty_world, (120, 40)) as shown:
        assert "$" not in shown.deck.query_one("#figures", StatusLine).text


@pytest.mark.parametrize(("size", "lines"), [((60, 15), 1), ((40, 10), 1), ((40, 20), 2)])
async def test_the_line_that_warns_is_one_where_lines_are_few(
    world: World, size: tuple[int, int], lines: int
) -> None:
    world.budgets = (PROD_CHAT,)
    async with opened_deck(world, size) as shown:
        await shown.until_shown("! prod-chat:")
        await shown.until(lambda: "gone" in shown.text, "when it will be gone is foreseen")
        notice = shown.deck.query_one(Notice)
        await shown.until(lambda: notice.size.height == lines, "the line has its height")
        assert "…" not in str(notice.content)
