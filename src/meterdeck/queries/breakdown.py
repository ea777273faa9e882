"""The breakdown: the members of one dimension ranked, with tokens, estimated dollars, share and pace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth, Window, last_buckets
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenCounts, TokenType
from meterdeck.queries.look import Chosen, Look
from meterdeck.queries.names import Member
from meterdeck.queries.pace import Pace, pace_window, paces
from meterdeck.queries.prices import Estimate, PriceBook
from meterdeck.queries.split import Numbers, Usage, added_up, choose, grouped, split_hours
from meterdeck.queries.usage_window import UsageWindow, usage_window
from meterdeck.store import sums

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
    """A part as the pane shows it. ``pace`` is None while its minutes are not all read.

    Of what is read on demand neither the pace nor the last two figures are known, and they are None.
    """

    part: Part
    pace: Pace | None
    pace_before: Pace | None
    """The pace an hour earlier."""
    this_hour: Estimate | None
    """Since the running hour began."""
    today: Estimate | None
    """Since 00:00Z."""
    hourly: tuple[int | None, ...]
    """Tokens of each of the last 24 hours, the running one last; None where not read.

    Of what is read on demand: of each bucket of the answer.
    """


@dataclass(frozen=True, slots=True)
class BreakdownPane:
    """What the Breakdown pane shows."""

    breakdown: Breakdown
    rows: tuple[BreakdownRow, ...]


def breakdown(look: Look, scope: Scope, now: datetime, book: PriceBook) -> Breakdown:
    """Tokens and estimated dollars of each member of the scope's dimension over its window."""
    return _breakdown(look, scope, now, book, choose(look, scope.filters, scope.by))


def breakdown_pane(look: Look, scope: Scope, now: datetime, book: PriceBook) -> BreakdownPane:
    """The breakdown with each member's pace, its day so far and its last 24 hours."""
    chosen = choose(look, scope.filters, scope.by)
    whole = _breakdown(look, scope, now, book, chosen)
    window = pace_window(now)
    before = Window(window.start - timedelta(hours=1), window.end - timedelta(hours=1))
    paces_now = paces(look, window, chosen, scope.by, book)
    paces_before = paces(look, before, chosen, scope.by, book)
    hourly, none_used = _hourly(look, scope, chosen, now)
    day = Window(BucketWidth.DAY.floor(now), BucketWidth.DAY.after(now))
    today = split_hours(look, day, chosen, scope.by, book)
    this_hour = split_hours(look, last_buckets(BucketWidth.HOUR, 1, now), chosen, scope.by, book)
    rows = [
        BreakdownRow(
            part,
            None if paces_now is None else paces_now.get(part.member.id, Pace()),
            None if paces_before is None else paces_before.get(part.member.id, Pace()),
            this_hour.get(part.member.id, Usage()).estimate,
            today.get(part.member.id, Usage()).estimate,
            hourly.get(part.member.id, none_used),
        )
        for part in whole.parts
    ]
    rows.sort(key=_fastest_first)
    return BreakdownPane(whole, tuple(rows))


def _breakdown(look: Look, scope: Scope, now: datetime, book: PriceBook, chosen: Chosen) -> Breakdown:
    window = scope.span.window(BucketWidth.HOUR, now)
    used = split_hours(look, window, chosen, scope.by, book)
    everything = sum(part.tokens.total for part in used.values())
    parts = [
        Part(
            look.names.member(scope.by, member),
            part.tokens,
            part.web_searches,
            part.estimate,
            share_of(part.tokens.total, everything),
        )
        for member, part in used.items()
    ]
    parts.sort(key=lambda part: (-part.tokens.total, part.member.name, part.member.id or ""))
    return Breakdown(scope, usage_window(look, window, now), tuple(parts))


def _fastest_first(row: BreakdownRow) -> tuple[int, int, str]:
    pace = row.pace.tokens_per_hour if row.pace else 0
    return -pace, -row.part.tokens.total, row.part.member.name


def share_of(part: int, whole: int) -> float:
    """A part of a whole, 0 to 1; 0 where there is none."""
    return part / whole if whole else 0.0


_Hourly = tuple[int | None, ...]


def _hourly(
    look: Look, scope: Scope, chosen: Chosen, now: datetime
) -> tuple[dict[str | None, _Hourly], _Hourly]:
    """Tokens of each of the last 24 hours for each member, and for a member without any; None where not read."""
    window = last_buckets(BucketWidth.HOUR, SPARK_HOURS, now)
    sources = look.sources(window)
    read = [hour in sources for hour in window.starts(BucketWidth.HOUR)]
    if scope.by is Dimension.TOKEN_TYPE:
        tokens = _hourly_by_token_type(look, scope, window)
    else:
        rows = grouped(look.hourly(window), chosen)
        tokens = {member: added_up(of_member) for member, of_member in rows.items()}
    hourly = {
        member: tuple(count if known else None for count, known in zip(counts, read, strict=True))
        for member, counts in tokens.items()
    }
    return hourly, tuple(0 if known else None for known in read)


def _hourly_by_token_type(look: Look, scope: Scope, window: Window) -> dict[str | None, Numbers]:
    totals = sums.totals(look.transaction, window, (), scope.filters, each=BucketWidth.HOUR)
    by_hour = {total.start: total.tokens for total in totals}
    hours = list(window.starts(BucketWidth.HOUR))
    return {
        token_type.value: [by_hour[hour].of(token_type) if hour in by_hour else 0 for hour in hours]
        for token_type in TokenType
    }
