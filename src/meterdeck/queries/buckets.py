"""A scope's time bucket by bucket: which buckets were read, and how much each member took in each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.counters import is_cache_write
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.dollars import State
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenType
from meterdeck.queries.bill import BILL_DIMENSIONS
from meterdeck.queries.bucket_states import UNKNOWN, from_to, states_of
from meterdeck.queries.counters import others_of_window
from meterdeck.queries.ledger import NOTHING, added_up, counters_of_window, fixed_day, raises_of
from meterdeck.queries.look import Chosen, Look
from meterdeck.queries.open_days import UNITS_OF_A_PRICE
from meterdeck.queries.prices import PRICE_DECIMALS, PriceBook, worth
from meterdeck.queries.question import Question
from meterdeck.queries.settled_days import SettledDays, settled_days
from meterdeck.queries.spend import UNIT_DECIMALS
from meterdeck.queries.split import choose, grouped, split_window
from meterdeck.queries.usage_window import BucketState
from meterdeck.store import sums
from meterdeck.store.sums import Counters
from meterdeck.store.topics import Topic

MINUTE, HOUR, DAY = BucketWidth.MINUTE, BucketWidth.HOUR, BucketWidth.DAY
UNITS_OF_A_CENT = 10**PRICE_DECIMALS
SPEND_UNITS_OF_A_CENT = 10**UNIT_DECIMALS

Amounts = Sequence[int]
"""One member's amount in each bucket: tokens, or whole cents of what they are worth."""
Rows = Mapping[int, list[int]]
"""Amounts by series."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """The buckets of a scope, oldest first, and what its members took in each. What is not known is 0: see `states`."""

    width: BucketWidth
    windows: tuple[Window, ...]
    states: tuple[BucketState, ...]
    of_members: Mapping[str | None, Amounts]
    whole: Amounts
    """Of all members together; in cents rounded once, so that the members' add up to it but for some cents."""

    @property
    def has_more(self) -> bool:
        """Whether there is money that no member has, by more than rounding."""
        together = _added(self.of_members.values(), len(self.windows))
        most = len(self.of_members)
        return any(whole - part > most for whole, part in zip(self.whole, together, strict=True))

    def known(self, amounts: Amounts | None) -> tuple[int | None, ...]:
        """A member's amounts with None where they are not known; a member without any has 0."""
        of = amounts or (0,) * len(self.states)
        return tuple(
            None if state in UNKNOWN else amount for amount, state in zip(of, self.states, strict=True)
        )

    @property
    def window(self) -> Window:
        """From the first bucket to the last."""
        return Window(self.windows[0].start, self.windows[-1].end)


def can_be_split_by(dimension: Dimension) -> bool:
    """Whether what is kept of usage tells the members of a dimension."""
    return dimension in SERIES_DIMENSIONS or dimension is Dimension.TOKEN_TYPE


def buckets(look: Look, question: Question, now: datetime, book: PriceBook) -> Buckets:
    """The scope's time in its buckets. Days are those of the question's zone.

    Where the time begins or ends within an hour, the bucket there is of the part inside, by its minutes.
    """
    scope = question.scope
    return _buckets(look, question, scope.width(now), scope.buckets(now, question.zone), now, book)


def minutes_of_last_hour(look: Look, question: Question, now: datetime, book: PriceBook) -> Buckets:
    """The last 60 minutes of a scope, whatever its time; the running minute is the last."""
    end = MINUTE.after(now)
    starts = Window(end - HOUR.delta, end).starts(MINUTE)
    windows = tuple(Window(start, start + MINUTE.delta) for start in starts)
    return _buckets(look, question, MINUTE, windows, now, book)


def money_of(look: Look, question: Question, book: PriceBook) -> Callable[[Window], State | None]:
    """How the dollars of a bucket are known; None where tokens are measured."""
    scope = question.scope
    if question.measure is Measure.TOKENS:
        return lambda _: None
    billed = {scope.by, *(f.dimension for f in scope.filters)} <= BILL_DIMENSIONS

    def money(window: Window) -> State:
        settled = settled_days(look, window, book)
        days = Window(DAY.floor(window.start), window.end).starts(DAY)
        if not all(day in settled for day in days):
            return State.ESTIMATED
        is_whole = DAY.floor(window.start) == window.start and window.duration % DAY.delta == timedelta(0)
        return State.BILLED if billed and is_whole else State.ALLOCATED

    return money


