"""What the deck shows is kept for the next start, where that will show the same; and ASCII is all that is painted."""

from datetime import timedelta

import pytest

from app.decks import SATURDAY, World, opened_deck
from meterdeck.app.session import ShownScreen, Terminal

SIZE = (120, 40)


def without_styles(line: str) -> str:
    return "".join(
        piece.partition("m")[2] if number else piece for number, piece in enumerate(line.split("\x1b["))
    )


async def test_the_screen_is_kept_as_it_is_shown_with_the_time_of_its_newest_figures(world: World) -> None:
    world.clock.now = SATURDAY + timedelta(minutes=3)
    kept: list[ShownScreen] = []
    async with opened_deck(world, SIZE, terminal=Terminal(keep=kept.append)) as shown:
        await shown.until(lambda: bool(kept), "the screen is kept")
        kept.clear()
        text, deck = shown.text, shown.deck.deck
        await shown.press("q")
    (screen,) = kept
    assert deck is not None
    assert screen.size == SIZE
    assert screen.organization == "Acme"
    assert screen.as_of == deck.status.feeds["live"].read_at
    assert "\n".join(without_styles(line).rstrip() for line in screen.lines) == text


@pytest.mark.parametrize("keys", [("enter",), ("question_mark",), ("w",)], ids="-".join)
async def test_what_the_next_start_would_not_show_is_not_kept(world: World, keys: tuple[str, ...]) -> None:
    kept: list[ShownScreen] = []
    async with opened_deck(world, SIZE, terminal=Terminal(keep=kept.append)) as shown:
        await shown.until(lambda: bool(kept), "the screen is kept")
        await shown.press(*keys)
        kept.clear()
        await shown.press("ctrl+c")
    assert kept == []


async def test_every_screen_in_ascii_shows_the_same_and_nothing_else(world: World) -> None:
    screens = []
    for is_ascii in (False, True):
        async with opened_deck(world, SIZE, terminal=Terminal(is_ascii=is_ascii)) as shown:
            assert shown.app.ascii is is_ascii
            texts = [shown.text]
            for keys in (("question_mark",), ("escape", "w"), ("escape", "m")):
                await shown.press(*keys)
                texts.append(shown.text)
            screens.append(texts)
    for plain, ascii_only in zip(*screens, strict=True):
        assert ascii_only.isascii()
        assert ascii_only.count("?") == plain.count("?")
        assert len(ascii_only.splitlines()) == len(plain.splitlines())
        assert all(len(line) <= SIZE[0] for line in ascii_only.splitlines())


async def test_in_ascii_no_sign_can_be_taken_for_another(world: World) -> None:
    async with opened_deck(world, SIZE, terminal=Terminal(is_ascii=True)) as shown:
        assert "Enter in" in shown.text
        assert "tok/h v " in shown.text, "the arrow of the column that is sorted by is no letter of its title"
        assert "back-test 7 d: +-0.0 %" in shown.text
        assert "Fri 20.. " in shown.text
