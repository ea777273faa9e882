"""A settled day's bill is shared out once and kept; it changes only where the day is restated, which is named."""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from disk.disks import folder_for_anybody, without_roots_rights
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.reports import CostLine, Series
from meterdeck.domain.scope import Scope
from meterdeck.domain.tokens import TokenCounts
from meterdeck.queries.costs import day_costs
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.store import Store, allocation, costs, restatements, sums, usage
from meterdeck.store.allocation import Allocation
from meterdeck.store.restatements import Restatement
from meterdeck.store.topics import Topic
from values import billed, line, other_line, series, used

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
NOW = TODAY + 14 * HOUR
SETTLED = TODAY - 5 * DAY
FIRST, SECOND = series(key="apikey_1"), series(key="apikey_2")
OLD = Path(__file__).parent / "old"

Amounts = dict[str | None, Decimal]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def use(
    store: Store,
    tokens: Mapping[Series, int | TokenCounts],
    day: datetime = SETTLED,
    *,
    hours: int = 24,
    read_at: datetime = NOW,
    searches: int = 0,
) -> None:
    """A day that uses these tokens in its first hour."""
    window = Window(day, day + hours * HOUR)
    rows = [
        used(start, tokens if start == day else {}, searches=searches)
        for start in window.starts(BucketWidth.HOUR)
    ]
    with store.write() as transaction:
        usage.replace(transaction, BucketWidth.HOUR, window, rows, read_at)


def bill(
    store: Store, lines: Mapping[CostLine, str], day: datetime = SETTLED, *, read_at: datetime = NOW
) -> None:
    with store.write() as transaction:
        costs.replace(transaction, Window(day, day + DAY), [billed(day, lines)], read_at)


def kept(store: Store, day: datetime = SETTLED) -> Allocation | None:
    with store.read() as transaction:
        return allocation.load(transaction, day)


def cents_by_key(store: Store, found: Allocation | None) -> Amounts:
    """What each key has of a day, in cents; nothing of a day that is not kept."""
    assert found is not None, "the day is not kept"
    with store.read() as transaction:
        known = sums.series(transaction)
    return {
        known[of].api_key_id: Decimal(sum(amount or 0 for amount in share.amounts)).scaleb(-found.decimals)
        for of, share in found.shares.items()
    }


def restated(store: Store) -> list[Restatement]:
    with store.read() as transaction:
        return restatements.since(transaction, TODAY - 40 * DAY)


def revision(store: Store) -> int:
    with store.read() as transaction:
        return transaction.revisions().get(Topic.ALLOCATION, 0)


def test_a_settled_day_is_shared_out_by_tokens_and_kept(store: Store) -> None:
    use(store, {FIRST: 1, SECOND: 2})
    bill(store, {line(): "10"})
    assert kept(store) is None
    assert allocation.keep_up(store, NOW) == 1
    found = kept(store)
    assert found is not None
    assert cents_by_key(store, found) == {
        "apikey_1": Decimal("3.333333333333"),
        "apikey_2": Decimal("6.666666666667"),
    }
    assert found.decimals == 12
    assert found.rest == frozenset()


def test_it_is_kept_once_and_never_changed_while_nothing_is_restated(store: Store) -> None:
    use(store, {FIRST: 1, SECOND: 2})
    bill(store, {line(): "10"})
    allocation.keep_up(store, NOW)
    before, of_before = kept(store), revision(store)
    for later in (NOW, NOW + DAY, NOW + 30 * DAY):
        assert allocation.keep_up(store, later) == 0
    bill(store, {line(): "10.00"}, read_at=NOW + HOUR)
    use(store, {FIRST: 1, SECOND: 2}, read_at=NOW + HOUR)
    assert (kept(store), revision(store)) == (before, of_before)
    assert restated(store) == [], "the same amount in other words is no other amount"


