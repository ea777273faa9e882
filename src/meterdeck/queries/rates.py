"""Rates: what each bucket of a window took, by the members of one dimension, and each minute of the last hour."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from meterdeck.domain.buckets import BucketWidth, Window, joined, whole_and_parts
from meterdeck.domain.dollars import State
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenCounts
from meterdeck.queries.bucket_states import awaited, states_of
from meterdeck.queries.buckets import Buckets, buckets, can_be_split_by, minutes_of_last_hour, money_of
from meterdeck.queries.line_money import line_money, whole_days
from meterdeck.queries.look import Look
from meterdeck.queries.names import Member
from meterdeck.queries.pace import newest_whole
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.question import Question
from meterdeck.queries.spend import NOTHING_SPENT, Spend, total_spend
from meterdeck.queries.split import Others, Usage, in_order, split_window, whole_of_window
from meterdeck.queries.usage_window import (
    BucketState,
    UsageWindow,
    expected_until,
    usage_window,
)
from meterdeck.store import marks
from meterdeck.store.marks import Mark

LAYERS = 5
"""How many members a bar is split into, beside all others."""


@dataclass(frozen=True, slots=True)
class RateRow:
    """Usage of one bucket and one member; there is none where the API sent none."""

    start: datetime
    member: Member
    state: BucketState
    tokens: TokenCounts
    web_searches: int
    spend: Spend
    """What they cost."""
    others: Others = ()


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a scope's window, bucket by bucket, oldest first."""

    scope: Scope
    hours: UsageWindow
    rows: tuple[RateRow, ...]
    width: BucketWidth = BucketWidth.HOUR
    awaited: tuple[Window, ...] = ()
    """What is not reported yet: there are no rows of it, and that does not mean that nothing was used."""
    not_allocated: tuple[tuple[datetime, Spend], ...] = ()
    """Money of whole UTC days of the window that nothing can share out to its buckets, oldest first."""
    left_out: Spend = NOTHING_SPENT
    """Money of these buckets and days to which the filters can't be applied."""

    @property
    def total(self) -> Spend:
        """All rows, and what is not allocated, together."""
        return total_spend([*(row.spend for row in self.rows), *(spend for _, spend in self.not_allocated)])

    @property
    def total_tokens(self) -> int:
        """All tokens of all rows."""
        return sum(row.tokens.total for row in self.rows)


@dataclass(frozen=True, slots=True)
class RateBar:
    """One bucket of the chart; ``amount`` is None where it was not read, or not reported yet."""

    window: Window
    state: BucketState
    amount: int | None
    parts: tuple[int, ...]
    """What each layer of the pane took of it; they add up to the amount."""
    is_cut: bool = False
    """Whether the scope's time holds but a part of the bucket, which is what the amount is of."""
    money: State | None = None
    """How its dollars are known; None where it is of tokens."""

    @property
    def start(self) -> datetime:
        """When the bucket begins."""
        return self.window.start


@dataclass(frozen=True, slots=True)
class RatesPane:
    """What the Rates pane shows: the buckets of the scope's time, and the minutes of the last hour."""

    scope: Scope
    measure: Measure
    width: BucketWidth
    hours: UsageWindow
    bars: tuple[RateBar, ...]
    """Oldest first: tokens, or whole cents of what they are worth."""
    layers: tuple[Member, ...]
    """Who took the parts of the bars, the largest first; the last part is all others'. Empty where it can't be told."""
    others: int
    """How many those others are."""
    minutes: tuple[int | None, ...]
    """The amount of each of the last 60 minutes; None where not known."""
    newest: int | None
    """The amount of the newest minute that had filled when it was read."""
    whole: Usage
    """Of the whole window."""
    marks: tuple[Mark, ...] = ()
    """Those of the window, oldest first."""
    left_out: Spend = NOTHING_SPENT
    """Money of the window to which the filters can't be applied."""

    @property
    def peak(self) -> RateBar | None:
        """The bucket with the largest amount."""
        known = [bar for bar in self.bars if bar.amount]
        return max(known, key=lambda bar: bar.amount or 0, default=None)


def rates(look: Look, scope: Scope, now: datetime, book: PriceBook) -> Rates:
    """Tokens by hour and by the scope's dimension."""
    hours = usage_window(look, scope.span.window(BucketWidth.HOUR, now), now)
    starts = hours.window.starts(BucketWidth.HOUR)
    windows = tuple(Window(start, start + BucketWidth.HOUR.delta) for start in starts)
    states = states_of(look, BucketWidth.HOUR, windows, now)
    # Hour by hour: all series of a month at once would take more memory than the answer.
    rows, left_out = rate_rows(look, scope, windows, states, book)
    beside, beside_left_out = _beside_buckets(look, scope, hours.window, book)
    return Rates(
        scope,
        hours,
        tuple(rows),
        awaited=awaited(windows, states, now),
        not_allocated=beside,
        left_out=left_out + beside_left_out,
    )


def rates_by_bucket(look: Look, question: Question, now: datetime, book: PriceBook) -> Rates:
    """Tokens by the buckets of the chart and by the scope's dimension: what its bars are made of, exactly."""
    scope, found = question.scope, buckets(look, question, now, book)
    by_minute = found.width is BucketWidth.MINUTE
    rows, left_out = rate_rows(look, scope, found.windows, found.states, book, by_minute=by_minute)
    hours = usage_window(look, found.window, now)
    beside: tuple[tuple[datetime, Spend], ...] = ()
    if by_minute:  # an hour that was read as one may lack its minutes
        hours = replace(hours, gaps=_unread_minutes(found, now))
    else:
        beside, more = _beside_buckets(look, scope, found.window, book)
        left_out += more
    return Rates(
        scope, hours, tuple(rows), found.width, awaited(found.windows, found.states, now), beside, left_out
    )


