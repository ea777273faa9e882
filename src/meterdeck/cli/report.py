"""`meterdeck report`: a pane's figures without a terminal. Reads what is missing or due, then answers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from meterdeck.app.session import Session
from meterdeck.cli import catching_up, connect, running
from meterdeck.cli.beside import beside
from meterdeck.cli.catching_up import Since
from meterdeck.cli.reading import session_to_read
from meterdeck.cli.watching import DocumentOf, Watch
from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, SERIES_DIMENSIONS, Dimension
from meterdeck.domain.errors import UsageError
from meterdeck.domain.scope import Scope, Span
from meterdeck.present import clocks
from meterdeck.present.documents import (
    Document,
    breakdown_document,
    costs_document,
    rates_document,
)
from meterdeck.present.formats import Format, render
from meterdeck.present.line_documents import lines_document
from meterdeck.queries.breakdown import breakdown_pane
from meterdeck.queries.costs import day_costs, days_of
from meterdeck.queries.day_lines import day_lines
from meterdeck.queries.finding import find_members
from meterdeck.queries.foresight import today_ahead
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.question import Question
from meterdeck.queries.rates import rates
from meterdeck.queries.status import status
from meterdeck.store import Store
from meterdeck.sync.plan import DEMO_CADENCE, Cadence

ON_DEMAND = frozenset(dimension.word for dimension in ON_DEMAND_DIMENSIONS)
COMPLETE, NO_ANSWER, INCOMPLETE = 0, 1, 3
PRICES_NEED = timedelta(days=8)
"""How far back usage is read for prices: a week of settled days and the days that are not settled yet."""


def run(arguments: argparse.Namespace) -> int:
    """Print a report; return 0 if it is complete, 3 if something is missing or stale, 1 if there is none."""
    if arguments.report == "costs" and arguments.lines != (arguments.day is not None):
        raise UsageError("--lines and --day go together: the lines of one UTC day's bill.")
    if arguments.report == "costs" and arguments.inference_geo and not arguments.lines:
        raise UsageError(
            "What is not billed yet has no geo, so whole days can't be kept by one: --inference-geo goes with --lines.",
            next="--by inference_geo splits every day of the bill.",
        )

    if _is_on_demand(arguments):
        from meterdeck.cli import on_demand

        return on_demand.run(arguments)

    def document_of(look: Look, now: datetime, fresh: bool) -> Document:  # noqa: FBT001 - as `DocumentOf`
        if arguments.report == "costs" and arguments.lines:
            scope = scope_of(look, arguments)
            if arguments.inference_geo:
                scope = scope.filtered(Dimension.INFERENCE_GEO, set(arguments.inference_geo))
            return lines_document(day_lines(look, scope, arguments.day, now, learn(look, now)), fresh=fresh)
        scope = scope_of(look, arguments)
        if arguments.report == "costs":
            return _costs_document(look, scope, now, money.timezone, fresh=fresh)
        return _document(look, arguments.report, scope, now, fresh=fresh)

    money = connect.money_of(connect.place_of(arguments), demo=arguments.demo)

    return read_and_print(arguments, document_of, since=_needed_since)


def _is_on_demand(arguments: argparse.Namespace) -> bool:
    """Whether the answer is one that the API gives to this question alone: the bill knows geos by itself."""
    return arguments.report == "breakdown" and arguments.by in ON_DEMAND


def read_and_print(
    arguments: argparse.Namespace,
    document_of: DocumentOf,
    since: Since,
    ask: catching_up.AskFirst | None = None,
) -> int:
    """Read what is missing since a moment, then print a document in the format that was asked for.

    With ``--watch`` go on, and print it again whenever its figures change. ``ask`` says what else to read on demand,
    after the names.
    """
    place = connect.place_of(arguments)
    if ask is not None and arguments.watch is not None:
        raise UsageError(
            "What is read on demand is read once an hour at most: there is nothing to watch.",
            next="Leave out --watch.",
        )
    if arguments.watch:
        place = replace(place, poll=timedelta(seconds=arguments.watch))
    if arguments.offline and arguments.refresh:
        raise UsageError("--refresh asks the API, and --offline nobody; leave out one of them.")
    session = None
    if arguments.demo or not arguments.offline:
        patience = "Ask again, or give a longer --wait."
        session = session_to_read(place, demo=arguments.demo, wait=arguments.wait, patience=patience)
    path = session.store if session else connect.offline_store(place)
    if arguments.watch is not None:
        pace = place.cadence(DEMO_CADENCE if arguments.demo else Cadence()).live
        collecting = None if arguments.offline else session
        return running.run(Watch(arguments, path, document_of, pace, collecting).run(since))
    store = Store(path)
    try:
        fresh = True
        if store.read_only:
            fresh = arguments.offline
        elif session is not None and not arguments.offline:
            failures = running.run(_read(session, store, arguments, since, ask))
            fresh = all(failure.harmless for failure in failures)
            catching_up.say(failures)
            catching_up.say_of_names(store)
        notice = store.notice or (session.notice if session else None)
        if notice:
            print(f"meterdeck: {notice}", file=sys.stderr)
        return _answer(
            store, arguments, document_of, session.clock if session else connect.utc_now, fresh=fresh
        )
    finally:
        store.close()


async def _read(
    session: Session,
    store: Store,
    arguments: argparse.Namespace,
    since: Since,
    ask: catching_up.AskFirst | None,
) -> list[catching_up.Failure]:
    engine = session.start_engine(store, lambda _: None)
    try:
        if ask is not None:
            return await catching_up.ask_first(engine, store, arguments, ask)
        return await catching_up.catch_up(engine, store, arguments, since)
    finally:
        await engine.close()


def _needed_since(arguments: argparse.Namespace, now: datetime) -> datetime:
    start = Span(arguments.window).window(BucketWidth.HOUR, now).start
    if arguments.report == "rates":
        return BucketWidth.HOUR.floor(start)
    return BucketWidth.DAY.floor(min(start, now - PRICES_NEED))


def _answer(
    store: Store,
    arguments: argparse.Namespace,
    document_of: DocumentOf,
    clock: Callable[[], datetime],
    *,
    fresh: bool,
) -> int:
    now = clock()
    with store.read() as transaction:
        found, look = status(transaction, now), Look(transaction)
        document = document_of(look, now, fresh)
        said = beside(look, document, now, in_totals=not _is_on_demand(arguments))
    if whose_clock := clocks.said(found, now, is_offline=arguments.offline):
        said.insert(0, whose_clock)
    if document["as_of"] is None:
        print("meterdeck: There is nothing to report: nothing was ever read.", file=sys.stderr)
        return NO_ANSWER
    for sentence in said:
        print(f"meterdeck: {sentence}", file=sys.stderr)
    sys.stdout.write(render(document, Format(arguments.format)))
    return COMPLETE if document["complete"] else INCOMPLETE


def scope_of(look: Look, arguments: argparse.Namespace) -> Scope:
    """What the arguments ask for; raises `UsageError` for a name that nobody has."""
    by = next(dimension for dimension in Dimension if dimension.word == arguments.by)
    scope = Scope(span=Span(arguments.window), by=by)
    for dimension in SERIES_DIMENSIONS:
        typed = getattr(arguments, dimension.value)
        if typed:
            found = [find_members(look, dimension, text) for text in typed]
            scope = scope.filtered(dimension, frozenset().union(*found))
    return scope


def _costs_document(look: Look, scope: Scope, now: datetime, zone: tzinfo, *, fresh: bool) -> Document:
    """Costs by day, and what the running day is foreseen to come to."""
    book = learn(look, now)
    costs = day_costs(look, scope, days_of(scope, now), now, book)
    today = BucketWidth.DAY.floor(now)
    end = today_ahead(look, scope, now, book, zone).end
    return costs_document(costs, fresh=fresh, end=end, today=today)


def _document(look: Look, report: str, scope: Scope, now: datetime, *, fresh: bool) -> Document:
    book = learn(look, now)
    if report == "rates":
        return rates_document(rates(look, scope, now, book), fresh=fresh)
    return breakdown_document(breakdown_pane(look, Question(scope), now, book), fresh=fresh)
