"""`meterdeck query`: a report asked directly, printed row by row as its pages come in. Nothing is stored."""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from meterdeck.api import (
    AdminClient,
    ApiError,
    BucketWidth,
    CostBucket,
    CostLine,
    CostQuery,
    DateRangeRefused,
    Dimension,
    NotAllowed,
    Pacing,
    Pages,
    RateLimited,
    ServerFailed,
    TokenType,
    TooLarge,
    Unreachable,
    UsageBucket,
    UsageQuery,
    between,
    cents_to_usd,
)
from meterdeck.api.client import UNPACED
from meterdeck.cli import connect, running
from meterdeck.domain.buckets import Window, rfc3339
from meterdeck.domain.errors import MeterdeckError, UsageError
from meterdeck.domain.money import plain
from meterdeck.domain.secret import Secret

if TYPE_CHECKING:
    from meterdeck.store import Store

DONE = 0
RETRIES = 2
FIRST_NOTE_S, NEXT_NOTE_S = 10.0, 60.0
PROGRESS_EVERY_S = 2.0
TOOK_TOO_LONG = 504
GROUPED_MINUTES = 240
"""Minutes a page where rows are split: a day of them at once can be larger than we read (64 MiB)."""

Cell = str | int | None
Bucket = TypeVar("Bucket", bound=UsageBucket | CostBucket)

_COUNTERS = (*(token_type.counter for token_type in TokenType), "web_search_requests")
_PASSING = (RateLimited, ServerFailed, Unreachable, TooLarge)
_MONEY = ("cents", "usd", "currency")


@dataclass(frozen=True, slots=True)
class _Question(Generic[Bucket]):
    """What to ask, and how an answer becomes rows."""

    columns: tuple[str, ...]
    window: Window
    limit: int
    """How many buckets a page may hold."""
    pages: Callable[[AdminClient, Pacing, Window, int], Pages[Bucket]]
    """The pages of a window, so many buckets each: all of it, or what is left of it."""
    rows: Callable[[Bucket], Iterable[tuple[Cell, ...]]]
    without_today: Callable[[], _Question[Bucket] | None] | None = None
    """What to ask instead where the API refuses a range that includes today, and the user did not insist.

    It may be nothing: then today was all that was asked for.
    """


@dataclass(frozen=True, slots=True)
class _Connection:
    client: AdminClient
    pacing: Pacing
    waits_for: str
    """What a slow answer may be waiting for."""
    store: Store | None = None
    """Where all sessions remember that today is refused; None for the embedded organisation."""


def run(arguments: argparse.Namespace) -> int:
    """Print the answer; return 0, or raise."""
    place = connect.place_of(arguments)
    if arguments.offline:
        raise UsageError(
            "A query asks the API; leave out --offline.", next="meterdeck report reads the store."
        )
    printer = _Printer(arguments.format)
    now = connect.utc_now()
    try:
        if arguments.report == "usage":
            running.run(_answer(arguments, place, _usage(arguments, now), printer))
        else:
            running.run(_answer(arguments, place, _cost(arguments, now), printer))
    except NotAllowed as error:
        raise UsageError(error.what, next=error.next) from None
    except ApiError as error:
        raise _explained(error, printer) from None
    printer.say(printer.summary)
    return DONE


def _usage(arguments: argparse.Namespace, now: datetime) -> _Question[UsageBucket]:
    width = BucketWidth(arguments.width)
    window = between(arguments.start, arguments.end or width.after(now))
    group_by = _dimensions(arguments.group_by)
    filters = {
        dimension: tuple(values)
        for dimension in Dimension
        if (values := getattr(arguments, dimension.value, None))
    }
    limit = arguments.limit
    if limit is None:
        limit = min(width.page_limit, GROUPED_MINUTES) if group_by else width.page_limit
    query = UsageQuery(window, width, group_by, filters, limit)
    fields = tuple(dimension.value for dimension in group_by)
    return _Question(
        ("start", "end", *fields, *_COUNTERS),
        window,
        limit,
        lambda client, pacing, window, limit: client.usage_pages(
            replace(query, window=window, limit=limit), pacing=pacing
        ),
        _usage_rows,
    )


def _usage_rows(bucket: UsageBucket) -> Iterator[tuple[Cell, ...]]:
    start, end = rfc3339(bucket.window.start), rfc3339(bucket.window.end)
    for row in bucket.rows:
        counts = [count for _, count in row.tokens.items()]
        yield (start, end, *row.members, *counts, row.web_searches)


