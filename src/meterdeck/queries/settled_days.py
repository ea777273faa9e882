"""Which UTC days are settled, and what their bills are shared out to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.queries.look import Look
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.spend import UNIT_DECIMALS
from meterdeck.store import allocation, coverage
from meterdeck.store.allocation import Allocation, Share
from meterdeck.store.coverage import Report
from meterdeck.store.settled import is_settled
from meterdeck.store.topics import Topic

DAY = BucketWidth.DAY


@dataclass(frozen=True, slots=True)
class SettledDays:
    """The settled days of a window; all its other days are open."""

    shared: frozenset[datetime]
    """Whole in usage: every dollar of them is shared out."""
    unshared: frozenset[datetime]
    """With an hour that was never read: their bill is known by its lines alone."""

    @property
    def days(self) -> frozenset[datetime]:
        """All of them."""
        return self.shared | self.unshared

    def __contains__(self, day: datetime) -> bool:
        return day in self.shared or day in self.unshared


def settled_days(look: Look, window: Window, book: PriceBook) -> SettledDays:
    """Sort the days that a window touches, as of the moment at which prices were learned."""
    days = Window(DAY.floor(window.start), DAY.ceil(window.end))
    if book.as_of is None:
        return SettledDays(frozenset(), frozenset())
    today = DAY.floor(book.as_of)
    return look.kept(Topic.COVERAGE, ("settled", days, today), lambda: _sort(look, days, today))


def _sort(look: Look, days: Window, today: datetime) -> SettledDays:
    """Days settle as they are read, or at midnight: the day of a moment says as much as the moment."""
    bills = coverage.covered(look.transaction, Report.COST, DAY, days)
    whole = coverage.covered(look.transaction, Report.USAGE, DAY, days)
    settled = frozenset(day for day, read in bills.items() if is_settled(day, read, today))
    return SettledDays(settled & whole.keys(), settled - whole.keys())


def allocation_of(look: Look, day: datetime) -> Allocation:
    """What a day of `SettledDays.shared` is shared out to: as it is kept, else worked out now."""
    kept = look.kept(Topic.ALLOCATION, ("allocation", day), lambda: allocation.load(look.transaction, day))
    return kept or look.kept(
        Topic.USAGE,
        ("allocation", day, look.revision(Topic.COSTS)),
        lambda: allocation.work_out(look.transaction, day, look.lines, look.series),
    )


def shares_of_days(look: Look, days: frozenset[datetime]) -> Mapping[int, Share]:
    """The parts of some days of `SettledDays.shared` added up by series, in units of a `Spend`."""
    if not days:
        return {}
    window = Window(min(days), max(days) + DAY.delta)
    kept = days & allocation.kept_days(look.transaction, window)
    found: dict[int, Share] = {}
    for decimals, of, share in allocation.totals(look.transaction, kept) if kept else ():
        _put(found, of, in_units(share, decimals))
    for day in sorted(days - kept):
        whole = allocation_of(look, day)
        for of, share in whole.shares.items():
            _put(found, of, in_units(share, whole.decimals))
    return found


def shares_of_each_day(
    look: Look, days: frozenset[datetime], series: set[int]
) -> Iterator[tuple[datetime, int, Share]]:
    """(day, series, part) of some days of `SettledDays.shared` and some series, in units of a `Spend`."""
    if not days:
        return
    kept = days & allocation.kept_days(look.transaction, Window(min(days), max(days) + DAY.delta))
    for day, (decimals, of, share) in (
        allocation.totals_by_day(look.transaction, kept, series) if kept else ()
    ):
        yield day, of, in_units(share, decimals)
    for day in sorted(days - kept):
        whole = allocation_of(look, day)
        yield from (
            (day, of, in_units(share, whole.decimals)) for of, share in whole.shares.items() if of in series
        )


def unmatched_of(look: Look, days: frozenset[datetime]) -> Iterator[tuple[datetime, int, int, int]]:
    """(day, series, tokens, searches) of what no line of some days of `SettledDays.shared` pays for."""
    if not days:
        return
    kept = days & allocation.kept_days(look.transaction, Window(min(days), max(days) + DAY.delta))
    if kept:
        key = ("unmatched", frozenset(kept))
        yield from look.kept(Topic.ALLOCATION, key, lambda: allocation.unmatched(look.transaction, kept))
    for day in sorted(days - kept):
        for of, share in allocation_of(look, day).shares.items():
            if share.unmatched or share.unmatched_searches:
                yield day, of, share.unmatched, share.unmatched_searches


def are_kept_shared(look: Look, days: frozenset[datetime]) -> bool:
    """Whether all of some days are kept shared out."""
    return days <= allocation.kept_days(look.transaction, Window(min(days), max(days) + DAY.delta))


def rest_of_days(look: Look, days: frozenset[datetime]) -> list[tuple[datetime, int]]:
    """(day, line) of what nothing can share out, of some days of `SettledDays.shared`."""
    if not days:
        return []
    window = Window(min(days), max(days) + DAY.delta)
    kept = days & allocation.kept_days(look.transaction, window)
    found = allocation.rest_of(look.transaction, kept) if kept else []
    return found + [(day, line) for day in sorted(days - kept) for line in allocation_of(look, day).rest]


def in_units(share: Share, decimals: int) -> Share:
    """The same in units of a `Spend`."""
    factor = 10 ** (UNIT_DECIMALS - decimals)
    return share._replace(
        amounts=tuple([None if amount is None else amount * factor for amount in share.amounts])
    )


def _put(found: dict[int, Share], of: int, share: Share) -> None:
    have = found.get(of)
    found[of] = share if have is None else have.plus(share)
