"""What each kind of token cost and how many there were, day by day: what prices are learned from, and held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.money import BILL_DECIMALS
from meterdeck.domain.reports import PriceKey
from meterdeck.domain.tokens import TokenType
from meterdeck.queries.look import Kind, Look
from meterdeck.queries.mix import Manner, shares
from meterdeck.queries.prices import PRICE_DECIMALS
from meterdeck.queries.settled import is_settled
from meterdeck.store import coverage, sums
from meterdeck.store.coverage import Report

LEARNED_FROM = timedelta(days=31)
DAY = BucketWidth.DAY.delta
UNITS_OF_A_PRICE: int = 10 ** (BILL_DECIMALS - PRICE_DECIMALS)
"""How many units of the bill a unit of a price is."""


class PaidDay(NamedTuple):
    """Tokens of one kind on one UTC day, and what the bill says of them, in units of 10⁻³⁰ cents."""

    day: datetime
    units: int
    tokens: int

    @property
    def ratio(self) -> int:
        """What one token cost, in units of 10⁻¹² cents, rounded down."""
        return self.units // (self.tokens * UNITS_OF_A_PRICE)


Key = tuple[str | None, PriceKey]
"""A workspace and a kind of token."""


@dataclass(frozen=True)
class PriceHistory:
    """Both reports side by side, by workspace and kind of token; what only one of them knows has a 0 on the other."""

    paid: Mapping[Key, Mapping[datetime, PaidDay]]
    settled: frozenset[datetime]
    """Days that are settled in the bill and whole in usage: the ones that teach."""
    whole: frozenset[datetime]
    """Days that the bill was read of after they ended, and that are whole in usage: the ones that can be checked."""
    mixed: Mapping[tuple[str | None, str | None], frozenset[str | None]] = field(default_factory=dict)
    """The models and tiers whose tokens ran in several geos or at several speeds, and the workspaces where they did
    so each by itself; of the others each has a price of its own."""

    @cached_property
    def settled_of_each(self) -> dict[Key, list[PaidDay]]:
        """The settled days of each workspace and kind of token, oldest first."""
        return {
            key: days
            for key, by_day in self.paid.items()
            if (days := sorted(paid for day, paid in by_day.items() if day in self.settled))
        }

    @cached_property
    def settled_of_all(self) -> dict[PriceKey, list[PaidDay]]:
        """The same of all workspaces together."""
        days: dict[PriceKey, list[PaidDay]] = {}
        for (_, key), of_workspace in self.settled_of_each.items():
            days.setdefault(key, []).extend(of_workspace)
        return {key: added_by_day(some) for key, some in days.items()}


def known_by_both(days: Iterable[PaidDay], without: datetime | None = None) -> list[PaidDay]:
    """The days, but for one, that both reports know: a line that one of them lacks would bend the price.

    A day that a correction made cheaper than nothing tells no price.
    """
    return [day for day in days if day.tokens and day.units > 0 and day.day != without]


def read_history(look: Look, now: datetime) -> PriceHistory:
    """Add up both reports over the last 31 whole days."""
    today = BucketWidth.DAY.floor(now)
    window = Window(today - LEARNED_FROM, today)
    whole, settled = _days(look, window, now)
    units = _billed(look, window)
    tokens = _used(look, window)
    paid: dict[Key, dict[datetime, PaidDay]] = {}
    for key in units.keys() | tokens.keys():
        billed, used = units.get(key, {}), tokens.get(key, {})
        paid[key] = {
            day: PaidDay(day, billed.get(day, 0), used.get(day, 0)) for day in billed.keys() | used.keys()
        }
    return PriceHistory(paid, settled, whole, _mixed(look, window, now))


def _mixed(
    look: Look, window: Window, now: datetime
) -> dict[tuple[str | None, str | None], frozenset[str | None]]:
    """Where a price is an average over geos or speeds, as far as the mix was read."""
    manners: dict[tuple[str | None, str | None], set[Manner]] = {}
    alone: dict[tuple[str | None, str | None], set[str | None]] = {}
    for of, found in shares(look, Window(window.start, now)).items():
        kind = (of.model, of.service_tier)
        manners.setdefault(kind, set()).update(found.tokens)
        if found.is_mixed:
            alone.setdefault(kind, set()).add(of.workspace_id)
    return {
        kind: frozenset(alone.get(kind, ()))
        for kind, some in manners.items()
        if len({manner.inference_geo for manner in some}) > 1
        or len({manner.speed for manner in some if manner.speed is not None}) > 1
    }


def added_by_day(days: Iterable[PaidDay]) -> list[PaidDay]:
    """One entry a day, both sides added, oldest first."""
    found: dict[datetime, PaidDay] = {}
    for day, units, tokens in days:
        have = found.get(day)
        found[day] = (
            PaidDay(day, units, tokens)
            if have is None
            else PaidDay(day, have.units + units, have.tokens + tokens)
        )
    return sorted(found.values())


def _days(look: Look, window: Window, now: datetime) -> tuple[frozenset[datetime], frozenset[datetime]]:
    """The days that can be checked, and those of them that are settled."""
    bills = coverage.covered(look.transaction, Report.COST, BucketWidth.DAY, window)
    sources = look.sources(window)
    whole, settled = set(), set()
    for day, read in bills.items():
        hours = Window(day, day + DAY).starts(BucketWidth.HOUR)
        if read.read_at >= day + DAY and all(
            hour in sources and hour not in sources.partial for hour in hours
        ):
            whole.add(day)
            if is_settled(day, read, now):
                settled.add(day)
    return frozenset(whole), frozenset(settled)


def _billed(look: Look, window: Window) -> dict[Key, dict[datetime, int]]:
    billed: dict[Key, dict[datetime, int]] = {}
    bill = look.bill(window)
    days = bill.days
    for of, amounts in bill.amounts.items():
        line = bill.lines[of]
        token_type = TokenType.of_line(line.token_type)
        if not line.is_tokens or token_type is None:
            continue
        key = PriceKey(line.model, token_type, line.service_tier, line.context_window)
        by_day = billed.setdefault((line.workspace_id, key), {})
        for day, units in amounts.items(days):
            by_day[day] = by_day.get(day, 0) + units
    return billed


def _used(look: Look, window: Window) -> dict[Key, dict[datetime, int]]:
    kinds = look.kinds
    by_kind: dict[Kind, dict[datetime, list[Sequence[int]]]] = {}
    for day, of, counters in sums.days_by_series(look.transaction, window):
        by_kind.setdefault(kinds[of], {}).setdefault(day, []).append(counters)
    used: dict[Key, dict[datetime, int]] = {}
    for (workspace, model, service_tier, context_window), days in by_kind.items():
        totals = {day: tuple(map(sum, zip(*rows, strict=True))) for day, rows in days.items()}
        for place, token_type in enumerate(TokenType):
            counts = {day: total[place] for day, total in totals.items() if total[place]}
            if counts:
                used[workspace, PriceKey(model, token_type, service_tier, context_window)] = counts
    return used
