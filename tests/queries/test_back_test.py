"""The back-test on the simulated organisation: prices hold to a fraction of a percent, and what does not hold is told."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.tokens import TokenType
from meterdeck.queries.back_test import BackTest, back_test
from meterdeck.queries.learning import book_of
from meterdeck.queries.look import Look
from meterdeck.queries.price_history import PaidDay, PriceHistory, read_history
from meterdeck.queries.prices import PriceBook
from meterdeck.service.simulated.options import Options, PriceStep
from meterdeck.sync.plan import Feed
from trueprices import true_prices
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
NEWEST_SETTLED = TODAY - 4 * DAY

Ask = Callable[[Options], tuple[PriceHistory, PriceBook, BackTest]]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    worlds: list[World] = []

    def fill(options: Options) -> tuple[PriceHistory, PriceBook, BackTest]:
        world = World(tmp_path / f"{len(worlds)}.db", NOW, options)
        worlds.append(world)
        asyncio.run(world.fill())
        with world.store.read() as transaction:
            history = read_history(Look(transaction), NOW)
        book = book_of(history)
        return history, book, back_test(history, book, NOW)

    yield fill
    for world in worlds:
        asyncio.run(world.close())


@pytest.fixture(scope="module")
def plain(acme: World) -> tuple[PriceHistory, PriceBook, BackTest]:
    with acme.store.read() as transaction:
        history = read_history(Look(transaction), NOW)
    book = book_of(history)
    return history, book, back_test(history, book, NOW)


def test_yesterday_and_seven_settled_days_are_checked_newest_first(
    plain: tuple[PriceHistory, PriceBook, BackTest],
) -> None:
    days = plain[2].days
    assert [day.day for day in days] == [TODAY - DAY, *(NEWEST_SETTLED - n * DAY for n in range(7))]
    assert [day.settled for day in days] == [False] + [True] * 7


def test_a_day_without_its_own_bill_is_estimated_to_a_tenth_of_a_percent(
    plain: tuple[PriceHistory, PriceBook, BackTest],
) -> None:
    """With mixed geos and speeds, late tokens and a discount: the issue asks for half a percent."""
    for day in plain[2].days:
        assert abs(day.gap.permyriad) <= 10, day
        assert day.gap.billed > 1000
        assert day.unpriced_tokens == 0
    assert plain[2].whole is not None
    assert abs(plain[2].whole.permyriad) <= 5
    assert plain[2].alarming is None
    assert plain[1].changes == ()


def test_the_day_itself_has_no_part_in_its_estimate(
    plain: tuple[PriceHistory, PriceBook, BackTest],
) -> None:
    history, book, before = plain
    doubled = {
        key: {day: twice(paid) if day == NEWEST_SETTLED else paid for day, paid in by_day.items()}
        for key, by_day in history.paid.items()
    }
    after = back_test(replace(history, paid=doubled), book, NOW)
    assert after.days[1].gap.estimated == before.days[1].gap.estimated
    assert after.days[1].gap.billed == 2 * before.days[1].gap.billed


def twice(paid: PaidDay) -> PaidDay:
    return paid._replace(units=2 * paid.units)


def test_a_price_change_is_found_within_one_settled_day_and_told(ask: Ask) -> None:
    change = PriceStep(NEWEST_SETTLED, Decimal("1.1"), "claude-opus-5")
    _, book, checked = ask(Options(price_steps=(change,)))
    assert {found.day for found in book.changes} == {NEWEST_SETTLED}
    assert {found.key.model for found in book.changes} == {"claude-opus-5"}
    for found in book.changes:
        assert abs(found.after / found.before - Decimal("1.1")) < Decimal("0.001")
    yesterday, changed, *before = checked.days
    assert abs(yesterday.gap.permyriad) <= 10, "the new price already holds"
    assert changed.price_changed
    assert changed.gap.beyond_bound, "no earlier day could know"
    assert all(abs(day.gap.permyriad) <= 10 for day in before), (
        "the old price still holds for the days before"
    )
    assert checked.alarming is None, "the change is told instead"


def test_a_bill_a_hundred_times_too_high_raises_an_alarm_that_names_the_member(
    plain: tuple[PriceHistory, PriceBook, BackTest],
) -> None:
    history, _, _ = plain
    model = "claude-sonnet-5"
    wrong = {
        (workspace, key): {
            day: paid._replace(units=100 * paid.units)
            if key.model == model and day == NEWEST_SETTLED - 2 * DAY
            else paid
            for day, paid in by_day.items()
        }
        for (workspace, key), by_day in history.paid.items()
    }
    broken = replace(history, paid=wrong)
    checked = back_test(broken, PriceBook(), NOW)
    alarm = checked.alarming
    assert alarm is not None
    assert alarm.day == NEWEST_SETTLED - 2 * DAY
    assert alarm.worst is not None
    dimension, member, gap = alarm.worst
    assert (dimension, member) == (Dimension.MODEL, model)
    assert gap.permyriad == pytest.approx(-9900, abs=5)


def test_usage_that_is_missing_from_one_workspace_raises_an_alarm_that_names_it(
    plain: tuple[PriceHistory, PriceBook, BackTest],
) -> None:
    history, _, _ = plain
    missing = next(workspace for workspace, _ in history.paid if workspace and "ProdChat" in workspace)
    lost = {
        (workspace, key): {
            day: paid._replace(tokens=0) if workspace == missing and day == NEWEST_SETTLED else paid
            for day, paid in by_day.items()
        }
        for (workspace, key), by_day in history.paid.items()
    }
    alarm = back_test(replace(history, paid=lost), PriceBook(), NOW).alarming
    assert alarm is not None
    assert alarm.worst is not None
    assert alarm.worst[:2] == (Dimension.WORKSPACE, missing)


def test_without_a_settled_day_there_is_nothing_to_check() -> None:
    nothing = PriceHistory({}, frozenset(), frozenset())
    checked = back_test(nothing, PriceBook(), NOW)
    assert checked.days == ()
    assert checked.whole is None
    assert checked.alarming is None


def test_two_settled_days_teach_every_price_that_is_not_mixed_to_a_tenth_of_a_percent(tmp_path: Path) -> None:
    since = TODAY - 5 * DAY
    world = World(tmp_path / "store.db", NOW, Options())
    for feed in (Feed.HOURS, Feed.LIVE, Feed.COSTS, Feed.MIX):
        asyncio.run(world.read(feed, since=since))
    with world.store.read() as transaction:
        history = read_history(Look(transaction), NOW)
    asyncio.run(world.close())
    book = book_of(history)
    assert book.settled_days == {TODAY - 5 * DAY, TODAY - 4 * DAY}
    true = true_prices(TODAY)
    unmixed = {key: next(iter(some)) for key, some in true.items() if len(some) == 1}
    assert {key.token_type for key in unmixed} == set(TokenType)
    assert {key.service_tier for key in unmixed} == {
        *("standard", "batch", "flex", "flex_discount", "priority_on_demand")
    }
    learned = {key for key in unmixed if key in book.prices}
    assert len(learned) >= len(unmixed) - 5, "what was not used on two days can't be learned from them"
    for key in learned:
        assert abs(book.prices[key].cents - unmixed[key]) <= unmixed[key] / 1000, key
    checked = back_test(history, book, NOW)
    yesterday = checked.days[0]
    assert not yesterday.settled
    assert abs(yesterday.gap.permyriad) <= 50, "half a percent, with mixed geos and speeds"


def changed(
    history: PriceHistory, change: Callable[[PaidDay], PaidDay], *, workspace: str, since: datetime
) -> PriceHistory:
    """The same history where one workspace's days since some day were otherwise."""
    return replace(
        history,
        paid={
            (of, key): {
                day: change(paid) if of and workspace in of and day >= since else paid
                for day, paid in by_day.items()
            }
            for (of, key), by_day in history.paid.items()
        },
    )


