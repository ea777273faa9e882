"""Open days go by the newest evidence: a bill that may rise can only raise a price, two reads that agree may lower it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dollars import Evidence
from meterdeck.domain.reports import CostLine, PriceKey, Series
from meterdeck.domain.tokens import TokenCounts, TokenType
from meterdeck.queries.early_prices import SCALE, TOLERANCE
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.queries.price_periods import LARGEST_FACTOR
from meterdeck.queries.prices import Price, PriceBook, PriceChange
from meterdeck.queries.spend import Spend
from meterdeck.queries.split import whole_of_window
from meterdeck.store import Store, costs, usage
from values import billed, line, series, used

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
YESTERDAY = TODAY - DAY
NOW = TODAY + 12 * HOUR
RUNS = 13
"""Hours of today that have begun."""
A, B, C = (series(workspace) for workspace in "abc")
OUTPUT = PriceKey("claude-opus-5", TokenType.OUTPUT, "standard", "0-200k")
INPUT = PriceKey("claude-opus-5", TokenType.UNCACHED_INPUT, "standard", "0-200k")
AN_HOUR = TokenCounts(uncached_input=10_000, output=1_000)
CENT, TENTH = Decimal("0.1"), Decimal("0.01")
"""What an output token and an input token cost until something changes, in cents."""
ROUNDING = 2 * CENT / SCALE
"""By what a price may be off that a factor in whole hundredths of a percent gave."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def put(
    store: Store,
    day: datetime,
    *,
    read_at: datetime = NOW,
    output: Mapping[str, Decimal] | Decimal = Decimal(1),
    uncached: Decimal = Decimal(1),
    reaches: int = 24,
    of: tuple[Series, ...] = (A,),
) -> None:
    """A day of the same hours, whose bill reaches up to one of them, at factors of the usual prices; None: no bill."""
    hours = RUNS if day == TODAY else 24
    window = Window(day, day + hours * HOUR)
    lines: dict[CostLine, str] = {}
    for one in of:
        factor = output if isinstance(output, Decimal) else output[one.workspace_id or ""]
        known = min(reaches, hours)
        lines[line(one.workspace_id)] = str(known * AN_HOUR.output * CENT * factor)
        as_input = line(one.workspace_id, token_type=TokenType.UNCACHED_INPUT)
        lines[as_input] = str(known * AN_HOUR.uncached_input * TENTH * uncached)
    with store.write() as transaction:
        rows = [used(start, dict.fromkeys(of, AN_HOUR)) for start in window.starts(BucketWidth.HOUR)]
        usage.replace(transaction, BucketWidth.HOUR, window, rows, NOW)
        if reaches:
            costs.replace(transaction, Window(day, day + DAY), [billed(day, lines)], read_at)


def settle(store: Store, *, of: tuple[Series, ...] = (A,), last: datetime = TODAY - 4 * DAY) -> None:
    """Ten settled days at the usual prices; the days after them, up to yesterday, are used and not billed."""
    for number in range(10):
        put(store, last - number * DAY, of=of)
    day = last + DAY
    while day < TODAY:
        put(store, day, reaches=0, of=of)
        day += DAY


def learned(store: Store, now: datetime = NOW) -> PriceBook:
    with store.read() as transaction:
        return learn(Look(transaction), now)


def price(book: PriceBook, key: PriceKey = OUTPUT, workspace: str = "a") -> Price:
    found = book.price(workspace, key)
    assert found is not None
    return found


def worth(store: Store, day: datetime, book: PriceBook) -> Spend:
    with store.read() as transaction:
        return whole_of_window(Look(transaction), (), Window(day, day + DAY), book).spend


def test_a_running_bill_that_says_what_prices_say_changes_nothing(store: Store) -> None:
    settle(store)
    put(store, TODAY, reaches=9)
    book = learned(store)
    assert (price(book).cents, price(book).early, book.changes) == (CENT, False, ())
    assert (book.cheaper, book.dearer, book.eras) == (None, None, ())
    assert worth(store, TODAY, book).dollars.evidence is Evidence.LEARNED


@pytest.mark.parametrize("factor", ["0.1", "0.5", "0.97"])
def test_a_running_bill_never_lowers_a_price_for_what_it_lacks_may_be_late(store: Store, factor: str) -> None:
    settle(store)
    put(store, TODAY, output=Decimal(factor), uncached=Decimal(factor))
    book = learned(store)
    assert (price(book).cents, price(book, INPUT).cents, book.changes) == (CENT, TENTH, ())


