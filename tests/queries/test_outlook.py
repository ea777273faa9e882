"""The outlook: money so far is what the key figures say, what comes is foreseen, and budgets know when they are gone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path

import pytest

from meterdeck.domain.buckets import BucketWidth, Window, previous_month_start
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.dollars import State
from meterdeck.domain.reports import Organization, Workspace
from meterdeck.domain.scope import Filter, Scope
from meterdeck.queries.costs import day_costs
from meterdeck.queries.figures import KeyFigures, key_figures
from meterdeck.queries.foresight import Foresight
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.outlook import Outlook
from meterdeck.service.simulated.options import Options
from meterdeck.store import Store, costs, directory, usage
from values import billed, line, other_line, series, used
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONTHLY = Budget(Decimal(100_000), Period.MONTH)
PROD_CHAT = Budget(Decimal(4000), Period.DAY, Dimension.WORKSPACE, "prod-chat")
OPUS_HOURLY = Budget(Decimal(80), Period.HOUR, Dimension.MODEL, "opus-5")


def outlook_of(
    store: Store,
    budgets: Sequence[Budget] = (),
    *,
    now: datetime = NOW,
    scope: Scope | None = None,
    zone: tzinfo = UTC,
    read: bool = True,
) -> tuple[Outlook, KeyFigures]:
    """What a first look would say, all past hours read."""
    asked = scope or Scope()
    foresight = Foresight(zone, budgets)
    with store.read() as transaction:
        look = Look(transaction)
        book = learn(look, now)
        window = Window(previous_month_start(now), BucketWidth.DAY.after(now))
        figures = key_figures(look, asked, now, book, day_costs(look, asked, window, now, book))
        if read:
            for filters, day in foresight.outdated(look, asked, now, book):
                foresight.read(look, filters, day, now)
            assert not list(foresight.outdated(look, asked, now, book))
        return foresight.outlook(look, asked, now, book, figures), figures


def test_money_so_far_is_that_of_the_key_figures_and_the_end_lies_above_it(acme: World) -> None:
    found, figures = outlook_of(acme.store)
    assert figures.today is not None
    assert figures.month is not None
    assert found.today.so_far == figures.today.dollars.amount
    assert found.month.so_far == figures.month.dollars.amount
    for ahead in (found.today, found.month):
        end = ahead.end
        assert end is not None
        assert ahead.so_far is not None
        assert end.low is not None
        assert end.high is not None
        assert ahead.so_far < end.low <= end.middle <= end.high
        assert (end.high - end.low) * 10 < end.middle, "Acme is no wild organisation"


def test_the_end_of_a_day_foreseen_holds_what_the_day_was_billed_in_the_end(tmp_path: Path) -> None:
    world = World(tmp_path / "later.db", NOW, Options(size="small"))
    try:
        asyncio.run(world.fill())
        found, _ = outlook_of(world.store)
        world.clock.now = NOW + 4 * DAY
        asyncio.run(world.fill())
        with world.store.read() as transaction:
            look, today = Look(transaction), Window(NOW.replace(hour=0, minute=0, second=0), NOW + DAY)
            window = Window(today.start, today.start + DAY)
            costs = day_costs(look, Scope(), window, world.clock.now, learn(look, world.clock.now))
            bill = costs.total.dollars
    finally:
        asyncio.run(world.close())
    end = found.today.end
    assert end is not None
    assert costs.settled == {window.start}
    assert bill.state is State.BILLED
    assert bill.amount is not None
    assert abs(end.middle - bill.amount) * 50 < bill.amount, (end, bill)


def test_each_budget_tells_its_use_and_when_it_is_gone(acme: World) -> None:
    found, figures = outlook_of(acme.store, [MONTHLY, PROD_CHAT, OPUS_HOURLY])
    monthly, prod_chat, opus = found.budgets
    assert monthly.owner is None
    assert figures.month is not None
    assert monthly.ahead.so_far == figures.month.dollars.amount
    assert not monthly.used_up
    assert monthly.will_be_passed
    assert monthly.gone_early is not None
    assert monthly.gone is not None
    assert monthly.gone_late is not None
    assert NOW < monthly.gone_early <= monthly.gone <= monthly.gone_late < datetime(2026, 12, 1, tzinfo=UTC)
    assert prod_chat.owner is not None
    assert prod_chat.owner.name == "prod-chat"
    assert not prod_chat.will_be_passed
    assert (prod_chat.gone_early, prod_chat.gone, prod_chat.gone_late) == (None, None, None)
    of_prod_chat = Scope((Filter(Dimension.WORKSPACE, frozenset({prod_chat.owner.id})),))
    alone, _ = outlook_of(acme.store, scope=of_prod_chat)
    assert prod_chat.ahead == alone.today
    assert opus.owner is not None
    assert opus.owner.id == "claude-opus-5"
    assert opus.ahead.window == Window(
        NOW.replace(minute=0, second=0), NOW.replace(hour=15, minute=0, second=0)
    )


def test_a_budget_that_is_gone_says_so_and_names_no_time_ahead(acme: World) -> None:
    found, _ = outlook_of(acme.store, [Budget(Decimal(1), Period.MONTH)])
    gone = found.budgets[0]
    assert gone.used_up
    assert gone.will_be_passed
    assert gone.gone is None


def test_a_budget_of_a_family_is_of_all_its_models_and_one_of_several_names_is_of_nobody(acme: World) -> None:
    opus, unclear = (Budget(Decimal(80), Period.DAY, Dimension.MODEL, name) for name in ("opus", "opus-"))
    found, _ = outlook_of(acme.store, [opus, unclear])
    (of_opus,) = found.budgets
    assert of_opus.owner is not None
    assert of_opus.owner.name == "opus"
    models = {"claude-opus-4-7", "claude-opus-5", "claude-opus-5-5"}
    assert of_opus.filters == (Filter(Dimension.MODEL, frozenset(models)),)
    assert "'opus-' could be 3 models" in found.problems[0]


def test_ends_are_whole_cents(acme: World) -> None:
    found, _ = outlook_of(acme.store, [MONTHLY, PROD_CHAT, OPUS_HOURLY])
    for ahead in (found.today, found.month, *(budget.ahead for budget in found.budgets)):
        assert ahead.end is not None
        assert ahead.so_far is not None
        for end in ahead.end:
            assert end is not None
            assert end == ahead.so_far or end * 100 == int(end * 100)


def test_budgets_of_nobody_known_are_named(acme: World) -> None:
    nobody = [
        Budget(Decimal(1), Period.DAY, Dimension.WORKSPACE, "prod-caht"),
        Budget(Decimal(1), Period.DAY, Dimension.MODEL, "claude-opus-99"),
    ]
    found, _ = outlook_of(acme.store, [*nobody, PROD_CHAT])
    assert len(found.budgets) == 1
    assert ["'prod-caht'" in found.problems[0], "'claude-opus-99'" in found.problems[1]] == [True, True]


def test_without_past_hours_there_is_money_so_far_and_no_end(acme: World) -> None:
    found, _ = outlook_of(acme.store, [MONTHLY], read=False)
    assert found.today.so_far is not None
    assert (found.today.end, found.month.end, found.budgets[0].gone) == (None, None, None)
    assert not found.budgets[0].will_be_passed


class Invented:
    """A store in which a workspace uses and is billed the same in every hour: 100 cents an hour for tokens."""

    def __init__(self, path: Path) -> None:
        self.store = Store(path)

    def fill(
        self, first: datetime, now: datetime, *, of: Sequence[str] = ("wrkspc_a",), sessions: str = "0"
    ) -> None:
        """Hours and days from a moment on, all read at another."""
        end = BucketWidth.HOUR.floor(now)
        window = Window(first, end + HOUR)
        rows = {series(workspace): 1_000_000 for workspace in of}
        with self.store.write() as transaction:
            directory.replace(
                transaction, Organization("org", "Org"), [Workspace(one, f"name {one}") for one in of], []
            )
            minutes = (now - end) // timedelta(minutes=1)
            buckets = [used(hour, rows) for hour in Window(first, end).starts(BucketWidth.HOUR)]
            if minutes:
                buckets.append(used(end, {of: count * minutes // 60 for of, count in rows.items()}))
            usage.replace(transaction, BucketWidth.HOUR, window, buckets, now)
            days = Window(BucketWidth.DAY.ceil(first), BucketWidth.DAY.floor(now))
            lines = [(line(one), "2400") for one in of] + [(other_line("session_usage"), sessions)]
            bill = [billed(day, lines) for day in days.starts(BucketWidth.DAY)]
            costs.replace(transaction, days, bill, now)


@pytest.fixture
def invented(tmp_path: Path) -> Iterator[Invented]:
    made = Invented(tmp_path / "store.db")
    yield made
    made.store.close()


def test_a_steady_organisation_is_foreseen_to_the_cent(invented: Invented) -> None:
    now = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    invented.fill(datetime(2026, 10, 20, tzinfo=UTC), now)
    found, _ = outlook_of(invented.store, [Budget(Decimal(500), Period.MONTH)], now=now)
    assert found.today.end is not None
    assert found.month.end is not None
    # Five minutes of the past are still to come (api-facts 5), and were used already here.
    late = Decimal(100) / 1200
    assert abs(found.today.end.middle - (24 + late)) < Decimal("0.006")
    assert abs(found.month.end.middle - (720 + late)) < Decimal("0.006")
    assert found.budgets[0].gone == datetime(2026, 11, 21, 19, 55, tzinfo=UTC)


def test_costs_beside_tokens_are_foreseen_as_the_settled_days_had_them(invented: Invented) -> None:
    now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    invented.fill(datetime(2026, 10, 20, tzinfo=UTC), now, sessions="600")
    found, figures = outlook_of(invented.store, now=now)
    assert figures.today is not None
    assert found.today.so_far == Decimal(12), "of sessions today stands at what is billed so far: nothing"
    assert found.today.end is not None
    assert round(found.today.end.middle) == 30
    assert found.month.end is not None
    assert round(found.month.end.middle / 10) == 90
    of_model, _ = outlook_of(
        invented.store, now=now, scope=Scope((Filter(Dimension.MODEL, frozenset({"claude-opus-5"})),))
    )
    assert of_model.today.end is not None
    assert round(of_model.today.end.middle) == 24, "what is not for tokens is no model's"


@pytest.mark.parametrize("minute", [0, 3, 20])
def test_the_first_minutes_of_a_month_hold_nothing_of_the_month_before(
    invented: Invented, minute: int
) -> None:
    now = datetime(2026, 12, 1, 0, minute, tzinfo=UTC)
    invented.fill(datetime(2026, 11, 1, tzinfo=UTC), now)
    found, _ = outlook_of(invented.store, [Budget(Decimal(24), Period.DAY)], now=now)
    assert found.month.window == Window(datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    for ahead, expected in ((found.today, 24), (found.month, 31 * 24)):
        assert ahead.so_far is None or abs(ahead.so_far - Decimal(minute) / 60) < Decimal("0.0001")
        if ahead.end is not None:
            assert abs(ahead.end.middle - expected) < Decimal("0.1")


def test_a_month_that_nothing_was_read_of_is_not_known_to_cost_nothing(invented: Invented) -> None:
    invented.fill(datetime(2026, 9, 10, tzinfo=UTC), datetime(2026, 9, 20, tzinfo=UTC))
    found, _ = outlook_of(invented.store, [MONTHLY])
    assert (found.today.so_far, found.today.end) == (None, None)
    assert (found.month.so_far, found.month.end) == (None, None)
    assert not found.budgets[0].used_up
    assert found.budgets[0].gone is None


def test_a_workspace_that_was_never_used_has_cost_nothing_and_no_history_that_foretells_its_end(
    invented: Invented,
) -> None:
    now = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    invented.fill(datetime(2026, 10, 20, tzinfo=UTC), now)
    found, _ = outlook_of(
        invented.store, [Budget(Decimal(5), Period.DAY, Dimension.WORKSPACE, "default")], now=now
    )
    budget = found.budgets[0]
    assert budget.ahead.so_far == 0
    assert budget.ahead.end is None
    assert budget.gone is None
    assert not budget.will_be_passed
