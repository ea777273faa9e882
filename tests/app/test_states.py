"""Each state is told at a glance and in words, at every size; compared as `test_screens_by_size.py` does."""

import shutil
from pathlib import Path

import pytest
from textual.color import Color

from app.decks import Shown, World
from app.states import STATES, opened_without_a_key
from app.test_screens_by_size import compare
from meterdeck.service.simulated.options import Options

SIZES = [(200, 50), (120, 40), (80, 24), (60, 15), (38, 8)]


@pytest.fixture
def new_world(tmp_path: Path) -> World:
    return World.of(tmp_path / "new.db", Options())


def style_of(shown: Shown, words: str) -> tuple[str | None, bool]:
    """The colour of words in the first line, and whether they are bold."""
    first = next(iter(shown.app.screen._compositor.render_strips()))
    (style,) = [segment.style for segment in first if words in segment.text]
    assert style is not None
    colour = None if style.color is None else Color.from_rich_color(style.color).hex
    return colour, bool(style.bold)


async def resized(shown: Shown, size: tuple[int, int]) -> None:
    """Give the terminal a size, and wait until all of the screen has it, and what this size asks for is answered."""
    await shown.resize(size)
    await shown.until(lambda: tuple(shown.app.screen.size) == size, "the screen has the new size")
    await shown.until(
        lambda: shown.deck.deck is None or shown.deck.deck.question == shown.deck.question, "it is answered"
    )
    before = ""
    while before != shown.text:
        before = shown.text
        await shown.press()


@pytest.mark.parametrize("name", STATES)
async def test_a_state_looks_as_drawn_at_every_size(name: str, demo_store: Path, new_world: World) -> None:
    staged = STATES[name]
    if staged.needs_usage:
        shutil.copy(demo_store, new_world.store)
    async with staged.opened(new_world, SIZES[0]) as shown:
        for width, height in SIZES:
            await resized(shown, (width, height))
            compare(f"{name}-{width}x{height}", shown.text)
            assert max(len(line) for line in shown.text.splitlines()) <= width
            if (width, height) != (38, 8):
                assert staged.words in shown.text.splitlines()[0], "the state is never cut"
                variables = shown.app.get_css_variables()
                wanted = Color.parse(variables[f"text-{staged.tone}"]).hex
                assert style_of(shown, staged.words) == (wanted, staged.tone != "muted")


@pytest.mark.parametrize("size", SIZES[:4], ids=[f"{width}x{height}" for width, height in SIZES[:4]])
async def test_the_screen_without_a_key_looks_as_drawn(size: tuple[int, int]) -> None:
    async with opened_without_a_key(size) as shown:
        compare(f"no-key-{size[0]}x{size[1]}", shown.text)
