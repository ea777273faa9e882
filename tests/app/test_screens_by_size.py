"""The deck as text, at every size it was designed for, compared with screens that a person has looked at.

After a wanted change, write them anew and look at the difference:

    METERDECK_WRITE_SCREENS=1 .venv/bin/python -m pytest tests/app/test_screens_by_size.py; git diff tests/app
"""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from app.decks import World, opened_deck
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.dimensions import Dimension

SCREENS = Path(__file__).parent / "screens"
SIZES = [(80, 24), (120, 40), (200, 50), (60, 15), (38, 8)]


def compare(name: str, text: str) -> None:
    """Hold a screen against the one on file, or put it there."""
    path = SCREENS / f"{name}.txt"
    if os.environ.get("METERDECK_WRITE_SCREENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    assert text.splitlines() == path.read_text(encoding="utf-8").splitlines(), f"{name} has changed:\n{text}"


@pytest.mark.parametrize("size", SIZES, ids=[f"{width}x{height}" for width, height in SIZES])
async def test_the_deck_looks_as_drawn(demo_world: World, size: tuple[int, int]) -> None:
    async with opened_deck(demo_world, size) as shown:
        compare(f"deck-{size[0]}x{size[1]}", shown.text)
        assert len(shown.text.splitlines()) <= size[1]


@pytest.mark.parametrize("size", SIZES[:4], ids=[f"{width}x{height}" for width, height in SIZES[:4]])
async def test_the_deck_shows_budgets_as_drawn(demo_world: World, size: tuple[int, int]) -> None:
    demo_world.budgets = (
        Budget(Decimal(125_000), Period.MONTH),
        Budget(Decimal(5_000), Period.DAY),
        Budget(Decimal(1_300), Period.DAY, Dimension.WORKSPACE, "prod-chat"),
        Budget(Decimal(100_000), Period.MONTH, Dimension.MODEL, "opus-5"),
    )
    async with opened_deck(demo_world, size) as shown:
        await shown.until_shown("of $125k")
        compare(f"budgets-{size[0]}x{size[1]}", shown.text)
