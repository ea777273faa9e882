"""Daily costs: what the bill says of each settled UTC day, and what every open day is worth so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from meterdeck.domain.buckets import BucketWidth, Window, joined
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import BILL_DECIMALS, cents_to_usd, from_units
from meterdeck.domain.reports import CostLine
from meterdeck.domain.scope import Filter, Scope
from meterdeck.queries.bill import BILL_DIMENSIONS, TOKENS_ONLY, Bill, DayAmounts, by_currency, lines_kept
from meterdeck.queries.line_money import leaves_out_other_costs, place_of
from meterdeck.queries.look import Look
from meterdeck.queries.names import NOT_ALLOCATED, Member
from meterdeck.queries.prices import SEARCHES, UNBILLED_TIER, PriceBook
from meterdeck.queries.settled_days import (
    SettledDays,
    rest_of_days,
    settled_days,
    shares_of_each_day,
    unmatched_of,
)
from meterdeck.queries.share_places import TOKENS, Place, places_of_shares
from meterdeck.queries.spend import NOTHING_SPENT, UNREAD, Spend, total_spend
from meterdeck.queries.split import SEARCHES_COST_TYPE, TOKENS_COST_TYPE, Split, choose, split_window
from meterdeck.queries.unbilled import unbilled_tokens
from meterdeck.queries.usage_window import usage_window
from meterdeck.store import coverage, sums
from meterdeck.store.costs import BilledLine
from meterdeck.store.coverage import Coverage, Report

DAY = BucketWidth.DAY.delta

Cells = dict[Member, dict[datetime, Spend]]


@dataclass(frozen=True)
class Costs:
    """The costs of a scope's days by member, in whole numbers."""

    scope: Scope
    window: Window
    billed: Mapping[Member, DayAmounts]
    """Whole lines of settled days, where the bill knows the dimension and all filters."""
    cells: Mapping[Member, Mapping[datetime, Spend]]
    """All other money: open days, and settled ones shared out; and what is lacking beside ``billed``."""
    reported: Mapping[Member, Mapping[datetime, int]]
    """What open days were billed so far by member, where the bill knows the dimension, in units of 10⁻³⁰ cents.

    It is in their worth, and never added.
    """
    reported_days: Mapping[datetime, int]
    """The same of all members together, where the bill knows all filters."""
    left_out: Spend
    """Money of these days to which the scope's filters can't be applied: costs that are not for tokens."""
    billed_by_scope: bool
    """Whether the bill knows this split at all; where it does not, settled days are shared out by tokens."""
    gaps: tuple[Window, ...]
    as_of: datetime | None
    settled: frozenset[datetime] = field(default_factory=frozenset)
    """Days whose bill will not change any more; all others are open."""
    quiet: frozenset[datetime] = field(default_factory=frozenset)
    """Open days whose hours were read and held no use: $0 so far, which is not unknown."""
    unshared: frozenset[datetime] = field(default_factory=frozenset)
    """Settled days of which an hour was never read: nothing can share their bill out."""
    unbilled_tokens: int = 0
    """Tokens of the Priority Tier on these days in this scope: their cost is in no bill, ever (api-facts 3.2)."""
    other_currencies: Mapping[str, Decimal] = field(default_factory=dict)
    """Sums of lines in other currencies than USD, in units of their own: they are in nothing else here."""

    @property
    def days(self) -> list[datetime]:
        """The days of the window, oldest first."""
        return list(self.window.starts(BucketWidth.DAY))

    @property
    def members(self) -> set[Member]:
        """Everybody who has money, or lacks some."""
        return {*self.billed, *self.cells, *self.reported}

    @property
    def leaves_out_other_costs(self) -> bool:
        """Whether a filter is set that only token costs can answer to."""
        return any(f.dimension in TOKENS_ONLY for f in self.scope.filters)

    def each(self) -> Iterator[tuple[datetime, Member, Spend]]:
        """(day, member, money) wherever there is any, or some is lacking; oldest day first."""
        found: dict[tuple[datetime, Member], Spend] = {}
        for member, amounts in self.billed.items():
            for day, units in amounts.items(self.days):
                found[day, member] = Spend(billed=units, billed_parts=1)
        for member, of_member in self.cells.items():
            for day, spend in of_member.items():
                have = found.get((day, member))
                found[day, member] = spend if have is None else have + spend
        ordered = sorted(found.items(), key=lambda one: (one[0][0], one[0][1].name, one[0][1].id or ""))
        return ((day, member, spend) for (day, member), spend in ordered)

    @cached_property
    def by_day(self) -> Mapping[datetime, Spend]:
        """All members of each day together; a day of which nothing is known does not come."""
        found: dict[datetime, list[Spend]] = {}
        if self.billed:
            for day, units in DayAmounts.added_up(list(self.billed.values())).items(self.days):
                found[day] = [Spend(billed=units, billed_parts=1)]
        for of_member in self.cells.values():
            for day, spend in of_member.items():
                found.setdefault(day, []).append(spend)
        if self.billed_by_scope:  # a settled day's bill is in, even where it has no line of this scope in USD
            for day in self.settled:
                found.setdefault(day, []).append(Spend(billed_parts=1))
        for day in self.quiet - found.keys():
            found[day] = [NOTHING_SPENT]
        return {day: total_spend(found[day]) for day in sorted(found)}

    @property
    def total(self) -> Spend:
        """All days together."""
        return total_spend(self.by_day.values())

    def reported_on(self, day: datetime, member: Member | None = None) -> int | None:
        """What an open day was billed so far, in units of 10⁻³⁰ cents: of all, or of one member."""
        return self.reported_days.get(day) if member is None else self.reported.get(member, {}).get(day)


