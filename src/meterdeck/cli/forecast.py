"""`meterdeck report forecast`: how today and the month will end, and when each budget will be gone."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import datetime

from meterdeck.cli import connect
from meterdeck.cli.report import read_and_print, scope_of
from meterdeck.domain.buckets import BucketWidth, Window, previous_month_start
from meterdeck.present.documents import Document
from meterdeck.present.forecast_documents import forecast_document
from meterdeck.queries.costs import day_costs
from meterdeck.queries.figures import key_figures
from meterdeck.queries.foresight import Foresight
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.price_history import LEARNED_FROM
from meterdeck.store import coverage
from meterdeck.store.coverage import Report


def run(arguments: argparse.Namespace) -> int:
    """Print it; return 0, 3 if something of the month is missing or stale, 1 if nothing was ever read."""
    money = connect.money_of(connect.place_of(arguments), demo=arguments.demo)

    def document_of(look: Look, now: datetime, fresh: bool) -> Document:  # noqa: FBT001 - as `DocumentOf`
        scope = scope_of(look, arguments)
        foresight = Foresight(money.timezone, money.budgets)
        book = learn(look, now)
        days = Window(previous_month_start(now), BucketWidth.DAY.after(now))
        costs = day_costs(look, scope, days, now, book)
        for filters, day in list(foresight.outdated(look, scope, now, book)):
            foresight.read(look, filters, day, now)
        outlook = foresight.outlook(look, scope, now, book, key_figures(look, scope, now, book, costs))
        organization = look.directory.organization
        return forecast_document(
            outlook,
            scope,
            organization.name if organization else None,
            money.timezone,
            _since(costs.gaps, outlook.month.window.start),
            coverage.newest_read(look.transaction, Report.USAGE),
            fresh=fresh,
            confirmed=book.confirmed,
        )

    return read_and_print(arguments, document_of, since=_a_month_ago)


def _since(gaps: Iterable[Window], start: datetime) -> list[Window]:
    """What of some gaps lies after a moment."""
    return [Window(max(gap.start, start), gap.end) for gap in gaps if gap.end > start]


def _a_month_ago(_: argparse.Namespace, now: datetime) -> datetime:
    return BucketWidth.DAY.floor(now - LEARNED_FROM)
