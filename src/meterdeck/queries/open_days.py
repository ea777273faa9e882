"""What an open UTC day is worth beyond tokens × price, where the bill that came of it so far says more or less.

A pool of an open day is worth max(its lines above zero, tokens × price) plus its lines below zero; money that nothing can
share out stands at what is billed so far (design, "open day").
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from meterdeck.domain.apportion import apportion
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.queries.fixed_days import Amounts, FixedDay, hours_of
from meterdeck.queries.look import Look
from meterdeck.queries.prices import PRICE_DECIMALS, UNBILLED_TIER, PriceBook
from meterdeck.queries.spend import UNIT_DECIMALS
from meterdeck.store import sums
from meterdeck.store.allocation import Pool, members_of, pool_of
from meterdeck.store.sums import Counters
from meterdeck.store.topics import Topic

DAY = BucketWidth.DAY.delta
UNITS_OF_A_PRICE: int = 10 ** (UNIT_DECIMALS - PRICE_DECIMALS)
"""How many units of a `Spend` a unit of a price is."""


@dataclass(frozen=True)
class OpenDay:
    """One open day with a bill that came of it so far."""

    fixed: FixedDay | None
    """The pools that are not worth tokens × price; None where there are none."""
    rest: Mapping[int, int] = field(default_factory=dict)
    """Units by line of what nothing can share out."""


NO_BILL = OpenDay(None)


def open_day(look: Look, day: datetime, book: PriceBook) -> OpenDay:
    """Hold what came of a day's bill against its tokens."""
    window = Window(day, day + DAY)
    bill = look.bill(window)
    if not bill.amounts:
        return NO_BILL
    key = ("open day", day, look.revision(Topic.COSTS), book.number)
    return look.kept(Topic.USAGE, key, lambda: _open_day(look, day, book))


def _open_day(look: Look, day: datetime, book: PriceBook) -> OpenDay:
    bill = look.bill(Window(day, day + DAY))
    units = {of: amounts.total for of, amounts in bill.amounts.items()}
    unit = unit_of(units.values())
    pools: dict[Pool, list[int]] = {}
    rest: dict[int, int] = {}
    for of, amount in units.items():
        pool = pool_of(bill.lines[of])
        if pool is None:
            rest[of] = amount
        else:
            pools.setdefault(pool, []).append(of)
    usage: Mapping[int, Counters] = sums.by_series(look.transaction, Window(day, day + DAY))
    members = members_of(usage, look.series)
    given: dict[int, list[int | None]] = {}
    for pool, of_pool in pools.items():
        found = members.get(pool)
        if found is None:
            rest |= {of: units[of] for of in of_pool}
            continue
        counts = [usage[of][pool.place] for of in found]
        worth = _worth(pool, sum(counts), [units[of] for of in of_pool], book)
        if worth is not None:
            for of, share in zip(found, apportion(worth // unit, counts), strict=True):
                given.setdefault(of, [None] * 6)[pool.place] = share * unit
    fixed = None
    if given:
        amounts: dict[int, Amounts] = {of: tuple(of_series) for of, of_series in given.items()}
        fixed = FixedDay(day, amounts, hours_of(look, day), unit)
    return OpenDay(fixed, rest)


def unit_of(amounts: Collection[int]) -> int:
    """What a day is shared out in, in units of a `Spend`: 10⁻¹² cents, or finer where an amount is."""
    unit = UNITS_OF_A_PRICE
    while any(amount % unit for amount in amounts):
        unit //= 10
    return unit


def _worth(pool: Pool, count: int, units: list[int], book: PriceBook) -> int | None:
    """What a pool is worth, in units of a `Spend`; None where that is its tokens × price."""
    above, below = (
        sum(amount for amount in units if amount > 0),
        sum(amount for amount in units if amount < 0),
    )
    vector = book.vector(pool.workspace_id, pool.model, pool.service_tier, pool.context_window)
    price = vector.prices[pool.place]
    if price is None and pool.service_tier == UNBILLED_TIER and not above:
        return None
    by_price = 0 if price is None else count * price * UNITS_OF_A_PRICE
    if not below and above <= by_price:
        return None
    return max(above, by_price) + below
