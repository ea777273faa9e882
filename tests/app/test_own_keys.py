"""Keys of the user's own act, and stand wherever a key is shown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.decks import Shown, World, impatient, no_demo
from meterdeck.app.app import DeckApp
from meterdeck.app.commands.keymap import Wish, with_wishes
from meterdeck.app.deck.screen import DeckScreen
from meterdeck.app.screens.help import HelpScreen
from meterdeck.app.screens.picker import Picker
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.domain.scope import Span

WISHES = {
    "time.longer": Wish(("T",), "config:1"),
    "time.shorter": Wish(("t",), "config:2"),
    "deck.workspace": Wish(("f5", "@"), "config:3"),
    "app.help": Wish(("h",), "config:4"),
    "line.open": Wish((";",), "config:5"),
}


@asynccontextmanager
async def with_own_keys(world: World) -> AsyncIterator[Shown]:
    app = DeckApp(world.session, demo=no_demo, registry=with_wishes(WISHES))
    with impatient():
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            shown = Shown(app, pilot)
            await shown.until(lambda: isinstance(shown.screen, DeckScreen), "the deck is open")
            await shown.until(lambda: shown.deck.deck is not None, "the deck is read")
            yield shown


async def test_two_keys_changed_with_each_other_act_the_other_way_round(world: World) -> None:
    async with with_own_keys(world) as shown:
        await shown.press("T")
        spans = [shown.deck.scope.span]
        await shown.press("t", "t")
        spans.append(shown.deck.scope.span)
        assert spans == [Span.WEEK, Span.SIX_HOURS]


async def test_each_new_key_acts_and_the_old_one_no_longer_does(world: World) -> None:
    async with with_own_keys(world) as shown:
        await shown.press("w")
        assert shown.screen is shown.deck
        for key in ("f5", "at"):
            await shown.press(key)
            await shown.until(lambda: isinstance(shown.screen, Picker), f"{key} opened the picker")
            await shown.press("escape")
            await shown.until(lambda: shown.screen is shown.deck, "it is closed")


async def test_footer_help_and_command_line_show_the_new_keys(world: World) -> None:
    async with with_own_keys(world) as shown:
        footer = shown.screen.query_one(KeyFooter).text
        for part in ("F5 @ workspace", "T time", "; command", "h help"):
            assert part in footer
        await shown.press("h")
        await shown.until(lambda: isinstance(shown.screen, HelpScreen), "the help is shown")
        assert any(line.split()[:3] == ["F5", "@", ":workspace"] for line in shown.text.splitlines())
        await shown.press("escape")
        await shown.press("semicolon", *"work")
        await shown.until_shown(":workspace")
        assert any(line.rstrip().endswith("F5 @") for line in shown.text.splitlines())