def _cost(arguments: argparse.Namespace, now: datetime) -> _Question[CostBucket]:
    today, tomorrow = BucketWidth.DAY.floor(now), BucketWidth.DAY.after(now)
    question = _cost_until(arguments, arguments.end or tomorrow)
    if arguments.end is not None:
        return question
    return replace(
        question,
        without_today=lambda: _cost_until(arguments, today) if arguments.start < today else None,
    )


def _cost_until(arguments: argparse.Namespace, end: datetime) -> _Question[CostBucket]:
    group_by = _dimensions(arguments.group_by)
    limit = BucketWidth.DAY.page_limit if arguments.limit is None else arguments.limit
    window = between(arguments.start, end)
    query = CostQuery(window, group_by, limit)
    fields = tuple(name for name in CostLine._fields if _filled_by(name) in group_by)

    def rows(bucket: CostBucket) -> Iterator[tuple[Cell, ...]]:
        start, end = rfc3339(bucket.window.start), rfc3339(bucket.window.end)
        for line, cents in bucket.rows:
            members = [getattr(line, name) for name in fields]
            # Plain notation, zeros at the end kept: the text that came, unless that had an exponent.
            yield (start, end, *members, f"{cents:f}", plain(cents_to_usd(cents)), "USD")

    return _Question(
        ("start", "end", *fields, *_MONEY),
        window,
        limit,
        lambda client, pacing, window, limit: client.cost_pages(
            replace(query, window=window, limit=limit), pacing=pacing
        ),
        rows,
    )


def _filled_by(field: str) -> Dimension:
    """The grouping that fills a field of a line: all but the workspace are the description's (api-facts 3.2)."""
    return Dimension.WORKSPACE if field == Dimension.WORKSPACE.value else Dimension.DESCRIPTION


def _dimensions(words: Iterable[str]) -> tuple[Dimension, ...]:
    by_word = {dimension.word: dimension for dimension in Dimension}
    return tuple(by_word[word] for word in words)


async def _answer(
    arguments: argparse.Namespace, place: connect.Place, question: _Question[Bucket], printer: _Printer
) -> None:
    async with AsyncExitStack() as stack:
        connection = await _connect(arguments, place, stack)
        if question.without_today is None:
            await _print_pages(connection, question, printer)
            return
        is_known = _is_today_refused(connection.store)
        if not is_known:
            try:
                await _print_pages(connection, question, printer)
            except DateRangeRefused:
                pass
            else:
                return
        rest = question.without_today()
        if rest is None:
            printer.say("the API has no bill of today yet, and no other day was asked for")
            return
        printer.say("the API has no bill of today yet; the answer ends with yesterday")
        await _print_pages(connection, rest, printer)
        if not is_known:
            _note_today_refused(connection.store)


def _is_today_refused(store: Store | None) -> bool:
    """Whether any session was told today that the bill of today is not to be asked for."""
    if store is None:
        return False
    from meterdeck.store import feeds

    with store.read() as transaction:
        return feeds.is_noted_today(transaction, feeds.TOMORROW_REFUSED, connect.utc_now())


def _note_today_refused(store: Store | None) -> None:
    if store is None:
        return
    from meterdeck.store import feeds

    with store.write() as transaction:
        feeds.succeeded(transaction, feeds.TOMORROW_REFUSED, connect.utc_now())


async def _connect(arguments: argparse.Namespace, place: connect.Place, stack: AsyncExitStack) -> _Connection:
    """The embedded organisation, or a real one within the budget that all sessions share."""
    if arguments.demo:
        import httpx

        from meterdeck.service import demo_app

        app = httpx.ASGITransport(app=demo_app(clock=connect.utc_now))
        demo = await stack.enter_async_context(AdminClient(connect.DEMO_URL, Secret("demo"), via=app))
        return _Connection(demo, UNPACED, "an answer")
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
    paces = Paces(store, connect.utc_now, hourly=place.requests_per_hour)
    budget = f"an answer, or for a place in the budget of {place.requests_per_hour} requests an hour"
    return _Connection(client, paces.of(Priority.USER), budget, store)


