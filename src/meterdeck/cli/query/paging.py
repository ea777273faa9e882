"""Asks for the pages of a question one after another; what fails in passing is asked for again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meterdeck.api import (
    AdminClient,
    ApiError,
    Pacing,
    Pages,
    RateLimited,
    ServerFailed,
    TooLarge,
    Unreachable,
)
from meterdeck.cli.query.printing import Printer
from meterdeck.cli.query.question import Bucket, Question
from meterdeck.domain.buckets import Window
from meterdeck.domain.remarks import Remark, joined

if TYPE_CHECKING:
    from meterdeck.store import Store

RETRIES = 2
FIRST_NOTE_S, NEXT_NOTE_S = 10.0, 60.0
TOOK_TOO_LONG = 504

_PASSING = (RateLimited, ServerFailed, Unreachable, TooLarge)


@dataclass(frozen=True, slots=True)
class Connection:
    """Whom to ask, how fast, and what waiting is for."""

    client: AdminClient
    pacing: Pacing
    waits_for: str
    """What a slow answer may be waiting for."""
    store: Store | None = None
    """Where all sessions remember that today is refused; None for the embedded organisation."""


async def print_pages(connection: Connection, question: Question[Bucket], printer: Printer) -> None:
    """Print each page as it comes; one that fails in passing is asked for again, a few times.

    What was too much is asked for in pages of half the buckets, from where the last page ended.
    """
    rest: Window | None = question.window
    limit, failures = question.limit, 0
    pages = question.pages(connection.client, connection.pacing, question.window, limit)
    remarks: tuple[Remark, ...] = ()
    while True:
        try:
            page = await _next(pages, connection, printer)
        except _PASSING as error:
            failures += 1
            if failures > RETRIES:
                raise
            if rest and limit > 1 and was_too_much(error):
                limit //= 2
                remarks = joined([*remarks, *pages.remarks])
                pages = question.pages(connection.client, connection.pacing, rest, limit)
            wait = _wait_after(error, failures)
            printer.say(f"{error.what} Trying again in {wait:.0f} s.")
            await asyncio.sleep(wait)
            continue
        if page is None:
            for remark in joined([*remarks, *pages.remarks]):
                printer.say(remark.sentence)
            return
        failures = 0
        if page:
            end = page[-1].window.end
            rest = Window(end, question.window.end) if end < question.window.end else None
        printer.page(question.columns, len(page), [row for bucket in page for row in question.rows(bucket)])


async def _next(pages: Pages[Bucket], connection: Connection, printer: Printer) -> tuple[Bucket, ...] | None:
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


def was_too_much(error: ApiError) -> bool:
    """Whether fewer buckets at once may be answered."""
    return isinstance(error, TooLarge) or error.status == TOOK_TOO_LONG


def _wait_after(error: ApiError, failures: int) -> float:
    """As long as all sessions leave alone what failed."""
    from meterdeck.sync.retrying import retry_after

    wait = retry_after(error, failures)
    return wait.total_seconds() if wait else 0.0
