"""`meterdeck report minutes`: one hour by its minutes, read from the API where they are not kept."""

from __future__ import annotations

import argparse
from datetime import datetime

from meterdeck.cli import connect
from meterdeck.cli.report import read_and_print, scope_of
from meterdeck.domain import history
from meterdeck.domain.buckets import rfc3339
from meterdeck.domain.errors import UsageError
from meterdeck.present.documents import Document, minutes_document
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.minutes import minutes


def run(arguments: argparse.Namespace) -> int:
    """Print it; return 0, 3 if a minute is missing, 1 if none was read; raises `UsageError` for an hour out of reach."""
    hour: datetime = arguments.hour
    _check(hour, connect.utc_now())

    def document_of(look: Look, now: datetime, fresh: bool) -> Document:  # noqa: FBT001 - as `DocumentOf`
        found = minutes(look, scope_of(look, arguments), hour, now, learn(look, now))
        return minutes_document(found, fresh=fresh)

    return read_and_print(arguments, document_of, since=lambda _, __: hour)


def _check(hour: datetime, now: datetime) -> None:
    oldest = history.history(now, history.LONGEST_HISTORY_DAYS).start
    if hour > now:
        raise UsageError(f"The hour {rfc3339(hour)} has not begun.", next="Ask for one that has.")
    if hour < oldest:
        raise UsageError(
            f"Hours before {rfc3339(oldest)} are kept no more.",
            next="Ask the API itself: meterdeck query usage --width 1m --start …",
        )
