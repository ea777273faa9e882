"""A key that means a row waits until the rows of the scope that is asked for are there, and never means another's."""

from decimal import Decimal

import pytest

from app.decks import Shown, World, held_up, opened_deck
from app.test_drilling_down import until_read
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope, Span
from meterdeck.store import StoreError


async def until_deep(shown: Shown, depth: int) -> None:
    """Wait until so many steps lead back, and the innermost scope is read."""
    await shown.until(lambda: shown.deck.trail.depth == depth, f"it is {depth} steps in")
    await until_read(shown)


async def test_enters_at_once_go_in_step_by_step_by_the_rows_of_each_scope(world: World) -> None:
    async with opened_deck(world) as shown:
        for key in ("g", "enter", "enter", "enter"):
            await shown.press(key)
            await until_read(shown)
        one_by_one = shown.deck.scope
        await shown.press("escape", "escape", "escape")
        await until_read(shown)
        assert shown.deck.scope == Scope()
        shown.type_ahead("2g\r\r\r")
        await until_deep(shown, 3)
        assert shown.deck.scope == one_by_one
        assert [f.dimension for f in one_by_one.filters] == [
            Dimension.WORKSPACE,
            Dimension.MODEL,
            Dimension.API_KEY,
        ]


async def test_what_is_typed_while_rows_are_read_waits_for_them_and_keeps_its_order(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("enter")
        await until_read(shown)
        second = shown.breakdown.table.rows[1].key
        await shown.press("escape")
        await until_read(shown)
        with held_up(shown) as goes_on:
            shown.type_ahead("\rj\rt")
            await shown.until(lambda: shown.deck.trail.depth == 1, "it went in")
            goes_on.set()
            await shown.until(lambda: shown.deck.scope.span is Span.WEEK, "the last key is done")
        assert shown.deck.scope.members(Dimension.MODEL) == frozenset({second})


async def test_escape_takes_back_what_waits(world: World) -> None:
    async with opened_deck(world) as shown:
        with held_up(shown) as goes_on:
            shown.type_ahead("\r\r\r")
            await shown.until(lambda: shown.deck.trail.depth == 1, "it went in")
            await shown.press("escape")
            goes_on.set()
            await until_deep(shown, 1)
        shown.type_ahead("t")
        await shown.until(lambda: shown.deck.scope.span is Span.WEEK, "the next key is done")
        assert shown.deck.trail.depth == 1


async def test_a_word_that_means_a_row_does_nothing_before_it_is_there(world: World) -> None:
    async with opened_deck(world) as shown:
        with held_up(shown):
            shown.type_ahead("b:in\r")
            await shown.until(
                lambda: shown.deck.scope.by is Dimension.MODEL, "the next dimension is asked for"
            )
            shown.type_ahead(":by api_key\r")
            await shown.until(lambda: shown.deck.scope.by is Dimension.API_KEY, "all is said")
            assert shown.deck.scope.filters == ()


async def test_a_bar_of_the_chart_is_waited_for_like_a_row(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("1", "left")
        with held_up(shown) as goes_on:
            shown.type_ahead("\r\r")
            await shown.until(lambda: shown.deck.trail.depth == 1, "it went into the bucket")
            assert not shown.deck.rates.is_read_off
            goes_on.set()
            await shown.until(lambda: shown.deck.rates.is_read_off, "the next Enter put the cursor on a bar")
        await until_deep(shown, 1)


async def test_control_c_leaves_past_everything_that_waits(world: World) -> None:
    async with opened_deck(world) as shown:
        with held_up(shown):
            shown.type_ahead("\r\r\r")
            await shown.until(lambda: shown.deck.trail.depth == 1, "it went in")
            shown.type_ahead("\x03")
            await shown.until(lambda: not shown.app.is_running, "it has ended")


async def test_a_read_that_fails_holds_no_key_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreError("The disk is gone.")

    async with opened_deck(world) as shown:
        monkeypatch.setattr(shown.deck._reader, "load", fail)
        shown.type_ahead("\r\rt")
        await shown.until(lambda: shown.deck.scope.span is Span.WEEK, "the last key is done")
        assert shown.deck.trail.depth == 1, "rows of another scope lead nowhere"


async def test_key_figures_stay_those_of_the_scope_on_show_until_others_are_read(demo_world: World) -> None:
    """A budget of the scope that is asked for would stand behind the amount of another one."""
    demo_world.budgets = (
        Budget(Decimal(5000), Period.DAY),
        Budget(Decimal(1300), Period.DAY, Dimension.WORKSPACE, "prod-chat"),
    )
    async with opened_deck(demo_world, (120, 40)) as shown:
        await shown.until_shown("of $5k")
        figures = shown.text.splitlines()[1]
        with held_up(shown):
            await shown.press("enter")
            await shown.until(lambda: "▸ prod-chat" in shown.header, "the header says where we will be")
            assert shown.text.splitlines()[1] == figures
        await shown.until_shown("of $1.3k")
