"""The breakdown: the members of one dimension ranked, with tokens, estimated dollars, share and pace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window, last_buckets
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.dollars import State
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenCounts, total_of
from meterdeck.queries.buckets import Buckets, minutes_of_last_hour, money_of
from meterdeck.queries.look import Look
from meterdeck.queries.names import NOT_ALLOCATED, Member
from meterdeck.queries.pace import Pace, newest_whole, paces
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.question import Question
from meterdeck.queries.spend import NOTHING_SPENT, UNREAD, Spend, total_spend
from meterdeck.queries.split import Others, Split, Usage, choose, split_window, tokens_of_window
from meterdeck.queries.usage_window import USAGE_DELAY, UsageWindow, usage_window


@dataclass(frozen=True, slots=True)
class Part:
    """What one member took over a window."""

    member: Member
    tokens: TokenCounts
    web_searches: int
    spend: Spend
    token_share: float
    """Of all tokens of the scope, 0 to 1; 0 where there are none."""
    others: Others = ()

    @property
    def used(self) -> TokenCounts | None:
        """Its tokens; None of money that has no usage, whose tokens are not 0 but none."""
        return None if self.member.is_beside else self.tokens


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The parts of a scope's window, most tokens first."""

    scope: Scope
    hours: UsageWindow
    parts: tuple[Part, ...]
    left_out: Spend = NOTHING_SPENT
    """Money of this time to which the filters can't be applied: it is in no part."""

    @property
    def total(self) -> Spend:
        """All parts together."""
        return total_spend(part.spend for part in self.parts)


class Change(NamedTuple):
    """Tokens of a time, and of as long a time before it.

    Of a time that still runs, both are of as much of it as has passed: the rest is still to come.
    """

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """A part as the pane shows it. What is of now is told only where the scope's time reaches up to now."""

    part: Part
    buckets: tuple[int | None, ...]
    """The member's amount in each bucket of the scope's time, the newest last; None where not read.

    Empty of money that has no usage: it is of whole days.
    """
    pace: Pace | None = None
    """None while its minutes are not all read."""
    pace_before: Pace | None = None
    """The pace an hour earlier."""
    this_hour: Spend | None = None
    """Since the running hour began; None while the reports know nothing of it yet."""
    today: Spend | None = None
    """Since 00:00Z."""
    change: Change | None = None
    """The scope's time against as long a time before; None where not all of that was read. Of a time that reaches
    up to now it is told where it was asked for, and an hour has its pace against the hour before for that.
    """
    minutes: tuple[int | None, ...] = ()
    """The amount of each of the last 60 minutes, where they were asked for."""


@dataclass(frozen=True, slots=True)
class BreakdownPane:
    """What the Breakdown pane shows."""

    breakdown: Breakdown
    rows: tuple[BreakdownRow, ...]
    measure: Measure = Measure.TOKENS
    """What the rows' buckets and minutes are."""
    money: tuple[State | None, ...] = ()
    """How the dollars of each of the rows' buckets are known; None where they are tokens."""


def whole_of(found: Breakdown) -> Usage | None:
    """All parts together; None of token types, of which no part has the searches."""
    if found.scope.by is Dimension.TOKEN_TYPE:
        return None
    return Usage(
        total_of(part.tokens for part in found.parts),
        sum(part.web_searches for part in found.parts),
        found.total,
    )


def breakdown(look: Look, scope: Scope, now: datetime, book: PriceBook) -> Breakdown:
    """Tokens and estimated dollars of each member of the scope's dimension over its hours."""
    return _breakdown(look, scope, scope.span.window(BucketWidth.HOUR, now), now, book)


def breakdown_pane(
    look: Look, question: Question, now: datetime, book: PriceBook, found: Buckets | None = None
) -> BreakdownPane:
    """The breakdown with how fast each member goes now, or how it was before.

    With the scope's buckets it has those of each member, and is of the time that they make up; without, of hours.
    """
    scope, window = question.scope, question.window(now)
    if found is None and scope.at is None:
        whole = breakdown(look, scope, now, book)
    else:
        whole = _breakdown(look, scope, window, now, book)
    rows = [BreakdownRow(part, _amounts(found, part.member) if found else ()) for part in whole.parts]
    money = tuple(map(money_of(look, question, book), found.windows)) if found else ()
    if not scope.is_live:
        rows = _with_change(look, scope, rows, window, now)
        return BreakdownPane(whole, tuple(rows), question.measure, money)
    rows = _with_now(look, scope, rows, now, book)
    if question.change and window.duration > BucketWidth.HOUR.delta:
        rows = _with_change(look, scope, rows, window, now)
    if question.minutes:
        last_hour = minutes_of_last_hour(look, question, now, book)
        rows = [replace(row, minutes=_amounts(last_hour, row.part.member)) for row in rows]
    rows.sort(key=_fastest_first)
    return BreakdownPane(whole, tuple(rows), question.measure, money)


