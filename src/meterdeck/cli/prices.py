"""What `meterdeck prices` answers: every price in use and where it comes from, or the back-test of them."""

from __future__ import annotations

from datetime import datetime

from meterdeck.present.documents import Document
from meterdeck.present.price_documents import back_test_document, prices_document
from meterdeck.queries.back_test import back_test
from meterdeck.queries.learning import book_of
from meterdeck.queries.look import Look
from meterdeck.queries.price_history import read_history
from meterdeck.queries.price_table import price_rows
from meterdeck.store import coverage
from meterdeck.store.coverage import Report


def prices_of(look: Look, now: datetime, *, backtest: bool, fresh: bool) -> Document:
    """The prices of a moment, or how they hold against the bill."""
    history = read_history(look, now)
    book = book_of(history)
    read_at = [coverage.newest_read(look.transaction, report) for report in (Report.COST, Report.USAGE)]
    as_of = next((moment for moment in read_at if moment is not None), None)
    if backtest:
        return back_test_document(look, back_test(history, book, now), as_of, fresh=fresh)
    return prices_document(look, price_rows(history, book), book, as_of, fresh=fresh)
