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
from meterdeck.app.screens.compare import CompareScreen
from meterdeck.app.screens.day import DayScreen
from meterdeck.app.screens.export import ExportScreen
from meterdeck.app.screens.help import HelpScreen
from meterdeck.app.screens.line import CommandLine
from meterdeck.app.screens.no_key import NoKeyScreen
from meterdeck.app.screens.picker import Picker
from meterdeck.app.screens.unknown_key import UnknownKeyScreen
from meterdeck.app.widgets.filter_line import FilterLine
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
    with_keys = {command.id for command in COMMANDS if command.keys}
    assert {binding.id for binding in bound if isinstance(binding, Binding)} == with_keys
    assert [binding for binding in bound if not isinstance(binding, Binding)] == []


CLASSES: dict[Where, type[DOMNode]] = {
    Where.DECK: DeckScreen,
    Where.LINE: CommandLine,
    Where.HELP: HelpScreen,
    Where.DAY: DayScreen,
    Where.COMPARE: CompareScreen,
    Where.FILTER: FilterLine,
    Where.EXPORT: ExportScreen,
    Where.NO_KEY: NoKeyScreen,
    Where.UNKNOWN_KEY: UnknownKeyScreen,
    Where.PICKER: Picker,
    Where.EVERYWHERE: meterdeck.app.app.DeckApp,
}


@pytest.mark.parametrize("command", COMMANDS, ids=[command.id for command in COMMANDS])
def test_a_command_is_bound_as_it_is_written_and_what_it_does_exists(command: Command) -> None:
    bound = [b for b in bindings_of(command.where) if isinstance(b, Binding) and b.id == command.id]
    assert [binding.key for binding in bound] == ([",".join(command.keys)] if command.keys else [])
    assert all(command.title in {binding.description, binding.tooltip} for binding in bound)
    name = command.action.partition("(")[0]
    node = meterdeck.app.app.DeckApp if name.startswith("app.") else CLASSES[command.where]
    done_by = [getattr(node, f"action_{name.removeprefix('app.')}", None)] if name else []
    if command.takes:
        done_by.append(getattr(DeckScreen, command.takes.method, None))
    assert done_by
    assert all(done is not None and done.__module__.startswith("meterdeck.") for done in done_by)


def test_whatever_the_deck_can_do_has_a_word_and_no_word_means_two_things() -> None:
    nameless = [c.id for c in COMMANDS if c.where in {Where.DECK, Where.EVERYWHERE} and not c.name]
    assert nameless == ["app.interrupt"]
    names = [command.name for command in COMMANDS if command.name]
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert [name for name in names if name != name.casefold() or " " in name] == []


def test_a_command_can_be_done_by_its_key_or_needs_what_it_takes() -> None:
    for command in COMMANDS:
        assert bool(command.action) is not bool(command.takes and command.takes.is_required), command.id
        assert command.action or not command.keys, command.id


def test_no_key_has_two_meanings_on_a_screen() -> None:
    for where in Where:
        keys = Counter(key for command in commands_on(where) for key in command.keys)
        assert [key for key, times in keys.items() if times > 1] == []
    everywhere = {key for command in commands_on(Where.EVERYWHERE) for key in command.keys}
    for where in Where:
        if where is not Where.EVERYWHERE and not where.is_alone:
            assert {key for command in commands_on(where) for key in command.keys} & everywhere == set()


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
        for key, where in (
            ("w", Where.PICKER),
            ("e", Where.EXPORT),
            ("question_mark", Where.HELP),
            ("colon", Where.LINE),
        ):
            await shown.press(key)
            await shown.until(lambda: shown.screen is not shown.deck, "another screen is shown")
            assert foreign_keys(shown.app) <= OF_TEXTUAL
            check_footer(shown, where)
            await shown.press("escape")


