"""Reads the outlook: money so far as the key figures have it, and the hours ahead by the rhythm of those past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.errors import UsageError
from meterdeck.domain.scope import Scope
from meterdeck.queries.bill import BILL_DIMENSIONS, lines_kept
from meterdeck.queries.costs import day_costs
from meterdeck.queries.figures import KeyFigures, month_to_date, used_so_far
from meterdeck.queries.forecast import Past, Projection, at_pace
from meterdeck.queries.ledger import counters_of_span
from meterdeck.queries.look import Look
from meterdeck.queries.open_days import UNITS_OF_A_PRICE, open_day
from meterdeck.queries.outlook import Ahead, BudgetAhead, Doubt, Outlook
from meterdeck.queries.owners import Owner, owner_of
from meterdeck.queries.pace import newest_whole, pace_of
from meterdeck.queries.past_hours import Filters, PastHours
from meterdeck.queries.prices import PriceBook, worth
from meterdeck.queries.settled_days import settled_days
from meterdeck.queries.spend import NOTHING_SPENT, Spend
from meterdeck.queries.split import choose
from meterdeck.store.allocation import pool_of
from meterdeck.store.topics import Topic

DAY, HOUR = BucketWidth.DAY.delta, BucketWidth.HOUR.delta
REPORTS_LAG = timedelta(minutes=5)
"""How old a request normally is before the report has it (api-facts 5): what is younger is still to come."""
BESIDE_TOKENS = frozenset({Dimension.WORKSPACE})
"""Filters that costs beside tokens answer to."""


class Foresight:
    """Outlooks over one store, one after another; past hours are kept between them."""

    def __init__(self, zone: tzinfo = UTC, budgets: Sequence[Budget] = ()) -> None:
        self._past = PastHours(zone)
        self._budgets = budgets
        self._rests_on: object = None
        self._kept: dict[tuple[Filters, Period], Ahead] = {}
        """How the budgets stand: the screen's scope changes nothing about that."""

    def outdated(
        self, look: Look, scope: Scope, now: datetime, book: PriceBook
    ) -> Iterator[tuple[Filters, datetime]]:
        """The days that the outlook of a scope lacks, of it and of each budget; an outlook without them is less sure."""
        owners, _ = self._owners(look)
        for filters in dict.fromkeys([scope.filters, *(owner.filters for _, owner in owners)]):
            for day in self._past.outdated(look, filters, now, book):
                yield filters, day

    def read(self, look: Look, filters: Filters, day: datetime, now: datetime) -> None:
        """Read one of the days that are outdated."""
        self._past.read(look, filters, day, now)

    def outlook(
        self, look: Look, scope: Scope, now: datetime, book: PriceBook, figures: KeyFigures
    ) -> Outlook:
        """The outlook of a scope, whose key figures are given, and of every budget."""
        owners, problems = self._owners(look)
        self._forget_if_changed(look, now, book)
        views = {scope.filters: self._view(look, scope.filters, now, book, figures)}
        budgets = []
        for budget, owner in owners:
            key = (owner.filters, budget.period)
            if key not in self._kept:
                if owner.filters not in views:
                    views[owner.filters] = self._view(look, owner.filters, now, book)
                self._kept[key] = views[owner.filters].ahead(budget.period)
            budgets.append(BudgetAhead(budget, owner.member, owner.filters, self._kept[key]))
        here = views[scope.filters]
        return Outlook(here.ahead(Period.DAY), here.ahead(Period.MONTH), tuple(budgets), problems)

    def _view(
        self, look: Look, filters: Filters, now: datetime, book: PriceBook, figures: KeyFigures | None = None
    ) -> _View:
        return _View(look, filters, self._past.past(filters, now), now, book, figures)

    def _forget_if_changed(self, look: Look, now: datetime, book: PriceBook) -> None:
        rests_on = (
            look.transaction.revisions(), BucketWidth.MINUTE.floor(now), self._past.days_read, book,
        )  # fmt: skip
        if rests_on != self._rests_on:
            self._kept.clear()
            self._rests_on = rests_on

    def _owners(self, look: Look) -> tuple[list[tuple[Budget, Owner]], tuple[str, ...]]:
        found, problems = [], []
        for budget in self._budgets:
            try:
                found.append((budget, owner_of(look, budget)))
            except UsageError as error:
                problems.append(f"A budget is of nobody known. {error}")
        return found, tuple(dict.fromkeys(problems))


def today_ahead(look: Look, scope: Scope, now: datetime, book: PriceBook, zone: tzinfo) -> Ahead:
    """How today stands for a scope and will end, for one question: past hours are read for it alone."""
    past = PastHours(zone)
    for day in past.outdated(look, scope.filters, now, book):
        past.read(look, scope.filters, day, now)
    return _View(look, scope.filters, past.past(scope.filters, now), now, book).ahead(Period.DAY)


