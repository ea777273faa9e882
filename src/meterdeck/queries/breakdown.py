"""The breakdown: the members of one dimension ranked, with tokens, estimated dollars, share and pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth, Window, last_buckets
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import NO_TOKENS, TokenCounts
from meterdeck.queries import usage_window
from meterdeck.queries.names import Member, Names
from meterdeck.queries.pace import Pace, pace_window, paces
from meterdeck.queries.parts import priced_group, priced_parts
from meterdeck.queries.prices import Estimate, PriceBook
from meterdeck.queries.usage_window import UsageWindow
from meterdeck.store import Transaction, directory, usage

SPARK_HOURS = 24


@dataclass(frozen=True, slots=True)
class Part:
    """What one member took over a window."""

    member: Member
    tokens: TokenCounts
    web_searches: int
    estimate: Estimate
    token_share: float
    """Of all tokens of the scope, 0 to 1; 0 where there are none."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The parts of a scope's window, most tokens first."""

    scope: Scope
    hours: UsageWindow
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """A part as the pane shows it. ``pace`` is None while its minutes are not all read."""

    part: Part
    pace: Pace | None
    pace_before: Pace | None
    """The pace an hour earlier."""
    today: Estimate
    hourly: tuple[int | None, ...]
    """Tokens of each of the last 24 hours, the running one last; None where not read."""


@dataclass(frozen=True, slots=True)
class BreakdownPane:
    """What the Breakdown pane shows."""

    breakdown: Breakdown
    rows: tuple[BreakdownRow, ...]


def breakdown(transaction: Transaction, scope: Scope, now: datetime, book: PriceBook) -> Breakdown:
    """Tokens and estimated dollars of each member of the scope's dimension over its window."""
    hours = usage_window.look(transaction, scope.span.window(BucketWidth.HOUR, now), now)
    sums: dict[str | None, tuple[TokenCounts, int, Estimate]] = {}
    for total in usage.totals(transaction, hours.sources, priced_group(scope.by), scope.filters):
        for member, tokens, searches, estimate in priced_parts(total, scope.by, book):
            have = sums.get(member, (NO_TOKENS, 0, Estimate()))
            sums[member] = (have[0] + tokens, have[1] + searches, have[2] + estimate)
    names = Names(directory.load(transaction))
    everything = sum(tokens.total for tokens, _, _ in sums.values())
    parts = [
        Part(names.member(scope.by, member), tokens, searches, estimate, _share(tokens.total, everything))
        for member, (tokens, searches, estimate) in sums.items()
    ]
    parts.sort(key=lambda part: (-part.tokens.total, part.member.name, part.member.id or ""))
    return Breakdown(scope, hours, tuple(parts))


def breakdown_pane(transaction: Transaction, scope: Scope, now: datetime, book: PriceBook) -> BreakdownPane:
    """The breakdown with each member's pace, its day so far and its last 24 hours."""
    whole = breakdown(transaction, scope, now, book)
    window = pace_window(now)
    before = Window(window.start - timedelta(hours=1), window.end - timedelta(hours=1))
    paces_now = paces(transaction, window, scope.by, scope.filters, book)
    paces_before = paces(transaction, before, scope.by, scope.filters, book)
    hourly, none_used = _hourly(transaction, scope, now)
    today = _today(transaction, scope, now, book)
    rows = [
        BreakdownRow(
            part,
            None if paces_now is None else paces_now.get(part.member.id, Pace()),
            None if paces_before is None else paces_before.get(part.member.id, Pace()),
            today.get(part.member.id, Estimate()),
            hourly.get(part.member.id, none_used),
        )
        for part in whole.parts
    ]
    rows.sort(key=_fastest_first)
    return BreakdownPane(whole, tuple(rows))


def _fastest_first(row: BreakdownRow) -> tuple[int, int, str]:
    pace = row.pace.tokens_per_hour if row.pace else 0
    return -pace, -row.part.tokens.total, row.part.member.name


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _hourly(
    transaction: Transaction, scope: Scope, now: datetime
) -> tuple[dict[str | None, tuple[int | None, ...]], tuple[int | None, ...]]:
    """Tokens of each of the last 24 hours for each member, and for a member without any; None where not read."""
    window = last_buckets(BucketWidth.HOUR, SPARK_HOURS, now)
    sources = usage.hour_sources(transaction, window)
    hours = [hour if hour in sources else None for hour in window.starts(BucketWidth.HOUR)]
    tokens: dict[str | None, dict[datetime | None, int]] = {}
    by_type = scope.by is Dimension.TOKEN_TYPE
    group_by = () if by_type else (scope.by,)
    for total in usage.totals(transaction, sources, group_by, scope.filters, each=BucketWidth.HOUR):
        counts = total.tokens.items() if by_type else [(total.members[0], total.tokens.total)]
        for member, count in counts:
            tokens.setdefault(member, {})[total.start] = count
    none_used = tuple(None if hour is None else 0 for hour in hours)
    hourly = {
        member: tuple(None if hour is None else by_hour.get(hour, 0) for hour in hours)
        for member, by_hour in tokens.items()
    }
    return hourly, none_used


def _today(
    transaction: Transaction, scope: Scope, now: datetime, book: PriceBook
) -> dict[str | None, Estimate]:
    """What the UTC day so far is worth, for each member."""
    day = Window(BucketWidth.DAY.floor(now), BucketWidth.HOUR.after(now))
    sources = usage.hour_sources(transaction, day)
    today: dict[str | None, Estimate] = {}
    for total in usage.totals(transaction, sources, priced_group(scope.by), scope.filters):
        for part in priced_parts(total, scope.by, book):
            today[part.member] = today.get(part.member, Estimate()) + part.estimate
    return today
