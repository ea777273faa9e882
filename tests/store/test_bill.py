"""The bill is kept as the text that came, a window at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.money import sum_exactly
from meterdeck.domain.reports import CostBucket, CostLine
from meterdeck.domain.tokens import TokenType
from meterdeck.store import Store, costs, coverage
from meterdeck.store.coverage import Report
from values import billed, line, other_line

DAY = BucketWidth.DAY
START = datetime(2026, 11, 17, tzinfo=UTC)
FIRST_READ = START + timedelta(days=4)
LATER = FIRST_READ + timedelta(hours=7)
INPUT, OUTPUT, DEFAULT, SEARCH = line(token_type=TokenType.UNCACHED_INPUT), line(), line(None), other_line()


def day(number: int) -> datetime:
    return START + number * DAY.delta


def days(first: int, end: int) -> Window:
    return Window(day(first), day(end))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def put(store: Store, window: Window, buckets: list[CostBucket], read_at: datetime = FIRST_READ) -> bool:
    with store.write() as transaction:
        return costs.replace(transaction, window, buckets, read_at)


def lines(store: Store) -> dict[tuple[datetime, CostLine], str]:
    with store.read() as transaction:
        found = costs.lines(transaction, days(-50, 50))
    assert found == sorted(found, key=lambda one: one.day)
    return {(one.day, one.line): str(one.cents) for one in found}


@pytest.mark.parametrize(
    "cents", ["17.5000", "0", "0.000000000001", "123456789012345678.123456789", "-3.50", "1E+3", "1E-7"]
)
def test_an_amount_is_kept_digit_by_digit_as_it_came(store: Store, cents: str) -> None:
    put(store, days(0, 1), [billed(day(0), {OUTPUT: cents})])
    with store.read() as transaction:
        (kept,) = costs.lines(transaction, days(0, 1))
    assert kept.cents.as_tuple() == Decimal(cents).as_tuple()


def test_every_field_of_a_line_is_part_of_its_identity_and_null_is_kept(store: Store) -> None:
    whole = CostLine("w", "d", "tokens", "m", "output_tokens", "standard", "0-200k", "global")
    without = [CostLine._make([*whole[:place], None, *whole[place + 1 :]]) for place in range(len(whole) - 1)]
    rows = {whole: "1", whole._replace(currency="EUR"): "2"}
    rows |= {line: f"{place}.5" for place, line in enumerate(without)}
    put(store, days(0, 1), [billed(day(0), rows)])
    assert lines(store) == {(day(0), of): cents for of, cents in rows.items()}


def test_lines_of_equal_identity_within_one_answer_are_added_exactly(store: Store) -> None:
    put(
        store,
        days(0, 1),
        [billed(day(0), [(OUTPUT, "0.1"), (SEARCH, "5"), (OUTPUT, "0.2"), (OUTPUT, "0.000000000001")])],
    )
    assert lines(store) == {(day(0), OUTPUT): "0.300000000001", (day(0), SEARCH): "5"}


def test_a_day_is_replaced_and_its_vanished_lines_vanish(store: Store) -> None:
    put(store, days(0, 3), [billed(day(n), {OUTPUT: "5", INPUT: "6"}) for n in range(3)])
    assert put(store, days(1, 3), [billed(day(1), {OUTPUT: "5.5"}), billed(day(2), {})], LATER)
    assert lines(store) == {(day(0), OUTPUT): "5", (day(0), INPUT): "6", (day(1), OUTPUT): "5.5"}


def test_a_day_that_is_left_out_is_no_longer_covered(store: Store) -> None:
    put(store, days(0, 2), [billed(day(0), {OUTPUT: "5"}), billed(day(1), {OUTPUT: "6"})])
    assert put(store, days(0, 2), [billed(day(0), {OUTPUT: "5"})], LATER)
    assert lines(store) == {(day(0), OUTPUT): "5"}
    with store.read() as transaction:
        assert list(coverage.covered(transaction, Report.COST, DAY, days(0, 2))) == [day(0)]


def test_two_reads_that_agree_say_since_when(store: Store) -> None:
    put(store, days(0, 2), [billed(day(0), {OUTPUT: "5.00"}), billed(day(1), {OUTPUT: "6"})])
    assert put(store, days(0, 2), [billed(day(0), {OUTPUT: "5.0"}), billed(day(1), {OUTPUT: "7"})], LATER)
    with store.read() as transaction:
        read = coverage.covered(transaction, Report.COST, DAY, days(0, 2))
    assert (read[day(0)].read_at, read[day(0)].unchanged_since) == (LATER, FIRST_READ)
    assert (read[day(1)].read_at, read[day(1)].unchanged_since) == (LATER, LATER)


def test_reading_twice_is_reading_once(store: Store) -> None:
    buckets = [billed(day(0), {OUTPUT: "5", DEFAULT: "6", SEARCH: "1.25"}), billed(day(1), {})]
    assert put(store, days(0, 2), buckets)
    once = lines(store)
    assert not put(store, days(0, 2), buckets, LATER)
    assert lines(store) == once


rows = st.lists(
    st.tuples(
        st.sampled_from([INPUT, OUTPUT, DEFAULT, SEARCH]), st.decimals(-(10**9), 10**12, places=8).map(str)
    ),
    max_size=5,
)
reads = st.lists(
    st.tuples(st.integers(0, 4), st.integers(1, 4), st.dictionaries(st.integers(0, 7), rows)), max_size=5
)


@settings(max_examples=25)
@given(reads)
def test_after_any_reads_the_sum_is_that_of_the_last_read_of_each_day(
    many: list[tuple[int, int, dict[int, list[tuple[CostLine, str]]]]],
) -> None:
    last: dict[int, list[tuple[CostLine, str]]] = {}
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store.db")
        for number, (first, length, answer) in enumerate(many):
            end = first + length
            came = {place: answer[place] for place in sorted(answer) if first <= place < end}
            last = {place: kept for place, kept in last.items() if not first <= place < end} | came
            buckets = [billed(day(place), of_day) for place, of_day in came.items()]
            put(store, days(first, end), buckets, FIRST_READ + timedelta(minutes=number))
        kept = sum_exactly(Decimal(cents) for cents in lines(store).values())
        store.close()
    assert kept == sum_exactly(Decimal(cents) for of_day in last.values() for _, cents in of_day)
