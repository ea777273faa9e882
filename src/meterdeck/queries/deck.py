"""The whole deck in one transaction: every pane shows the same moment of the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth, Window, previous_month_start
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, Dimension
from meterdeck.domain.scope import Scope
from meterdeck.queries.back_test import BackTest
from meterdeck.queries.backfill import Backfill, backfill
from meterdeck.queries.bill import BILL_DIMENSIONS
from meterdeck.queries.breakdown import BreakdownPane, breakdown_pane, whole_of
from meterdeck.queries.buckets import buckets
from meterdeck.queries.cost_table import CostTable, cost_table
from meterdeck.queries.costs import day_costs
from meterdeck.queries.counters import unknown_tokens
from meterdeck.queries.day_lines import DayLines, day_lines
from meterdeck.queries.figures import KeyFigures, key_figures
from meterdeck.queries.finding import find_members
from meterdeck.queries.foresight import Foresight
from meterdeck.queries.glance import glance_of, read_glance
from meterdeck.queries.look import Look, Memory
from meterdeck.queries.names import Member
from meterdeck.queries.on_demand import OnDemand, on_demand
from meterdeck.queries.outlook import Outlook
from meterdeck.queries.price_cache import PriceCache
from meterdeck.queries.price_history import LEARNED_FROM
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.question import Question
from meterdeck.queries.rates import Rates, RatesPane, rates_by_bucket, rates_pane
from meterdeck.queries.status import Status, status
from meterdeck.store import Store, restatements, sums
from meterdeck.store.budget import DEFAULT_HOURLY
from meterdeck.store.glance import Glance
from meterdeck.store.restatements import Restatement

TOLD_FOR = timedelta(days=7)
"""How long a restated day is news."""
COST_COLUMNS = 12
"""More than any screen has room for; the pane shows as many as fit and adds up the rest."""


@dataclass(frozen=True, slots=True)
class Deck:
    """What the screen shows at a moment for a scope."""

    question: Question
    now: datetime
    status: Status
    backfill: Backfill | None
    """The history that is being read, while it is."""
    figures: KeyFigures
    rates: RatesPane
    breakdown: BreakdownPane
    costs: CostTable
    prices: PriceBook
    back_test: BackTest
    choices: dict[Dimension, tuple[Member, ...]]
    """The workspaces, models and API keys that were ever seen, for pickers, command line and header."""
    filter_names: dict[tuple[Dimension, str | None], Member]
    """The members that the scope's filters keep."""
    outlook: Outlook
    """Budgets, and what is still to come."""
    outlook_is_late: bool = False
    """Whether past hours are still to be read for it (`DeckReader.look_ahead`)."""
    on_demand: OnDemand | None = None
    """The question whose answer `breakdown` is, where the series do not know the scope's dimension."""
    unknown_counters: tuple[str, ...] = ()
    """The names of token counters that this version does not know (`meterdeck.domain.counters`)."""
    restated: tuple[Restatement, ...] = ()
    """Settled days that were changed lately, the newest day first."""

    @property
    def scope(self) -> Scope:
        """What it covers."""
        return self.question.scope

    @property
    def known(self) -> tuple[Member, ...]:
        """All members of the scope's dimension that were ever seen; of most dimensions they are not listed."""
        return self.choices.get(self.scope.by, ())


