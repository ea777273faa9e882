"""Learned prices: what the simulated organisation truly pays, and which days and lines teach."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.reports import CostLine, PriceKey, Series
from meterdeck.domain.tokens import TokenCounts, TokenType
from meterdeck.queries import prices
from meterdeck.queries.look import Look
from meterdeck.queries.prices import Estimate, Price, PriceBook, PriceCache, is_settled
from meterdeck.service.simulated.catalog import streams
from meterdeck.service.simulated.options import Options
from meterdeck.service.simulated.prices import PriceTable
from meterdeck.store import Store, costs, usage
from meterdeck.store.coverage import Coverage
from values import billed, line, other_line, series, used
from world import World

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEY = PriceKey("claude-opus-5", TokenType.OUTPUT, "standard", "0-200k")


def true_prices() -> dict[PriceKey, set[Decimal]]:
    """What a token of each kind truly costs, from the simulation's own table: several where geos or speeds mix."""
    table = PriceTable(Options().discount, None)
    found: dict[PriceKey, set[Decimal]] = {}
    for stream in streams(Options().size):
        of = stream.members
        if of.service_tier == "priority":
            continue
        mix = zip(TokenType, stream.workload.mix.value, strict=True)
        for token_type in [token_type for token_type, share in mix if share]:
            key = PriceKey(of.model, token_type, of.service_tier, of.context_window)
            found.setdefault(key, set()).add(table.token(of, token_type, TODAY))
    return found


def test_prices_that_mix_nothing_are_the_true_ones(book: PriceBook) -> None:
    unmixed = {
        key: only for key, (only, *others) in ((k, sorted(v)) for k, v in true_prices().items()) if not others
    }
    assert len(unmixed) > 50
    for key, true in unmixed.items():
        learned = book.prices[key].cents
        assert abs(learned - true) <= true * Decimal("1e-9"), key


def test_prices_that_mix_geos_or_speeds_lie_between_the_true_ones(book: PriceBook) -> None:
    mixed = {key: sorted(true) for key, true in true_prices().items() if len(true) > 1}
    assert mixed
    for key, true in mixed.items():
        assert true[0] < book.prices[key].cents < true[-1], key


def test_what_no_bill_knows_has_no_price(acme: World, book: PriceBook) -> None:
    assert book.prices.keys() == true_prices().keys()
    assert not [key for key in book.prices if key.service_tier == "priority"]
    tokens = TokenCounts(output=1000)
    assert book.estimate(tokens, "claude-opus-5", "priority", "0-200k") == Estimate(unbilled_tokens=1000)
    assert not book.estimate(tokens, "claude-unknown", "standard", "0-200k").known


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
        assert cache.learn(Look(transaction), NOW + timedelta(minutes=1)) is once
        assert cache.learn(Look(transaction), NOW + DAY) is not once


@pytest.mark.parametrize(
    ("read", "since", "now", "settled"),
    [
        (None, None, 100, False),
        (10, 10, 23, False),
        (10, 4, 23, False),
        (10, 4, 24, True),
        (10, 5, 24, False),
        (10, 4, 100, True),
        (10, -30, 24, True),
        (5, -30, 24, False),
        (24, 24, 24, False),
        (71, 71, 71, False),
        (72, 72, 72, True),
    ],
)
def test_a_day_is_settled_when_two_reads_agree_or_it_is_old(
    read: int | None, since: int | None, now: int, settled: bool
) -> None:
    end = TODAY + DAY
    coverage = None if read is None or since is None else Coverage(end + read * HOUR, end + since * HOUR)
    assert is_settled(TODAY, coverage, end + now * HOUR) == settled


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
        return prices.learn(Look(transaction), NOW)


def test_both_sides_are_added_up_before_they_are_divided(store: Store) -> None:
    put(
        store,
        TODAY - 10 * DAY,
        {series("a"): 3, series("b"): 7},
        {line("a"): "1", line("b"): "2", line(None): "0.5"},
    )
    put(store, TODAY - 9 * DAY, {series("a"): 90}, {line("a"): "6.5"})
    assert learn(store).prices == {KEY: Price(Decimal("0.1"), days=2)}


def test_a_day_that_one_report_does_not_know_a_line_of_does_not_bend_its_price(store: Store) -> None:
    put(store, TODAY - 10 * DAY, {series(): 100}, {line(): "50"})
    put(store, TODAY - 9 * DAY, {series(): 100}, {})
    put(store, TODAY - 8 * DAY, {}, {line(): "70"})
    assert learn(store).prices == {KEY: Price(Decimal("0.5"), days=1)}


def test_a_day_with_a_missing_hour_teaches_nothing(store: Store) -> None:
    put(store, TODAY - 10 * DAY, {series(): 100}, {line(): "50"}, hours=23)
    assert learn(store) == PriceBook()


def test_a_day_that_is_not_settled_teaches_nothing(store: Store) -> None:
    put(store, TODAY - 2 * DAY, {series(): 100}, {line(): "50"})
    assert learn(store).prices == {}


def test_costs_that_are_not_for_tokens_teach_nothing(store: Store) -> None:
    odd = line()._replace(token_type="thinking_tokens")
    put(store, TODAY - 10 * DAY, {series(): 100}, {line(): "50", other_line(): "1000", odd: "1000"})
    assert learn(store).prices == {KEY: Price(Decimal("0.5"), days=1)}


def test_a_price_without_end_is_rounded_once_to_twelve_decimals(store: Store) -> None:
    put(store, TODAY - 10 * DAY, {series(): 3}, {line(): "1"})
    (price,) = learn(store).prices.values()
    assert price.cents == Decimal("0.333333333333")


def test_tokens_without_a_price_are_counted_and_never_priced_at_zero() -> None:
    half = PriceBook({KEY: Price(Decimal("0.5"), 1)})
    part = half.estimate(TokenCounts(output=10, cache_read=4), "claude-opus-5", "standard", "0-200k")
    assert part == Estimate(Decimal("5.0"), priced_tokens=10, unpriced_tokens=4)
    assert part.known
    assert not half.estimate(TokenCounts(cache_read=4), "claude-opus-5", "standard", "0-200k").known
    assert half.estimate(TokenCounts(), "claude-opus-5", "standard", "0-200k").known, (
        "no tokens are worth nothing"
    )
    assert part.scaled(4) == part + part + part + part
