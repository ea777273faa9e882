"""The back-test: what a billed day would have been estimated at without its own bill, against that bill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.money import BILL_DECIMALS, EXACT, cents_to_usd, from_units, sum_exactly, to_units
from meterdeck.domain.reports import PriceKey
from meterdeck.queries.learning import book_of
from meterdeck.queries.price_history import UNITS_OF_A_PRICE, PriceHistory
from meterdeck.queries.prices import PRICE_DECIMALS, UNBILLED_TIER, Origin, PriceBook

SETTLED_DAYS = 7
FEWEST_DAYS = 2
"""Settled days, for a gap to say anything."""
BOUND = 200
"""Hundredths of a percent: a settled day whose estimate lies further off is worth a notice."""
DAY = BucketWidth.DAY.delta


@dataclass(frozen=True, slots=True)
class Gap:
    """An estimate against the bill, in USD, tokens alone."""

    estimated: Decimal
    billed: Decimal

    @property
    def usd(self) -> Decimal:
        """How much the estimate is above the bill."""
        return EXACT.subtract(self.estimated, self.billed)

    @property
    def permyriad(self) -> int:
        """The same in hundredths of a percent of the bill; all of it where nothing was billed."""
        if not self.billed:
            return 10_000 if self.estimated else 0
        return round(self.usd * 10_000 / self.billed)

    @property
    def beyond_bound(self) -> bool:
        """Whether it is too large to be a matter of rounding or of a mix."""
        return abs(self.permyriad) > BOUND


@dataclass(frozen=True, slots=True)
class CheckedDay:
    """One billed UTC day."""

    day: datetime
    settled: bool
    gap: Gap
    unpriced_tokens: int
    """Tokens that no other day prices: they are on neither side."""
    worst: tuple[Dimension, str | None, Gap] | None
    """The workspace or model that the largest part of the gap comes from."""
    price_changed: bool
    """Whether a price is another since this day: no earlier day could know."""


@dataclass(frozen=True, slots=True)
class BackTest:
    """Yesterday, if its bill is in, and the last 7 settled days; newest first."""

    days: tuple[CheckedDay, ...]

    @property
    def settled(self) -> tuple[CheckedDay, ...]:
        """The settled days."""
        return tuple(day for day in self.days if day.settled)

    @property
    def whole(self) -> Gap | None:
        """All settled days together; None without any."""
        days = self.settled
        if not days:
            return None
        return Gap(
            sum_exactly(day.gap.estimated for day in days),
            sum_exactly(day.gap.billed for day in days),
        )

    @property
    def alarming(self) -> CheckedDay | None:
        """The newest day whose gap is beyond the bound, and not told by a price change already.

        A bill that is not settled may still rise: there an estimate above it is no news. With one settled day there
        is no other to estimate it by.
        """
        if len(self.settled) < FEWEST_DAYS:
            return None
        return next(
            (
                day
                for day in self.days
                if day.gap.beyond_bound and not day.price_changed and (day.settled or day.gap.usd < 0)
            ),
            None,
        )


def back_test(history: PriceHistory, book: PriceBook, now: datetime) -> BackTest:
    """Estimate each of the days without its own bill; ``book`` is what all of them teach."""
    changed = {change.day for change in book.changes}
    settled = sorted(history.settled, reverse=True)[:SETTLED_DAYS]
    yesterday = BucketWidth.DAY.floor(now) - timedelta(days=1)
    others = [yesterday] if yesterday in history.whole and yesterday not in settled else []
    days = [_check(history, day, price_changed=day in changed) for day in [*others, *settled]]
    return BackTest(tuple(day for day in days if day.gap.billed or day.gap.estimated))


def _check(history: PriceHistory, day: datetime, *, price_changed: bool) -> CheckedDay:
    book = book_of(history, without=day if day in history.settled | history.agreed else None)
    by_member: dict[tuple[Dimension, str | None], tuple[int, int]] = {}
    unpriced = 0
    for (workspace, key), estimated, billed, without_price in _estimates(history, day, book):
        unpriced += without_price
        for member in ((Dimension.WORKSPACE, workspace), (Dimension.MODEL, key.model)):
            have = by_member.get(member, (0, 0))
            by_member[member] = have[0] + estimated, have[1] + billed
    gaps = {member: _gap(*units) for member, units in by_member.items()}
    models = [units for (dimension, _), units in by_member.items() if dimension is Dimension.MODEL]
    worst = max(gaps, key=lambda member: abs(gaps[member].usd), default=None)
    return CheckedDay(
        day,
        day in history.settled,
        _gap(sum(estimated for estimated, _ in models), sum(billed for _, billed in models)),
        unpriced,
        None if worst is None else (*worst, gaps[worst]),
        price_changed,
    )


def _estimates(
    history: PriceHistory, day: datetime, book: PriceBook
) -> Iterator[tuple[tuple[str | None, PriceKey], int, int, int]]:
    """Of each workspace and kind of token: estimated and billed units, and tokens without a price."""
    for (workspace, key), by_day in history.paid.items():
        paid = by_day.get(day)
        if paid is None or key.token_type is None or key.service_tier == UNBILLED_TIER:
            continue
        price = book.price(workspace, key)
        if price is None or price.origin is Origin.LIST:
            yield (workspace, key), 0, 0, paid.tokens  # no settled day tells: on neither side
        else:
            units = to_units(price.cents, PRICE_DECIMALS) * paid.tokens * UNITS_OF_A_PRICE
            yield (workspace, key), units, paid.units, 0


def _gap(estimated: int, billed: int) -> Gap:
    return Gap(
        cents_to_usd(from_units(estimated, BILL_DECIMALS)), cents_to_usd(from_units(billed, BILL_DECIMALS))
    )