def test_a_running_bill_above_its_tokens_raises_the_price_from_today_on_and_it_is_told(store: Store) -> None:
    settle(store)
    put(store, TODAY, output=Decimal(2), uncached=Decimal(2), reaches=10)
    book = learned(store)
    found = price(book)
    assert found.early
    assert found.first == TODAY
    assert found.cents > CENT * 20 / 13 - ROUNDING, "the least that it can be: the bill has all tokens"
    assert {(change.key, change.day, change.before, change.early) for change in book.changes} == {
        (OUTPUT, TODAY, CENT, True),
        (INPUT, TODAY, TENTH, True),
    }
    assert {change.key: change.after for change in book.changes} == {
        OUTPUT: found.cents,
        INPUT: price(book, INPUT).cents,
    }
    assert price(book.of_day(YESTERDAY)).cents == CENT, "days before keep the price of their own period"
    today = worth(store, TODAY, book).dollars
    assert today.evidence is Evidence.EARLY
    assert today.amount is not None
    assert today.amount * 100 >= 10 * (1000 * CENT + 10_000 * TENTH) * 2
    assert worth(store, YESTERDAY, book).dollars.evidence is Evidence.LEARNED


def test_a_kind_whose_price_held_shows_how_far_the_bill_reaches_and_the_others_their_price(
    store: Store,
) -> None:
    settle(store)
    put(store, TODAY, output=Decimal(2), reaches=9)
    book = learned(store)
    of_all_tokens = price(book).low
    assert of_all_tokens is not None
    assert abs(of_all_tokens - CENT * 18 / 13) < ROUNDING, (
        "the bill has nine hours of thirteen, at twice the price"
    )
    assert abs(price(book).cents - 2 * CENT) < ROUNDING
    assert price(book, INPUT).cents == TENTH
    assert [change.key for change in book.changes] == [OUTPUT]
    high = price(book).high
    assert high is not None
    assert abs(high - CENT * (2 * SCALE + TOLERANCE) / SCALE) < ROUNDING


def test_late_tokens_explain_a_bill_that_is_a_little_above_and_nothing_else(store: Store) -> None:
    settle(store)
    put(store, TODAY, output=Decimal("1.02"), uncached=Decimal("1.02"))
    assert learned(store).changes == ()
    put(store, TODAY, output=Decimal("1.0202"), uncached=Decimal("1.0202"), read_at=NOW + HOUR)
    book = learned(store)
    assert {change.key for change in book.changes} == {OUTPUT, INPUT}
    assert price(book).cents == Decimal("0.10202")


@pytest.mark.parametrize("factor", ["0.5", "0.9", "1.15", "2"])
def test_yesterdays_bill_lowers_or_raises_a_price_once_two_reads_six_hours_apart_agree(
    store: Store, factor: str
) -> None:
    settle(store)
    put(store, TODAY, reaches=0)
    after = Decimal(factor)
    for hours in (2, 8):
        put(store, YESTERDAY, output=after, uncached=after, read_at=TODAY + hours * HOUR)
    book = learned(store)
    assert (price(book).cents, price(book, INPUT).cents) == (CENT * after, TENTH * after)
    assert price(book).early
    assert price(book).first == YESTERDAY
    assert {
        change.key: (change.day, change.before, change.after, change.early) for change in book.changes
    } == {
        OUTPUT: (YESTERDAY, CENT, CENT * after, True),
        INPUT: (YESTERDAY, TENTH, TENTH * after, True),
    }
    assert price(book.of_day(YESTERDAY - DAY)).cents == CENT
    assert book.confirmed == YESTERDAY
    for day in (YESTERDAY, TODAY):
        assert worth(store, day, book).dollars.evidence is Evidence.EARLY
    assert worth(store, YESTERDAY - DAY, book).dollars.evidence is Evidence.LEARNED


