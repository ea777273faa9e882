"""Learned prices: what the simulated organisation truly pays, and which days and lines teach."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dollars import Evidence, Lack
from meterdeck.domain.money import to_units
from meterdeck.domain.reports import CostLine, PriceKey, Series
from meterdeck.domain.tokens import TokenCounts, TokenType
from meterdeck.queries.learning import learn as learn_prices
from meterdeck.queries.ledger import Line
from meterdeck.queries.look import Look
from meterdeck.queries.price_cache import PriceCache
from meterdeck.queries.prices import SEARCH, Origin, Price, PriceBook, worth
from meterdeck.queries.spend import UNIT_DECIMALS, Spend
from meterdeck.store import Store, costs, usage
from trueprices import true_prices
from values import billed, line, other_line, series, used
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEY = PriceKey("claude-opus-5", TokenType.OUTPUT, "standard", "0-200k")


def test_prices_that_mix_nothing_are_the_true_ones(book: PriceBook) -> None:
    unmixed = {
        key: only
        for key, (only, *others) in ((k, sorted(v)) for k, v in true_prices(TODAY).items())
        if not others
    }
    assert len(unmixed) > 50
    for key, true in unmixed.items():
        learned = book.prices[key].cents
        assert abs(learned - true) <= true * Decimal("1e-9"), key


def test_prices_that_mix_geos_or_speeds_lie_between_the_true_ones(book: PriceBook) -> None:
    mixed = {key: sorted(true) for key, true in true_prices(TODAY).items() if len(true) > 1}
    assert mixed
    for key, true in mixed.items():
        price = book.prices[key]
        assert true[0] < price.cents < true[-1], key
        assert price.mixed, key
        assert price.low is not None
        assert price.high is not None
        assert true[0] <= price.low < price.cents < price.high <= true[-1], key
    assert {key for key, price in book.prices.items() if price.mixed} == mixed.keys()


def test_what_no_bill_knows_has_no_price(acme: World, book: PriceBook) -> None:
    assert book.prices.keys() == {SEARCH, *true_prices(TODAY)}
    assert not [key for key in book.prices if key.service_tier == "priority"]
    tokens = TokenCounts(output=1000)
    assert estimate(book, tokens, "claude-opus-5", "priority") == Spend(unbilled_tokens=1000)
    assert not estimate(book, tokens, "claude-unknown", "standard").known


def test_a_first_fill_learns_from_days_that_ended_three_days_ago(book: PriceBook) -> None:
    first = TODAY - 31 * DAY
    assert book.settled_days == {first + number * DAY for number in range(28)}
    assert max(price.days for price in book.prices.values()) == 28


def test_a_cache_gives_the_same_prices_and_looks_again_when_a_feed_was_read(
    acme: World, book: PriceBook
) -> None:
    cache = PriceCache()
    with acme.store.read() as transaction:
        once = cache.learn(Look(transaction), NOW)
        assert once == book
        assert cache.check_is_late
        assert cache.check(NOW).whole is not None
        assert not cache.check_is_late
        assert cache.learn(Look(transaction), NOW + timedelta(minutes=1)) is once
        assert cache.learn(Look(transaction), NOW + DAY) is not once
        assert cache.checked is not None, "the last one stands until there is another"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def put(
    store: Store,
    day: datetime,
    tokens: dict[Series, int],
    cents: dict[CostLine, str],
    *,
    hours: int = 24,
    read_at: datetime = NOW,
) -> None:
    """A day whose tokens all fall into its first hour."""
    with store.write() as transaction:
        window = Window(day, day + hours * HOUR)
        buckets = [used(hour, tokens if hour == day else {}) for hour in window.starts(BucketWidth.HOUR)]
        usage.replace(transaction, BucketWidth.HOUR, window, buckets, read_at)
        costs.replace(transaction, Window(day, day + DAY), [billed(day, cents)], read_at)


def learn(store: Store) -> PriceBook:
    with store.read() as transaction:
        return learn_prices(Look(transaction), NOW)


def learned(store: Store) -> dict[PriceKey, tuple[Decimal, int]]:
    """Cents for a token and the days that they rest on."""
    return {key: (price.cents, price.days) for key, price in learn(store).prices.items()}


def estimate(
    book: PriceBook,
    tokens: TokenCounts,
    model: str = "claude-opus-5",
    tier: str = "standard",
    workspace: str | None = None,
    searches: int = 0,
) -> Spend:
    counters = (*(count for _, count in tokens.items()), searches)
    units = worth(counters, book.vector(workspace, model, tier, "0-200k"))
    return Line(priced=(*counters, *units)).spend(billed=False)


def cents(text: str) -> int:
    """An amount in the units of a `Spend`."""
    return to_units(Decimal(text), UNIT_DECIMALS)


def test_both_sides_are_added_up_before_they_are_divided(store: Store) -> None:
    put(
        store,
        TODAY - 10 * DAY,
        {series("a"): 3, series("b"): 7},
        {line("a"): "1", line("b"): "2", line(None): "0.5"},
    )
    put(store, TODAY - 9 * DAY, {series("a"): 90}, {line("a"): "6.5"})
    assert learned(store) == {KEY: (Decimal("0.1"), 2)}


def test_a_day_that_one_report_does_not_know_a_line_of_does_not_bend_its_price(store: Store) -> None:
    put(store, TODAY - 10 * DAY, {series(): 100}, {line(): "50"})
    put(store, TODAY - 9 * DAY, {series(): 100}, {})
    put(store, TODAY - 8 * DAY, {}, {line(): "70"})
    assert learned(store) == {KEY: (Decimal("0.5"), 1)}


def test_a_day_with_a_missing_hour_teaches_nothing(store: Store) -> None:
    put(store, TODAY - 10 * DAY, {series(): 100}, {line(): "50"}, hours=23)
    book = learn(store)
    assert (book.prices, book.settled_days, book.confirmed) == ({}, frozenset(), None)


def test_a_day_that_is_not_settled_teaches_nothing(store: Store) -> None:
    put(store, TODAY - 2 * DAY, {series(): 100}, {line(): "50"})
    assert learn(store).prices == {}


def test_costs_that_are_not_for_tokens_teach_nothing(store: Store) -> None:
    odd = line()._replace(token_type="thinking_tokens")
    put(store, TODAY - 10 * DAY, {series(): 100}, {line(): "50", other_line(): "1000", odd: "1000"})
    assert learned(store) == {KEY: (Decimal("0.5"), 1)}


def test_a_price_without_end_is_rounded_once_to_twelve_decimals(store: Store) -> None:
    put(store, TODAY - 10 * DAY, {series(): 3}, {line(): "1"})
    (price,) = learn(store).prices.values()
    assert price.cents == Decimal("0.333333333333")


def test_tokens_without_a_price_are_counted_and_never_priced_at_zero() -> None:
    half = PriceBook({KEY: Price(Decimal("0.5"), 1)})
    part = estimate(half, TokenCounts(output=10, cache_read=4))
    assert part == Spend(estimated=cents("5.0"), priced_tokens=10, unpriced_tokens=4)
    assert part.lacks == (Lack.UNPRICED,)
    assert part.known
    assert not estimate(half, TokenCounts(cache_read=4)).known
    assert estimate(half, TokenCounts()).known, "no tokens are worth nothing"
    assert part.scaled(4) == part + part + part + part


def days_at(store: Store, cents_per_token: list[str], *, workspace: str = "a", tokens: int = 1000) -> None:
    """As many settled days in a row, the last of them four days ago, each at its own price."""
    for number, cents in enumerate(reversed(cents_per_token)):
        bill = {line(workspace): str(Decimal(cents) * tokens)}
        put(store, TODAY - (4 + number) * DAY, {series(workspace): tokens}, bill)


def test_after_a_price_change_only_the_days_since_then_count_and_it_is_told(store: Store) -> None:
    days_at(store, ["0.5"] * 10 + ["0.55"])
    book = learn(store)
    price = book.prices[KEY]
    assert (price.cents, price.days, price.first) == (Decimal("0.55"), 1, TODAY - 4 * DAY)
    (change,) = book.changes
    assert (change.key, change.day, change.before, change.after) == (
        KEY,
        TODAY - 4 * DAY,
        Decimal("0.5"),
        Decimal("0.55"),
    )


def test_two_price_changes_in_a_month_leave_the_newest_price(store: Store) -> None:
    days_at(store, ["0.5"] * 6 + ["0.6"] * 6 + ["0.4"] * 3)
    book = learn(store)
    assert (book.prices[KEY].cents, book.prices[KEY].days) == (Decimal("0.4"), 3)
    assert [change.after for change in book.changes] == [Decimal("0.4"), Decimal("0.6")]


def test_a_day_whose_price_changed_at_noon_is_no_price_of_its_own(store: Store) -> None:
    days_at(store, ["0.5"] * 6 + ["0.55"] + ["0.6"] * 4)
    assert learned(store) == {KEY: (Decimal("0.6"), 4)}


def test_one_odd_day_is_not_the_price_of_the_days_after_it(store: Store) -> None:
    days_at(store, ["0.5"] * 6 + ["5.0"] + ["0.5"] * 5)
    assert learned(store) == {KEY: (Decimal("0.5"), 11)}


def test_an_average_that_moves_with_its_mix_has_not_changed(store: Store) -> None:
    days_at(store, ["0.50", "0.52", "0.49", "0.51", "0.53", "0.50", "0.52"])
    book = learn(store)
    assert book.changes == ()
    price = book.prices[KEY]
    assert price.days == 7
    assert (price.low, price.high) == (Decimal("0.49"), Decimal("0.53"))


def test_two_days_that_differ_are_averaged_for_nobody_knows_which_is_odd(store: Store) -> None:
    days_at(store, ["0.5", "0.7"])
    assert learned(store) == {KEY: (Decimal("0.6"), 2)}


def test_a_workspace_that_pays_another_price_has_its_own_where_its_days_suffice(store: Store) -> None:
    for number in (4, 5, 6):
        put(
            store,
            TODAY - number * DAY,
            {series("a"): 9000, series("us"): 1000, series("new"): 10},
            {line("a"): "900", line("us"): "110", line("new"): "1.1"},
        )
    book = learn(store)
    assert book.of_workspaces.keys() == {("a", KEY), ("us", KEY)}
    assert book.price("us", KEY) == book.of_workspaces["us", KEY]
    assert book.of_workspaces["us", KEY].cents == Decimal("0.11")
    assert book.of_workspaces["us", KEY].origin is Origin.WORKSPACE
    common = book.price("new", KEY)
    assert common is not None
    assert (common.origin, common.cents) == (Origin.ORGANISATION, Decimal("0.101008991009"))


def test_workspaces_of_one_price_have_none_of_their_own(store: Store) -> None:
    for number in (4, 5):
        put(
            store,
            TODAY - number * DAY,
            {series("a"): 3000, series("b"): 7000},
            {line("a"): "300", line("b"): "700"},
        )
    assert learn(store).of_workspaces == {}


def test_without_a_settled_day_the_list_tells_and_is_told_apart(store: Store) -> None:
    book = learn(store)
    price = book.price("a", KEY)
    assert price is not None
    assert (price.origin, price.days, price.cents) == (Origin.LIST, 0, Decimal("0.0025"))
    part = estimate(book, TokenCounts(output=1000, cache_write_1h=10))
    assert part == Spend(estimated=cents("2.51"), priced_tokens=1010, listed_tokens=1010)
    assert part.evidence is Evidence.LIST


def test_what_was_learned_counts_before_the_list(store: Store) -> None:
    put(store, TODAY - 10 * DAY, {series(): 1000}, {line(): "2.2"})
    part = estimate(learn(store), TokenCounts(output=1000, uncached_input=1000))
    assert part == Spend(estimated=cents("2.7"), priced_tokens=2000, listed_tokens=1000)
    assert part.evidence is Evidence.LIST, "the weakest of both"


@pytest.mark.parametrize(
    ("model", "token_type", "tier", "context", "cents"),
    [
        ("claude-haiku-4-5-20251001", TokenType.UNCACHED_INPUT, "standard", "0-200k", "0.0001"),
        ("claude-haiku-4-5-20251001", TokenType.CACHE_READ, "batch", "0-200k", "0.000005"),
        ("claude-fable-5-1", TokenType.CACHE_READ, "standard", "0-200k", "0.000025"),
        ("claude-opus-5", TokenType.CACHE_WRITE_5M, "standard", "0-200k", "0.000625"),
        ("claude-opus-5", TokenType.OUTPUT, "standard", "200k-1M", None),
        ("claude-opus-5", TokenType.OUTPUT, "flex", "0-200k", None),
        ("claude-opus-5", TokenType.OUTPUT, "priority", "0-200k", None),
        ("claude-unknown", TokenType.OUTPUT, "standard", "0-200k", None),
    ],
)
def test_the_list_knows_what_is_published_and_nothing_else(
    store: Store, model: str, token_type: TokenType, tier: str, context: str, cents: str | None
) -> None:
    price = learn(store).price("a", PriceKey(model, token_type, tier, context))
    assert (None if price is None else price.cents) == (None if cents is None else Decimal(cents))