async def _print_pages(connection: _Connection, question: _Question[Bucket], printer: _Printer) -> None:
    """Print each page as it comes; one that fails in passing is asked for again, a few times.

    What was too much is asked for in pages of half the buckets, from where the last page ended.
    """
    rest: Window | None = question.window
    limit, failures = question.limit, 0
    pages = question.pages(connection.client, connection.pacing, question.window, limit)
    while True:
        try:
            page = await _next(pages, connection, printer)
        except _PASSING as error:
            failures += 1
            if failures > RETRIES:
                raise
            if rest and limit > 1 and _was_too_much(error):
                limit //= 2
                pages = question.pages(connection.client, connection.pacing, rest, limit)
            wait = _wait_after(error, failures)
            printer.say(f"{error.what} Trying again in {wait:.0f} s.")
            await asyncio.sleep(wait)
            continue
        if page is None:
            return
        failures = 0
        if page:
            end = page[-1].window.end
            rest = Window(end, question.window.end) if end < question.window.end else None
        printer.page(question.columns, len(page), [row for bucket in page for row in question.rows(bucket)])


async def _next(
    pages: Pages[Bucket], connection: _Connection, printer: _Printer
) -> tuple[Bucket, ...] | None:
    """The next page, or None after the last; says now and then that it is waited for."""

    async def ask() -> tuple[Bucket, ...] | None:
        return await anext(pages, None)

    asked = asyncio.create_task(ask())
    patience = FIRST_NOTE_S
    try:
        while not (await asyncio.wait({asked}, timeout=patience))[0]:
            printer.say(f"still waiting for {connection.waits_for}")
            patience = NEXT_NOTE_S
        return asked.result()
    finally:
        asked.cancel()


def _was_too_much(error: ApiError) -> bool:
    return isinstance(error, TooLarge) or error.status == TOOK_TOO_LONG


def _wait_after(error: ApiError, failures: int) -> float:
    """As long as all sessions leave alone what failed."""
    from meterdeck.sync.retrying import retry_after

    wait = retry_after(error, failures)
    return wait.total_seconds() if wait else 0.0


class _Printer:
    """Writes rows to standard output, and what is to be said of them to standard error."""

    def __init__(self, form: str) -> None:
        self._text = _csv if form == "csv" else _json_lines
        self._rows = self._buckets = self._pages = 0
        self._progress_at = time.monotonic() + PROGRESS_EVERY_S

    @property
    def summary(self) -> str:
        """``3 rows, 2 buckets, 1 page``."""
        counts = (("row", self._rows), ("bucket", self._buckets), ("page", self._pages))
        return ", ".join(f"{count} {thing}{'' if count == 1 else 's'}" for thing, count in counts)

    @property
    def has_begun(self) -> bool:
        """Whether a page was printed."""
        return self._pages > 0

    def page(self, columns: tuple[str, ...], buckets: int, rows: list[tuple[Cell, ...]]) -> None:
        """Write the rows of one page at once; the first one brings the CSV's head."""
        sys.stdout.write(self._text(columns, rows, with_head=not self.has_begun))
        sys.stdout.flush()
        self._rows += len(rows)
        self._buckets += buckets
        self._pages += 1
        if time.monotonic() >= self._progress_at:
            self.say(f"{self.summary} so far")
            self._progress_at = time.monotonic() + PROGRESS_EVERY_S

    def say(self, words: str) -> None:
        """Tell the person, not the program that reads the rows."""
        print(f"meterdeck: {words}", file=sys.stderr, flush=True)


def _json_lines(columns: tuple[str, ...], rows: Iterable[tuple[Cell, ...]], *, with_head: bool) -> str:  # noqa: ARG001
    """One object a line, in ASCII: whatever a name holds, a terminal shows it as text."""
    return "".join(f"{json.dumps(dict(zip(columns, row, strict=True)))}\n" for row in rows)


def _csv(columns: tuple[str, ...], rows: Iterable[tuple[Cell, ...]], *, with_head: bool) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if with_head:
        writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: Cell) -> Cell:
    """Text without what a terminal would act on; null is empty."""
    if isinstance(cell, str) and not cell.isprintable():
        return "".join(char if char.isprintable() else "\ufffd" for char in cell)
    return "" if cell is None else cell


def _explained(error: ApiError, printer: _Printer) -> MeterdeckError:
    """Say what a failed request means for what was printed, and what to do about it."""
    what = error.what if error.request_id is None else f"{error.what} Request id: {error.request_id}."
    still = f"{printer.summary} were written: the answer is incomplete." if printer.has_begun else ""
    next_step = error.next
    if isinstance(error, DateRangeRefused):
        next_step = "The bill of the last day may not be out yet: try an earlier --end or --start."
    elif _was_too_much(error):
        next_step = "Ask for fewer buckets a page with --limit."
    elif isinstance(error, RateLimited | ServerFailed | Unreachable):
        next_step = "Try again later."
    return MeterdeckError(what, still=still, next=next_step)
