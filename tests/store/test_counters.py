"""Counters without a column: written, replaced, added up and thinned as the rows that they belong to."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.counters import is_cache_write
from meterdeck.domain.reports import Series, UsageBucket
from meterdeck.store import Store, counters, sums, thinning, usage
from store.model import Read
from values import series, used

HOUR, MINUTE, DAY = BucketWidth.HOUR, BucketWidth.MINUTE, BucketWidth.DAY
START = datetime(2026, 11, 20, tzinfo=UTC)
READ_AT = START + timedelta(days=3)
WRITES, THOUGHT, FETCHES = (
    "cache_creation.ephemeral_24h_input_tokens",
    "reasoning_tokens",
    "server_tool_use.web_fetch_requests",
)
A, B = series("wrkspc_a"), series("wrkspc_b")

Named = dict[Series, dict[str, int]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def hour(number: int) -> datetime:
    return START + number * HOUR.delta


def window(first: int, end: int) -> Window:
    return Window(hour(first), hour(end))


def counting(bucket: UsageBucket, **others: int) -> UsageBucket:
    """The same bucket, each of whose rows counts this beside its tokens."""
    rows = tuple(
        row._replace(others=tuple(sorted((NAMES[name], count) for name, count in others.items())))
        for row in bucket.rows
    )
    return UsageBucket(bucket.window, bucket.group_by, rows)


NAMES = {"writes": WRITES, "thought": THOUGHT, "fetches": FETCHES}


def put(
    store: Store,
    buckets: list[UsageBucket],
    where: Window,
    width: BucketWidth = HOUR,
    read_at: datetime = READ_AT,
) -> bool:
    with store.write() as transaction:
        return usage.replace(transaction, width, where, buckets, read_at)


def counted(store: Store, where: Window, width: BucketWidth | None = None) -> Named:
    """What each series counts in a window, as panes ask for it, or in the buckets of one width."""
    with store.read() as transaction:
        known = sums.series(transaction)
        found = (
            counters.by_series(transaction, where)
            if width is None
            else counters.parts_by_series(transaction, width, where)
        )
        return {known[of]: named for of, named in found.items()}


def test_a_row_keeps_what_it_counts_by_series_and_name(store: Store) -> None:
    rows = [
        counting(used(hour(0), {A: 5}), writes=1000, fetches=3),
        counting(used(hour(1), {B: 6}), thought=7),
    ]
    assert put(store, rows, window(0, 2))
    assert counted(store, window(0, 2)) == {A: {WRITES: 1000, FETCHES: 3}, B: {THOUGHT: 7}}
    assert counted(store, window(1, 2)) == {B: {THOUGHT: 7}}
    with store.read() as transaction:
        assert counters.names(transaction) == (WRITES, THOUGHT, FETCHES)
        assert counters.names(transaction, window(1, 2)) == (THOUGHT,)


def test_only_new_cache_writes_belong_into_totals() -> None:
    assert [is_cache_write(name) for name in (WRITES, THOUGHT, FETCHES)] == [True, False, False]


def test_rows_of_one_series_in_one_answer_are_added(store: Store) -> None:
    put(store, [counting(used(hour(0), [(A, 5), (A, 6)]), writes=10)], window(0, 1))
    assert counted(store, window(0, 1)) == {A: {WRITES: 20}}


def test_a_read_again_replaces_what_was_counted_and_what_vanished_vanishes(store: Store) -> None:
    put(store, [counting(used(hour(n), {A: 5}), writes=10, thought=1) for n in range(3)], window(0, 3))
    later = READ_AT + timedelta(hours=1)
    assert put(store, [counting(used(hour(1), {A: 5}), writes=11)], window(1, 3), read_at=later)
    assert counted(store, window(0, 1)) == {A: {WRITES: 10, THOUGHT: 1}}
    assert counted(store, window(1, 3)) == {A: {WRITES: 11}}


def test_a_read_that_says_the_same_changes_nothing_and_one_that_counts_otherwise_does(store: Store) -> None:
    put(store, [counting(used(hour(0), {A: 5}), writes=10)], window(0, 1))
    assert not put(store, [counting(used(hour(0), {A: 5}), writes=10)], window(0, 1))
    assert put(store, [counting(used(hour(0), {A: 5}), writes=11)], window(0, 1))
    assert put(store, [used(hour(0), {A: 5})], window(0, 1))
    assert counted(store, window(0, 1)) == {}


def test_an_answer_that_is_older_replaces_nothing(store: Store) -> None:
    put(store, [counting(used(hour(0), {A: 5}), writes=10)], window(0, 1))
    put(
        store, [counting(used(hour(0), {A: 5}), writes=9)], window(0, 1), read_at=READ_AT - timedelta(hours=1)
    )
    assert counted(store, window(0, 1)) == {A: {WRITES: 10}}


def test_minutes_add_up_to_their_hour_and_hours_to_their_day(store: Store) -> None:
    minutes = [counting(used(minute, {A: 1}, MINUTE), writes=2) for minute in window(0, 1).starts(MINUTE)]
    put(store, minutes, window(0, 1), MINUTE)
    assert counted(store, window(0, 1)) == {A: {WRITES: 120}}
    assert counted(store, Window(hour(0), hour(0) + 5 * MINUTE.delta), MINUTE) == {A: {WRITES: 10}}
    put(store, [counting(used(hour(n), {A: 1}), writes=100) for n in range(1, 24)], window(1, 24))
    assert counted(store, window(0, 24), DAY) == {A: {WRITES: 120 + 2300}}
    assert counted(store, window(0, 24)) == counted(store, window(0, 24), HOUR)


def test_old_minutes_and_hours_take_what_they_count_with_them_and_the_day_stays(store: Store) -> None:
    minutes = [counting(used(minute, {A: 1}, MINUTE), writes=1) for minute in window(0, 1).starts(MINUTE)]
    put(store, minutes, window(0, 1), MINUTE, READ_AT - timedelta(days=2))
    put(store, [counting(used(hour(n), {A: 60}), writes=60) for n in range(24)], window(0, 24))
    thinning.thin(store, READ_AT)
    assert counted(store, window(0, 24), MINUTE) == {}
    assert counted(store, window(0, 24)) == {A: {WRITES: 24 * 60}}
    thinning.thin(store, READ_AT + timedelta(days=500))
    assert counted(store, window(0, 24), HOUR) == {}
    assert counted(store, window(0, 24)) == {A: {WRITES: 24 * 60}}


reads = st.lists(
    st.builds(
        lambda width, first, length, read_at, edition, has_holes: Read(
            width, window(first, first + length), START + timedelta(hours=read_at), edition, has_holes
        ),
        st.sampled_from([HOUR, MINUTE]),
        st.integers(0, 26),
        st.integers(1, 26),
        st.integers(1, 90),
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=6,
)


@settings(max_examples=20, deadline=None)
@given(reads, st.integers(0, 2**30))
def test_after_any_reads_what_is_counted_has_gone_the_way_of_the_tokens_beside_it(
    many: list[Read], lots: int
) -> None:
    """Each row counts as many new cache writes as it has output tokens: sums of both must agree everywhere."""
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store.db")
        for read in many:
            buckets = [
                UsageBucket(
                    bucket.window,
                    bucket.group_by,
                    tuple(
                        row._replace(others=((WRITES, row.tokens.output),) if row.tokens.output else ())
                        for row in bucket.rows
                    ),
                )
                for bucket in read.buckets()
            ]
            put(store, buckets, read.window, read.width, read.read_at)
        if lots % 2:
            thinning.thin(store, START + timedelta(days=random.Random(lots).choice([4, 500])))
        with store.read() as transaction:
            for where in (window(0, 24), window(0, 52), window(5, 30)):
                tokens = {of: {WRITES: c[4]} for of, c in sums.by_series(transaction, where).items() if c[4]}
                assert counters.by_series(transaction, where) == tokens
                for width in BucketWidth:
                    parts = sums.parts_by_series(transaction, width, where)
                    tokens = {of: {WRITES: c[4]} for of, c in parts.items() if c[4]}
                    assert counters.parts_by_series(transaction, width, where) == tokens
        store.close()


def test_an_organisation_without_such_counters_has_none_of_their_rows(store: Store) -> None:
    put(store, [used(hour(n), {A: 5}) for n in range(24)], window(0, 24))
    with store.read() as transaction:
        assert transaction.one("SELECT count(*) FROM counter") == (0,)
        assert counters.names(transaction) == counters.names(transaction, window(0, 24)) == ()
        assert counters.by_series(transaction, window(0, 24)) == {}
        assert counters.minutes_by_series(transaction, window(0, 24)) == {}
