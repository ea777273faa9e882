"""Usage of any stretch of time by series, with its money: settled days as their bill is shared out, open ones priced.

The one place where tokens become dollars. Every view adds up its rows, so that a day, its hours and its members agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import add

from meterdeck.domain.buckets import BucketWidth, Window, joined, whole_and_parts
from meterdeck.queries.fixed_days import Amounts, FixedDay, hours_of
from meterdeck.queries.look import Kind, Look
from meterdeck.queries.open_days import UNITS_OF_A_PRICE, open_day
from meterdeck.queries.prices import SEARCHES, UNBILLED_TIER, PriceBook, Vector, worth
from meterdeck.queries.settled_days import (
    allocation_of,
    are_kept_shared,
    in_units,
    settled_days,
    shares_of_days,
)
from meterdeck.queries.spend import UNIT_DECIMALS, Spend, total_spend
from meterdeck.store import sums
from meterdeck.store.allocation import Share
from meterdeck.store.sums import Counters
from meterdeck.store.topics import Topic

HOUR, DAY = BucketWidth.HOUR, BucketWidth.DAY

Numbers = Sequence[int]
"""What one series (or some together) used and what it cost; which numbers, tells the part of `Rows` that it is in."""

NOTHING: Counters = (0, 0, 0, 0, 0, 0)


@dataclass(slots=True)
class Rows:
    """What each series used over some time, in up to four parts. Numbers of one part add up place by place."""

    priced: Mapping[int, Numbers] = field(default_factory=dict)
    """Of open days: the six counters and their `Worth`."""
    raised: Mapping[int, Numbers] = field(default_factory=dict)
    """What their bills give instead: six amounts, and how many tokens and searches they are for. ``priced`` counts these
    at a price of 0."""
    whole: Mapping[int, Numbers] = field(default_factory=dict)
    """Of whole settled days: the six counters, six amounts, tokens that have a part of a line, unmatched ones, unbilled
    ones, unmatched searches, whether any is mixed or unread, searches that have a part."""
    shared: Mapping[int, Numbers] = field(default_factory=dict)
    """The same of parts of settled days."""


@dataclass(frozen=True, slots=True)
class Line:
    """The rows of some series together."""

    priced: Numbers | None = None
    raised: Numbers | None = None
    whole: Numbers | None = None
    shared: Numbers | None = None

    @property
    def counters(self) -> Counters:
        """Five token counters and web searches."""
        found = [numbers[:6] for numbers in (self.priced, self.whole, self.shared) if numbers]
        return _six(map(sum, zip(*found, strict=True))) if found else NOTHING

    def spend(self, *, billed: bool, tokens: bool = True, searches: bool = True) -> Spend:
        """Its money, or that of its tokens or searches alone.

        ``billed``: whole settled days are told by the lines of their bill, and have no amounts here.
        """
        return total_spend(
            [
                *([_priced(self.priced, tokens=tokens, searches=searches)] if self.priced else ()),
                *([_raised(self.raised, tokens=tokens, searches=searches)] if self.raised else ()),
                *(
                    [_settled(self.whole, tokens=tokens, searches=searches, billed=billed)]
                    if self.whole
                    else ()
                ),
                *(
                    [_settled(self.shared, tokens=tokens, searches=searches, billed=False)]
                    if self.shared
                    else ()
                ),
            ]
        )


def _priced(row: Numbers, *, tokens: bool, searches: bool) -> Spend:
    units, of_searches, priced, unpriced, unbilled, listed, early, listed_searches = row[6:14]
    if not tokens:
        units, priced, unpriced, unbilled, listed, early = of_searches, row[5], 0, 0, 0, 0
    if not searches:
        units, priced, listed_searches = units - of_searches, priced - row[5], 0
    return Spend(
        estimated=units * UNITS_OF_A_PRICE,
        priced_tokens=priced,
        unpriced_tokens=unpriced,
        unbilled_tokens=unbilled,
        listed_tokens=listed,
        early_tokens=early,
        listed_searches=listed_searches,
    )


def _raised(row: Numbers, *, tokens: bool, searches: bool) -> Spend:
    """The tokens themselves are counted in the priced row."""
    amounts = (sum(row[:SEARCHES]) if tokens else 0) + (row[SEARCHES] if searches else 0)
    return Spend(estimated=amounts, early_tokens=(row[6] if tokens else 0) + (row[7] if searches else 0))


def _settled(row: Numbers, *, tokens: bool, searches: bool, billed: bool) -> Spend:
    matched, unmatched, unbilled, unmatched_searches, mixed, unread, matched_searches = row[12:19]
    amounts = row[6:12]
    if not tokens:
        matched = unmatched = unbilled = 0
    if not searches:
        matched_searches = unmatched_searches = 0
    found = Spend(unbilled_tokens=unbilled, unmatched_tokens=unmatched, unmatched_searches=unmatched_searches)
    if billed:
        return found
    return found._replace(
        allocated=(sum(amounts[:SEARCHES]) if tokens else 0) + (amounts[SEARCHES] if searches else 0),
        shared_tokens=matched + matched_searches,
        mixed=mixed if matched + matched_searches else 0,
        unread=unread,
    )


def rows_of(look: Look, window: Window, book: PriceBook, *, by_minute: bool = False) -> Rows:
    """Usage of a window and its money, by series. Whole hours count as they are kept, cut ones by their minutes.

    ``by_minute`` takes all of them by their minutes.
    """
    rows = Rows()
    stretches = stretches_of(look, window, book, by_minute=by_minute)
    rows.whole = _whole_days(look, stretches.whole) if stretches.whole else {}
    for day in stretches.unshared:
        rows.whole = merged(rows.whole, _unread(look, Window(day, day + DAY.delta)))
    for span in stretches.unshared_parts:
        rows.shared = merged(rows.shared, _unread(look, span, by_minute=by_minute))
    for day, span in stretches.parts:
        rows.shared = merged(rows.shared, _part_of_settled(look, day, span, by_minute=by_minute))
    for span in stretches.open:
        priced, raised = _open(look, span, book.of_day(DAY.floor(span.start)), by_minute=by_minute)
        rows.priced, rows.raised = merged(rows.priced, priced), merged(rows.raised, raised)
    return rows


@dataclass(slots=True)
class Stretches:
    """A window cut by how its money is known."""

    whole: frozenset[datetime] = frozenset()
    """Whole settled days, shared out."""
    parts: list[tuple[datetime, Window]] = field(default_factory=list)
    """Parts of such days."""
    unshared: list[datetime] = field(default_factory=list)
    """Whole settled days of which an hour was never read."""
    unshared_parts: list[Window] = field(default_factory=list)
    open: list[Window] = field(default_factory=list)
    """Stretches of open days, each with one book of prices."""


def stretches_of(look: Look, window: Window, book: PriceBook, *, by_minute: bool = False) -> Stretches:
    """Cut a window by how its money is known."""
    settled = settled_days(look, window, book)
    found = Stretches()
    whole: set[datetime] = set()
    spans: list[Window] = []
    for day in Window(DAY.floor(window.start), window.end).starts(DAY):
        span = Window(max(day, window.start), min(day + DAY.delta, window.end))
        is_whole = span.duration == DAY.delta and not by_minute
        if day not in settled:
            spans.append(span)
        elif day in settled.unshared:
            if is_whole:
                found.unshared.append(day)
            else:
                found.unshared_parts.append(span)
        elif is_whole:
            whole.add(day)
        else:
            found.parts.append((day, span))
    found.whole = frozenset(whole)
    found.open = list(_by_book(spans, book))
    return found


def merged(have: Mapping[int, Numbers], more: Mapping[int, Numbers]) -> Mapping[int, Numbers]:
    """Two sets of rows of one part put together."""
    if not have or not more:
        return have or more
    together = dict(have)
    for of, numbers in more.items():
        known = together.get(of)
        together[of] = numbers if known is None else tuple(map(add, known, numbers))
    return together


def has_open(look: Look, window: Window, book: PriceBook) -> bool:
    """Whether any day that a window touches is open."""
    return bool(stretches_of(look, window, book).open)


def _by_book(spans: Iterable[Window], book: PriceBook) -> Iterator[Window]:
    """Days that touch and have the same prices as one stretch."""
    of_books: dict[int, list[Window]] = {}
    for span in spans:
        of_books.setdefault(book.of_day(DAY.floor(span.start)).number, []).append(span)
    for some in of_books.values():
        yield from joined(some)


def counters_of_window(look: Look, window: Window, *, by_minute: bool = False) -> Mapping[int, Counters]:
    """The counters of each series over a window: of its whole hours, and of the minutes of hours that it cuts.

    Minutes that are not there are in no sum: `usage_window` tells of them.
    """
    if by_minute:
        return sums.minutes_by_series(look.transaction, window)
    hours, parts = whole_and_parts(window, HOUR)
    found = sums.by_series(look.transaction, hours) if hours else {}
    for part in parts:
        for of, counters in sums.minutes_by_series(look.transaction, part).items():
            have = found.get(of)
            found[of] = counters if have is None else _six(map(add, have, counters))
    return found


class _Priced:
    """Sums by series and what they are worth; priced anew when other prices are learned."""

    def __init__(self, sums: Mapping[int, Counters]) -> None:
        self._book: PriceBook | None = None
        self._rows: dict[int, Numbers] = dict(sums)

    @property
    def counters(self) -> Mapping[int, Numbers]:
        """The first six numbers of each series, for who asks no price; what follows them may be there or not."""
        return self._rows

    def rows(self, kinds: Mapping[int, Kind], book: PriceBook) -> Mapping[int, Numbers]:
        """The numbers of each series."""
        if book is not self._book:
            self._rows = {
                of: (*row[:6], *worth(row, book.vector(*kinds[of]))) for of, row in self._rows.items()
            }
            self._book = book
        return self._rows


def _open(
    look: Look, span: Window, book: PriceBook, *, by_minute: bool
) -> tuple[Mapping[int, Numbers], Mapping[int, Numbers]]:
    """Priced and raised rows of a stretch of open days."""
    priced = _of_span(look, span, by_minute=by_minute).rows(look.kinds, book)
    raised: Mapping[int, Numbers] = {}
    for of, counters, amounts in raises_of(look, span, book, by_minute=by_minute):
        take, give = raise_of(counters, amounts, book.vector(*look.kinds[of]))
        priced, raised = merged(priced, {of: take}), merged(raised, {of: give})
    return priced, raised


def _of_span(look: Look, span: Window, *, by_minute: bool = False) -> _Priced:
    key = ("by minute" if by_minute else "window", span)
    return look.kept(Topic.USAGE, key, lambda: _Priced(counters_of_window(look, span, by_minute=by_minute)))


def counters_of_span(look: Look, span: Window) -> Mapping[int, Numbers]:
    """At least the six counters of each series over a stretch of time, without a price."""
    return _of_span(look, span).counters


def raises_of(
    look: Look, span: Window, book: PriceBook, *, by_minute: bool = False
) -> Iterator[tuple[int, Counters, Counters]]:
    """(series, counters, amounts) of what the bills of open days give in a part of them, each series once.

    The counters are those of the amounts that are given; the others are 0.
    """
    for day in Window(DAY.floor(span.start), span.end).starts(DAY):
        fixed = open_day(look, day, book).fixed
        if fixed is None:
            continue
        part = Window(max(day, span.start), min(day + DAY.delta, span.end))
        found: dict[int, tuple[Counters, Counters]] = {}
        for of, counters, amounts in amounts_of_part(look, fixed, part, by_minute=by_minute):
            if of in fixed.amounts:
                taken = _six(
                    0 if amount is None else used for used, amount in zip(counters, amounts, strict=True)
                )
                given = _six(amount or 0 for amount in amounts)
                have = found.get(of, (NOTHING, NOTHING))
                found[of] = _six(map(add, have[0], taken)), _six(map(add, have[1], given))
        yield from ((of, taken, given) for of, (taken, given) in found.items())


def raise_of(taken: Counters, given: Counters, vector: Vector) -> tuple[Numbers, Numbers]:
    """What to add to a priced row, whose tokens have no price of their own then, and what the bill gives for them."""
    before, after = worth(taken, vector), worth(taken, _BY_THE_BILL)
    change = (*NOTHING, *(now - was for was, now in zip(before, after, strict=True)))
    return change, (*given, sum(taken[:SEARCHES]), taken[SEARCHES])


_BY_THE_BILL = Vector((0, 0, 0, 0, 0, 0))
"""Tokens whose money the bill gives have no price of their own."""


def amounts_of_part(
    look: Look, fixed: FixedDay, part: Window, *, by_minute: bool
) -> Iterator[tuple[int, Counters, Amounts]]:
    """(series, counters, amounts) of each hour of a part of a day, or of its minutes where it cuts an hour."""
    hours, cut = (None, tuple(_hours_in(part))) if by_minute else whole_and_parts(part, HOUR)
    for start in hours.starts(HOUR) if hours else ():
        for of, counters in fixed.hour(start).items():
            yield of, counters, fixed.of_hour(of, start)
    for piece in cut:
        for of_hour in _hours_in(piece):
            for minute, of_series in fixed.of_minutes(look, HOUR.floor(of_hour.start)).items():
                if minute in of_hour:
                    for of, (counters, amounts) in of_series.items():
                        yield of, counters, amounts


def _hours_in(window: Window) -> Iterator[Window]:
    """A window cut at full hours."""
    start = window.start
    while start < window.end:
        end = min(HOUR.after(start), window.end)
        yield Window(start, end)
        start = end


def _whole_days(look: Look, days: frozenset[datetime]) -> Mapping[int, Numbers]:
    """Rows of whole settled days; they change only when one is restated."""
    key = ("whole days", days, look.revision(Topic.COSTS))
    return look.kept(topic_of(look, days), key, lambda: _make_whole_days(look, days))


def topic_of(look: Look, days: frozenset[datetime]) -> Topic:
    """What rests on some settled days is kept for as long as this topic: of days that are not kept shared out, usage."""
    are_kept = look.kept(Topic.ALLOCATION, ("kept", days), lambda: are_kept_shared(look, days))
    return Topic.ALLOCATION if are_kept else Topic.USAGE


def _make_whole_days(look: Look, days: frozenset[datetime]) -> Mapping[int, Numbers]:
    counters: Mapping[int, Numbers] = {}
    for window in joined(Window(day, day + DAY.delta) for day in sorted(days)):
        counters = merged(counters, sums.by_series(look.transaction, window))
    shares = shares_of_days(look, days)
    kinds = look.kinds
    return {of: shared_row(used, shares[of], kinds[of][2]) for of, used in counters.items() if of in shares}


def shared_row(counters: Numbers, share: Share, tier: str | None) -> Numbers:
    """One series' numbers of settled days: tokens of the Priority Tier are in no bill, not without a line."""
    amounts = [amount or 0 for amount in share.amounts]
    matched = sum(counters[:SEARCHES]) - share.unmatched
    unmatched, unbilled = (0, share.unmatched) if tier == UNBILLED_TIER else (share.unmatched, 0)
    searches = counters[SEARCHES] - share.unmatched_searches
    is_mixed = int(bool(share.mixed))
    return (
        *counters, *amounts, matched, unmatched, unbilled, share.unmatched_searches, is_mixed, 0, searches,
    )  # fmt: skip