class DeckReader:
    """Reads decks from one store, one after another; what seldom changes is kept between them."""

    def __init__(
        self,
        store: Store,
        requests_per_hour: int = DEFAULT_HOURLY,
        *,
        is_paced: bool = True,
        foresight: Foresight | None = None,
    ) -> None:
        self._store = store
        self._foresight = foresight or Foresight()
        self._requests_per_hour = requests_per_hour
        self._is_paced = is_paced
        self._prices = PriceCache()
        self._memory = Memory()

    def load(self, question: Question, now: datetime) -> Deck:
        """Read everything the screen shows, in one transaction; raises `StoreError`."""
        scope = question.scope
        days = Window(previous_month_start(now), BucketWidth.DAY.after(now))
        with self._store.read() as transaction:
            look = Look(transaction, self._memory)
            look.bill(_bill_window(now))  # once, for the panes and the prices
            book = self._prices.learn(look, now)
            costs = day_costs(look, _billable(scope, question.costs_by), days, now, book)
            figures = key_figures(look, scope, now, book, costs)
            found = buckets(look, question, now, book)
            asks = scope.by in ON_DEMAND_DIMENSIONS
            asked = on_demand(look, scope, now, book) if asks else None
            pane = asked.pane if asked else breakdown_pane(look, question, now, book, found)
            whole = None if asked else whole_of(pane.breakdown)
            outlook = self._foresight.outlook(look, scope, now, book, figures)
            return Deck(
                question,
                now,
                status(transaction, now, self._requests_per_hour),
                backfill(look, now, self._requests_per_hour, is_paced=self._is_paced),
                figures,
                rates_pane(look, question, now, book, found, whole, pane.breakdown.left_out),
                pane,
                cost_table(costs, now, columns=COST_COLUMNS, end=outlook.today.end),
                book,
                self._prices.checked or BackTest(()),
                {d: _choices(look, d) for d in (Dimension.WORKSPACE, Dimension.MODEL, Dimension.API_KEY)},
                _filter_names(look, scope),
                outlook,
                self._prices.check_is_late or any(self._foresight.outdated(look, scope, now, book)),
                asked,
                unknown_tokens(look, now),
                tuple(restatements.since(transaction, now - TOLD_FOR)),
            )

    def day(self, scope: Scope, day: datetime, now: datetime) -> DayLines:
        """Read one UTC day's bill line by line, as far as the scope keeps it; raises `StoreError`."""
        with self._store.read() as transaction:
            look = Look(transaction, self._memory)
            book = self._prices.learn(look, now)
            return day_lines(look, scope, day, now, book)

    def glance(self, deck: Deck) -> Glance:
        """The key figures of the whole organisation, whatever the scope of a deck; raises `StoreError`."""
        if not deck.scope.filters:
            return glance_of(deck.figures, deck.now)
        with self._store.read() as transaction:
            return read_glance(Look(transaction, self._memory), deck.now, deck.prices)

    def rates(self, question: Question, now: datetime) -> Rates:
        """Read what the bars of Rates are made of, by member; raises `StoreError`."""
        with self._store.read() as transaction:
            look = Look(transaction, self._memory)
            return rates_by_bucket(look, question, now, self._prices.learn(look, now))

    def find(self, dimension: Dimension, typed: str) -> frozenset[str | None]:
        """The ids for an id or a name; raises `UsageError` for one that nobody has, and `StoreError`."""
        with self._store.read() as transaction:
            return find_members(Look(transaction, self._memory), dimension, typed)

    def everybody(self, dimension: Dimension) -> tuple[Member, ...]:
        """All members that the store knows by now, API keys that were never used among them; raises `StoreError`."""
        with self._store.read() as transaction:
            return _choices(Look(transaction), dimension, unused_too=True)

    def filter_names(self, scope: Scope) -> dict[tuple[Dimension, str | None], Member]:
        """The members that a scope's filters keep, by name; raises `StoreError`."""
        with self._store.read() as transaction:
            return _filter_names(Look(transaction, self._memory), scope)

    def look_ahead(self, deck: Deck, go_on: Callable[[], bool]) -> Deck:
        """Make what a deck did not wait for, the back-test and the outlook's past hours; raises `StoreError`.

        Hours are read a day at a time, for as long as ``go_on`` says; what was read is kept for the next deck.
        """
        checked = self._prices.check(deck.now)
        with self._store.read() as transaction:
            look = Look(transaction, self._memory)
            days = list(self._foresight.outdated(look, deck.scope, deck.now, deck.prices))
        for filters, day in days:
            if not go_on():
                return deck
            with self._store.read() as transaction:
                self._foresight.read(Look(transaction, self._memory), filters, day, deck.now)
        with self._store.read() as transaction:
            look = Look(transaction, self._memory)
            outlook = self._foresight.outlook(look, deck.scope, deck.now, deck.prices, deck.figures)
        table = cost_table(deck.costs.costs, deck.now, columns=COST_COLUMNS, end=outlook.today.end)
        return replace(deck, costs=table, outlook=outlook, back_test=checked, outlook_is_late=False)


def _bill_window(now: datetime) -> Window:
    """All days of the bill that a deck rests on: those that it shows, and those that teach prices."""
    end = BucketWidth.DAY.after(now)
    return Window(min(previous_month_start(now), end - BucketWidth.DAY.delta - LEARNED_FROM), end)


def _billable(scope: Scope, by: Dimension | None) -> Scope:
    """The scope as the Costs pane asks for it: by model where the bill does not know the dimension."""
    if by is not None:
        return replace(scope, by=by)
    return scope if scope.by in BILL_DIMENSIONS else replace(scope, by=Dimension.MODEL)


def _choices(look: Look, dimension: Dimension, *, unused_too: bool = False) -> tuple[Member, ...]:
    """Who was ever used, and the workspaces that can be; ``unused_too``: and all others of the directory."""
    ids = set(sums.known_members(look.transaction, dimension))
    if dimension is Dimension.WORKSPACE:
        ids |= {w.id for w in look.directory.workspaces if unused_too or w.archived_at is None}
    elif dimension is Dimension.API_KEY and unused_too:
        ids |= {key.id for key in look.directory.api_keys}
    members = [look.names.member(dimension, member_id) for member_id in ids]
    return tuple(sorted(members, key=lambda member: (member.name.casefold(), member.id or "")))


def _filter_names(look: Look, scope: Scope) -> dict[tuple[Dimension, str | None], Member]:
    return {
        (f.dimension, member): look.names.member(f.dimension, member)
        for f in scope.filters
        for member in f.members
    }