@pytest.mark.parametrize(
    ("hours", "read_at", "why"),
    [
        (0, NOW, "its hours were never read"),
        (24, None, "its bill was never read"),
        (23, NOW, "an hour is lacking"),
        (
            24,
            SETTLED + 3 * DAY,
            "its bill was read once, less than 72 hours after the day: it may still change",
        ),
    ],
)
def test_a_day_that_is_not_settled_or_not_whole_is_not_shared_out(
    store: Store, hours: int, read_at: datetime | None, why: str
) -> None:
    if hours:
        use(store, {FIRST: 1}, hours=hours)
    if read_at is not None:
        bill(store, {line(): "10"}, read_at=read_at)
    assert allocation.keep_up(store, NOW) == 0, why
    assert kept(store) is None


def test_a_day_is_shared_out_as_soon_as_two_reads_of_its_bill_agree(store: Store) -> None:
    day = TODAY - 2 * DAY
    use(store, {FIRST: 1}, day)
    bill(store, {line(): "10"}, day, read_at=day + DAY + HOUR)
    assert allocation.keep_up(store, NOW) == 0
    bill(store, {line(): "10"}, day, read_at=day + DAY + 7 * HOUR)
    assert allocation.keep_up(store, NOW) == 1
    assert cents_by_key(store, kept(store, day)) == {"apikey_1": Decimal(10)}


def test_more_days_than_one_turn_are_all_shared_out(store: Store) -> None:
    days = [SETTLED - number * DAY for number in range(allocation.DAYS_A_TURN + 2)]
    for day in days:
        use(store, {FIRST: 1}, day)
        bill(store, {line(): "10"}, day)
    assert allocation.keep_up(store, NOW) == len(days)
    with store.read() as transaction:
        assert allocation.kept_days(transaction, Window(days[-1], TODAY)) == set(days)


def test_a_restated_bill_is_forgotten_shared_out_anew_and_named(store: Store) -> None:
    use(store, {FIRST: 1, SECOND: 1})
    bill(store, {line(): "10"})
    allocation.keep_up(store, NOW)
    noticed = NOW + HOUR
    bill(store, {line(): "30"}, read_at=noticed)
    assert kept(store) is None
    assert restated(store) == [Restatement(SETTLED, noticed, Decimal(10), Decimal(30))]
    assert allocation.keep_up(store, NOW + 7 * HOUR) == 1
    assert cents_by_key(store, kept(store)) == {"apikey_1": Decimal(15), "apikey_2": Decimal(15)}


def test_a_line_that_vanishes_from_a_settled_bill_restates_it(store: Store) -> None:
    use(store, {FIRST: 1})
    bill(store, {line(): "10", other_line("session_usage"): "5"})
    allocation.keep_up(store, NOW)
    bill(store, {line(): "10"}, read_at=NOW + HOUR)
    (found,) = restated(store)
    assert (found.before, found.after) == (Decimal(15), Decimal(10))


def test_a_day_that_is_restated_twice_keeps_its_first_amount(store: Store) -> None:
    use(store, {FIRST: 1})
    bill(store, {line(): "10"})
    for number, cents in enumerate(("12", "15"), start=1):
        allocation.keep_up(store, NOW + number * DAY)
        bill(store, {line(): cents}, read_at=NOW + number * DAY + HOUR)
    assert restated(store) == [Restatement(SETTLED, NOW + 2 * DAY + HOUR, Decimal(10), Decimal(15))]


def test_a_restated_hour_is_forgotten_shared_out_anew_and_named_with_equal_sums(store: Store) -> None:
    use(store, {FIRST: 1, SECOND: 1})
    bill(store, {line(): "10"})
    allocation.keep_up(store, NOW)
    noticed = NOW + HOUR
    use(store, {FIRST: 1, SECOND: 3}, read_at=noticed)
    assert kept(store) is None
    assert restated(store) == [Restatement(SETTLED, noticed, Decimal(10), Decimal(10))]
    assert allocation.keep_up(store, NOW + 2 * HOUR) == 1
    assert cents_by_key(store, kept(store)) == {"apikey_1": Decimal("2.5"), "apikey_2": Decimal("7.5")}