def usd_of(units: int | None) -> Decimal | None:
    """Dollars for units of 10⁻³⁰ cents; None stays None."""
    return None if units is None else cents_to_usd(from_units(units, BILL_DECIMALS))


def day_costs(look: Look, scope: Scope, window: Window, now: datetime, book: PriceBook) -> Costs:
    """Costs of each day of a window of UTC days, by the scope's dimension."""
    billed_by_scope = {scope.by, *(f.dimension for f in scope.filters)} <= BILL_DIMENSIONS
    bill = look.bill(window)
    settled = settled_days(look, window, book)
    read = coverage.covered(look.transaction, Report.COST, BucketWidth.DAY, window)
    cells: Cells = {}
    left_out = [_left_out_of_settled(look, bill, scope, settled)]
    billed: dict[Member, DayAmounts] = {}
    if billed_by_scope:
        billed = _billed(look, bill, scope, settled)
        _add_unmatched(look, scope, settled, cells)
    else:
        _add_allocated(look, scope, settled, bill, cells)
    for one in _in_other_currencies(bill, scope):
        place = place_of(one.line, scope.filters, scope.by, asks_keys=False)
        if place[0] != "left_out":
            _put(cells, _member(look, scope.by, place), one.day, Spend(other_currencies=1))
    days = window.starts(BucketWidth.DAY)
    open_days = [day for day in days if day not in settled and day <= now]
    left_out += [_add_open(look, scope, day, now, book, cells) for day in open_days]
    return Costs(
        scope,
        window,
        billed,
        cells,
        _reported(look, bill, scope, settled) if billed_by_scope else {},
        _reported_days(bill, scope, settled),
        total_spend(left_out),
        billed_by_scope,
        _gaps(look, window, read, settled, now, billed_by_scope=billed_by_scope),
        coverage.newest_read(look.transaction, Report.COST if billed_by_scope else Report.USAGE),
        settled.days,
        frozenset(day for day in open_days if _is_quiet(look, day, now)),
        settled.unshared,
        unbilled_tokens(look, scope, window),
        by_currency((one.line, one.cents) for one in _in_other_currencies(bill, scope)),
    )


