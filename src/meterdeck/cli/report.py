"""`meterdeck report`: a pane's figures without a terminal. Reads what is missing or due, then answers."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from meterdeck.app.session import Session
from meterdeck.cli import connect, running
from meterdeck.cli.reading import SHORTEST_WAIT_S, session_to_read
from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, SERIES_DIMENSIONS, Dimension
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
from meterdeck.present.names import clean, model_short
from meterdeck.queries.breakdown import breakdown_pane
from meterdeck.queries.costs import day_costs, days_of
from meterdeck.queries.day_lines import day_lines
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.rates import rates
from meterdeck.store import Store, sums
from meterdeck.sync.plan import Feed

if TYPE_CHECKING:
    from meterdeck.sync.engine import SyncEngine

NAMED = (Dimension.WORKSPACE, Dimension.API_KEY)
"""Dimensions whose members have names in the directory."""
ON_DEMAND = frozenset(dimension.word for dimension in ON_DEMAND_DIMENSIONS)
COMPLETE, NO_ANSWER, INCOMPLETE = 0, 1, 3
HARMLESS = frozenset({Feed.DIRECTORY, Feed.MIX})
"""Feeds without which figures are whole: names, and what a price is an average over."""
PRICES_NEED = timedelta(days=8)
"""How far back usage is read for prices: a week of settled days and the days that are not settled yet."""


DocumentOf = Callable[[Look, datetime, bool], Document]
"""Makes a document from a look at the store at a moment; the flag says whether all that was due could be read."""
AskFirst = Callable[["SyncEngine", Store], None]
"""Asks for something, once the names are known by which the user asked for it."""


def run(arguments: argparse.Namespace) -> int:
    """Print a report; return 0 if it is complete, 3 if something is missing or stale, 1 if there is none."""
    if arguments.report == "costs" and arguments.lines != (arguments.day is not None):
        raise UsageError("--lines and --day go together: the lines of one UTC day's bill.")

    if arguments.by in ON_DEMAND:
        from meterdeck.cli import on_demand

        return on_demand.run(arguments)

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
    ask: AskFirst | None = None,
) -> int:
    """Read what is missing since a moment, then print a document in the format that was asked for.

    ``ask`` says what else to read on demand, after the names.
    """
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
            failures = running.run(_read(session, store, arguments, since(arguments, session.clock()), ask))
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
    session: Session,
    store: Store,
    arguments: argparse.Namespace,
    since: datetime,
    ask: AskFirst | None,
) -> list[_Failure]:
    """Read what the report lacks, for at most as long as the user waits; return what failed."""
    from meterdeck.api import KeyRefused

    wanted = _wanted(arguments.report) if ask is None else _names_for(arguments)
    engine = session.start_engine(store, lambda _: None)
    if Feed.MINUTES in wanted:
        engine.want_minutes_here(since)
    try:
        async with asyncio.timeout(max(arguments.wait, SHORTEST_WAIT_S)):
            failed = await engine.catch_up(wanted, forced=arguments.refresh, since=since)
            if ask is not None and not any(isinstance(error, KeyRefused) for error in failed.values()):
                await asyncio.to_thread(ask, engine, store)
                failed |= await engine.catch_up([Feed.ON_DEMAND], forced=arguments.refresh)
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


def _names_for(arguments: argparse.Namespace) -> list[Feed]:
    """The directory, where a filter may be given by a name."""
    return [Feed.DIRECTORY] if any(getattr(arguments, dimension.value) for dimension in NAMED) else []


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
        if typed and dimension not in NAMED:
            scope = scope.filtered(dimension, {_known(look, dimension, text) for text in typed})
        elif typed:
            scope = scope.filtered(dimension, {look.names.find(dimension, text) for text in typed})
    return scope


def _known(look: Look, dimension: Dimension, typed: str) -> str:
    """A member that was ever seen; models may be called by their short names."""
    seen = [member for member in sums.known_members(look.transaction, dimension) if member]
    found = [member for member in seen if typed in {member, model_short(member)}]
    if len(found) > 1:
        raise UsageError(f"Several {dimension.title}s are called {typed!r}: {', '.join(sorted(found))}.")
    if found or not seen:
        return found[0] if found else typed
    raise UsageError(
        f"No {dimension.title} {typed!r} was ever used.", next=f"Known: {', '.join(sorted(seen))}."
    )


def _document(look: Look, report: str, scope: Scope, now: datetime, *, fresh: bool) -> Document:
    book = learn(look, now)
    if report == "rates":
        return rates_document(rates(look, scope, now, book), fresh=fresh)
    if report == "costs":
        return costs_document(day_costs(look, scope, days_of(scope, now), now, book), fresh=fresh)
    return breakdown_document(breakdown_pane(look, scope, now, book), fresh=fresh)
