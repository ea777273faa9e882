"""Below 40×10 one line says what matters most; what goes for want of room goes whole, or with `…` at its end."""

import pytest

from app.decks import Shown, World, opened_deck
from app.states import STATES
from app.test_narrowed_headers import narrow
from app.test_states import resized
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.notice import Notice


def line_of(shown: Shown) -> str:
    return shown.deck.query_one("#figures", StatusLine).text


async def test_with_room_the_one_line_says_all_that_the_header_does(world: World) -> None:
    async with opened_deck(world, (200, 9)) as shown:
        for words in ("/h  ", "tok/min", "14:32Z", "data ", "◆ demo"):
            assert words in line_of(shown)
        assert "▸" not in line_of(shown), "there is no scope to tell of"


@pytest.mark.parametrize(
    ("width", "said", "left_out"),
    [
        (60, ("▸ prod-chat", "/h", "14:32Z", "data ", "◆ demo"), ("cache",)),
        (44, ("▸ prod-chat", "/h", "data ", "◆ demo"), ("14:32Z", "tok/min")),
        (26, ("▸ prod-chat", "/h", "◆"), ("data", "demo")),
        (12, ("/h",), ("▸", "data")),
    ],
)
async def test_without_room_it_keeps_the_pace_its_state_the_scope_and_the_age(
    world: World, width: int, said: tuple[str, ...], left_out: tuple[str, ...]
) -> None:
    async with opened_deck(world) as shown:
        await shown.press("enter")
        await shown.until(lambda: "▸ prod-chat" in shown.header, "the scope is one workspace")
        await shown.resize((width, 9))
        await shown.until(
            lambda: shown.text.startswith(line_of(shown)[:-1]) and "/h" in shown.text, "one line"
        )
        assert all(words in line_of(shown) for words in said), line_of(shown)
        assert not any(words in line_of(shown) for words in left_out), line_of(shown)


async def test_names_are_cut_for_the_age_and_words_of_the_state_where_there_is_room(world: World) -> None:
    async with STATES["following"].opened(world, (120, 40)) as shown:
        await narrow(shown, 2)
        await resized(shown, (39, 9))
        assert "<1 min  ▷" in line_of(shown)
        assert line_of(shown).count("▸") == 2
        await resized(shown, (60, 9))
        assert line_of(shown).endswith("data <1 min  ▷ following")


async def test_the_one_line_counts_the_filters_that_it_can_not_name(world: World) -> None:
    async with STATES["failed"].opened(world, (120, 40)) as shown:
        await narrow(shown)
        await resized(shown, (30, 8))
        assert "▸ +3" in line_of(shown)
        assert "2 min  ✕" in line_of(shown)


@pytest.mark.parametrize(
    ("size", "said"), [((39, 9), "◇ The API"), ((40, 10), "◇ The API"), ((60, 15), "route to host.")]
)
async def test_what_fails_is_told_in_one_line_where_lines_are_few(
    world: World, size: tuple[int, int], said: str
) -> None:
    async with STATES["offline"].opened(world, (120, 40)) as shown:
        await resized(shown, size)
        notice = shown.deck.query_one(Notice)
        await shown.until(lambda: notice.size.height == 1, "one line")
        assert said in str(notice.content)
        assert str(notice.content).endswith(("…", "host.")), "between words, or the sentence is whole"
        assert "Check" not in shown.text
        await shown.resize((60, 24))
        await shown.until_shown("Check the network")


@pytest.mark.parametrize("size", [(40, 10), (30, 8), (10, 2)])
async def test_a_notice_that_is_cut_says_so_and_leaves_the_figures(
    world: World, size: tuple[int, int]
) -> None:
    async with opened_deck(world, size) as shown:
        await shown.press("p")
        await shown.until(lambda: "⏸" in shown.text, "the notice is there")
        assert "~$" in shown.text
        noticed = [line for line in shown.text.splitlines()[1:] if line.endswith("…")]
        assert len(noticed) == 1
