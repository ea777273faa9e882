"""The keyboard on the deck: panes, cursor, help, quitting, and the screen for a user without a key."""

from app.decks import World, opened, opened_deck
from meterdeck.app.commands import Where, commands_on
from meterdeck.app.screens.help import HelpScreen
from meterdeck.credentials import KEY_VARIABLES


async def test_tab_goes_round_the_panes_as_they_stand_on_screen(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.until(lambda: shown.pane_with_keyboard == "breakdown", "the Breakdown has the keyboard")
        for key, pane in (("tab", "costs"), ("tab", "rates"), ("tab", "breakdown"), ("shift+tab", "rates")):
            await shown.press(key)
            assert shown.pane_with_keyboard == pane
            marked = [line for line in shown.text.splitlines() if line.startswith("▌")]
            assert [pane in line.casefold() for line in marked] == [True]


async def test_digits_go_to_a_pane_and_the_cursor_moves_in_it(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("3", "j", "down", "k")
        assert shown.pane_with_keyboard == "costs"
        assert "▶  Fri 20" in shown.text
        await shown.press("2", "G")
        assert shown.pane_with_keyboard == "breakdown"
        assert "▶  batch-etl" in shown.text
        await shown.press("g")
        assert "▶  prod-chat" in shown.text
        await shown.press("pagedown")
        assert shown.breakdown.table.position == "4 of 4"
        await shown.press("ctrl+u")
        assert shown.breakdown.table.position == "1 of 4"


async def test_the_keyboard_comes_back_to_its_pane_when_panes_were_hidden(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("3")
        await shown.resize((38, 8))
        await shown.until(lambda: "Costs" not in shown.text, "no pane is shown")
        await shown.resize((80, 24))
        await shown.until_shown("▌3  Costs", "Rates", "Breakdown")
        assert shown.pane_with_keyboard == "costs"


async def test_where_one_pane_has_room_it_is_the_one_with_the_keyboard(world: World) -> None:
    async with opened_deck(world, (60, 15)) as shown:
        await shown.press("1")
        await shown.until_shown("▌1  Rates", "░")
        assert "Breakdown" not in shown.text
        await shown.press("tab", "tab")
        await shown.until_shown("▌3  Costs", "Fri 20")
        assert "Rates" not in shown.text


async def test_control_c_quits_from_the_help_over_the_deck(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.press("question_mark")
        await shown.until(lambda: shown.screen is not shown.deck, "the help lies over the deck")
        await shown.press("ctrl+c")
        assert not shown.app.is_running


async def test_the_keys_of_the_deck_can_all_be_pressed_before_anything_was_read(empty_world: World) -> None:
    empty_world.server.open.clear()
    async with opened_deck(empty_world) as shown:
        for key in (command.keys[0] for command in commands_on(Where.DECK) if command.keys):
            await shown.press(key)
            assert shown.app.is_running
            if shown.screen is not shown.deck:
                await shown.press("escape")
        assert shown.screen is shown.deck
        await shown.press("z")  # all panes again
        assert shown.text.count("loading…") == 3


async def test_without_a_key_the_screen_says_how_to_give_one_and_d_opens_the_demo(world: World) -> None:
    async with opened(None, demo=lambda: world.session) as shown:
        await shown.until_shown(f"export {KEY_VARIABLES[0]}=", "There is no Admin key yet.", "Press d")
        await shown.press("question_mark")
        await shown.until(lambda: isinstance(shown.screen, HelpScreen), "the help is shown")
        await shown.press("escape")
        await shown.until_shown("There is no Admin key yet.", "d demo")
        await shown.press("d")
        await shown.until_shown("◆ demo", "prod-chat", "Fri 20")
        assert len(shown.app.screen_stack) == 2
        await shown.press("q")
        assert not shown.app.is_running
        assert (shown.app.return_code or 0) == 0
