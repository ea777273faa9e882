"""Money that is told by whole lines of the bill, and not through tokens: by the member of a dimension that a line has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.reports import CostLine
from meterdeck.domain.scope import Filter
from meterdeck.domain.tokens import TokenType
from meterdeck.queries.bill import BILL_DIMENSIONS, TOKENS_ONLY, lines_kept
from meterdeck.queries.look import Look
from meterdeck.queries.open_days import open_day
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.settled_days import SettledDays, rest_of_days, settled_days
from meterdeck.queries.spend import NOTHING_SPENT, UNREAD, Spend

DAY = BucketWidth.DAY


@dataclass(slots=True)
class LineMoney:
    """Money of lines by member, and of no member."""

    members: dict[str | None, Spend] = field(default_factory=dict)
    not_tokens: Spend = NOTHING_SPENT
    not_allocated: Spend = NOTHING_SPENT
    left_out: Spend = NOTHING_SPENT


def line_money(
    look: Look,
    filters: tuple[Filter, ...],
    window: Window,
    by: Dimension,
    book: PriceBook,
    *,
    billed: bool,
) -> LineMoney:
    """The lines of the window's whole days that tokens do not tell of.

    ``billed``: the lines know the dimension and all filters. Then all lines of settled days are told by themselves; else
    only what nothing can share out. Of a day that the window cuts no line is told.
    """
    settled = settled_days(look, window, book)
    found = LineMoney()
    amounts: dict[tuple[str, str | None, bool], list[int]] = {}
    asks_keys = any(f.dimension not in BILL_DIMENSIONS for f in filters)
    for line, units, is_settled in _lines(look, filters, window, book, settled, billed=billed):
        place, member = place_of(line, filters, by, asks_keys=asks_keys)
        amounts.setdefault((place, member, is_settled), []).append(units)
    lacks_hours = not billed and any(day in settled.unshared for day in whole_days(window, book))
    for (place, member, is_settled), parts in amounts.items():
        spend = Spend(billed=sum(parts), billed_parts=len(parts))
        if not is_settled:
            spend = Spend(estimated=sum(parts), estimated_parts=len(parts))
        elif lacks_hours:
            spend += UNREAD
        if place == "members":
            found.members[member] = found.members.get(member, NOTHING_SPENT) + spend
        else:
            setattr(found, place, getattr(found, place) + spend)
    return found


def _lines(
    look: Look,
    filters: tuple[Filter, ...],
    window: Window,
    book: PriceBook,
    settled: SettledDays,
    *,
    billed: bool,
) -> Iterator[tuple[CostLine, int, bool]]:
    """(line, units, whether its day is settled) of what is told by itself, as far as the filters keep it."""
    days = list(whole_days(window, book))
    if not days:
        return
    bill = look.bill(Window(days[0], days[-1] + DAY.delta))
    kept = dict(lines_kept(bill, [f for f in filters if f.dimension in BILL_DIMENSIONS]))
    by_itself = [day for day in days if day in settled.unshared or (billed and day in settled.shared)]
    mask = bill.mask_of(frozenset(by_itself))
    for of, line in kept.items():
        amounts = bill.amounts[of]
        if amounts.mask & mask:
            yield line, amounts.only(mask).total, True
    rest = [] if billed else rest_of_days(look, settled.shared & frozenset(days))
    for day, of in rest:
        if of in kept:
            yield kept[of], bill.amounts[of].units[(day - days[0]) // DAY.delta], True
    for day in days:
        so_far = {} if day in settled else open_day(look, day, book.of_day(day)).rest
        yield from ((kept[of], units, False) for of, units in so_far.items() if of in kept)


def whole_days(window: Window, book: PriceBook) -> Iterator[datetime]:
    """The UTC days of which a window holds all there is: the whole of them, and the running one up to now."""
    for day in window.starts(DAY):
        end = day + DAY.delta
        is_all = window.end >= end or (book.as_of is not None and day <= book.as_of < min(end, window.end))
        if is_all:
            yield day


def leaves_out_other_costs(f: Filter) -> bool:
    """Whether a filter is of what only token costs have: it can't be applied to the others."""
    return f.dimension in TOKENS_ONLY or f.dimension is Dimension.TOKEN_TYPE


def place_of(
    line: CostLine, filters: Iterable[Filter], by: Dimension, *, asks_keys: bool
) -> tuple[str, str | None]:
    """Where a line's money stands, and with which member."""
    if asks_keys:
        return "left_out", None
    if not line.is_tokens and any(leaves_out_other_costs(f) for f in filters):
        return "left_out", None
    if by not in BILL_DIMENSIONS:
        return "not_allocated", None
    if by is Dimension.TOKEN_TYPE:
        token_type = TokenType.of_line(line.token_type)
        member = token_type.value if token_type else line.token_type
    else:
        member = line.member(by)
    if not line.is_tokens and (by in TOKENS_ONLY or by is Dimension.TOKEN_TYPE):
        return "not_tokens", None
    return "members", member
