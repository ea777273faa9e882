"""Token rates: tokens of each hour of a window, by the members of one dimension, and of each minute of the last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenCounts, TokenType
from meterdeck.queries import usage_window
from meterdeck.queries.names import Member, Names
from meterdeck.queries.usage_window import BucketState, UsageWindow
from meterdeck.store import Transaction, coverage, directory, usage
from meterdeck.store.coverage import Report
from meterdeck.store.usage import UsageTotal

MINUTES_SHOWN = 60


@dataclass(frozen=True, slots=True)
class RateRow:
    """Tokens of one hour and one member; there is none where the API sent none."""

    start: datetime
    member: Member
    state: BucketState
    tokens: TokenCounts
    web_searches: int


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a scope's window, hour by hour, oldest first."""

    scope: Scope
    hours: UsageWindow
    rows: tuple[RateRow, ...]

    @property
    def total_tokens(self) -> int:
        """All tokens of all rows."""
        return sum(row.tokens.total for row in self.rows)


@dataclass(frozen=True, slots=True)
class HourBar:
    """One hour of the chart; ``tokens`` is None where the hour was not read."""

    start: datetime
    state: BucketState
    tokens: int | None
    web_searches: int


@dataclass(frozen=True, slots=True)
class RatesPane:
    """What the Rates pane shows: hours of the window, minutes of the last hour (None where not read)."""

    hours: UsageWindow
    bars: tuple[HourBar, ...]
    minutes: tuple[int | None, ...]

    @property
    def peak(self) -> HourBar | None:
        """The hour with the most tokens."""
        known = [bar for bar in self.bars if bar.tokens]
        return max(known, key=lambda bar: bar.tokens or 0, default=None)

    @property
    def web_searches(self) -> int:
        """Searches of the whole window."""
        return sum(bar.web_searches for bar in self.bars)


def rates(transaction: Transaction, scope: Scope, now: datetime) -> Rates:
    """Tokens by hour and by the scope's dimension."""
    hours = usage_window.look(transaction, scope.span.window(BucketWidth.HOUR, now), now)
    names = Names(directory.load(transaction))
    by_type = scope.by is Dimension.TOKEN_TYPE
    group_by = () if by_type else (scope.by,)
    rows: list[RateRow] = []
    for total in usage.totals(transaction, hours.sources, group_by, scope.filters, each=BucketWidth.HOUR):
        start = total.start or hours.window.start
        state = usage_window.state_of(start, hours.sources, now)
        for member_id, tokens, searches in split_by_type(total) if by_type else [_whole(total)]:
            member = names.member(scope.by, member_id)
            rows.append(RateRow(start, member, state, tokens, searches))
    return Rates(scope, hours, tuple(rows))


def rates_pane(transaction: Transaction, scope: Scope, now: datetime) -> RatesPane:
    """Tokens of the whole scope: a bar an hour, and a value a minute of the last hour."""
    hours = usage_window.look(transaction, scope.span.window(BucketWidth.HOUR, now), now)
    totals = {
        total.start: total
        for total in usage.totals(transaction, hours.sources, (), scope.filters, each=BucketWidth.HOUR)
    }
    bars = []
    for start in hours.window.starts(BucketWidth.HOUR):
        total = totals.get(start)
        known = start in hours.sources
        tokens = (total.tokens.total if total else 0) if known else None
        state = usage_window.state_of(start, hours.sources, now)
        bars.append(HourBar(start, state, tokens, total.web_searches if total else 0))
    return RatesPane(hours, tuple(bars), _minutes(transaction, scope, now))


def split_by_type(total: UsageTotal) -> Iterator[tuple[str, TokenCounts, int]]:
    """One part for each token type that has any; searches have no token type and are in none of them."""
    for token_type in TokenType:
        if total.tokens.of(token_type):
            yield token_type.value, total.tokens.only(token_type), 0


def _whole(total: UsageTotal) -> tuple[str | None, TokenCounts, int]:
    return total.members[0], total.tokens, total.web_searches


def _minutes(transaction: Transaction, scope: Scope, now: datetime) -> tuple[int | None, ...]:
    end = BucketWidth.MINUTE.after(now)
    window = Window(end - timedelta(minutes=MINUTES_SHOWN), end)
    read = coverage.covered(transaction, Report.USAGE, BucketWidth.MINUTE, window)
    minutes = usage.minute_totals(transaction, window, scope.filters, each=BucketWidth.MINUTE)
    totals = {minute.start: minute.tokens.total for minute in minutes}
    return tuple(totals.get(m, 0) if m in read else None for m in window.starts(BucketWidth.MINUTE))
