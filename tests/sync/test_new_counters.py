"""An answer with a counter that nobody knew: read through the engine, kept by name, and named on the deck."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from answers import fixture
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.scope import Scope, Span
from meterdeck.present.counters import unknown_words
from meterdeck.queries.counters import unknown_counters, unknown_tokens
from meterdeck.queries.deck import DeckReader
from meterdeck.queries.look import Look
from meterdeck.queries.question import Question
from meterdeck.store import Store, counters, sums
from meterdeck.sync.intake import LARGE_BODY
from meterdeck.sync.plan import Feed
from world import World

NOW = datetime(2026, 12, 1, 1, 20, tzinfo=UTC)
HOUR = Window(datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 1, 1, tzinfo=UTC))
WRITES = "cache_creation.ephemeral_24h_input_tokens"


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    opened = World(tmp_path / "store.db", NOW)
    yield opened
    await opened.close()


def answering(world: World, **row: object) -> None:
    """Let the first usage request have the smallest such answer, with some fields of its row replaced."""
    page = fixture("new_counters")
    page["data"][0]["results"][0] |= row
    answers = [httpx.Response(200, content=json.dumps(page).encode())]
    world.wire.faults["usage_report/messages"] = lambda: answers.pop() if answers else None


def counted(store: Store) -> list[dict[str, int]]:
    with store.read() as transaction:
        return list(counters.by_series(transaction, HOUR).values())


async def test_a_new_kind_of_cache_write_is_kept_and_nothing_else_of_the_answer_is_lost(world: World) -> None:
    answering(world)
    await world.read(Feed.HOURS, since=HOUR.start)
    assert counted(world.store) == [{WRITES: 1000}]
    with world.store.read() as transaction:
        (row,) = sums.by_series(transaction, HOUR).values()
    assert row == (10, 0, 0, 0, 5, 0)


@pytest.mark.parametrize("padding", [0, LARGE_BODY])
async def test_it_is_kept_whichever_way_the_answer_goes(world: World, padding: int) -> None:
    answering(world, reasoning_tokens=3, server_tool_use={"web_fetch_requests": 2}, note="x" * padding)
    await world.read(Feed.HOURS, since=HOUR.start)
    assert counted(world.store) == [
        {WRITES: 1000, "reasoning_tokens": 3, "server_tool_use.web_fetch_requests": 2}
    ]


async def test_the_deck_names_new_tokens_and_says_where_they_stand(world: World) -> None:
    answering(world, reasoning_tokens=3, server_tool_use={"web_fetch_requests": 2})
    await world.read(Feed.HOURS, since=HOUR.start)
    deck = await asyncio.to_thread(DeckReader(world.store).load, Question(Scope(span=Span.DAY)), NOW)
    assert deck.unknown_counters == (WRITES, "reasoning_tokens")
    assert unknown_words(deck.unknown_counters) == (
        "The API counts ephemeral_24h_input_tokens, which this version does not know: in the totals, without a price."
        " The API also counts reasoning_tokens: beside the totals, for what is counted there may be a part of them."
    )


async def test_counters_are_named_for_the_time_that_has_them(world: World) -> None:
    answering(world, server_tool_use={"web_fetch_requests": 2})
    await world.read(Feed.HOURS, since=HOUR.start)
    with world.store.read() as transaction:
        look = Look(transaction)
        assert unknown_counters(look, HOUR) == (WRITES, "server_tool_use.web_fetch_requests")
        assert unknown_counters(look, Window(HOUR.end, HOUR.end + BucketWidth.HOUR.delta)) == ()
        assert unknown_tokens(look, NOW) == (WRITES,)


async def test_without_such_counters_nothing_is_said(world: World) -> None:
    await world.read(Feed.HOURS, since=HOUR.start)
    with world.store.read() as transaction:
        assert unknown_words(unknown_tokens(Look(transaction), NOW)) == ""


def test_figures_that_leave_new_cache_writes_out_say_so() -> None:
    words = unknown_words((WRITES, "cache_creation.ephemeral_7d_input_tokens"), in_totals=False)
    assert words == (
        "The API counts ephemeral_24h_input_tokens and ephemeral_7d_input_tokens, which this version does not know:"
        " in no figure here."
    )
