"""The bill of one UTC day, line by line, as far as a scope keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import cents_to_usd, sum_exactly
from meterdeck.domain.reports import CostLine
from meterdeck.domain.scope import Filter, Scope
from meterdeck.queries.bill import BILL_DIMENSIONS, TOKENS_ONLY, by_currency
from meterdeck.queries.costs import Costs, day_costs
from meterdeck.queries.look import Look
from meterdeck.queries.names import Member
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.spend import Spend
from meterdeck.store import costs, coverage
from meterdeck.store.coverage import Report

DAY = BucketWidth.DAY.delta


@dataclass(frozen=True, slots=True)
class DayLine:
    """A line of the bill: whose it is, what it pays for, and its amount in cents with every digit that came."""

    workspace: Member
    line: CostLine
    cents: Decimal

    @property
    def usd(self) -> Decimal:
        """The amount in dollars, exact."""
        return cents_to_usd(self.cents)


@dataclass(frozen=True, slots=True)
class DayLines:
    """The lines of a day that a scope keeps, the dearest first, and what is to be known beside them."""

    scope: Scope
    day: datetime
    lines: tuple[DayLine, ...]
    left_out: tuple[DayLine, ...]
    """The other lines of the day: the scope's filters keep none of them."""
    reported: bool
    """Whether the day's bill is in; until then its lines are a part of it, or none came."""
    settled: bool
    """Whether the bill will not change any more."""
    worth: Spend | None
    """What the scope's day comes to, where that is not the sum of these lines: it is open, or the bill does not know
    the scope."""
    unknown_to_bill: tuple[Dimension, ...]
    """Filtered dimensions that no line has (API keys): the lines are those of all their members."""
    gaps: tuple[Window, ...]
    as_of: datetime | None
    other_currencies: Mapping[str, Decimal] = field(default_factory=dict)
    other_lines: tuple[DayLine, ...] = ()
    """The lines in other currencies that the scope keeps: no sum holds them."""
    """Sums of the scope's lines in any other currency than dollars, in whole units of it; they are not among the lines."""

    @property
    def total_usd(self) -> Decimal:
        """The exact sum of the lines."""
        return sum_exactly(line.usd for line in self.lines)

    @property
    def left_out_usd(self) -> Decimal:
        """The exact sum of the lines that are left out."""
        return sum_exactly(line.usd for line in self.left_out)


def day_lines(look: Look, scope: Scope, day: datetime, now: datetime, book: PriceBook) -> DayLines:
    """Every line of a UTC day's bill; with the lines left out they add up to the whole bill of the day."""
    window = Window(day, day + DAY)
    kept: list[DayLine] = []
    left_out: list[DayLine] = []
    filters = tuple(f for f in scope.filters if f.dimension in BILL_DIMENSIONS)
    others: list[DayLine] = []
    for _, line, cents in costs.lines(look.transaction, window):
        workspace = look.names.member(Dimension.WORKSPACE, line.workspace_id, in_bill=True)
        if not line.is_usd:
            if _keep(line, filters):
                others.append(DayLine(workspace, line, cents))
            continue
        (kept if _keep(line, filters) else left_out).append(DayLine(workspace, line, cents))
    of_usage = tuple(f for f in scope.filters if f.dimension is not Dimension.INFERENCE_GEO)
    bill = _costs_of_day(look, tuple(f for f in filters if f in of_usage), window, now, book)
    of_scope = bill if filters == scope.filters else _costs_of_day(look, of_usage, window, now, book)
    # Tokens have no geo, so nothing tells what those of one are worth.
    can_estimate = of_usage == scope.filters and not (day in of_scope.settled and of_scope.billed_by_scope)
    return DayLines(
        scope,
        day,
        tuple(sorted(kept, key=_dearest_first)),
        tuple(sorted(left_out, key=_dearest_first)),
        bill.as_of is not None and is_reported(look, day),
        day in bill.settled,
        of_scope.by_day.get(day) if can_estimate else None,
        tuple(f.dimension for f in scope.filters if f.dimension not in BILL_DIMENSIONS),
        bill.gaps,
        bill.as_of,
        by_currency((one.line, one.cents) for one in others),
        tuple(sorted(others, key=_dearest_first)),
    )


def is_reported(look: Look, day: datetime) -> bool:
    """Whether the bill of a day was read after the day had ended."""
    read = coverage.covered(look.transaction, Report.COST, BucketWidth.DAY, Window(day, day + DAY)).get(day)
    return read is not None and read.read_at >= day + DAY


def _keep(line: CostLine, filters: Iterable[Filter]) -> bool:
    """Whether all filters keep a line. What is not for tokens has no model, tier or context window to be kept by."""
    return all(
        line.member(f.dimension) in f.members and (line.is_tokens or f.dimension not in TOKENS_ONLY)
        for f in filters
    )


def _costs_of_day(
    look: Look, filters: tuple[Filter, ...], window: Window, now: datetime, book: PriceBook
) -> Costs:
    return day_costs(look, replace(Scope(), filters=filters), window, now, book)


def _dearest_first(line: DayLine) -> tuple[Decimal, str, tuple[str, ...]]:
    return line.cents.copy_negate(), line.workspace.name, tuple(field or "" for field in line.line)
