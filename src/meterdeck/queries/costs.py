"""Daily costs: what the bill says of each UTC day, and an estimate where it says nothing yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth, Window, joined
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.money import EXACT, cents_to_usd, sum_exactly
from meterdeck.domain.reports import CostLine
from meterdeck.domain.scope import Filter, Scope
from meterdeck.domain.tokens import TokenType
from meterdeck.queries import usage_window
from meterdeck.queries.names import Member, Names
from meterdeck.queries.prices import PRICED_BY, Estimate, PriceBook, is_settled
from meterdeck.store import Transaction, costs, coverage, directory, usage
from meterdeck.store.costs import BilledLine
from meterdeck.store.coverage import Coverage, Report
from meterdeck.store.usage import UsageTotal

DAY = BucketWidth.DAY.delta

BILL_DIMENSIONS = frozenset(
    {
        Dimension.WORKSPACE,
        Dimension.MODEL,
        Dimension.SERVICE_TIER,
        Dimension.CONTEXT_WINDOW,
        Dimension.TOKEN_TYPE,
        Dimension.COST_TYPE,
        Dimension.DESCRIPTION,
    }
)
"""What the bill can be split by; it knows no keys (api-facts 3.1)."""
TOKENS_ONLY = frozenset({Dimension.MODEL, Dimension.SERVICE_TIER, Dimension.CONTEXT_WINDOW})
"""Dimensions that only token costs have: a filter on one leaves the other lines out."""
TOKENS_COST_TYPE = "tokens"


@dataclass(frozen=True, slots=True)
class CostRow:
    """What one member cost on one UTC day, in USD.

    Billed where the day's bill is in; else estimated, with the partial bill (if one came) beside it, never
    added. ``usd`` is None where an estimate has no price to go by.
    """

    day: datetime
    member: Member
    usd: Decimal | None
    estimated: bool
    settled: bool
    reported_usd: Decimal | None = None
    unpriced_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Costs:
    """The costs of a scope's days, oldest first."""

    scope: Scope
    window: Window
    rows: tuple[CostRow, ...]
    excluded_usd: Decimal
    """Billed lines that the scope's filters can't be applied to: costs that are not for tokens."""
    billed_by_scope: bool
    """Whether the bill knows this split at all; where it does not, every row is an estimate."""
    gaps: tuple[Window, ...]
    as_of: datetime | None
    unreported: frozenset[datetime] = field(default_factory=frozenset)
    """Days without a bill of their own: today, and past days whose bill is not in."""

    @property
    def leaves_out_other_costs(self) -> bool:
        """Whether a filter is set that only token costs can answer to."""
        return any(f.dimension in TOKENS_ONLY for f in self.scope.filters)

    @property
    def total_usd(self) -> Decimal:
        """The exact sum of the rows that are not estimated."""
        return sum_exactly(row.usd for row in self.rows if not row.estimated and row.usd is not None)


@dataclass(frozen=True, slots=True)
class _Days:
    """What is known of each day of the window."""

    billed: dict[datetime, list[BilledLine]]
    read: dict[datetime, Coverage]
    estimated: frozenset[datetime]
    settled: frozenset[datetime]


def day_costs(
    transaction: Transaction, scope: Scope, window: Window, now: datetime, book: PriceBook
) -> Costs:
    """Costs of each day of a window of UTC days, by the scope's dimension."""
    billed_by_scope = _bill_knows(scope)
    lines = costs.lines(transaction, window)
    days = _sort_days(transaction, window, now, lines, billed_by_scope=billed_by_scope)
    names = Names(directory.load(transaction))
    billed, excluded = _billed(days, scope) if billed_by_scope else ({}, Decimal(0))
    rows: list[CostRow] = []
    for (day, member_id), cents in billed.items():
        if day not in days.estimated:
            member = names.member(scope.by, member_id, in_bill=True)
            rows.append(
                CostRow(day, member, cents_to_usd(cents), estimated=False, settled=day in days.settled)
            )
    rows += _estimated_rows(transaction, scope, days, book, names, billed)
    rows.sort(key=lambda row: (row.day, row.member.name, row.member.id or ""))
    return Costs(
        scope,
        window,
        tuple(rows),
        cents_to_usd(excluded),
        billed_by_scope,
        _gaps(transaction, window, days, now, billed_by_scope=billed_by_scope),
        coverage.newest_read(transaction, Report.COST if billed_by_scope else Report.USAGE),
        days.estimated,
    )


def estimates_by_day(
    transaction: Transaction, scope: Scope, window: Window, book: PriceBook
) -> dict[datetime, Estimate]:
    """The estimate of each UTC day of a window, the whole scope together."""
    found: dict[datetime, Estimate] = {}
    for (day, _), estimate in _estimates(transaction, scope, window, book, Dimension.MODEL).items():
        found[day] = found.get(day, Estimate()) + estimate
    return found


def _bill_knows(scope: Scope) -> bool:
    asked = {scope.by, *(f.dimension for f in scope.filters)}
    return asked <= BILL_DIMENSIONS


def _sort_days(
    transaction: Transaction, window: Window, now: datetime, lines: list[BilledLine], *, billed_by_scope: bool
) -> _Days:
    read = coverage.covered(transaction, Report.COST, BucketWidth.DAY, window)
    billed: dict[datetime, list[BilledLine]] = {}
    for line in lines:
        billed.setdefault(line.day, []).append(line)
    estimated, settled = set(), set()
    for day in window.starts(BucketWidth.DAY):
        coverage_of_day = read.get(day)
        reported = coverage_of_day is not None and coverage_of_day.read_at >= day + DAY
        if not billed_by_scope or not reported or (day not in billed and _has_tokens(transaction, day)):
            estimated.add(day)
        elif is_settled(day, coverage_of_day, now):
            settled.add(day)
    return _Days(billed, read, frozenset(estimated), frozenset(settled))