def _in_other_currencies(bill: Bill, scope: Scope) -> Iterator[BilledLine]:
    """Lines that are in no dollars here, as far as the filters that a line knows keep them."""
    filters = [f for f in scope.filters if f.dimension in BILL_DIMENSIONS]
    if len(filters) < len(scope.filters):
        return
    for one in bill.in_other_currencies:
        if all(one.line.member(f.dimension) in f.members for f in filters):
            yield one


def _billed(look: Look, bill: Bill, scope: Scope, settled: SettledDays) -> dict[Member, DayAmounts]:
    """Whole lines of settled days by member."""
    mask = bill.mask_of(settled.days)
    found: dict[tuple[str, str | None], list[DayAmounts]] = {}
    for place, amounts in _placed(bill, scope, mask):
        found.setdefault(place, []).append(amounts)
    return {_member(look, scope.by, place): DayAmounts.added_up(some) for place, some in found.items()}


def _placed(bill: Bill, scope: Scope, mask: int) -> Iterator[tuple[tuple[str, str | None], DayAmounts]]:
    """(place, amounts) of each line of some days that a scope does not leave out."""
    for of, line in lines_kept(bill, scope.filters):
        if bill.amounts[of].mask & mask:
            place = place_of(line, scope.filters, scope.by, asks_keys=False)
            if place[0] != "left_out":
                yield place, bill.amounts[of].only(mask)


def _member(look: Look, by: Dimension, place: tuple[str, str | None]) -> Member:
    """Whose a line is."""
    where, member = place
    if where == "not_allocated":
        return NOT_ALLOCATED
    return look.names.member(by, member, in_bill=where == "not_tokens" or by not in TOKENS_ONLY)


def _left_out_of_settled(look: Look, bill: Bill, scope: Scope, settled: SettledDays) -> Spend:
    """Money of settled days that the filters can't be applied to."""
    filters = [f for f in scope.filters if f.dimension in BILL_DIMENSIONS]
    if len(filters) < len(scope.filters):
        return _left_out_by_key(look, filters, scope, settled, bill)
    if not any(leaves_out_other_costs(f) for f in filters):
        return NOTHING_SPENT
    mask = bill.mask_of(settled.days)
    units = [
        bill.amounts[of].only(mask).total
        for of, line in lines_kept(bill, filters)
        if bill.amounts[of].mask & mask
        and not line.is_tokens
        and place_of(line, filters, scope.by, asks_keys=False)[0] == "left_out"
    ]
    return Spend(billed=sum(units), billed_parts=len(units))


def _left_out_by_key(
    look: Look, filters: list[Filter], scope: Scope, settled: SettledDays, bill: Bill
) -> Spend:
    """What no key can be given; and the searches of the keys where another filter is of tokens alone."""
    rest = [units for _, _, units in _rest_lines(look, filters, settled, bill)]
    found = Spend(billed=sum(rest), billed_parts=len(rest))
    if not any(leaves_out_other_costs(f) for f in filters):
        return found
    of_keys = tuple(f for f in scope.filters if not leaves_out_other_costs(f))
    chosen = choose(look, of_keys, scope.by)
    shares = shares_of_each_day(look, settled.shared, set(chosen))
    amounts = [share.amounts[SEARCHES] for _, _, share in shares]
    searches = [amount for amount in amounts if amount is not None]
    return found + Spend(allocated=sum(searches), shared_tokens=len(searches))


def _add_unmatched(look: Look, scope: Scope, settled: SettledDays, cells: Cells) -> None:
    """Say of settled days whose tokens no line pays for."""
    if scope.by is Dimension.TOKEN_TYPE or scope.members(Dimension.TOKEN_TYPE) is not None:
        return  # which of a series' types lack a line is told where days are opened
    chosen = choose(look, scope.filters, scope.by)
    unbilled = {of for of, series in look.series.items() if series.service_tier == UNBILLED_TIER}
    lacking: dict[tuple[datetime, str | None], tuple[int, int]] = {}
    for day, of, tokens, searches in unmatched_of(look, settled.shared):
        if of in chosen and of not in unbilled:
            have = lacking.get((day, chosen[of]), (0, 0))
            lacking[day, chosen[of]] = have[0] + tokens, have[1] + searches
    for (day, member_id), (tokens, searches) in lacking.items():
        if scope.by is Dimension.COST_TYPE:
            of_type = {
                TOKENS_COST_TYPE: Spend(unmatched_tokens=tokens),
                SEARCHES_COST_TYPE: Spend(unmatched_searches=searches),
            }
            for cost_type, spend in of_type.items():
                if not spend.is_nothing:
                    _put(cells, look.names.member(scope.by, cost_type), day, spend)
            continue
        member = look.names.member(scope.by, member_id)
        _put(cells, member, day, Spend(unmatched_tokens=tokens, unmatched_searches=searches))


