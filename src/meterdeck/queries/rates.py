"""Token rates: tokens of each hour of a window, by the members of one dimension, and of each minute of the last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenCounts
from meterdeck.queries.look import Look
from meterdeck.queries.names import Member
from meterdeck.queries.prices import Estimate, PriceBook
from meterdeck.queries.split import choose, split_bucket
from meterdeck.queries.usage_window import BucketState, UsageWindow, state_of, usage_window
from meterdeck.store import coverage, marks, sums
from meterdeck.store.coverage import Report
from meterdeck.store.marks import Mark

MINUTES_SHOWN = 60
_NOTHING = (0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class RateRow:
    """Usage of one bucket and one member; there is none where the API sent none."""

    start: datetime
    member: Member
    state: BucketState
    tokens: TokenCounts
    web_searches: int
    estimate: Estimate
    """What the tokens are worth."""


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
    marks: tuple[Mark, ...] = ()
    """Those of the window, oldest first."""

    @property
    def peak(self) -> HourBar | None:
        """The hour with the most tokens."""
        known = [bar for bar in self.bars if bar.tokens]
        return max(known, key=lambda bar: bar.tokens or 0, default=None)

    @property
    def web_searches(self) -> int:
        """Searches of the whole window."""
        return sum(bar.web_searches for bar in self.bars)


def rates(look: Look, scope: Scope, now: datetime, book: PriceBook) -> Rates:
    """Tokens by hour and by the scope's dimension."""
    hours = usage_window(look, scope.span.window(BucketWidth.HOUR, now), now)
    chosen = choose(look, scope.filters, scope.by)
    rows: list[RateRow] = []
    for start in hours.window.starts(BucketWidth.HOUR):
        state = state_of(start, hours.sources, now)
        # Hour by hour: all series of a month at once would take more memory than the answer.
        hour = Window(start, start + BucketWidth.HOUR.delta)
        for of_series in sums.of_each(look.transaction, BucketWidth.HOUR, hour).values():
            for member_id, used in split_bucket(look, of_series, chosen, scope.by, book):
                rows.append(RateRow(start, look.names.member(scope.by, member_id), state, *used))
    return Rates(scope, hours, tuple(rows))


def rates_pane(look: Look, scope: Scope, now: datetime) -> RatesPane:
    """Tokens of the whole scope: a bar an hour, and a value a minute of the last hour."""
    hours = usage_window(look, scope.span.window(BucketWidth.HOUR, now), now)
    of = _series_of(look, scope)
    totals = sums.by_bucket(look.transaction, BucketWidth.HOUR, hours.window, of)
    bars = []
    for start in hours.window.starts(BucketWidth.HOUR):
        *tokens, searches = totals.get(start, _NOTHING)
        known = start in hours.sources
        bars.append(
            HourBar(start, state_of(start, hours.sources, now), sum(tokens) if known else None, searches)
        )
    marked = marks.load(look.transaction, Window(hours.window.start, now))
    return RatesPane(hours, tuple(bars), _minutes(look, of, now), tuple(marked))


def _series_of(look: Look, scope: Scope) -> list[int] | None:
    """The series of a scope; None for all of them."""
    chosen = choose(look, scope.filters, scope.by)
    return [of for of, _ in chosen] if len(chosen) < len(look.series) else None


def _minutes(look: Look, of: list[int] | None, now: datetime) -> tuple[int | None, ...]:
    end = BucketWidth.MINUTE.after(now)
    window = Window(end - timedelta(minutes=MINUTES_SHOWN), end)
    read = coverage.covered(look.transaction, Report.USAGE, BucketWidth.MINUTE, window)
    minutes = sums.by_bucket(look.transaction, BucketWidth.MINUTE, window, of)
    return tuple(
        sum(minutes.get(minute, _NOTHING)[:5]) if minute in read else None
        for minute in window.starts(BucketWidth.MINUTE)
    )
