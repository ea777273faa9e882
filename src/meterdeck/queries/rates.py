"""Token rates: tokens of each hour of a window, by the members of one dimension, and of each minute of the last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenCounts
from meterdeck.queries.look import Look
from meterdeck.queries.names import Member
from meterdeck.queries.prices import Estimate, PriceBook
from meterdeck.queries.split import Numbers, added_up, choose, grouped, split_bucket
from meterdeck.queries.usage_window import BucketState, UsageWindow, state_of, usage_window
from meterdeck.store import coverage, marks, sums
from meterdeck.store.coverage import Report
from meterdeck.store.marks import Mark

MINUTES_SHOWN = 60
MEMBERS_SHOWN = 5
"""A chart with more colours is not told apart by anybody."""
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
    parts: tuple[int, ...] = ()
    """Tokens of the pane's members and, last, of all others; they add up to ``tokens``."""


@dataclass(frozen=True, slots=True)
class RatesPane:
    """What the Rates pane shows: hours of the window, minutes of the last hour (None where not read)."""

    scope: Scope
    hours: UsageWindow
    bars: tuple[HourBar, ...]
    minutes: tuple[int | None, ...]
    marks: tuple[Mark, ...] = ()
    """Those of the window, oldest first."""
    members: tuple[Member, ...] = ()
    """Those with the most tokens in the window, the largest first."""
    others: int = 0
    """How many there are beside them."""

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
    members, parts = _split_hours(look, scope, hours.window)
    top = members[:MEMBERS_SHOWN]
    bars = []
    for index, start in enumerate(hours.window.starts(BucketWidth.HOUR)):
        *counters, searches = totals.get(start, _NOTHING)
        tokens = sum(counters) if start in hours.sources else None
        of_top = [parts[member][index] for member in top]
        split = (*of_top, tokens - sum(of_top)) if tokens is not None and top else ()
        bars.append(HourBar(start, state_of(start, hours.sources, now), tokens, searches, split))
    marked = marks.load(look.transaction, Window(hours.window.start, now))
    return RatesPane(
        scope,
        hours,
        tuple(bars),
        _minutes(look, of, now),
        tuple(marked),
        tuple(look.names.member(scope.by, member) for member in top),
        len(members) - len(top),
    )


def _split_hours(
    look: Look, scope: Scope, window: Window
) -> tuple[list[str | None], dict[str | None, Numbers]]:
    """The members of the scope's dimension, most tokens first, and their tokens of each hour; no token types."""
    if scope.by is Dimension.TOKEN_TYPE:
        return [], {}
    rows = grouped(look.hourly(window), choose(look, scope.filters, scope.by))
    parts = {member: added_up(of_member) for member, of_member in rows.items()}
    return sorted(parts, key=lambda member: (-sum(parts[member]), member or "")), parts


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
