"""Reads once what a report rests on, as far as it is missing or due."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from meterdeck.cli.reading import SHORTEST_WAIT_S
from meterdeck.domain.errors import MeterdeckError
from meterdeck.present.names import clean
from meterdeck.sync.plan import Feed

if TYPE_CHECKING:
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


async def catch_up(engine: SyncEngine, arguments: argparse.Namespace, since: datetime) -> list[Failure]:
    """Read what the report lacks, for at most as long as the user waits; return what failed."""
    wanted = _wanted(arguments.report)
    if Feed.MINUTES in wanted:
        engine.want_minutes_here(since)
    try:
        async with asyncio.timeout(max(arguments.wait, SHORTEST_WAIT_S)):
            failed = await engine.catch_up(wanted, forced=arguments.refresh, since=since)
            return [Failure(error, feed) for feed, error in failed.items()]
    except TimeoutError:
        slow = MeterdeckError(
            f"Not everything could be read within {arguments.wait:g} s.",
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