def fixed_day(look: Look, day: datetime) -> FixedDay:
    """A settled and whole day, to be taken hour by hour."""
    key = ("fixed day", day, look.revision(Topic.COSTS))
    return look.kept(topic_of(look, frozenset({day})), key, lambda: _make_fixed_day(look, day))


def _make_fixed_day(look: Look, day: datetime) -> FixedDay:
    whole = allocation_of(look, day)
    amounts = {of: in_units(share, whole.decimals).amounts for of, share in whole.shares.items()}
    return FixedDay(day, amounts, hours_of(look, day), 10 ** (UNIT_DECIMALS - whole.decimals))


def _part_of_settled(look: Look, day: datetime, span: Window, *, by_minute: bool) -> Mapping[int, Numbers]:
    """Shared rows of a part of a settled day."""
    fixed, mixed = fixed_day(look, day), allocation_of(look, day).shares
    kinds = look.kinds
    found: dict[int, Numbers] = {}
    for of, counters, amounts in amounts_of_part(look, fixed, span, by_minute=by_minute):
        lacking = [used if amount is None else 0 for used, amount in zip(counters, amounts, strict=True)]
        share = Share(amounts, sum(lacking[:SEARCHES]), lacking[SEARCHES], mixed[of].mixed)
        row, have = shared_row(counters, share, kinds[of][2]), found.get(of)
        found[of] = row if have is None else tuple(map(add, have, row))
    return found


