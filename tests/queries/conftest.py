"""A store that the readers filled from the simulated organisation, for tests that only read."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.prices import PriceBook
from meterdeck.service.simulated.options import Options
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Acme as of a Friday at 14:37:20Z: all that is due was read at once."""
    world = World(tmp_path_factory.mktemp("acme") / "store.db", NOW, Options())
    asyncio.run(world.fill())
    yield world
    asyncio.run(world.close())


@pytest.fixture(scope="session")
def book(acme: World) -> PriceBook:
    """The prices that this store teaches."""
    with acme.store.read() as transaction:
        return learn(Look(transaction), NOW)
