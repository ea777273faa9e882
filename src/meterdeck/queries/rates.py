"""Rates: what each bucket of a window took, by the members of one dimension, and each minute of the last hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from meterdeck.domain.buckets import BucketWidth, Window, joined, whole_and_parts
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenCounts
from meterdeck.queries.bucket_states import awaited, states_of
from meterdeck.queries.buckets import Buckets, buckets, can_be_split_by, minutes_of_last_hour
from meterdeck.queries.look import Look
from meterdeck.queries.names import Member
from meterdeck.queries.pace import newest_whole
from meterdeck.queries.prices import Estimate, PriceBook
from meterdeck.queries.question import Question
from meterdeck.queries.split import Usage, choose, counters_of_window, split_bucket, whole_of_window
from meterdeck.queries.usage_window import (
    BucketState,
    UsageWindow,
    expected_until,
    usage_window,
)
from meterdeck.store import marks, sums
from meterdeck.store.marks import Mark
from meterdeck.store.sums import Counters

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
    estimate: Estimate
    """What the tokens are worth."""


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a scope's window, bucket by bucket, oldest first."""

    scope: Scope
    hours: UsageWindow
    rows: tuple[RateRow, ...]
    width: BucketWidth = BucketWidth.HOUR
    awaited: tuple[Window, ...] = ()
    """What is not reported yet: there are no rows of it, and that does not mean that nothing was used."""

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

    @property
    def peak(self) -> RateBar | None:
        """The bucket with the largest amount."""
        known = [bar for bar in self.bars if bar.amount]
        return max(known, key=lambda bar: bar.amount or 0, default=None)


def rates(look: Look, scope: Scope, now: datetime, book: PriceBook) -> Rates:
    """Tokens by hour and by the scope's dimension."""
    hours = usage_window(look, scope.span.window(BucketWidth.HOUR, now), now)
    chosen = choose(look, scope.filters, scope.by)
    rows: list[RateRow] = []
    starts = hours.window.starts(BucketWidth.HOUR)
    windows = tuple(Window(start, start + BucketWidth.HOUR.delta) for start in starts)
    states = states_of(look, BucketWidth.HOUR, windows, now)
    for hour, state in zip(windows, states, strict=True):
        # Hour by hour: all series of a month at once would take more memory than the answer.
        for of_series in sums.of_each(look.transaction, BucketWidth.HOUR, hour).values():
            for member_id, used in split_bucket(look, of_series, chosen, scope.by, book):
                rows.append(RateRow(hour.start, look.names.member(scope.by, member_id), state, *used))
    return Rates(scope, hours, tuple(rows), awaited=awaited(windows, states, now))


def rates_by_bucket(look: Look, question: Question, now: datetime, book: PriceBook) -> Rates:
    """Tokens by the buckets of the chart and by the scope's dimension: what its bars are made of, exactly."""
    scope, found = question.scope, buckets(look, question, now, book)
    chosen = choose(look, scope.filters, scope.by)
    rows: list[RateRow] = []
    for window, state in zip(found.windows, found.states, strict=True):
        if found.width is BucketWidth.MINUTE:
            of_series: Mapping[int, Counters] = sums.minutes_by_series(look.transaction, window)
        else:
            of_series = counters_of_window(look, window)
        for member_id, used in split_bucket(look, of_series, chosen, scope.by, book):
            rows.append(RateRow(window.start, look.names.member(scope.by, member_id), state, *used))
    hours = usage_window(look, found.window, now)
    if found.width is BucketWidth.MINUTE:  # an hour that was read as one may lack its minutes
        hours = replace(hours, gaps=_unread_minutes(found, now))
    return Rates(scope, hours, tuple(rows), found.width, awaited(found.windows, found.states, now))


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
) -> RatesPane:
    """The whole scope by its buckets, split into the members that took most, and by minute.

    ``found`` are those buckets and ``whole`` what was used in the window, for who has them.
    """
    scope, window = question.scope, question.window(now)
    found = found or buckets(look, question, now, book)
    layers = _layers(scope, found)
    last_hour = minutes_of_last_hour(look, question, now, book)
    by_minute, filled_until = last_hour.known(last_hour.whole), newest_whole(look, now).end
    if whole is None:
        whole = whole_of_window(look, window, choose(look, scope.filters, scope.by), book)
    past = Window(found.window.start, max(now, found.windows[0].end))
    return RatesPane(
        scope,
        question.measure,
        found.width,
        usage_window(look, window, now),
        tuple(_bars(found, layers, scope.whole_buckets(now, question.zone))),
        tuple(look.names.member(scope.by, member) for member in layers),
        len(found.of_members) - len(layers),
        by_minute,
        dict(zip((minute.end for minute in last_hour.windows), by_minute, strict=True)).get(filled_until),
        whole or Usage(),
        tuple(mark for mark in marks.load(look.transaction, past) if mark.at in found.window),
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


def _bars(found: Buckets, layers: list[str | None], whole_buckets: Sequence[Window]) -> Iterator[RateBar]:
    shown = [found.of_members[member] for member in layers]
    has_others = len(found.of_members) > len(layers)
    known = found.known(found.whole)
    for index, (window, state, amount) in enumerate(zip(found.windows, found.states, known, strict=True)):
        parts = [amounts[index] for amounts in shown]
        if parts:
            # Cents are rounded member by member, so that a bar is as high as its parts.
            parts.append(max(0, found.whole[index] - sum(parts)) if has_others else 0)
        value = sum(parts) if parts and amount is not None else amount
        yield RateBar(window, state, value, tuple(parts), is_cut=window != whole_buckets[index])
