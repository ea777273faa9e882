"""Stores that are filled once, at 14:32:10Z on a Saturday, and a copy for each test."""

import asyncio
import gc
import shutil
from pathlib import Path

import pytest

from app.decks import SMALL, World
from meterdeck.service.simulated.options import Options


def pytest_collection_finish() -> None:
    """Leave what is imported and collected out of every later search for garbage: a quarter of the time of an app."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_COLOR_SYSTEM", "ANTHROPIC_ADMIN_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def filled(folder: Path, options: Options) -> Path:
    """A store with everything in it that is ever read."""
    world = World.of(folder / "store.db", options)
    asyncio.run(world.fill())
    return world.store


@pytest.fixture(scope="session")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of an organisation with four workspaces: batch-etl, Default, evals and prod-chat."""
    return filled(tmp_path_factory.mktemp("small"), SMALL)


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the organisation that the demo shows."""
    return filled(tmp_path_factory.mktemp("demo"), Options())


@pytest.fixture
def world(small_store: Path, tmp_path: Path) -> World:
    """The small organisation, all of it read: nothing is due."""
    return World.of(Path(shutil.copy(small_store, tmp_path / "store.db")), SMALL)


@pytest.fixture
def demo_world(demo_store: Path, tmp_path: Path) -> World:
    """The organisation of the demo, all of it read."""
    return World.of(Path(shutil.copy(demo_store, tmp_path / "store.db")), Options())


@pytest.fixture
def empty_world(tmp_path: Path) -> World:
    """The small organisation, nothing of it read: everything is due."""
    return World.of(tmp_path / "store.db", SMALL)