class _View:
    """Every period of one scope at a moment."""

    def __init__(
        self,
        look: Look,
        filters: Filters,
        past: Past | None,
        now: datetime,
        book: PriceBook,
        figures: KeyFigures | None = None,
    ) -> None:
        self._look = look
        self._filters = filters
        self._past = past
        self._now = now
        self._book = book
        self._figures = figures
        self._chosen = choose(look, filters, Dimension.MODEL)
        self._known: dict[Period, Ahead] = {}

    def ahead(self, period: Period) -> Ahead:
        """How a period stands, and how it will end."""
        if period not in self._known:
            make = {Period.MONTH: self._month, Period.DAY: self._day, Period.HOUR: self._hour}[period]
            self._known[period] = make(period.window(self._now))
        return self._known[period]

    def _month(self, window: Window) -> Ahead:
        if self._figures is not None:
            month = self._figures.month
        else:
            days = Window(window.start, BucketWidth.DAY.after(self._now))
            month = month_to_date(
                day_costs(self._look, Scope(self._filters), days, self._now, self._book), self._now
            )
        return self._ahead(Period.MONTH, window, month, self._with_rest(window))

    def _day(self, window: Window) -> Ahead:
        if self._figures is not None:
            used = self._figures.today
        else:
            used = used_so_far(self._look, window.start, DAY, self._filters, self._book)
        return self._ahead(Period.DAY, window, used, self._with_rest(window))

    def _hour(self, window: Window) -> Ahead:
        """The rest of the running hour at the pace of now: no rhythm tells of a key that runs away."""
        used = used_so_far(self._look, window.start, HOUR, self._filters, self._book)
        projection = self._project(window)
        pace = pace_of(self._look, newest_whole(self._look, self._now), self._filters, self._book)
        if pace is not None and pace.spend_per_hour.known:
            units = pace.spend_per_hour.units // UNITS_OF_A_PRICE
            projection = at_pace(Window(self._seen(window), window.end), units, projection)
        return self._ahead(Period.HOUR, window, used, projection)

    def _ahead(
        self, period: Period, window: Window, used: Spend | None, projection: Projection | None
    ) -> Ahead:
        known = used if used is not None and (used.known or used.unpriced_tokens) else None
        return Ahead(period, window, known, projection, self._doubt(), self._reported(window))

    def _doubt(self) -> Doubt | None:
        """How far today's tokens would be off at the least and the most that early prices may be."""
        cheaper, dearer = self._book.cheaper, self._book.dearer
        if cheaper is None or dearer is None:
            return None
        today = BucketWidth.DAY.floor(self._now)
        used = counters_of_span(self._look, Window(today, today + DAY))
        kinds = self._look.kinds
        rows = [(used[of], kinds[of]) for of in self._chosen if of in used]
        least, middle, most = (
            sum(worth(row[:6], book.vector(*kind))[0] for row, kind in rows)
            for book in (cheaper, self._book, dearer)
        )
        return Doubt(least, middle, most)

    def _reported(self, window: Window) -> int:
        """What the open days of a window were billed so far, in units of a price."""
        if not {f.dimension for f in self._filters} <= BILL_DIMENSIONS:
            return 0
        days = Window(BucketWidth.DAY.floor(window.start), BucketWidth.DAY.after(self._now))
        bill = self._look.bill(days)
        settled = settled_days(self._look, days, self._book)
        mask = bill.all_days & ~bill.mask_of(settled.days)
        lines = lines_kept(bill, self._filters)
        return sum(bill.amounts[of].only(mask).total for of, _ in lines) // UNITS_OF_A_PRICE

    def _project(self, window: Window) -> Projection | None:
        return None if self._past is None else self._past.project(Window(self._seen(window), window.end))

    def _seen(self, window: Window) -> datetime:
        """Up to when the reports have what was used in a period."""
        today = BucketWidth.DAY.floor(self._now)
        read_at = self._look.sources(Window(today, today + DAY)).read_at
        if read_at:
            seen = BucketWidth.MINUTE.floor(min(self._now, max(read_at.values())) - REPORTS_LAG)
        else:
            seen = self._past.hours.end if self._past is not None else window.start
        return min(max(seen, window.start), BucketWidth.MINUTE.floor(self._now))

    def _with_rest(self, window: Window) -> Projection | None:
        """The rest of a period as it will be billed: with what no token or search pays for.

        Code execution and sessions have no estimate: today stands at what is billed of them so far, so what today lacks
        of them, as settled days had them, comes too.
        """
        projection = self._project(window)
        if projection is None:
            return None
        whole, tokens = self._beside_tokens()
        if whole == tokens:
            return projection
        today = BucketWidth.DAY.floor(self._now)
        used = used_so_far(self._look, today, DAY, self._filters, self._book) or NOTHING_SPENT
        rest = self._rest_of(today)
        expected = (used.units - rest) // UNITS_OF_A_PRICE * (whole - tokens) // tokens
        return projection.times(whole, tokens, at_once=max(0, expected - rest // UNITS_OF_A_PRICE))

    def _rest_of(self, day: datetime) -> int:
        """What a day was billed so far for what nothing can share out, in units of a `Spend`."""
        bill = self._look.bill(Window(day, day + DAY))
        kept = {of for of, _ in lines_kept(bill, self._filters)}
        return sum(
            units
            for of, units in open_day(self._look, day, self._book).rest.items()
            if of in kept and pool_of(bill.lines[of]) is None
        )

    def _beside_tokens(self) -> tuple[int, int]:
        """What settled days were billed, and what of it for tokens and searches; equal where the bill can't tell."""
        if not {f.dimension for f in self._filters} <= BESIDE_TOKENS:
            return 1, 1
        settled = self._book.settled_days
        key = ("beside tokens", self._filters, settled)
        whole, tokens = self._look.kept(Topic.COSTS, key, lambda: self._billed(settled))
        return (whole, tokens) if tokens > 0 else (1, 1)

    def _billed(self, days: frozenset[datetime]) -> tuple[int, int]:
        """Units of all lines of some days, and of those that are for tokens or searches."""
        if not days:
            return 0, 0
        bill = self._look.bill(Window(min(days), max(days) + DAY))
        mask = bill.mask_of(days)
        whole = tokens = 0
        for of, line in lines_kept(bill, self._filters):
            units = bill.amounts[of].only(mask).total
            whole += units
            tokens += units if pool_of(line) is not None else 0
        return whole, tokens
