"""A day is settled when its bill will not change any more; a day whose two reads agree tells its price before that."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store import Store, costs, coverage
from meterdeck.store.coverage import Coverage, Report
from meterdeck.store.settled import agrees, is_settled
from values import billed, line

HOUR = timedelta(hours=1)
DAY = datetime(2026, 11, 20, tzinfo=UTC)
END = DAY + timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def read(store: Store, cents: str, hours_after: int) -> None:
    """A read of the day's bill, some hours after the day had ended (before it, where they are below zero)."""
    with store.write() as transaction:
        costs.replace(transaction, Window(DAY, END), [billed(DAY, {line(): cents})], END + hours_after * HOUR)


def of_day(store: Store) -> Coverage | None:
    with store.read() as transaction:
        return coverage.covered(transaction, Report.COST, BucketWidth.DAY, Window(DAY, END)).get(DAY)


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
    coverage = None if read is None or since is None else Coverage(END + read * HOUR, END + since * HOUR)
    assert is_settled(DAY, coverage, END + now * HOUR) == settled


@pytest.mark.parametrize(
    ("reads", "agree", "settled_after_a_day"),
    [
        ([("1", 1)], False, False),
        ([("1", 1), ("1", 6)], False, False),
        ([("1", 1), ("1", 7)], True, True),
        ([("1", 1), ("1.00", 7)], True, True),
        ([("1", 1), ("2", 7)], False, False),
        ([("1", 1), ("2", 7), ("2", 12)], False, False),
        ([("1", 1), ("2", 7), ("2", 13)], True, True),
        ([("1", -8), ("1", 3)], False, False),
        ([("1", -8), ("1", 6)], True, True),
        ([("1", 1), ("1", 7), ("2", 8)], False, False),
    ],
)
def test_two_reads_agree_that_say_the_same_six_hours_apart_after_the_day_had_ended(
    store: Store, reads: list[tuple[str, int]], agree: bool, settled_after_a_day: bool
) -> None:
    for cents, hours_after in reads:
        read(store, cents, hours_after)
    known = of_day(store)
    assert known is not None
    assert agrees(DAY, known) == agree
    assert is_settled(DAY, known, END + 23 * HOUR) is False, "nothing settles within a day of its end"
    assert is_settled(DAY, known, END + 24 * HOUR) == settled_after_a_day


def test_a_settled_day_stays_settled_while_its_bill_says_the_same_and_not_when_it_says_something_new(
    store: Store,
) -> None:
    read(store, "1", 1)
    read(store, "1", 7)
    read(store, "1", 30)
    assert is_settled(DAY, of_day(store), END + 30 * HOUR)
    read(store, "2", 31)
    assert not is_settled(DAY, of_day(store), END + 31 * HOUR)
    read(store, "2", 37)
    assert is_settled(DAY, of_day(store), END + 37 * HOUR)
    read(store, "3", 72)
    assert is_settled(DAY, of_day(store), END + 72 * HOUR), "what is read three days after the end is final"
