"""Reads the outlook: money so far as the key figures have it, and the hours ahead by the rhythm of those past."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.errors import UsageError
from meterdeck.domain.money import cents_to_usd, to_units, usd_to_cents
from meterdeck.domain.scope import Scope
from meterdeck.queries.costs import day_costs, lines_kept
from meterdeck.queries.figures import KeyFigures, month_to_date, pace_of, used_so_far
from meterdeck.queries.forecast import Past, Projection, at_pace
from meterdeck.queries.look import Look
from meterdeck.queries.outlook import Ahead, BudgetAhead, Outlook
from meterdeck.queries.owners import Owner, owner_of
from meterdeck.queries.pace import newest_whole
from meterdeck.queries.past_hours import Filters, PastHours
from meterdeck.queries.prices import PRICE_DECIMALS, Estimate, PriceBook
from meterdeck.queries.split import choose
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
            costs = day_costs(self._look, Scope(self._filters), days, self._now, self._book)
            month = month_to_date(self._look, costs, self._chosen, self._now, self._book)
        projection = self._as_billed(window, month.estimated_usd)
        return Ahead(Period.MONTH, window, month.usd, month.incomplete, projection)

    def _day(self, window: Window) -> Ahead:
        if self._figures is not None:
            used = self._figures.today
        else:
            used = used_so_far(self._look, window.start, DAY, self._chosen, self._book)
        estimated = cents_to_usd(used.cents) if used is not None else Decimal(0)
        return _ahead(Period.DAY, window, used, self._as_billed(window, estimated))

    def _hour(self, window: Window) -> Ahead:
        """The rest of the running hour at the pace of now: no rhythm tells of a key that runs away."""
        used = used_so_far(self._look, window.start, HOUR, self._chosen, self._book)
        projection = self._project(window)
        pace = pace_of(self._look, newest_whole(self._look, self._now), self._chosen, self._book)
        if pace is not None and pace.estimate_per_hour.known:
            units = to_units(pace.estimate_per_hour.cents, PRICE_DECIMALS)
            projection = at_pace(Window(self._seen(window), window.end), units, projection)
        return _ahead(Period.HOUR, window, used, projection)

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

    def _as_billed(self, window: Window, estimated_usd: Decimal) -> Projection | None:
        """The rest of a period as it will be billed: with what the bill has beside tokens.

        Hours and estimates are dollars of tokens alone; searches, code execution and sessions are in the bill. So what
        ``estimated_usd`` lacks comes too.
        """
        projection = self._project(window)
        if projection is None:
            return None
        whole, tokens = self._beside_tokens()
        estimated = to_units(usd_to_cents(estimated_usd), PRICE_DECIMALS)
        return projection.times(whole, tokens, at_once=estimated * (whole - tokens) // tokens)

    def _beside_tokens(self) -> tuple[int, int]:
        """What settled days were billed beside what they were billed for tokens; equal where the bill can't tell."""
        if not {f.dimension for f in self._filters} <= BESIDE_TOKENS:
            return 1, 1
        settled = self._book.settled_days
        key = ("beside tokens", self._filters, settled)
        whole, tokens = self._look.kept(Topic.COSTS, key, lambda: self._billed(settled))
        return (whole, tokens) if tokens > 0 else (1, 1)

    def _billed(self, days: frozenset[datetime]) -> tuple[int, int]:
        """Units of all lines of some days, and of those that are for tokens."""
        if not days:
            return 0, 0
        bill = self._look.bill(Window(min(days), max(days) + DAY))
        mask = bill.mask_of(days)
        whole = tokens = 0
        for of, line in lines_kept(bill, self._filters):
            units = bill.amounts[of].only(mask).total
            whole += units
            tokens += units if line.is_tokens else 0
        return whole, tokens


def _ahead(period: Period, window: Window, used: Estimate | None, projection: Projection | None) -> Ahead:
    so_far = cents_to_usd(used.cents) if used is not None and used.known else None
    return Ahead(period, window, so_far, used is not None and used.unpriced_tokens > 0, projection)