def _add_allocated(look: Look, scope: Scope, settled: SettledDays, bill: Bill, cells: Cells) -> None:
    """Settled days by what the bill does not know: shared out, and what nothing can share out."""
    chosen = choose(look, scope.filters, scope.by)
    tiers = {of: series.service_tier for of, series in look.series.items()}
    groups_of = places_of_shares(look, scope, Window(bill.days[0], bill.days[-1] + DAY))
    sums_of: dict[tuple[datetime, Place], list[int]] = {}
    for day, of, share in shares_of_each_day(look, settled.shared, set(chosen)):
        for place, group in groups_of(of):
            known = [amount for at in group if (amount := share.amounts[at]) is not None]
            # Which of a series' types lack a line is told where days are opened.
            unmatched = share.unmatched if len(group) >= len(TOKENS) else 0
            unbilled = unmatched if tiers[of] == UNBILLED_TIER else 0
            row = [
                sum(known), len(known), unmatched - unbilled, unbilled,
                share.unmatched_searches if SEARCHES in group else 0, int(bool(share.mixed)) if known else 0,
            ]  # fmt: skip
            if any(row):
                have = sums_of.get((day, place))
                sums_of[day, place] = row if have is None else [a + b for a, b in zip(have, row, strict=True)]
    for (day, place), (units, parts, unmatched, unbilled, searches, mixed) in sums_of.items():
        spend = Spend(
            allocated=units,
            shared_tokens=parts,
            unmatched_tokens=unmatched,
            unbilled_tokens=unbilled,
            unmatched_searches=searches,
            mixed=mixed,
        )
        _put(cells, _whose(look, scope.by, place), day, spend)
    for day in settled.unshared:
        for _, of, _ in sums.days_by_series(look.transaction, Window(day, day + DAY), chosen):
            _put(cells, look.names.member(scope.by, chosen[of]), day, UNREAD)
    filters = [f for f in scope.filters if f.dimension in BILL_DIMENSIONS]
    if len(filters) == len(scope.filters):
        _add_rest(look, filters, scope.by, settled, bill, cells)


def _whose(look: Look, by: Dimension, place: Place) -> Member:
    """Whose an amount is that tokens or searches tell of; of open and settled days alike."""
    where, member = place
    if where == "not_allocated":
        return NOT_ALLOCATED
    return look.names.member(by, member, in_bill=where == "not_tokens")


def _add_rest(
    look: Look, filters: list[Filter], by: Dimension, settled: SettledDays, bill: Bill, cells: Cells
) -> None:
    """Lines of settled days that stand with no member."""
    for day, line, units in _rest_lines(look, filters, settled, bill):
        place = place_of(line, filters, by, asks_keys=False)
        if place[0] != "left_out":
            unread = int(day in settled.unshared)
            _put(cells, _member(look, by, place), day, Spend(billed=units, billed_parts=1, unread=unread))


def _rest_lines(
    look: Look, filters: list[Filter], settled: SettledDays, bill: Bill
) -> Iterator[tuple[datetime, CostLine, int]]:
    """(day, line, units) of what nothing can share out; of a day of which an hour was never read, all of its bill."""
    kept = dict(lines_kept(bill, filters))
    places = {day: at for at, day in enumerate(bill.days)}
    rest = [(day, of) for day, of in rest_of_days(look, settled.shared) if of in kept]
    for day in settled.unshared:
        rest += [(day, of) for of in kept if bill.amounts[of].mask >> places[day] & 1]
    for day, of in rest:
        yield day, kept[of], bill.amounts[of].units[places[day]]


