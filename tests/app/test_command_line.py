"""The command line: words with arguments, completed from what is known, mended where they were wrong."""

import re

import pytest
from textual.widgets import Input

from app.decks import Shown, World, opened_deck
from meterdeck.app.commands import COMMANDS
from meterdeck.app.screens.line import CommandLine
from meterdeck.app.screens.picker import Picker
from meterdeck.app.session import Terminal
from meterdeck.app.widgets.table import LiveTable
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Since, Span

BY_ID = {command.id: command for command in COMMANDS}
OPEN, FIND = BY_ID["line.open"].keys[0], BY_ID["line.find"].keys[0]
RUN, COMPLETE = BY_ID["line.run"].keys[0], BY_ID["line.complete"].keys[0]
DOWN, LEAVE = BY_ID["line.down"].keys[0], BY_ID["line.leave"].keys[0]


async def typed(shown: Shown, text: str, *, opening: str = OPEN) -> None:
    """Open the line, or go on in it, and type."""
    if not isinstance(shown.screen, CommandLine):
        await shown.press(opening)
        await shown.until(lambda: isinstance(shown.screen, CommandLine), "the line is open")
    await shown.press(*("space" if sign == " " else sign for sign in text))
    await shown.until(lambda: line_of(shown).endswith(text), "it is typed")


async def said(shown: Shown, text: str) -> None:
    """Type and run, and wait until the line is done with."""
    await typed(shown, text)
    await shown.press(RUN)
    await shown.until(lambda: shown.screen is shown.deck, f"{text} was obeyed")
    await shown.until(lambda: not shown.deck.is_loading, "it is read")


def line_of(shown: Shown) -> str:
    return shown.screen.query_one(Input).value


def choices(shown: Shown) -> list[str]:
    """The first cells of the list over the line."""
    return [row.cells[0].text for row in shown.screen.query_one("#line-choices", LiveTable).rows]


async def test_a_workspace_is_named_by_a_part_of_its_name_and_several_by_commas(world: World) -> None:
    async with opened_deck(world) as shown:
        await said(shown, "workspace prod")
        assert "▸ prod-chat" in shown.header
        assert len(shown.deck.scope.members(Dimension.WORKSPACE) or ()) == 1
        await said(shown, "workspace evals, Default")
        assert None in (shown.deck.scope.members(Dimension.WORKSPACE) or ())
        assert len(shown.deck.scope.members(Dimension.WORKSPACE) or ()) == 2
        await said(shown, "workspace all")
        assert "all workspaces" in shown.header


async def test_models_and_keys_are_named_as_they_are_shown(world: World) -> None:
    async with opened_deck(world) as shown:
        await said(shown, "model sonnet")
        assert shown.deck.scope.members(Dimension.MODEL) == frozenset(
            {"claude-sonnet-4-6", "claude-sonnet-5"}
        )
        await typed(shown, "key ")
        await shown.press(COMPLETE)
        offered = choices(shown)
        assert len(offered) >= 1
        await shown.press(RUN)
        await shown.until(lambda: shown.screen is shown.deck, "the key is chosen")
        assert len(shown.deck.scope.members(Dimension.API_KEY) or ()) == 1


async def test_a_dimension_goes_to_the_pane_that_has_the_keyboard_or_to_the_one_that_knows_it(
    world: World,
) -> None:
    async with opened_deck(world) as shown:
        await said(shown, "by api_key")
        assert shown.deck.scope.by is Dimension.API_KEY
        await said(shown, "by cost_type")
        assert shown.deck.scope.by is Dimension.API_KEY
        assert "by cost type" in shown.text
        await shown.press("3")
        await said(shown, "by model")
        assert shown.deck.scope.by is Dimension.API_KEY
        assert shown.deck.question.costs_by is Dimension.MODEL


async def test_a_dimension_may_have_any_of_its_names(world: World) -> None:
    async with opened_deck(world) as shown:
        for name, dimension in (
            ("geo", Dimension.INFERENCE_GEO),
            ("api_key_id", Dimension.API_KEY),
            ("inference_geo", Dimension.INFERENCE_GEO),
            ("account_id", Dimension.ACCOUNT),
        ):
            await said(shown, f"by {name}")
            assert shown.deck.scope.by is dimension


async def test_token_types_are_filtered_by_the_names_of_the_api_too(world: World) -> None:
    async with opened_deck(world) as shown:
        await said(shown, "by token_type")
        await shown.until(
            lambda: len(shown.breakdown.table.rows) == 6,
            "five token types are listed, and money that is not for tokens",
        )
        await shown.press("/", *"ephemeral_5m_input", "enter")
        await shown.until(
            lambda: [row.key for row in shown.breakdown.table.rows] == ["cache_write_5m"],
            "one of them is left",
        )


async def test_times_are_said_as_lengths_moments_and_hours(world: World) -> None:
    async with opened_deck(world) as shown:
        await said(shown, "time 7d")
        assert (shown.deck.scope.span, shown.deck.scope.at) == (Span.WEEK, None)
        await said(shown, "since 14:05")
        assert isinstance(shown.deck.scope.at, Since)
        assert "since 14:05Z" in shown.text
        await said(shown, "at 13:20")
        assert "13:00–14:00Z" in shown.text
        await said(shown, "at 2026-11-20")
        assert "Fri 20 Nov" in shown.text
        await said(shown, "now")
        assert shown.deck.scope.at is None