def _buckets(
    look: Look,
    question: Question,
    width: BucketWidth,
    windows: tuple[Window, ...],
    now: datetime,
    book: PriceBook,
) -> Buckets:
    scope, measure = question.scope, question.measure
    by = scope.by if can_be_split_by(scope.by) else Dimension.MODEL
    states = states_of(look, width, windows, now)
    if measure is Measure.USD and (width is DAY or by is Dimension.TOKEN_TYPE):
        of_members, whole = _cents(look, scope, by, windows, book)
        return Buckets(width, windows, states, of_members, whole)
    chosen = choose(look, scope.filters, by)
    if by is Dimension.TOKEN_TYPE:
        of_members = _tokens_of_types(look, scope, width, windows, chosen)
        whole = _added(of_members.values(), len(windows))
    else:
        units = UNITS_OF_A_CENT if measure is Measure.USD else 1
        rows = _by_series(look, width, windows, book, measure)
        members = {member: _added(of, len(windows)) for member, of in grouped(rows, chosen).items()}
        whole = [amount // units for amount in _added(members.values(), len(windows))]
        of_members = {member: [amount // units for amount in of] for member, of in members.items()}
    return Buckets(width, windows, states, of_members, whole)


def _cents(
    look: Look, scope: Scope, by: Dimension, windows: tuple[Window, ...], book: PriceBook
) -> tuple[Mapping[str | None, Amounts], Amounts]:
    """Whole cents by member and of all, bucket by bucket, as the panes split them; money of no member is in the whole."""
    found: dict[str | None, list[int]] = {}
    whole = [0] * len(windows)
    for bucket, window in enumerate(windows):
        split = split_window(look, scope.filters, window, by, book)
        for member, usage in split.members.items():
            found.setdefault(member, [0] * len(windows))[bucket] = usage.spend.units // SPEND_UNITS_OF_A_CENT
        whole[bucket] = split.whole.spend.units // SPEND_UNITS_OF_A_CENT
    return found, whole


class _Worth:
    """What each series' tokens cost in each bucket; worked out anew when other prices are learned."""

    def __init__(self) -> None:
        self._rests_on: object = None
        self._rows: Rows = {}

    def rows(self, rests_on: object, make: Callable[[], Rows]) -> Rows:
        """In units of a price."""
        if rests_on != self._rests_on:
            self._rows, self._rests_on = make(), rests_on
        return self._rows


def _by_series(
    look: Look, width: BucketWidth, windows: tuple[Window, ...], book: PriceBook, measure: Measure
) -> Rows:
    """Tokens, or units of what they cost, of each series in each bucket; kept until the usage changes."""
    key = (measure, width, windows[0], windows[-1], len(windows))
    if measure is Measure.TOKENS:
        return look.kept(
            Topic.USAGE, key, lambda: _with_other_writes(look, windows, _tokens(look, width, windows))
        )
    kept = look.kept(Topic.USAGE, key, _Worth)
    rests_on = book.number, look.revision(Topic.COSTS), look.revision(Topic.ALLOCATION)
    return kept.rows(rests_on, lambda: _units(look, width, windows, book))


def _units(look: Look, width: BucketWidth, windows: tuple[Window, ...], book: PriceBook) -> Rows:
    """Minutes or hours: of settled days as their bill is shared out, of open ones at their prices."""
    found: dict[int, list[int]] = {}
    settled = settled_days(look, from_to(windows), book)
    for bucket, (window, counters) in enumerate(zip(windows, _counters(look, width, windows), strict=True)):
        for of, units in _units_of_bucket(look, width, window, counters, settled, book):
            row = found.get(of)
            if row is None:
                row = found[of] = [0] * len(windows)
            row[bucket] += units
    return found


def _units_of_bucket(
    look: Look,
    width: BucketWidth,
    window: Window,
    counters: Mapping[int, Counters],
    settled: SettledDays,
    book: PriceBook,
) -> Iterator[tuple[int, int]]:
    """(series, units of a price) of one minute, hour or part of an hour."""
    day = DAY.floor(window.start)
    if day in settled.shared:
        fixed = fixed_day(look, day)
        if width is HOUR and HOUR.is_bucket(window):
            amounts = {of: fixed.of_hour(of, window.start) for of in counters}
            yield from ((of, _sum(known)) for of, known in amounts.items())
            return
        for minute, of_series in fixed.of_minutes(look, HOUR.floor(window.start)).items():
            if minute in window:
                yield from ((of, _sum(known)) for of, (_, known) in of_series.items())
    elif day not in settled:
        kinds, of_day = look.kinds, book.of_day(day)
        for of, used in counters.items():
            yield of, worth(used, of_day.vector(*kinds[of]))[0]
        for of, taken, given in raises_of(look, window, of_day, by_minute=width is MINUTE):
            yield of, _sum(given) - worth(taken, of_day.vector(*kinds[of]))[0]


def _sum(amounts: Sequence[int | None]) -> int:
    """Units of a price of amounts in units of a `Spend`."""
    return sum(amount for amount in amounts if amount is not None) // UNITS_OF_A_PRICE


def _tokens(look: Look, width: BucketWidth, windows: tuple[Window, ...]) -> dict[int, list[int]]:
    if width is DAY:
        return _collected(look, width, windows, lambda _, counters: sum(counters[:5]))
    found: dict[int, list[int]] = {}
    first = width.ceil(windows[0].start)
    skipped = sum(window.start < first for window in windows)  # a first one that is cut
    for bucket, of, tokens in sums.tokens_of_each(look.transaction, width, Window(first, windows[-1].end)):
        row = found.get(of)
        if row is None:
            row = found[of] = [0] * len(windows)
        row[bucket + skipped] = tokens
    for bucket in _cut(windows) if width is HOUR else ():
        parts = counters_of_window(look, windows[bucket])
        for of in found.keys() | parts.keys():
            row = found.setdefault(of, [0] * len(windows))
            row[bucket] = sum(parts[of][:5]) if of in parts else 0
    return found


def _with_other_writes(look: Look, windows: tuple[Window, ...], found: dict[int, list[int]]) -> Rows:
    """Tokens of cache writes that this version does not know join the totals."""
    if not others_of_window(look, from_to(windows)):
        return found
    for bucket, window in enumerate(windows):
        for of, others in others_of_window(look, window).items():
            writes = sum(count for name, count in others.items() if is_cache_write(name))
            found.setdefault(of, [0] * len(windows))[bucket] += writes
    return found


def _collected(
    look: Look, width: BucketWidth, windows: tuple[Window, ...], amount: Callable[[int, Counters], int]
) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for bucket, of_series in enumerate(_counters(look, width, windows)):
        for of, counters in of_series.items():
            row = found.get(of)
            if row is None:
                row = found[of] = [0] * len(windows)
            row[bucket] = amount(of, counters)
    return found


def _counters(
    look: Look, width: BucketWidth, windows: tuple[Window, ...]
) -> Iterable[Mapping[int, Counters]]:
    """The counters of each series, bucket by bucket."""
    if width is DAY:  # a day of a zone may begin at any hour; whole UTC days are kept added up
        return (counters_of_window(look, window) for window in windows)
    each = sums.of_each(look.transaction, width, from_to(windows))
    cut = _cut(windows) if width is HOUR else ()
    return (
        counters_of_window(look, window) if bucket in cut else each.get(window.start, {})
        for bucket, window in enumerate(windows)
    )


def _tokens_of_types(
    look: Look, scope: Scope, width: BucketWidth, windows: tuple[Window, ...], chosen: Chosen
) -> dict[str | None, Amounts]:
    """Added up by the store itself: a token type is a column of it, not a series."""
    if width is DAY:
        totals = [next(sums.totals(look.transaction, of, (), scope.filters), None) for of in windows]
        counters = [total.counters if total else NOTHING for total in totals]
    else:
        of = list(chosen) if len(chosen) < len(look.series) else None
        each = sums.by_bucket(look.transaction, width, from_to(windows), of)
        counters = [each.get(window.start, NOTHING) for window in windows]
    for bucket in _cut(windows) if width is not MINUTE else ():
        parts = counters_of_window(look, windows[bucket])
        used = [parts[series] for series in chosen if series in parts]
        counters[bucket] = cast("Counters", added_up(used)) if used else NOTHING
    amounts = zip(*(of[:5] for of in counters), strict=True)
    return {of.value: list(row) for of, row in zip(TokenType, amounts, strict=True) if any(row)}


def _cut(windows: Sequence[Window]) -> list[int]:
    """Which of some hours or days begin or end within an hour: the outermost ones, if any."""
    return [
        bucket
        for bucket, window in enumerate(windows)
        if HOUR.floor(window.start) != window.start or HOUR.floor(window.end) != window.end
    ]


def _added(rows: Iterable[Amounts], count: int) -> list[int]:
    together = list(rows)
    return list(added_up(together)) if together else [0] * count