def test_an_open_days_bill_may_change_as_it_likes_and_is_named_nowhere(store: Store) -> None:
    use(store, {FIRST: 1}, TODAY - DAY)
    for number, cents in enumerate(("1", "2", "4")):
        bill(store, {line(): cents}, TODAY - DAY, read_at=NOW + number * HOUR)
    assert restated(store) == []


def test_a_day_restated_leaves_the_others_as_they_are(store: Store) -> None:
    for day in (SETTLED, SETTLED - DAY):
        use(store, {FIRST: 1}, day)
        bill(store, {line(): "10"}, day)
    allocation.keep_up(store, NOW)
    bill(store, {line(): "11"}, read_at=NOW + HOUR)
    assert cents_by_key(store, kept(store, SETTLED - DAY)) == {"apikey_1": Decimal(10)}


def test_amounts_beyond_64_bits_are_kept_and_added_up_to_the_last_unit(store: Store) -> None:
    days = [SETTLED - number * DAY for number in range(3)]
    large = "987654321012345.000000000001"
    for day in days:
        use(store, {FIRST: 2, SECOND: 1}, day)
        bill(store, {line(): large}, day)
    allocation.keep_up(store, NOW)
    for day in days:
        of_day = kept(store, day)
        assert sum(cents_by_key(store, of_day).values()) == Decimal(large)
        assert of_day is not None
        assert max(share.amounts[4] or 0 for share in of_day.shares.values()) > 2**63
    with store.read() as transaction:
        found = list(allocation.totals(transaction, days))
    total = sum(sum(amount or 0 for amount in one.share.amounts) for one in found)
    assert Decimal(total).scaleb(-12) == 3 * Decimal(large)


def test_sums_of_many_days_that_no_integer_of_the_store_can_hold_are_exact(store: Store) -> None:
    days = [SETTLED - number * DAY for number in range(12)]
    for day in days:
        use(store, {FIRST: 1}, day)
        bill(store, {line(): "9000000.000000000001"}, day)
    allocation.keep_up(store, NOW)
    with store.read() as transaction:
        (found,) = allocation.totals(transaction, days)
    assert found.share.amounts[4] == 12 * (9_000_000 * 10**12 + 1) > 2**63


def test_amounts_finer_than_twelve_decimals_are_shared_out_in_units_as_fine(store: Store) -> None:
    use(store, {FIRST: 1, SECOND: 1})
    bill(store, {line(): "1.000000000000000000003"})
    allocation.keep_up(store, NOW)
    found = kept(store)
    assert found is not None
    assert found.decimals == 21
    assert cents_by_key(store, found) == {
        "apikey_1": Decimal("0.500000000000000000002"),
        "apikey_2": Decimal("0.500000000000000000001"),
    }


def test_zeros_behind_an_amount_make_no_unit_finer(store: Store) -> None:
    use(store, {FIRST: 1})
    bill(store, {line(): "1.00000000000000000000"})
    allocation.keep_up(store, NOW)
    found = kept(store)
    assert found is not None
    assert found.decimals == 12


def test_what_nothing_can_be_shared_out_by_stays_with_its_line(store: Store) -> None:
    use(store, {FIRST: 1})
    sessions, others_tokens = other_line("session_usage"), line(workspace="wrkspc_of_nobody")
    bill(store, {line(): "10", sessions: "7", others_tokens: "3"})
    allocation.keep_up(store, NOW)
    with store.read() as transaction:
        lines = costs.line_ids(transaction)
        rest = allocation.rest_of(transaction, [SETTLED])
    assert {(day, lines[of]) for day, of in rest} == {(SETTLED, sessions), (SETTLED, others_tokens)}
    assert cents_by_key(store, kept(store)) == {"apikey_1": Decimal(10)}