async def test_a_pane_is_gone_to_by_name(world: World) -> None:
    async with opened_deck(world) as shown:
        await said(shown, "pane costs")
        assert shown.pane_with_keyboard == "costs"
        await said(shown, "rates")
        assert shown.pane_with_keyboard == "rates"


async def test_colours_are_changed_by_name(world: World) -> None:
    async with opened_deck(world) as shown:
        other = next(name for name in shown.app.theme_names if name not in {"auto", shown.app.theme})
        await said(shown, f"theme {other}")
        assert shown.app.theme == other


async def test_charts_and_lines_are_drawn_of_dots_or_of_blocks_by_name(world: World) -> None:
    async with opened_deck(world, (120, 40)) as shown:
        before = shown.text
        assert not dots(before)
        await said(shown, "chart br")
        await shown.until(lambda: dots(shown.text), "dots are drawn")
        drawn = shown.text.splitlines()
        for words in ("100M", "1 min", "prod-chat  "):
            assert any(dots(line) for line in drawn if words in line) or words not in before
        assert not set("▂▃▅▆") & set(shown.text)
        await said(shown, "chart blocks")
        await shown.until(lambda: shown.text == before, "all is as it was")


async def test_where_nothing_but_ascii_is_shown_a_chart_stays_ascii(world: World) -> None:
    async with opened_deck(world, terminal=Terminal(is_ascii=True)) as shown:
        before = shown.text
        await said(shown, "chart ascii")
        assert shown.text == before
        await typed(shown, "chart braille")
        await shown.press(RUN)
        await shown.until_shown("This terminal shows ASCII alone")


def dots(text: str) -> bool:
    return any("\u2800" < sign <= "\u28ff" for sign in text)


async def test_what_is_wrong_is_said_in_the_line_which_stays_open_to_be_mended(world: World) -> None:
    async with opened_deck(world) as shown:
        before = shown.deck.scope
        await typed(shown, "workspace prod-caht")
        await shown.press(RUN)
        await shown.until_shown("✕ There is no workspace 'prod-caht'. Near: prod-chat.")
        assert line_of(shown) == "workspace prod-caht"
        assert shown.deck.scope == before
        await shown.press(*["backspace"] * 3)
        await shown.until(lambda: "✕" not in shown.text, "the sentence went with the mistake")
        await shown.press(*"hat")
        await shown.press(RUN)
        await shown.until(lambda: shown.screen is shown.deck, "it was mended")
        assert "▸ prod-chat" in shown.header


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nonsense", "There is no command 'nonsense'."),
        ("refresh now", ":refresh takes nothing behind it."),
        ("time 3h", "There is no time '3h'."),
        ("since soon", "'soon' is no time: write 14:05"),
        ("since 2026-12-24", "2026-12-24 lies ahead"),
        ("by colour", "Nothing can be split by 'colour'."),
        ("by service", "'service' could be service_tier or service_account. Write more of it."),
        ("profile eu", "The configuration has no profiles. meterdeck config init shows"),
        ("pane nowhere", "There is no pane 'nowhere'."),
        ("theme pink", "There is no theme 'pink'."),
        ("model gpt", "No model 'gpt' was ever used."),
        ("since", "What shall it be? :since TIME"),
    ],
)
async def test_a_line_that_can_not_be_is_refused_in_one_sentence(
    world: World, line: str, sentence: str
) -> None:
    async with opened_deck(world) as shown:
        await typed(shown, line)
        await shown.press(RUN)
        await shown.until_shown(sentence)
        assert isinstance(shown.screen, CommandLine)


@pytest.mark.parametrize("opening", [OPEN, FIND])
async def test_where_no_command_matches_the_list_says_so(world: World, opening: str) -> None:
    async with opened_deck(world) as shown:
        await shown.press(opening, *"zzz")
        await shown.until_shown("nothing matches")
        await shown.press("tab", "enter")
        await shown.until_shown("✕ There is no command 'zzz'.")


async def test_a_word_without_an_argument_does_what_its_key_does(world: World) -> None:
    async with opened_deck(world) as shown:
        await typed(shown, "workspace")
        await shown.press(RUN)
        await shown.until(lambda: isinstance(shown.screen, Picker), "the picker is open")
        await shown.press("escape")
        await said(shown, "longer")
        assert shown.deck.scope.span is Span.WEEK
        await typed(shown, "quit")
        await shown.press(RUN)
        await shown.until(lambda: not shown.app.is_running, "it has ended")


