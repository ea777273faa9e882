"""`meterdeck prices`: every price in use and where it comes from; `--backtest` holds them against the bill."""

from __future__ import annotations

import argparse
from datetime import datetime

from meterdeck.cli.report import read_and_print
from meterdeck.domain.buckets import BucketWidth
from meterdeck.present.documents import Document
from meterdeck.present.price_documents import back_test_document, prices_document
from meterdeck.queries.back_test import back_test
from meterdeck.queries.learning import book_of
from meterdeck.queries.look import Look
from meterdeck.queries.price_history import LEARNED_FROM, read_history
from meterdeck.queries.price_table import price_rows
from meterdeck.store import coverage
from meterdeck.store.coverage import Report


def run(arguments: argparse.Namespace) -> int:
    """Print prices or their back-test; return 0, 3 if something is missing or stale, 1 if nothing was ever read."""

    def document_of(look: Look, now: datetime, fresh: bool) -> Document:  # noqa: FBT001 - as `DocumentOf`
        history = read_history(look, now)
        book = book_of(history)
        as_of = coverage.newest_read(look.transaction, Report.COST) or coverage.newest_read(
            look.transaction, Report.USAGE
        )
        if arguments.backtest:
            return back_test_document(look, back_test(history, book, now), as_of, fresh=fresh)
        return prices_document(look, price_rows(history, book), book, as_of, fresh=fresh)

    return read_and_print(arguments, document_of, since=_a_month_ago)


def _a_month_ago(_: argparse.Namespace, now: datetime) -> datetime:
    return BucketWidth.DAY.floor(now - LEARNED_FROM)