@pytest.mark.parametrize("read_at", [TODAY + 2 * HOUR, TODAY - HOUR], ids=["once", "while it ran"])
def test_yesterdays_bill_that_was_read_once_lowers_nothing_and_may_raise(
    store: Store, read_at: datetime
) -> None:
    settle(store)
    put(store, TODAY, reaches=0)
    put(store, YESTERDAY, output=Decimal("0.5"), uncached=Decimal("0.5"), read_at=read_at)
    book = learned(store)
    assert (price(book).cents, book.changes) == (CENT, ())
    assert book.confirmed == TODAY - 4 * DAY
    put(
        store,
        YESTERDAY,
        output=Decimal("1.5"),
        uncached=Decimal("1.5"),
        read_at=read_at + timedelta(minutes=1),
    )
    raised = learned(store)
    assert price(raised).cents == CENT * Decimal("1.5")
    assert (price(raised).early, price(raised).first) == (True, YESTERDAY)
    assert worth(store, TODAY, raised).dollars.evidence is Evidence.EARLY


def test_the_range_of_an_early_price_holds_what_it_may_be_and_widens_the_worth_of_today(store: Store) -> None:
    settle(store)
    put(store, TODAY, output=Decimal("1.5"), uncached=Decimal("1.5"), reaches=11)
    book = learned(store)
    found = price(book)
    assert found.low is not None
    assert found.high is not None
    billed_share = CENT * Decimal("1.5") * 11 / 13
    assert found.low <= billed_share < found.low + ROUNDING, "the least: the bill has all tokens"
    assert found.low <= found.cents <= found.high
    assert CENT * Decimal("1.5") <= found.high <= CENT * LARGEST_FACTOR * Decimal("1.03"), (
        "the most: it may be hours behind, but no price list more than doubles a price"
    )
    assert book.cheaper is not None
    assert book.dearer is not None
    bounds = [worth(store, TODAY, one).units for one in (book.cheaper, book, book.dearer)]
    assert bounds == sorted(bounds)
    assert bounds[0] < bounds[2]


def test_settled_days_after_a_change_teach_again_and_nothing_is_early(store: Store) -> None:
    settle(store, last=TODAY - 7 * DAY)
    for number in (6, 5, 4):
        put(store, TODAY - number * DAY, output=Decimal(2), uncached=Decimal(2))
    put(store, TODAY, output=Decimal(2), uncached=Decimal(2), reaches=10)
    book = learned(store)
    assert (price(book).cents, price(book).early) == (2 * CENT, False)
    assert {change.early for change in book.changes} == {False}
    assert {change.day for change in book.changes} == {TODAY - 6 * DAY}
    assert worth(store, TODAY, book).dollars.evidence is Evidence.LEARNED


def test_one_workspace_alone_that_is_billed_more_has_a_price_of_its_own(store: Store) -> None:
    everybody = (A, B, C)
    settle(store, of=everybody)
    factors = {"a": Decimal(1), "b": Decimal(1), "c": Decimal(2)}
    put(store, TODAY, output=factors, of=everybody)
    book = learned(store)
    assert book.prices[OUTPUT].cents == CENT, "two of three pay what they paid"
    assert [price(book, OUTPUT, workspace).cents for workspace in "abc"] == [CENT, CENT, 2 * CENT]
    assert [price(book, OUTPUT, workspace).early for workspace in "abc"] == [False, False, True]
    assert book.changes == (PriceChange(OUTPUT, TODAY, CENT, 2 * CENT, early=True),)


def test_most_workspaces_that_are_billed_more_raise_the_price_of_all_but_those_that_are_not(
    store: Store,
) -> None:
    everybody = (A, B, C)
    settle(store, of=everybody)
    factors = {"a": Decimal(1), "b": Decimal(2), "c": Decimal(2)}
    put(store, TODAY, output=factors, of=everybody)
    book = learned(store)
    assert book.prices[OUTPUT].cents == 2 * CENT
    assert [price(book, OUTPUT, workspace).cents for workspace in "abc"] == [CENT, 2 * CENT, 2 * CENT]
    assert price(book, OUTPUT, "never seen").cents == 2 * CENT


def test_a_day_whose_hours_were_not_all_read_is_no_evidence(store: Store) -> None:
    settle(store)
    put(store, TODAY, output=Decimal(2), uncached=Decimal(2))
    with store.write() as transaction:
        hour = Window(TODAY + 3 * HOUR, TODAY + 4 * HOUR)
        usage.replace(transaction, BucketWidth.HOUR, hour, [], NOW)
    assert learned(store).changes == (), "the bill has tokens that nobody counted"
