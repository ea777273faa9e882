"""Reads once what a report rests on, as far as it is missing or due."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from meterdeck.cli.reading import SHORTEST_WAIT_S
from meterdeck.domain.errors import MeterdeckError, UsageError
from meterdeck.present.names import clean
from meterdeck.queries.finding import NAMED
from meterdeck.queries.look import Look
from meterdeck.queries.names import UnknownName
from meterdeck.store import directory, feeds
from meterdeck.sync.plan import Feed, costs_tail

if TYPE_CHECKING:
    from meterdeck.store import Store
    from meterdeck.sync.engine import SyncEngine

HARMLESS = frozenset({Feed.DIRECTORY, Feed.MIX})
"""Feeds without which figures are whole: names, and what a price is an average over."""


class Failure(NamedTuple):
    """Something that could not be read."""

    error: MeterdeckError
    feed: Feed | None = None
    """None where it was too slow: more than one may lack something."""

    @property
    def harmless(self) -> bool:
        """Whether a report of figures is whole without it."""
        return self.feed in HARMLESS


Since = Callable[[argparse.Namespace, datetime], datetime]
"""Since when a report needs what the API has, at a moment."""
AskFirst = Callable[["SyncEngine", "Store"], None]
"""Asks for something, once the names are known by which the user asked for it."""


async def ask_first(
    engine: SyncEngine, store: Store, arguments: argparse.Namespace, ask: AskFirst
) -> list[Failure]:
    """Read the names by which a filter was given, then what is asked for; return what failed."""
    from meterdeck.api import KeyRefused

    typed = any(getattr(arguments, dimension.value) for dimension in NAMED)
    names = [Feed.DIRECTORY] if typed or arguments.refresh else []
    try:
        async with asyncio.timeout(max(arguments.wait, SHORTEST_WAIT_S)):
            failed = await engine.catch_up(names, forced=arguments.refresh)
            if not any(isinstance(error, KeyRefused) for error in failed.values()):
                failed |= await _read_unknown_names(engine, store, arguments)
                await asyncio.to_thread(ask, engine, store)
                failed |= await engine.catch_up([Feed.ON_DEMAND], forced=arguments.refresh)
            return [Failure(error, feed) for feed, error in failed.items()]
    except TimeoutError:
        return _too_slow(engine, arguments.wait)


async def catch_up(
    engine: SyncEngine, store: Store, arguments: argparse.Namespace, since: Since
) -> list[Failure]:
    """Read what the report lacks, for at most as long as the user waits; return what failed."""
    from meterdeck.api import KeyRefused

    wanted = _wanted(arguments.report)
    if arguments.refresh:
        if Feed.HOURS in wanted:
            wanted.insert(-1, Feed.CHECK)
        day = getattr(arguments, "day", None)
        if day is not None and day < costs_tail(engine.sources.clock()).start:
            engine.want_bill_here(day)
    if Feed.MINUTES in wanted:
        engine.want_minutes_here(since(arguments, engine.sources.clock()))
    try:
        async with asyncio.timeout(max(arguments.wait, SHORTEST_WAIT_S)):
            failed = await engine.catch_up(wanted, forced=arguments.refresh, since=partial(since, arguments))
            if not any(isinstance(error, KeyRefused) for error in failed.values()):
                failed |= await _read_unknown_names(engine, store, arguments)
            return [Failure(error, feed) for feed, error in failed.items()]
    except TimeoutError:
        return _too_slow(engine, arguments.wait)


async def _read_unknown_names(
    engine: SyncEngine, store: Store, arguments: argparse.Namespace
) -> dict[Feed, MeterdeckError]:
    """Read the names once more where nobody has one that was given: it may be younger than they are."""
    if await asyncio.to_thread(_are_names_known, store, arguments):
        return {}
    try:
        await engine.read_names()
    except MeterdeckError as error:
        return {Feed.DIRECTORY: error}
    return {}


def _are_names_known(store: Store, arguments: argparse.Namespace) -> bool:
    with store.read() as transaction:
        look = Look(transaction)
        try:
            for dimension in NAMED:
                for typed in getattr(arguments, dimension.value, []):
                    look.names.find(dimension, typed)
        except UnknownName:
            return False
        except UsageError:  # several are called so: no read makes them fewer
            return True
    return True


def say_of_names(store: Store) -> None:
    """Tell of names that the API sent and nobody can read."""
    with store.read() as transaction:
        state = feeds.load(transaction).get(directory.UNREADABLE)
    if state is not None and state.sentence is not None:
        print(f"meterdeck: {clean(state.sentence)}", file=sys.stderr)


def _too_slow(engine: SyncEngine, wait: float) -> list[Failure]:
    slow = MeterdeckError(
        f"Not everything could be read within {wait:g} s.",
        next="What was read is kept: ask again, or give a longer --wait.",
    )
    return [Failure(slow), *(Failure(error) for error in engine.trouble.values())]


def say(failures: Iterable[Failure]) -> None:
    """Tell of what failed, each sentence once."""
    for said in dict.fromkeys(f"{failure.error.what} {failure.error.next}" for failure in failures):
        print(f"meterdeck: {clean(said)}", file=sys.stderr)


def _wanted(report: str) -> list[Feed]:
    """The feeds that a report rests on."""
    if report == "minutes":
        return [Feed.MINUTES, Feed.DIRECTORY]
    if report == "prices":
        return [Feed.HOURS, Feed.LIVE, Feed.COSTS, Feed.MIX, Feed.DIRECTORY]
    return [Feed.HOURS, Feed.LIVE, *([] if report == "rates" else [Feed.COSTS]), Feed.DIRECTORY]