def _unread(look: Look, span: Window, *, by_minute: bool = False) -> Mapping[int, Numbers]:
    """Rows of a settled day of which an hour was never read: counted, and without money of their own."""
    return {
        of: unread_row(counters)
        for of, counters in counters_of_window(look, span, by_minute=by_minute).items()
    }


def unread_row(counters: Numbers) -> Numbers:
    """One series' numbers of a settled day of which an hour was never read."""
    return (*counters, *NOTHING, 0, 0, 0, 0, 0, 1, 0)


def added_up(rows: Iterable[Numbers]) -> Numbers:
    """Numbers (at least one row of them) added place by place."""
    return tuple(map(sum, zip(*rows, strict=True)))


def lines_by(
    rows: Rows, group: Callable[[Mapping[int, Numbers]], Mapping[str | None, list[Numbers]]]
) -> dict[str | None, Line]:
    """The rows of each member's series together; ``group`` sorts rows by member."""
    parts = [group(some) if some else {} for some in (rows.priced, rows.raised, rows.whole, rows.shared)]
    members = dict.fromkeys(member for some in parts for member in some)
    return {
        member: Line(*(added_up(some[member]) if member in some else None for some in parts))
        for member in members
    }


def _six(counts: Iterable[int]) -> Counters:
    one, two, three, four, five, six = counts
    return one, two, three, four, five, six