def _add_open(look: Look, scope: Scope, day: datetime, now: datetime, book: PriceBook, cells: Cells) -> Spend:
    """An open day at its worth; returns what the filters leave out of it."""
    window = Window(day, day + DAY)
    found: Split = split_window(look, scope.filters, window, scope.by, book)
    lacking = UNREAD if _unread_hours(look, day, now) else NOTHING_SPENT
    for member_id, usage in found.members.items():
        # Tokens tell no geo: of an open day it is known by lines that have one, and of all else by nothing.
        is_told = scope.by is not Dimension.INFERENCE_GEO or member_id is not None
        place = ("members", member_id) if is_told else ("not_allocated", None)
        _put(cells, _whose(look, scope.by, place), day, usage.spend + lacking)
    if not found.not_tokens.is_nothing:
        _put(cells, _whose(look, scope.by, ("not_tokens", None)), day, found.not_tokens)
    if not found.not_allocated.is_nothing:
        _put(cells, NOT_ALLOCATED, day, found.not_allocated)
    return found.left_out


def _is_quiet(look: Look, day: datetime, now: datetime) -> bool:
    """Whether all of an open day that should be known by now was read."""
    read = look.sources(_hours_so_far(day, now)).read_at
    return bool(read) and not _unread_hours(look, day, now)


def _hours_so_far(day: datetime, now: datetime) -> Window:
    return Window(day, min(day + DAY, BucketWidth.HOUR.after(now)))


def _unread_hours(look: Look, day: datetime, now: datetime) -> tuple[Window, ...]:
    return usage_window(look, _hours_so_far(day, now), now).gaps


def _reported(
    look: Look, bill: Bill, scope: Scope, settled: SettledDays
) -> dict[Member, dict[datetime, int]]:
    """What open days were billed so far, by member."""
    mask = bill.all_days & ~bill.mask_of(settled.days)
    found: dict[Member, dict[datetime, int]] = {}
    for place, amounts in _placed(bill, scope, mask):
        of_member = found.setdefault(_member(look, scope.by, place), {})
        for day, units in amounts.items(bill.days):
            of_member[day] = of_member.get(day, 0) + units
    return found


def _reported_days(bill: Bill, scope: Scope, settled: SettledDays) -> dict[datetime, int]:
    """What open days were billed so far, whatever the dimension; empty where the bill does not know a filter."""
    if any(f.dimension not in BILL_DIMENSIONS for f in scope.filters):
        return {}
    mask = bill.all_days & ~bill.mask_of(settled.days)
    kept = [amounts for _, amounts in _placed(bill, scope, mask)]
    return dict(DayAmounts.added_up(kept).items(bill.days)) if kept else {}


def _put(cells: Cells, member: Member, day: datetime, spend: Spend) -> None:
    of_member = cells.setdefault(member, {})
    have = of_member.get(day)
    of_member[day] = spend if have is None else have + spend


def _gaps(
    look: Look,
    window: Window,
    read: Mapping[datetime, Coverage],
    settled: SettledDays,
    now: datetime,
    *,
    billed_by_scope: bool,
) -> tuple[Window, ...]:
    """What was not read: bills of days that ended, from their last read on, and hours of days that are not billed."""
    today = BucketWidth.DAY.floor(now)
    gaps: list[Window] = []
    for day in window.starts(BucketWidth.DAY):
        end, of_day = day + DAY, read.get(day)
        read_until = day if of_day is None else BucketWidth.MINUTE.floor(of_day.read_at)
        if day < today and read_until < end:
            gaps.append(Window(max(day, read_until), end))
        if day not in settled or (day in settled.unshared and not billed_by_scope):
            gaps += _unread_hours(look, day, now)
    return joined(sorted(gaps))


def days_of(scope: Scope, now: datetime) -> Window:
    """The UTC days of a scope's window, today among them."""
    return scope.span.window(BucketWidth.DAY, now)
