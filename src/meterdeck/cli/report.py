"""`meterdeck report`: a pane's figures without a terminal. Reads what is missing or due, then answers."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from meterdeck.app.session import Session
from meterdeck.cli import connect, running
from meterdeck.cli.reading import SHORTEST_WAIT_S, session_to_read
from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.errors import MeterdeckError, UsageError
from meterdeck.domain.scope import Scope, Span
from meterdeck.present.documents import (
    Document,
    breakdown_document,
    costs_document,
    rates_document,
)
from meterdeck.present.formats import Format, render
from meterdeck.present.line_documents import lines_document
from meterdeck.present.names import clean
from meterdeck.queries.breakdown import breakdown_pane
from meterdeck.queries.costs import day_costs, days_of
from meterdeck.queries.day_lines import day_lines
from meterdeck.queries.finding import find_member
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.question import Question
from meterdeck.queries.rates import rates
from meterdeck.store import Store
from meterdeck.sync.plan import Feed

COMPLETE, NO_ANSWER, INCOMPLETE = 0, 1, 3
HARMLESS = frozenset({Feed.DIRECTORY, Feed.MIX})
"""Feeds without which figures are whole: names, and what a price is an average over."""
PRICES_NEED = timedelta(days=8)
"""How far back usage is read for prices: a week of settled days and the days that are not settled yet."""


DocumentOf = Callable[[Look, datetime, bool], Document]
"""Makes a document from a look at the store at a moment; the flag says whether all that was due could be read."""


def run(arguments: argparse.Namespace) -> int:
    """Print a report; return 0 if it is complete, 3 if something is missing or stale, 1 if there is none."""
    if arguments.report == "costs" and arguments.lines != (arguments.day is not None):
        raise UsageError("--lines and --day go together: the lines of one UTC day's bill.")

    def document_of(look: Look, now: datetime, fresh: bool) -> Document:  # noqa: FBT001 - as `DocumentOf`
        if arguments.report == "costs" and arguments.lines:
            scope = scope_of(look, arguments)
            return lines_document(day_lines(look, scope, arguments.day, now, learn(look, now)), fresh=fresh)
        return _document(look, arguments.report, scope_of(look, arguments), now, fresh=fresh)

    return read_and_print(arguments, document_of, since=_needed_since)


def read_and_print(
    arguments: argparse.Namespace,
    document_of: DocumentOf,
    since: Callable[[argparse.Namespace, datetime], datetime],
) -> int:
    """Read what is missing since a moment, then print a document in the format that was asked for."""
    place = connect.place_of(arguments)
    if arguments.offline and arguments.refresh:
        raise UsageError("--refresh asks the API, and --offline nobody; leave out one of them.")
    session = None
    if arguments.demo or not arguments.offline:
        patience = "Ask again, or give a longer --wait."
        session = session_to_read(place, demo=arguments.demo, wait=arguments.wait, patience=patience)
    store = Store(session.store if session else connect.offline_store(place))
    try:
        fresh = True
        if store.read_only:
            fresh = arguments.offline
        elif session is not None and not arguments.offline:
            failures = running.run(_read(session, store, arguments, since(arguments, session.clock())))
            fresh = all(failure.harmless for failure in failures)
            for said in dict.fromkeys(f"{failure.error.what} {failure.error.next}" for failure in failures):
                print(f"meterdeck: {clean(said)}", file=sys.stderr)
        notice = store.notice or (session.notice if session else None)
        if notice:
            print(f"meterdeck: {notice}", file=sys.stderr)
        return _answer(store, arguments, document_of, fresh=fresh)
    finally:
        store.close()


class _Failure(NamedTuple):
    error: MeterdeckError
    harmless: bool = False
    """Whether a report of figures is whole without it."""


async def _read(
    session: Session, store: Store, arguments: argparse.Namespace, since: datetime
) -> list[_Failure]:
    """Read what the report lacks, for at most as long as the user waits; return what failed."""
    wanted = _wanted(arguments.report)
    engine = session.start_engine(store, lambda _: None)
    if Feed.MINUTES in wanted:
        engine.want_minutes_here(since)
    try:
        async with asyncio.timeout(max(arguments.wait, SHORTEST_WAIT_S)):
            failed = await engine.catch_up(wanted, forced=arguments.refresh, since=since)
            return [_Failure(error, harmless=feed in HARMLESS) for feed, error in failed.items()]
    except TimeoutError:
        slow = MeterdeckError(
            f"Not everything could be read within {arguments.wait:g} s.",
            next="What was read is kept: ask again, or give a longer --wait.",
        )
        return [_Failure(slow), *(_Failure(error) for error in engine.trouble.values())]
    finally:
        await engine.close()


def _wanted(report: str) -> list[Feed]:
    """The feeds that a report rests on."""
    if report == "minutes":
        return [Feed.MINUTES, Feed.DIRECTORY]
    if report == "prices":
        return [Feed.HOURS, Feed.LIVE, Feed.COSTS, Feed.MIX, Feed.DIRECTORY]
    return [Feed.HOURS, Feed.LIVE, *([] if report == "rates" else [Feed.COSTS]), Feed.DIRECTORY]


def _needed_since(arguments: argparse.Namespace, now: datetime) -> datetime:
    start = Span(arguments.window).window(BucketWidth.HOUR, now).start
    if arguments.report == "rates":
        return BucketWidth.HOUR.floor(start)
    return BucketWidth.DAY.floor(min(start, now - PRICES_NEED))


def _answer(store: Store, arguments: argparse.Namespace, document_of: DocumentOf, *, fresh: bool) -> int:
    now = connect.utc_now()
    with store.read() as transaction:
        document = document_of(Look(transaction), now, fresh)
    if document["as_of"] is None:
        print("meterdeck: There is nothing to report: nothing was ever read.", file=sys.stderr)
        return NO_ANSWER
    sys.stdout.write(render(document, Format(arguments.format)))
    return COMPLETE if document["complete"] else INCOMPLETE


def scope_of(look: Look, arguments: argparse.Namespace) -> Scope:
    """What the arguments ask for; raises `UsageError` for a name that nobody has."""
    by = next(dimension for dimension in Dimension if dimension.word == arguments.by)
    scope = Scope(span=Span(arguments.window), by=by)
    for dimension in SERIES_DIMENSIONS:
        typed = getattr(arguments, dimension.value)
        if typed:
            scope = scope.filtered(dimension, {find_member(look, dimension, text) for text in typed})
    return scope


def _document(look: Look, report: str, scope: Scope, now: datetime, *, fresh: bool) -> Document:
    book = learn(look, now)
    if report == "rates":
        return rates_document(rates(look, scope, now, book), fresh=fresh)
    if report == "costs":
        return costs_document(day_costs(look, scope, days_of(scope, now), now, book), fresh=fresh)
    return breakdown_document(breakdown_pane(look, Question(scope), now, book), fresh=fresh)