async def test_what_the_cursor_is_on_completes_the_line_and_runs(world: World) -> None:
    async with opened_deck(world) as shown:
        await typed(shown, "work")
        assert choices(shown)[0].startswith(":workspace")
        await shown.press(COMPLETE)
        await shown.until(lambda: line_of(shown) == "workspace ", "the word is complete")
        await shown.until(lambda: "prod-chat" in choices(shown), "workspaces are offered")
        await shown.press(*"ev")
        await shown.until(lambda: choices(shown) == ["evals"], "they are narrowed")
        await shown.press(COMPLETE, "comma")
        await shown.until(lambda: "prod-chat" in choices(shown), "a second one is offered")
        await shown.press(DOWN)
        second = choices(shown)[1]
        await shown.press(RUN)
        await shown.until(lambda: shown.screen is shown.deck, "it was run")
        assert len(shown.deck.scope.members(Dimension.WORKSPACE) or ()) == 2
        assert "evals" in shown.header or second in shown.header


async def test_the_list_holds_only_what_does_something_here_and_now(world: World) -> None:
    async with opened_deck(world) as shown:
        await typed(shown, "out")
        assert ":out" not in choices(shown)
        await shown.press(LEAVE)
        await shown.press("enter")
        await shown.until(lambda: shown.deck.trail.depth == 1, "it went in")
        await typed(shown, "out")
        assert choices(shown)[0] == ":out"
        await shown.press(RUN)
        await shown.until(lambda: shown.deck.trail.depth == 0, "it went out")


async def test_the_palette_finds_a_command_by_what_it_does(world: World) -> None:
    async with opened_deck(world) as shown:
        await typed(shown, "longer time", opening=FIND)
        await shown.press(RUN)
        await shown.until(lambda: shown.deck.scope.span is Span.WEEK, "the time is longer")
        await typed(shown, "until now", opening=FIND)
        await shown.press(RUN)
        await shown.until(lambda: line_of(shown) == "since ", "it asks since when")
        await shown.press(*"14:05")
        await shown.press(RUN)
        await shown.until(lambda: isinstance(shown.deck.scope.at, Since), "it looks since then")


async def test_the_palette_and_the_line_list_every_live_command_of_the_registry(world: World) -> None:
    async with opened_deck(world) as shown:
        live = [
            c.usage for c in COMMANDS if c.name and shown.deck.is_live(c) and shown.app.registry.of(c.id) is c
        ]
        for key in (OPEN, FIND):
            await shown.press(key)
            await shown.until(lambda: isinstance(shown.screen, CommandLine), "the line is open")
            assert sorted(choices(shown)) == sorted(live)
            await shown.press(LEAVE)
            await shown.until(lambda: shown.screen is shown.deck, "it was left")


async def test_leaving_the_line_changes_nothing(world: World) -> None:
    async with opened_deck(world) as shown:
        before = shown.deck.scope
        await typed(shown, "workspace prod-chat")
        await shown.press(LEAVE)
        await shown.until(lambda: shown.screen is shown.deck, "it was left")
        assert shown.deck.scope == before
        assert shown.pane_with_keyboard == "breakdown"


async def test_the_line_blinks_not_and_stands_on_the_last_line(world: World) -> None:
    async with opened_deck(world) as shown:
        await typed(shown, "time 7d")
        assert not shown.screen.query_one(Input).cursor_blink
        assert shown.text.splitlines()[-1].strip().startswith(":time 7d")
        assert len(shown.text.splitlines()) == 24


async def test_every_word_that_needs_nothing_can_be_said_before_anything_was_read(empty_world: World) -> None:
    empty_world.server.open.clear()
    leaving = {"app.quit", "app.help", "line.open", "line.find"}
    words = [command for command in COMMANDS if command.name and command.action and command.id not in leaving]
    async with opened_deck(empty_world) as shown:
        for command in (word for word in words if shown.deck.is_live(word)):
            await typed(shown, command.name)
            await shown.press(RUN)
            await shown.until(lambda: not isinstance(shown.screen, CommandLine), "it ran")
            assert shown.app.is_running
            if shown.screen is not shown.deck:
                await shown.press("escape")
                await shown.until(lambda: shown.screen is shown.deck, "what it opened is left")


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (80, 16), (60, 15), (40, 10), (38, 6), (20, 2)])
async def test_what_is_typed_stands_on_the_last_line_however_low_the_screen_is(
    world: World, size: tuple[int, int]
) -> None:
    async with opened_deck(world, size) as shown:
        await typed(shown, "t")
        await shown.until(lambda: shown.text.splitlines()[size[1] - 1 :] == [" :t"], "the line is on show")
        assert size[1] < 8 or " ⏎ run" in shown.text.splitlines()[-2]
        await typed(shown, "ime tomorrow")
        await shown.press(RUN)
        await shown.until(lambda: bool(shown.screen.query("#line-trouble.-shown")), "it says what is wrong")
        assert shown.text.splitlines()[-1].rstrip() == " :time tomorrow"
        assert "✕ There is no time" in shown.text


async def test_in_ascii_a_sentence_without_room_ends_after_a_word_and_a_name_keeps_its_end(
    world: World,
) -> None:
    async with opened_deck(world, (60, 15), terminal=Terminal(is_ascii=True)) as shown:
        await typed(shown, "chart")
        await shown.until_shown("Charts and lines of")
        line = next(line for line in shown.text.splitlines() if "Charts and lines of" in line)
        assert "*" not in line
        assert re.search(r"Charts and lines of [a-z ,]*[a-z]\.\.", line)