def _has_tokens(transaction: Transaction, day: datetime) -> bool:
    """Whether tokens were used on a day: an empty bill of such a day is not in yet (api-facts 3.3)."""
    sources = usage.hour_sources(transaction, Window(day, day + DAY))
    return any(total.tokens.total for total in usage.totals(transaction, sources, ()))


_Cents = dict[tuple[datetime, str | None], Decimal]


def _billed(days: _Days, scope: Scope) -> tuple[_Cents, Decimal]:
    """Cents by day and member of the scope, and the cents of lines that its filters can't be applied to."""
    cents: _Cents = {}
    excluded = Decimal(0)
    leaves_out_other_costs = any(f.dimension in TOKENS_ONLY for f in scope.filters)
    for day, lines in days.billed.items():
        for _, line, amount in lines:
            if not _kept(line, scope.filters):
                continue
            if not line.is_tokens and leaves_out_other_costs:
                excluded = excluded if day in days.estimated else EXACT.add(excluded, amount)
                continue
            key = (day, line.member(scope.by))
            cents[key] = EXACT.add(cents.get(key, Decimal(0)), amount)
    return cents, excluded


def _kept(line: CostLine, filters: Iterable[Filter]) -> bool:
    """Whether the filters keep a line; one on a tokens-only dimension says nothing of other lines."""
    return all(
        line.member(f.dimension) in f.members
        for f in filters
        if line.is_tokens or f.dimension not in TOKENS_ONLY
    )


def _estimated_rows(
    transaction: Transaction,
    scope: Scope,
    days: _Days,
    book: PriceBook,
    names: Names,
    billed: _Cents,
) -> list[CostRow]:
    """A row for each estimated day and member; what only a partial bill knows has no estimate of its own."""
    if not days.estimated:
        return []
    span = Window(min(days.estimated), max(days.estimated) + DAY)
    descriptions = _descriptions(days) if scope.by is Dimension.DESCRIPTION else {}
    estimates = _estimates(transaction, scope, span, book, scope.by, descriptions)
    partial = {key: cents for key, cents in billed.items() if key[0] in days.estimated}
    wanted = {key for key in estimates if key[0] in days.estimated} | partial.keys()
    rows = []
    for day, member_id in wanted:
        estimate = estimates.get((day, member_id))
        reported = partial.get((day, member_id))
        in_bill = estimate is None
        rows.append(
            CostRow(
                day,
                names.member(scope.by, member_id, in_bill=in_bill),
                cents_to_usd(estimate.cents) if estimate and estimate.known else None,
                estimated=True,
                settled=False,
                reported_usd=cents_to_usd(reported) if reported is not None else None,
                unpriced_tokens=estimate.unpriced_tokens if estimate else 0,
            )
        )
    return rows


_Descriptions = dict[tuple[str | None, str | None, str | None, str | None], str | None]


def _descriptions(days: _Days) -> _Descriptions:
    """How the bill words the cost of each kind of token: the newest day's words."""
    return {
        (line.model, line.token_type, line.service_tier, line.context_window): line.description
        for day in sorted(days.billed)
        for _, line, _ in days.billed[day]
    }


def _estimates(
    transaction: Transaction,
    scope: Scope,
    window: Window,
    book: PriceBook,
    by: Dimension,
    descriptions: _Descriptions | None = None,
) -> dict[tuple[datetime, str | None], Estimate]:
    sources = usage.hour_sources(transaction, window)
    filters = tuple(f for f in scope.filters if f.dimension in SERIES_DIMENSIONS)
    types = next((f.members for f in scope.filters if f.dimension is Dimension.TOKEN_TYPE), None)
    group_by = (*PRICED_BY, by) if by in SERIES_DIMENSIONS else PRICED_BY
    found: dict[tuple[datetime, str | None], Estimate] = {}
    for total in usage.totals(transaction, sources, group_by, filters, each=BucketWidth.DAY):
        model, tier, context = total.members[:3]
        day = total.start or window.start
        for token_type in TokenType:
            tokens = total.tokens.only(token_type)
            if not tokens.total or (types is not None and token_type.value not in types):
                continue
            key = (day, _member_of(total, token_type, by, descriptions or {}))
            found[key] = found.get(key, Estimate()) + book.estimate(tokens, model, tier, context)
    return found


def _member_of(
    total: UsageTotal, token_type: TokenType, by: Dimension, descriptions: _Descriptions
) -> str | None:
    if by in SERIES_DIMENSIONS:
        return total.members[-1]
    if by is Dimension.TOKEN_TYPE:
        return token_type.value
    if by is Dimension.DESCRIPTION:
        model, tier, context = total.members
        return descriptions.get((model, token_type.value, tier, context))
    return TOKENS_COST_TYPE


def _gaps(
    transaction: Transaction, window: Window, days: _Days, now: datetime, *, billed_by_scope: bool
) -> tuple[Window, ...]:
    """Days without a read of their bill, and hours without usage on days that are estimated."""
    today = BucketWidth.DAY.floor(now)
    gaps: list[Window] = []
    for day in window.starts(BucketWidth.DAY):
        read = days.read.get(day)
        if day < today and billed_by_scope and (read is None or read.read_at < day + DAY):
            gaps.append(Window(day, day + DAY))
        elif day in days.estimated:
            hours = Window(day, min(day + DAY, BucketWidth.HOUR.after(now)))
            gaps += usage_window.look(transaction, hours, now).gaps
    return joined(gaps)


def days_of(scope: Scope, now: datetime) -> Window:
    """The UTC days of a scope's window, today among them."""
    return scope.span.window(BucketWidth.DAY, now)