def _with_now(
    look: Look, scope: Scope, rows: list[BreakdownRow], now: datetime, book: PriceBook
) -> list[BreakdownRow]:
    """The rows with how fast each member goes, and what it took of this hour and today."""
    filters = scope.filters
    window = newest_whole(look, now)
    before = Window(window.start - timedelta(hours=1), window.end - timedelta(hours=1))
    paces_now = paces(look, window, filters, scope.by, book)
    paces_before = paces(look, before, filters, scope.by, book)
    day = Window(BucketWidth.DAY.floor(now), BucketWidth.DAY.after(now))
    today = _by_member(look, scope, split_window(look, filters, day, scope.by, book))
    hour = last_buckets(BucketWidth.HOUR, 1, now)
    this_hour = _by_member(look, scope, split_window(look, filters, hour, scope.by, book))
    # In its first minutes the reports know nothing of an hour yet, and what is not known is not nothing.
    is_reported = bool(this_hour) or now - hour.start >= USAGE_DELAY

    def with_now(row: BreakdownRow) -> BreakdownRow:
        member = row.part.member
        if member.is_beside:
            return replace(row, today=today.get(member, Usage()).spend)
        return replace(
            row,
            pace=None if paces_now is None else paces_now.get(member.id, Pace()),
            pace_before=None if paces_before is None else paces_before.get(member.id, Pace()),
            this_hour=this_hour.get(member, Usage()).spend if is_reported else None,
            today=today.get(member, Usage()).spend,
        )

    return [with_now(row) for row in rows]


def _by_member(look: Look, scope: Scope, found: Split) -> dict[Member, Usage]:
    """Usage and money of each member, and money of none where there is any."""
    of = {look.names.member(scope.by, member): usage for member, usage in found.members.items()}
    if not found.not_tokens.is_nothing:
        of[look.names.member(scope.by, None, in_bill=True)] = Usage(spend=found.not_tokens)
    if not found.not_allocated.is_nothing:
        of[NOT_ALLOCATED] = Usage(spend=found.not_allocated)
    return of


def _with_change(
    look: Look, scope: Scope, rows: list[BreakdownRow], window: Window, now: datetime
) -> list[BreakdownRow]:
    """The rows with what each member took, and in as long a time before the window."""
    width = BucketWidth.MINUTE if scope.width(now) is BucketWidth.MINUTE else BucketWidth.HOUR
    passed_until = min(window.end, width.floor(now - USAGE_DELAY))
    if passed_until <= window.start:
        return rows
    passed = Window(window.start, passed_until)
    before = Window(window.start - window.duration, passed_until - window.duration)
    if not (_is_known(look, passed, now) and _is_known(look, before, now)):
        return rows
    chosen = choose(look, scope.filters, scope.by)
    used_before, used = (tokens_of_window(look, of, chosen, scope.by) for of in (before, passed))

    def with_change(row: BreakdownRow) -> BreakdownRow:
        of = row.part.member
        if of.is_beside:
            return row
        return replace(row, change=Change(used_before.get(of.id, 0), used.get(of.id, 0)))

    return [with_change(row) for row in rows]


def _amounts(found: Buckets, member: Member) -> tuple[int | None, ...]:
    return () if member.is_beside else found.known(found.of_members.get(member.id))


def _is_known(look: Look, window: Window, now: datetime) -> bool:
    """Whether all of a window was read; a part of an hour is known by its minutes alone."""
    return usage_window(look, window, now).complete


def _breakdown(look: Look, scope: Scope, window: Window, now: datetime, book: PriceBook) -> Breakdown:
    found = split_window(look, scope.filters, window, scope.by, book)
    hours = usage_window(look, window, now)
    lacking = UNREAD if hours.gaps else NOTHING_SPENT
    used = _by_member(look, scope, found)
    everything = sum(usage.tokens.total for usage in used.values())
    parts = [
        Part(
            member,
            usage.tokens,
            usage.web_searches,
            usage.spend if member.is_beside else usage.spend + lacking,
            share_of(usage.tokens.total, everything),
            usage.others,
        )
        for member, usage in used.items()
    ]
    parts.sort(key=_most_first)
    return Breakdown(scope, hours, tuple(parts), found.left_out)


def _most_first(part: Part) -> tuple[bool, int, str, str]:
    return part.member.is_beside, -part.tokens.total, part.member.name, part.member.id or ""


def _fastest_first(row: BreakdownRow) -> tuple[bool, int, int, str]:
    pace = row.pace.tokens_per_hour if row.pace else 0
    return row.part.member.is_beside, -pace, -row.part.tokens.total, row.part.member.name


def share_of(part: int, whole: int) -> float:
    """A part of a whole, 0 to 1; 0 where there is none."""
    return part / whole if whole else 0.0
