"""Keys that come all at once do what they do one by one: on a slow line, out of a paste, from `tmux send-keys`."""

import pytest
from textual import events

from app.decks import Shown, World, opened_deck
from meterdeck.app.screens.line import CommandLine
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope, Since, Span


async def until_chosen(shown: Shown, what: str) -> None:
    """Wait until something is chosen, and what asked for it is closed."""
    await shown.until(lambda: shown.screen is shown.deck and shown.deck.scope != Scope(), f"{what} is chosen")


@pytest.mark.parametrize("keys", [":workspace evals\r", "wevals\r", "weval \r", "/eval\r\r"])
async def test_a_workspace_is_chosen_by_keys_that_come_at_once(world: World, keys: str) -> None:
    async with opened_deck(world) as shown:
        shown.type_ahead(keys)
        await until_chosen(shown, "the workspace")
        members = shown.deck.scope.members(Dimension.WORKSPACE) or frozenset()
        assert len(members) == 1
        assert str(next(iter(members))).startswith("wrkspc_01SimEvals")


async def test_every_word_of_the_line_takes_its_argument_along(world: World) -> None:
    async with opened_deck(world) as shown:
        shown.type_ahead(":model opus-5\r:by api_key\r:time 7d\r:since 14:05\r")
        await shown.until(lambda: isinstance(shown.deck.scope.at, Since), "all is said")
        scope = shown.deck.scope
        assert scope.members(Dimension.MODEL) == frozenset({"claude-opus-5"})
        assert (scope.by, scope.span) == (Dimension.API_KEY, Span.WEEK)


async def test_letters_typed_into_an_open_line_come_before_the_enter_behind_them(world: World) -> None:
    async with opened_deck(world) as shown:
        shown.type_ahead(":")
        await shown.until(lambda: isinstance(shown.screen, CommandLine), "the line is open")
        shown.type_ahead("workspace evals\r")
        await until_chosen(shown, "the workspace")
        assert "▸ evals" in shown.header


@pytest.mark.parametrize("opening", [":", "\x10"], ids=["line", "palette"])
async def test_an_empty_line_means_nothing(world: World, opening: str) -> None:
    async with opened_deck(world) as shown:
        shown.type_ahead(f"{opening}\rt")
        await shown.until(lambda: shown.deck.scope != Scope(), "the key behind it is done")
        assert shown.screen is shown.deck
        assert shown.deck.scope == Scope(span=Span.WEEK)


async def test_a_key_whose_field_is_taken_away_holds_up_none_of_those_behind_it(world: World) -> None:
    async with opened_deck(world) as shown:
        shown.type_ahead(":")
        await shown.until(lambda: isinstance(shown.screen, CommandLine), "the line is open")
        shown.app.post_message(events.Key("x", "x"))
        shown.app.call_later(shown.app.pop_screen)
        shown.type_ahead("t")
        await shown.until(lambda: shown.deck.scope.span is Span.WEEK, "the next key is done")