def test_tokens_and_searches_without_a_line_have_no_amount_and_are_counted(store: Store) -> None:
    use(store, {FIRST: TokenCounts(output=5, cache_read=70)}, searches=3)
    bill(store, {line(): "10"})
    allocation.keep_up(store, NOW)
    found = kept(store)
    assert found is not None
    (share,) = found.shares.values()
    assert share.amounts == (None, None, None, None, 10 * 10**12, None)
    assert (share.unmatched, share.unmatched_searches) == (70, 3)
    with store.read() as transaction:
        ((day, _, tokens, searches),) = allocation.unmatched(transaction, [SETTLED])
    assert (day, tokens, searches) == (SETTLED, 70, 3)


def test_lines_of_several_geos_are_one_pool_and_its_parts_are_mixed(store: Store) -> None:
    use(store, {FIRST: TokenCounts(output=1, uncached_input=1), SECOND: 3})
    in_us = line()._replace(inference_geo="us", description="in the US")
    bill(store, {line(): "10", in_us: "30"})
    allocation.keep_up(store, NOW)
    assert cents_by_key(store, kept(store)) == {"apikey_1": Decimal(10), "apikey_2": Decimal(30)}
    found = kept(store)
    assert found is not None
    assert {share.mixed for share in found.shares.values()} == {1 << 4}


def test_lines_in_other_currencies_are_shared_out_to_nobody(store: Store) -> None:
    use(store, {FIRST: 1})
    bill(store, {line(): "10", line()._replace(currency="EUR"): "1000"})
    allocation.keep_up(store, NOW)
    assert cents_by_key(store, kept(store)) == {"apikey_1": Decimal(10)}


def usd_by_key(store: Store) -> dict[str | None, Decimal | None]:
    with store.read() as transaction:
        look = Look(transaction)
        window = Window(SETTLED, SETTLED + DAY)
        found = day_costs(look, Scope(by=Dimension.API_KEY), window, NOW, learn(look, NOW))
        return {member.id: spend.dollars.amount for _, member, spend in found.each()}


def test_a_store_that_can_only_be_read_is_shared_out_each_time_to_the_same(store: Store) -> None:
    use(store, {FIRST: 1, SECOND: 2})
    bill(store, {line(): "10"})
    with folder_for_anybody() as folder, without_roots_rights(folder):
        path = folder / "data" / "store.db"
        written = Store(path)
        use(written, {FIRST: 1, SECOND: 2})
        bill(written, {line(): "10"})
        written.close()
        path.chmod(0o400)
        path.parent.chmod(0o500)
        reader = Store(path)
        assert reader.read_only
        assert allocation.keep_up(reader, NOW) == 0
        worked_out = usd_by_key(reader)
        assert kept(reader) is None
        reader.close()
    allocation.keep_up(store, NOW)
    assert kept(store) is not None
    assert worked_out == usd_by_key(store)
    assert sum(usd or 0 for usd in worked_out.values()) == Decimal("0.1")


@pytest.mark.parametrize("name", sorted(file.name for file in OLD.iterdir()))
def test_the_days_of_a_migrated_store_are_shared_out_without_reading_anything_again(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    connection.executescript((OLD / name).read_text())
    connection.close()
    migrated = Store(path)
    try:
        day = datetime(2026, 11, 20, tzinfo=UTC)
        # Its bill was read once, 22 hours after the day: it settles when a read 6 hours later agrees.
        assert allocation.keep_up(migrated, day + 3 * DAY) == 0
        bill(migrated, {line()._replace(description="Output"): "12.3450"}, day, read_at=day + 3 * DAY)
        assert allocation.keep_up(migrated, day + 3 * DAY) == 1
        assert sum(cents_by_key(migrated, kept(migrated, day)).values()) == Decimal("12.345")
    finally:
        migrated.close()
