"""The deck on a disk that refuses: what it has stays on screen, the sentence says why, and it heals where it can."""

from __future__ import annotations

import errno
import shutil

import pytest

from app.decks import Shown, World, opened, opened_deck
from meterdeck.app.deck.screen import DeckScreen
from meterdeck.store import circumstances
from meterdeck.sync import engine


@pytest.fixture(autouse=True)
def _quick_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "HEARTBEAT_S", 0.02)


async def figures_stay(shown: Shown) -> None:
    assert "prod-chat" in shown.text
    assert "Fri 20" in shown.text


async def test_a_store_that_cannot_be_written_is_shown_and_nothing_is_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("meterdeck.store.private.make_file", refuse)
    async with opened(world.session) as shown:
        await shown.until(lambda: isinstance(shown.screen, DeckScreen), "the deck is open")
        await shown.until_shown("can't be written", "nothing new is read or kept", "prod-chat", "Fri 20")
        await shown.press("r")
        await shown.until_shown("can't be written")
        assert world.server.asked == []


async def test_a_store_that_is_deleted_under_the_deck_is_told_and_the_figures_stay(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.until_shown("◆ demo", "Fri 20")
        shutil.rmtree(world.store.parent)
        await shown.until_shown("✕ store gone", "was deleted or moved while it was open", "Start meterdeck")
        await figures_stay(shown)
        assert not shown.app.engine.collecting  # type: ignore[union-attr]
        await shown.press("j", "m")
        await shown.until_shown("Choose models")


async def test_a_full_disk_is_told_by_a_feed_that_could_not_be_kept(world: World) -> None:
    async with opened_deck(world) as shown:
        await shown.until(lambda: shown.app.engine.collecting, "it collects")  # type: ignore[union-attr]
        assert shown.app.opened is not None
        writer = shown.app.opened.writer._connection
        writer.execute("PRAGMA max_page_count = 1")
        world.clock.now = world.clock.now.replace(hour=23)
        await shown.press("r")
        await shown.until_shown("failed: disk full", "The disk of the store is full", "tries again by")
        await figures_stay(shown)
        writer.execute("PRAGMA max_page_count = 1000000")
        await shown.press("r")
        await shown.until(lambda: "disk full" not in shown.text, "it was kept at last")


async def test_a_disk_that_takes_not_even_a_heartbeat_is_told_and_healed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise circumstances.full()

    async with opened_deck(world) as shown:
        await shown.until_shown("◆ demo", "Fri 20")
        with monkeypatch.context() as disk:
            disk.setattr("meterdeck.sync.engine.lease.acquire", full)
            await shown.until_shown("✕ disk full", "The disk of the store is full", "Make room")
            await figures_stay(shown)
        await shown.until(lambda: "disk" not in shown.text, "there is room again")
        await shown.until_shown("◆ demo")