def rate_rows(
    look: Look,
    scope: Scope,
    windows: Sequence[Window],
    states: Sequence[BucketState],
    book: PriceBook,
    *,
    by_minute: bool = False,
) -> tuple[list[RateRow], Spend]:
    """Usage and money of each bucket and member, and what the filters leave out of them.

    Money of whole days that nothing can share out to buckets is in none of them.
    """
    rows: list[RateRow] = []
    left_out = []
    for window, state in zip(windows, states, strict=True):
        found = split_window(look, scope.filters, window, scope.by, book, by_minute=by_minute, of_lines=False)
        left_out.append(found.left_out)
        for member_id, used in in_order(found.members, scope.by):
            rows.append(RateRow(window.start, look.names.member(scope.by, member_id), state, *used))
        if not found.not_tokens.is_nothing:
            not_tokens = look.names.member(scope.by, None, in_bill=True)
            rows.append(RateRow(window.start, not_tokens, state, *Usage(spend=found.not_tokens)))
    return rows, total_spend(left_out)


def _beside_buckets(
    look: Look, scope: Scope, window: Window, book: PriceBook
) -> tuple[tuple[tuple[datetime, Spend], ...], Spend]:
    """Money of each whole day of a window that is in no bucket, and what the filters leave out of it."""
    found, left_out = [], []
    for day in whole_days(window, book):
        span = Window(day, min(day + BucketWidth.DAY.delta, window.end))
        money = line_money(look, scope.filters, span, scope.by, book, billed=False)
        left_out.append(money.left_out)
        spend = total_spend([*money.members.values(), money.not_tokens, money.not_allocated])
        if spend != NOTHING_SPENT:
            found.append((day, spend))
    return tuple(found), total_spend(left_out)


def _unread_minutes(found: Buckets, now: datetime) -> tuple[Window, ...]:
    expected = expected_until(now)
    return joined(
        window
        for window, state in zip(found.windows, found.states, strict=True)
        if state is BucketState.GAP and window.end <= expected
    )


def rates_pane(
    look: Look,
    question: Question,
    now: datetime,
    book: PriceBook,
    found: Buckets | None = None,
    whole: Usage | None = None,
    left_out: Spend = NOTHING_SPENT,
) -> RatesPane:
    """The whole scope by its buckets, split into the members that took most, and by minute.

    ``found`` are those buckets, ``whole`` what was used in the window and ``left_out`` what its filters leave out, for
    who has them.
    """
    scope, window = question.scope, question.window(now)
    found = found or buckets(look, question, now, book)
    layers = _layers(scope, found)
    last_hour = minutes_of_last_hour(look, question, now, book)
    by_minute, filled_until = last_hour.known(last_hour.whole), newest_whole(look, now).end
    if whole is None:
        whole = whole_of_window(look, scope.filters, window, book)
    past = Window(found.window.start, max(now, found.windows[0].end))
    return RatesPane(
        scope,
        question.measure,
        found.width,
        usage_window(look, window, now),
        tuple(_bars(found, layers, scope.whole_buckets(now, question.zone), money_of(look, question, book))),
        tuple(look.names.member(scope.by, member) for member in layers),
        len(found.of_members) - len(layers),
        by_minute,
        dict(zip((minute.end for minute in last_hour.windows), by_minute, strict=True)).get(filled_until),
        whole,
        tuple(mark for mark in marks.load(look.transaction, past) if mark.at in found.window),
        left_out,
    )


def unread_hours(pane: RatesPane, now: datetime) -> set[datetime]:
    """The hours that have ended and whose minutes are lacking: to a look by the minute, or as the time cuts them."""
    if pane.width is BucketWidth.MINUTE:
        hours = {BucketWidth.HOUR.floor(bar.start) for bar in pane.bars if bar.state is BucketState.GAP}
    else:
        _, parts = whole_and_parts(pane.hours.window, BucketWidth.HOUR)
        hours = {
            BucketWidth.HOUR.floor(part.start)
            for part in parts
            if any(gap.start < part.end and part.start < gap.end for gap in pane.hours.gaps)
        }
    return {hour for hour in hours if hour + BucketWidth.HOUR.delta <= now}


def _layers(scope: Scope, found: Buckets) -> list[str | None]:
    """The members that took most of the time."""
    if not can_be_split_by(scope.by):
        return []
    return sorted(found.of_members, key=lambda member: (-sum(found.of_members[member]), member or ""))[
        :LAYERS
    ]


def _bars(
    found: Buckets,
    layers: list[str | None],
    whole_buckets: Sequence[Window],
    money: Callable[[Window], State | None],
) -> Iterator[RateBar]:
    shown = [found.of_members[member] for member in layers]
    has_others = len(found.of_members) > len(layers) or found.has_more
    known = found.known(found.whole)
    for index, (window, state, amount) in enumerate(zip(found.windows, found.states, known, strict=True)):
        parts = [amounts[index] for amounts in shown]
        if parts:
            # Cents are rounded member by member, so that a bar is as high as its parts.
            parts.append(max(0, found.whole[index] - sum(parts)) if has_others else 0)
        value = sum(parts) if parts and amount is not None else amount
        yield RateBar(
            window, state, value, tuple(parts), is_cut=window != whole_buckets[index], money=money(window)
        )