def multiplied(numerator: int, denominator: int = 1) -> Callable[[PaidDay], PaidDay]:
    return lambda paid: paid._replace(units=paid.units * numerator // denominator)


@pytest.mark.parametrize(
    "change",
    [
        multiplied(100),
        multiplied(1, 100),
        multiplied(-1),
        lambda paid: paid._replace(tokens=paid.tokens // 4),
    ],
    ids=["100 times too high", "100 times too low", "corrected to less than nothing", "usage is missing"],
)
def test_a_newest_day_that_no_price_list_explains_teaches_nothing_and_names_the_workspace(
    plain: tuple[PriceHistory, PriceBook, BackTest], change: Callable[[PaidDay], PaidDay]
) -> None:
    history, before, _ = plain
    wrong = changed(history, change, workspace="ProdChat", since=NEWEST_SETTLED)
    book = book_of(wrong)
    assert book.changes == ()
    for key, price in before.prices.items():
        assert abs(book.prices[key].cents - price.cents) < price.cents / 50, key
    for of, price in book.of_workspaces.items():
        assert price.cents > 0, of
    alarm = back_test(wrong, book, NOW).alarming
    assert alarm is not None
    assert alarm.day >= NEWEST_SETTLED
    assert alarm.worst is not None
    dimension, member, _ = alarm.worst
    assert dimension is Dimension.WORKSPACE
    assert member is not None
    assert "ProdChat" in member


def test_a_price_that_one_workspace_pays_since_a_week_is_its_own_and_no_change_for_all(
    plain: tuple[PriceHistory, PriceBook, BackTest],
) -> None:
    history, before, _ = plain
    since = NEWEST_SETTLED - 5 * DAY
    book = book_of(changed(history, multiplied(2), workspace="ProdChat", since=since))
    assert book.changes == ()
    own = {key: price for (of, key), price in book.of_workspaces.items() if of and "ProdChat" in of}
    assert own
    workspace = next(of for of, _ in history.paid if of and "ProdChat" in of)
    for key, price in own.items():
        was = before.price(workspace, key)
        assert was is not None
        assert abs(price.cents / was.cents - 2) < Decimal("0.01"), key
        assert price.first == since


def test_one_settled_day_says_nothing_of_itself(ask: Ask, tmp_path: Path) -> None:
    nothing = replace(ask(Options())[0], settled=frozenset({NEWEST_SETTLED}))
    assert back_test(nothing, book_of(nothing), NOW).alarming is None
