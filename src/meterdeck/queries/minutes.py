"""Tokens of each minute of one hour, by the members of one dimension."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from meterdeck.domain.buckets import BucketWidth, Window, merge_buckets
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenCounts
from meterdeck.queries.look import Look
from meterdeck.queries.rates import RateRow
from meterdeck.queries.split import Numbers, added_up, by_token_type, choose, grouped
from meterdeck.queries.usage_window import EXPECTED_WITHIN, USAGE_DELAY, BucketState
from meterdeck.store import coverage, sums
from meterdeck.store.coverage import Coverage, Report

MINUTE = BucketWidth.MINUTE


@dataclass(frozen=True, slots=True)
class Minutes:
    """One hour by its minutes, oldest first."""

    scope: Scope
    window: Window
    gaps: tuple[Window, ...]
    """Minutes that should be there and were not read, or are kept no more."""
    as_of: datetime | None
    rows: tuple[RateRow, ...]

    @property
    def total_tokens(self) -> int:
        """All tokens of all rows."""
        return sum(row.tokens.total for row in self.rows)


def minutes(look: Look, scope: Scope, hour: datetime, now: datetime) -> Minutes:
    """Tokens by minute and by the scope's dimension; the scope's window does not matter."""
    window = Window(hour, hour + BucketWidth.HOUR.delta)
    read = coverage.covered(look.transaction, Report.USAGE, MINUTE, window)
    chosen = choose(look, scope.filters, scope.by)
    rows: list[RateRow] = []
    for start, of_series in sums.minutes_of(look.transaction, window).items():
        state = _state(start, read.get(start), now)
        found: dict[str | None, Numbers]
        if scope.by is Dimension.TOKEN_TYPE:
            of_all = [of_series[of] for of, _ in chosen if of in of_series]
            parts = by_token_type(added_up(of_all)[:5], None) if of_all else ()
            found = {token_type.value: numbers for token_type, numbers in parts}
        else:
            found = {member: added_up(some) for member, some in grouped(of_series, chosen).items()}
        for member_id, numbers in sorted(found.items(), key=lambda part: part[0] or ""):
            member = look.names.member(scope.by, member_id)
            rows.append(RateRow(start, member, state, TokenCounts(*numbers[:5]), numbers[5]))
    expected_until = min(window.end, MINUTE.floor(now - EXPECTED_WITHIN))
    missing = [start for start in window.starts(MINUTE) if start not in read and start < expected_until]
    newest = max((of.read_at for of in read.values()), default=None)
    return Minutes(scope, window, merge_buckets(missing, MINUTE), newest, tuple(rows))


def _state(start: datetime, read: Coverage | None, now: datetime) -> BucketState:
    end = start + MINUTE.delta
    if now < end:
        return BucketState.RUNNING
    settled = end + USAGE_DELAY
    if now < settled or (read is not None and read.read_at < settled):
        return BucketState.SETTLING
    return BucketState.CLOSED
