"""The rows of the ledger cut once more: by what is counted, token type by token type, and searches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.queries.ledger import (
    NOTHING,
    Numbers,
    Rows,
    amounts_of_part,
    counters_of_span,
    counters_of_window,
    fixed_day,
    raise_of,
    raises_of,
    rows_of,
    shared_row,
    stretches_of,
    unread_row,
)
from meterdeck.queries.look import Look
from meterdeck.queries.prices import SEARCHES, PriceBook, worth
from meterdeck.queries.settled_days import allocation_of, shares_of_each_day
from meterdeck.store import sums
from meterdeck.store.allocation import Share

DAY = BucketWidth.DAY


class Cell(NamedTuple):
    """One series and what is counted: the place of a token type, or `SEARCHES`."""

    series: int
    place: int


class TypedRows(NamedTuple):
    """The parts of `Rows`, each a list of cells with their numbers; cells that nothing was counted in do not come."""

    priced: list[tuple[Cell, Numbers]]
    raised: list[tuple[Cell, Numbers]]
    whole: list[tuple[Cell, Numbers]]
    shared: list[tuple[Cell, Numbers]]


def typed_rows_of(look: Look, window: Window, book: PriceBook) -> TypedRows:
    """The same usage and money as `rows_of`, cut by what is counted."""
    found = TypedRows([], [], [], [])
    rows: Rows = rows_of(look, window, book)
    stretches = stretches_of(look, window, book)
    for span in stretches.open:
        _add_open(look, span, book.of_day(DAY.floor(span.start)), found)
    lacking = _add_settled(rows.whole, found.whole)
    if lacking:
        found.whole.extend(_day_by_day(look, stretches.whole, lacking))
        for day in stretches.unshared:
            used = sums.by_series(look.transaction, Window(day, day + DAY.delta))
            found.whole.extend(_unread_cells({of: row for of, row in used.items() if of in lacking}))
    lacking = _add_settled(rows.shared, found.shared)
    if lacking:
        found.shared.extend(_part_by_part(look, stretches.parts, lacking))
        for span in stretches.unshared_parts:
            unread = counters_of_window(look, span)
            found.shared.extend(_unread_cells({of: row for of, row in unread.items() if of in lacking}))
    return found


def _add_settled(rows: Mapping[int, Numbers], cells: list[tuple[Cell, Numbers]]) -> set[int]:
    """Cut rows of settled days; returns the series that lack something, which are still to be cut."""
    lacking = {of for of, row in rows.items() if _lacks_any(row)}
    for of, row in rows.items():
        if of not in lacking:
            cells.extend(_cells(of, row))
    return lacking


def _lacks_any(row: Numbers) -> bool:
    """Whether some of it has no part of a line, or one of several lines: then each day tells which."""
    return any(row[13:18])


def _add_open(look: Look, span: Window, book: PriceBook, found: TypedRows) -> None:
    kinds = look.kinds
    for of, row in counters_of_span(look, span).items():
        vector = book.vector(*kinds[of])
        for place in range(6):
            if row[place]:
                only = _only(row, place)
                found.priced.append((Cell(of, place), (*only, *worth(only, vector))))
    for of, taken, given in raises_of(look, span, book):
        for place in range(6):
            if taken[place]:
                change, gift = raise_of(_only(taken, place), _only(given, place), book.vector(*kinds[of]))
                found.priced.append((Cell(of, place), change))
                found.raised.append((Cell(of, place), gift))


def _only(row: Numbers, place: int) -> tuple[int, int, int, int, int, int]:
    one, two, three, four, five, six = (row[at] if at == place else 0 for at in range(6))
    return one, two, three, four, five, six


def _cells(of: int, row: Numbers) -> Iterator[tuple[Cell, Numbers]]:
    """A row of settled days that lacks nothing, place by place."""
    mixed = row[16]
    for place in range(6):
        count = row[place]
        if count:
            matched = (0, count) if place == SEARCHES else (count, 0)
            flags = (matched[0], 0, 0, 0, mixed, 0, matched[1])
            yield Cell(of, place), (*_only(row, place), *_only(row[6:12], place), *flags)


def _day_by_day(look: Look, days: frozenset[datetime], series: set[int]) -> Iterator[tuple[Cell, Numbers]]:
    used: dict[tuple[datetime, int], Numbers] = {}
    if days:
        window = Window(min(days), max(days) + DAY.delta)
        for day, of, counters in sums.days_by_series(look.transaction, window, series):
            used[day, of] = counters
    for day, of, share in shares_of_each_day(look, days, series):
        yield from _share_cells(look, of, used.get((day, of), NOTHING), share)


def _part_by_part(
    look: Look, parts: Iterable[tuple[datetime, Window]], series: set[int]
) -> Iterator[tuple[Cell, Numbers]]:
    for day, span in parts:
        mixed = allocation_of(look, day).shares
        for of, counters, amounts in amounts_of_part(look, fixed_day(look, day), span, by_minute=False):
            if of in series:
                yield from _share_cells(look, of, counters, Share(amounts, mixed=mixed[of].mixed))


def _share_cells(look: Look, of: int, row: Numbers, share: Share) -> Iterator[tuple[Cell, Numbers]]:
    """One series' share of a settled day, or of a part of it, place by place."""
    for place in range(6):
        if row[place]:
            only, amount = _only(row, place), share.amounts[place]
            lacking = row[place] if amount is None else 0
            one = Share(
                tuple(amount if at == place else 0 for at in range(6)),
                0 if place == SEARCHES else lacking,
                lacking if place == SEARCHES else 0,
                share.mixed & (1 << place),
            )
            yield Cell(of, place), shared_row(only, one, look.kinds[of][2])


def _unread_cells(used: Mapping[int, Numbers]) -> Iterator[tuple[Cell, Numbers]]:
    for of, counters in used.items():
        for place in range(6):
            if counters[place]:
                yield Cell(of, place), unread_row(_only(counters, place))
