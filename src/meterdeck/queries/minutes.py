"""Tokens of each minute of one hour, by the members of one dimension."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from meterdeck.domain.buckets import BucketWidth, Window, merge_buckets
from meterdeck.domain.scope import Scope
from meterdeck.queries.bucket_states import awaited, states_of
from meterdeck.queries.look import Look
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.rates import RateRow, rate_rows
from meterdeck.queries.spend import NOTHING_SPENT, Spend, total_spend
from meterdeck.queries.usage_window import BucketState, expected_until
from meterdeck.store import coverage
from meterdeck.store.coverage import Report

MINUTE = BucketWidth.MINUTE


@dataclass(frozen=True, slots=True)
class Minutes:
    """One hour by its minutes, oldest first."""

    scope: Scope
    window: Window
    gaps: tuple[Window, ...]
    """Minutes that should be there and were not read, or are kept no more."""
    awaited: tuple[Window, ...]
    """Minutes that have begun and are not reported yet."""
    as_of: datetime | None
    rows: tuple[RateRow, ...]
    left_out: Spend = NOTHING_SPENT
    """Money to which the filters can't be applied: it is in no row."""

    @property
    def total(self) -> Spend:
        """All rows together."""
        return total_spend(row.spend for row in self.rows)

    @property
    def total_tokens(self) -> int:
        """All tokens of all rows."""
        return sum(row.tokens.total for row in self.rows)


def minutes(look: Look, scope: Scope, hour: datetime, now: datetime, book: PriceBook) -> Minutes:
    """Tokens by minute and by the scope's dimension; the scope's window does not matter."""
    window = Window(hour, hour + BucketWidth.HOUR.delta)
    of_minutes = tuple(Window(start, start + MINUTE.delta) for start in window.starts(MINUTE))
    states = states_of(look, MINUTE, of_minutes, now)
    by_start = {minute.start: state for minute, state in zip(of_minutes, states, strict=True)}
    rows, left_out = rate_rows(look, scope, of_minutes, states, book, by_minute=True)
    expected = expected_until(now)
    missing = [start for start, state in by_start.items() if state is BucketState.GAP and start < expected]
    read = coverage.covered(look.transaction, Report.USAGE, MINUTE, window)
    newest = max((of.read_at for of in read.values()), default=None)
    gaps, not_yet = merge_buckets(missing, MINUTE), awaited(of_minutes, states, now)
    return Minutes(scope, window, gaps, not_yet, newest, tuple(rows), left_out)