async def test_nothing_but_the_registry_acts_on_a_comparison_and_in_the_field_of_a_filter(
    world: World,
) -> None:
    async with opened_deck(world) as shown:
        await shown.press("space", "j", "c")
        await shown.until(lambda: isinstance(shown.screen, CompareScreen), "two are compared")
        assert foreign_keys(shown.app) <= OF_TEXTUAL
        check_footer(shown, Where.COMPARE)
        await shown.press("escape", "slash")
        check_footer(shown, Where.FILTER)
        assert foreign_keys(shown.app) <= OF_TEXTUAL


async def test_nothing_but_the_registry_acts_on_the_screen_without_a_key() -> None:
    async with opened(None) as shown:
        await shown.until_shown("ANTHROPIC_ADMIN_KEY")
        assert foreign_keys(shown.app) <= OF_TEXTUAL
        check_footer(shown, Where.NO_KEY)


async def test_the_help_shows_every_command_with_its_key_and_its_word(world: World) -> None:
    async with opened_deck(world, (80, 200)) as shown:
        await shown.press("question_mark")
        await shown.until(lambda: isinstance(shown.screen, HelpScreen), "the help is shown")
        lines = {" ".join(line.split()) for line in shown.text.splitlines()}
        expected = {
            " ".join(f"{c.key_label} {f':{c.name}' if c.name else ''} {c.title}".split()): c.id
            for c in COMMANDS
        }
        assert [command_id for line, command_id in expected.items() if line not in lines] == []


async def test_the_help_begins_with_what_the_pane_under_the_keyboard_gives_a_meaning(world: World) -> None:
    async with opened_deck(world, (80, 200)) as shown:
        await shown.press("3", "question_mark")
        await shown.until(lambda: isinstance(shown.screen, HelpScreen), "the help is shown")
        text = shown.text
        of_costs = [command for command in COMMANDS if "costs" in command.panes]
        before = text[text.index("In Costs") : text.index("Scope\n")]
        assert of_costs
        assert all(f":{command.name} " in before for command in of_costs)
        not_live = text[text.index("Not just now") : text.index("On the command line")]
        assert ":out" in not_live
        assert ":swap" in not_live
        assert ":refresh" not in not_live


async def test_the_help_over_a_day_of_the_bill_begins_with_the_keys_of_that_screen(world: World) -> None:
    async with opened_deck(world, (80, 200)) as shown:
        await shown.press("3", "enter")
        await shown.until(lambda: isinstance(shown.screen, DayScreen), "the day is shown")
        await shown.press("question_mark")
        await shown.until(lambda: isinstance(shown.screen, HelpScreen), "the help is shown")
        assert shown.text.lstrip().startswith("In the lines of a day")


async def test_the_help_scrolls_and_every_one_of_its_keys_closes_it(world: World) -> None:
    (close,) = [command for command in COMMANDS if command.id == "help.close"]
    first = COMMANDS[0].title
    async with opened_deck(world) as shown:
        for key in close.keys:
            await shown.press("question_mark")
            await shown.until_shown(first)
            if key == close.keys[0]:
                for there, back in (("j", "k"), ("pagedown", "pageup"), ("G", "g")):
                    await shown.press(there)
                    await shown.until(lambda: first not in shown.text, f"{there} scrolled the help")
                    await shown.press(back)
                    await shown.until_shown(first)
            await shown.press(key)
            await shown.until(lambda: shown.screen is shown.deck, f"{key} closed the help")


async def test_the_footer_at_80_columns_keeps_what_leads_to_everything_else(world: World) -> None:
    async with opened_deck(world) as shown:
        kept = [command for command in footer_of(Where.DECK) if command.stays]
        assert {command.name for command in kept} >= {"command", "help"}
        await shown.press("enter", "t", "comma")  # now there is a way back, and a time to come back to
        await shown.until(lambda: not shown.deck.is_loading, "the scope is read")
        footer = shown.screen.query_one(KeyFooter).text
        assert [c.id for c in kept if f"{c.key_label} {c.footer}" not in footer] == []
        assert footer.split()[:4] == ["⏎", "in", "esc", "out"]
