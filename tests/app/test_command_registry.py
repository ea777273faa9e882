"""One registry holds every key: bindings, footer and help come from it, and nothing else binds any."""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator

import pytest
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widgets import Input

import meterdeck.app
import meterdeck.app.app
from app.decks import Shown, World, opened, opened_deck
from meterdeck.app.commands import COMMANDS, Command, Where, bindings_of, commands_on, footer_of
from meterdeck.app.deck.screen import DeckScreen
from meterdeck.app.screens.day import DayScreen
from meterdeck.app.screens.export import ExportScreen
from meterdeck.app.screens.help import HelpScreen
from meterdeck.app.screens.no_key import NoKeyScreen
from meterdeck.app.screens.picker import Picker
from meterdeck.app.screens.unknown_key import UnknownKeyScreen
from meterdeck.app.widgets.footer import KeyFooter

IDS = {command.id for command in COMMANDS}
OF_TEXTUAL = {"super+c", "ctrl+c", "tab", "shift+tab"}
"""What every screen of Textual binds by itself: copying what the mouse selected, and the next field."""
NEVER = {"left_square_bracket", "O", "A", "B", "C", "D"}
"""What is left of an arrow key when a slow line cuts its escape sequence in two (`ESC [ A`, `ESC O A`)."""


def our_nodes() -> Iterator[type[DOMNode]]:
    """Every app, screen and widget class that is ours."""
    for module in pkgutil.walk_packages(meterdeck.app.__path__, "meterdeck.app."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, DOMNode) and value.__module__ == module.name:
                yield value


def test_every_binding_of_our_own_classes_comes_from_the_registry() -> None:
    bound = [binding for node in our_nodes() for binding in node.__dict__.get("BINDINGS", [])]
    assert {binding.id for binding in bound if isinstance(binding, Binding)} == IDS
    assert [binding for binding in bound if not isinstance(binding, Binding)] == []


@pytest.mark.parametrize("command", COMMANDS, ids=[command.id for command in COMMANDS])
def test_a_command_is_bound_as_it_is_written_and_its_action_exists(command: Command) -> None:
    (binding,) = [b for b in bindings_of(command.where) if isinstance(b, Binding) and b.id == command.id]
    assert binding.key == ",".join(command.keys)
    assert command.title in {binding.description, binding.tooltip}
    screens: dict[Where, type[DOMNode]] = {
        Where.DECK: DeckScreen,
        Where.HELP: HelpScreen,
        Where.EXPORT: ExportScreen,
        Where.DAY: DayScreen,
        Where.NO_KEY: NoKeyScreen,
        Where.UNKNOWN_KEY: UnknownKeyScreen,
        Where.PICKER: Picker,
        Where.EVERYWHERE: meterdeck.app.app.DeckApp,
    }
    name = command.action.partition("(")[0]
    node = meterdeck.app.app.DeckApp if name.startswith("app.") else screens[command.where]
    own = getattr(node, f"action_{name.removeprefix('app.')}", None)
    assert own is not None
    assert own.__module__.startswith("meterdeck.")


def test_no_key_has_two_meanings_on_a_screen() -> None:
    for where in Where:
        keys = Counter(key for command in commands_on(where) for key in command.keys)
        assert [key for key, times in keys.items() if times > 1] == []
    on_the_deck = {key for command in commands_on(Where.DECK) for key in command.keys}
    assert on_the_deck & {key for command in commands_on(Where.EVERYWHERE) for key in command.keys} == set()


def test_the_remains_of_a_cut_escape_sequence_mean_nothing() -> None:
    assert {key for command in COMMANDS for key in command.keys} & NEVER == set()


def foreign_keys(app: App[None]) -> set[str]:
    """Keys that work just now and are not from the registry; what edits a search word is the field's own."""
    return {
        key
        for key, active in app.screen.active_bindings.items()
        if active.binding.id not in IDS and not isinstance(active.node, Input)
    }


def check_footer(shown: Shown, where: Where) -> None:
    """Every word of the footer is a command's, with its key before it."""
    words = {f"{command.key_label} {command.footer}" for command in footer_of(where)}
    footer = [word.strip() for word in shown.screen.query_one(KeyFooter).text.split("  ") if word.strip()]
    assert footer
    assert [word for word in footer if word not in words] == []


async def test_nothing_but_the_registry_acts_on_any_screen(world: World) -> None:
    async with opened_deck(world) as shown:
        assert foreign_keys(shown.app) <= OF_TEXTUAL
        check_footer(shown, Where.DECK)
        for key, where in (("w", Where.PICKER), ("e", Where.EXPORT), ("question_mark", Where.HELP)):
            await shown.press(key)
            await shown.until(lambda: shown.screen is not shown.deck, "another screen is shown")
            assert foreign_keys(shown.app) <= OF_TEXTUAL
            check_footer(shown, where)
            await shown.press("escape")


async def test_nothing_but_the_registry_acts_on_the_screen_without_a_key() -> None:
    async with opened(None) as shown:
        await shown.until_shown("ANTHROPIC_ADMIN_KEY")
        assert foreign_keys(shown.app) <= OF_TEXTUAL
        check_footer(shown, Where.NO_KEY)


async def test_the_help_shows_every_command_of_the_deck_and_the_picker(world: World) -> None:
    async with opened_deck(world, (90, 80)) as shown:
        await shown.press("question_mark")
        await shown.until(lambda: isinstance(shown.screen, HelpScreen), "the help is shown")
        lines = [line.split(None, 1) for line in shown.text.splitlines()]
        text = "\n".join(" ".join(words) for words in lines)
        missing = [
            command.id
            for where in (Where.DECK, Where.EVERYWHERE, Where.PICKER)
            for command in commands_on(where)
            if not any(
                line.startswith(command.key_label.split()[0]) and line.endswith(command.title)
                for line in text.splitlines()
            )
        ]
        assert missing == []


async def test_the_help_scrolls_and_every_one_of_its_keys_closes_it(world: World) -> None:
    (close,) = [command for command in COMMANDS if command.id == "help.close"]
    async with opened_deck(world) as shown:
        for key in close.keys:
            await shown.press("question_mark")
            await shown.until_shown("Narrow to the row under the cursor")
            if key == close.keys[0]:
                await shown.press("j")
                await shown.until(lambda: "Narrow to the row" not in shown.text, "the help was scrolled")
                await shown.press("k")
                await shown.until_shown("Narrow to the row under the cursor")
            await shown.press(key)
            await shown.until(lambda: shown.screen is shown.deck, f"{key} closed the help")
