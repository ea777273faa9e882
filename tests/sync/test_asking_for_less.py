"""What is too much for the server, or for us, is asked for again in smaller windows until it is answered."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from meterdeck.api import ApiError, ServerFailed, TooLarge
from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth
from meterdeck.store import hours
from meterdeck.sync.plan import Feed
from meterdeck.sync.portion import Portion
from world import USAGE, World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest_asyncio.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async def at_once(_: float) -> None:
        return

    monkeypatch.setattr("meterdeck.sync.engine.asyncio.sleep", at_once)
    monkeypatch.setattr("meterdeck.sync.engine.CATCH_UP_RETRIES", 10)
    opened = World(tmp_path / "store.db", NOW)
    yield opened
    await opened.close()


def answer_only_up_to(most: timedelta, world: World, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Let the server fail at wider windows, or send more than we take."""

    def too_much() -> httpx.Response | None:
        if world.wire.windows(USAGE)[-1].duration <= most:
            return None
        if how == "504":
            return httpx.Response(504, json={"type": "error", "error": {"type": "timeout_error"}})
        return httpx.Response(200, content=b" " * 2_000_000)

    monkeypatch.setattr("meterdeck.api.transport.LARGEST_BODY", 1_000_000)
    world.wire.faults[USAGE] = too_much


def asked(world: World, width: timedelta) -> list[int]:
    """How many buckets each question was about."""
    return [window.duration // width for window in world.wire.windows(USAGE)]


@pytest.mark.parametrize("how", ["504", "too large"])
async def test_hours_are_asked_for_in_halves_until_they_are_answered(
    world: World, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    answer_only_up_to(6 * HOUR, world, monkeypatch, how)
    await world.read(Feed.HOURS, since=TODAY - timedelta(days=1))
    assert asked(world, HOUR)[:3] == [24, 12, 6]
    with world.store.read() as transaction:
        sources = hours.hour_sources(transaction, history.history(NOW))
    assert len(sources.by_hour) == 24 + 14, "all hours came in the end"


@pytest.mark.parametrize("how", ["504", "too large"])
async def test_minutes_are_narrowed_to_the_newest(
    world: World, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    answer_only_up_to(30 * MINUTE, world, monkeypatch, how)
    await world.read(Feed.LIVE)
    widths = asked(world, MINUTE)
    assert widths == [98, 49, 24]
    assert {window.end for window in world.wire.windows(USAGE)} == {BucketWidth.MINUTE.after(NOW)}


@pytest.mark.parametrize("feed", [Feed.LIVE, Feed.HOURS])
async def test_what_the_user_asks_for_is_narrowed_too(
    world: World, monkeypatch: pytest.MonkeyPatch, feed: Feed
) -> None:
    answer_only_up_to(HOUR, world, monkeypatch, "504")
    await world.read(feed, forced=True, since=TODAY + 12 * HOUR)
    assert world.wire.windows(USAGE)[-1].duration <= HOUR


def test_a_portion_is_half_of_what_was_too_much_and_grows_again() -> None:
    portion = Portion(168)
    sizes = []
    for error in (ServerFailed("x", status=504), TooLarge(), ServerFailed("x", status=500)):
        with pytest.raises(ApiError), portion.asking_for(portion.size):
            raise error
        sizes.append(portion.size)
    assert sizes == [84, 42, 42]
    for _ in range(3):
        with portion.asking_for(10):
            sizes.append(portion.size)
    assert sizes[3:] == [42, 52, 65]
    for _ in range(20):
        with portion.asking_for(10):
            pass
    assert portion.size == 168
    for _ in range(10):
        with pytest.raises(TooLarge), portion.asking_for(portion.size):
            raise TooLarge
    assert portion.size == 1
