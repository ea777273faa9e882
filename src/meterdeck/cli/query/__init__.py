"""`meterdeck query`: a report asked directly, printed row by row as its pages come in. Nothing is stored."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from meterdeck.api import (
    AdminClient,
    ApiError,
    DateRangeRefused,
    NotAllowed,
    RateLimited,
    ServerFailed,
    Unreachable,
)
from meterdeck.api.client import UNPACED
from meterdeck.cli import connect, running
from meterdeck.cli.query.models import ids_of
from meterdeck.cli.query.paging import Connection, print_pages, was_too_much
from meterdeck.cli.query.printing import Printer
from meterdeck.cli.query.question import Bucket, Question, cost_question, usage_question
from meterdeck.domain.errors import MeterdeckError, UsageError
from meterdeck.domain.secret import Secret

if TYPE_CHECKING:
    from meterdeck.store import Store

DONE = 0


def run(arguments: argparse.Namespace) -> int:
    """Print the answer; return 0, or raise."""
    place = connect.place_of(arguments)
    if arguments.offline:
        raise UsageError(
            "A query asks the API; leave out --offline.", next="meterdeck report reads the store."
        )
    printer = Printer(arguments.format)
    try:
        if arguments.report == "usage":
            running.run(_answer(arguments, place, partial(usage_question, arguments), printer))
        else:
            running.run(_answer(arguments, place, partial(cost_question, arguments), printer))
    except NotAllowed as error:
        raise UsageError(error.what, next=error.next) from None
    except ApiError as error:
        raise _explained(error, printer) from None
    printer.say(printer.summary)
    return DONE


async def _answer(
    arguments: argparse.Namespace,
    place: connect.Place,
    question_at: Callable[[datetime], Question[Bucket]],
    printer: Printer,
) -> None:
    # What can't be asked at any time is refused before anybody is asked; only the store knows what time it is.
    question = question_at(max(connect.utc_now(), arguments.start))
    if question.snapped:
        printer.say(question.snapped)
    async with AsyncExitStack() as stack:
        connection = await _connect(arguments, place, stack)
        if getattr(arguments, "model", None):
            arguments.model = await ids_of(connection, arguments.model, question.window)
        question = question_at(_clock(connection.store)())
        if question.without_today is None:
            await print_pages(connection, question, printer)
            return
        is_known = _is_today_refused(connection.store)
        if not is_known:
            try:
                await print_pages(connection, question, printer)
            except DateRangeRefused:
                pass
            else:
                return
        rest = question.without_today()
        if rest is None:
            printer.say("the API has no bill of today yet, and no other day was asked for")
            return
        printer.say("the API has no bill of today yet; the answer ends with yesterday")
        await print_pages(connection, rest, printer)
        if not is_known:
            _note_today_refused(connection.store)


def _clock(store: Store | None) -> Callable[[], datetime]:
    """The clock of whoever is asked."""
    return connect.utc_now if store is None else connect.clock_of(store)


def _is_today_refused(store: Store | None) -> bool:
    """Whether any session was told today that the bill of today is not to be asked for."""
    if store is None:
        return False
    from meterdeck.store import feeds

    with store.read() as transaction:
        return feeds.is_noted_today(transaction, feeds.TOMORROW_REFUSED, connect.clock_by(transaction)())


def _note_today_refused(store: Store | None) -> None:
    if store is None:
        return
    from meterdeck.store import feeds

    with store.write() as transaction:
        feeds.succeeded(transaction, feeds.TOMORROW_REFUSED, connect.clock_by(transaction)())


async def _connect(arguments: argparse.Namespace, place: connect.Place, stack: AsyncExitStack) -> Connection:
    """The embedded organisation, or a real one within the budget that all sessions share."""
    if arguments.demo:
        import httpx

        from meterdeck.service import demo_app

        app = httpx.ASGITransport(app=demo_app(clock=connect.utc_now))
        demo = await stack.enter_async_context(AdminClient(connect.DEMO_URL, Secret("demo"), via=app))
        return Connection(demo, UNPACED, "an answer")
    from meterdeck.store import Store
    from meterdeck.store.budget import Priority
    from meterdeck.sync.pacing import Paces

    key = connect.key_of(place)
    if key is None:
        raise connect.no_key()
    client = await stack.enter_async_context(connect.client_of(place, key))
    organization, asked = connect.organization_of(place, key), None
    if organization is None:  # whose budget to keep to is not known yet: one request is outside of it
        asked = await client.organization()
        connect.remember(place, key, asked)
        organization = asked.id
    store = Store(place.store_of(organization))
    stack.callback(store.close)
    connect.claim(place, store, organization, asked)
    paces = Paces(store, connect.clock_of(store), hourly=place.requests_per_hour)
    budget = f"an answer, or for a place in the budget of {place.requests_per_hour} requests an hour"
    return Connection(client, paces.of(Priority.USER), budget, store)


def _explained(error: ApiError, printer: Printer) -> MeterdeckError:
    """Say what a failed request means for what was printed, and what to do about it."""
    what = error.what if error.request_id is None else f"{error.what} Request id: {error.request_id}."
    still = f"{printer.summary} were written: the answer is incomplete." if printer.has_begun else ""
    next_step = error.next
    if isinstance(error, DateRangeRefused):
        next_step = "The bill of the last day may not be out yet: try an earlier --end or --start."
    elif was_too_much(error):
        next_step = "Ask for fewer buckets a page with --limit."
    elif isinstance(error, RateLimited | ServerFailed | Unreachable):
        next_step = "Try again later."
    return MeterdeckError(what, still=still, next=next_step)
