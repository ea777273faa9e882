"""Sums of usage: any grouping, any filter, null members too, always the same tokens."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.reports import Series
from meterdeck.domain.scope import Filter
from meterdeck.domain.tokens import TokenCounts
from meterdeck.store import Store, sums, usage
from values import series, used

HOUR, DAY = BucketWidth.HOUR, BucketWidth.DAY
START = datetime(2026, 11, 19, 22, tzinfo=UTC)
WINDOW = Window(START, START + 4 * HOUR.delta)
ALL = [
    series(workspace, model, key, tier)
    for workspace in (None, "wrkspc_a", "wrkspc_b")
    for model in ("claude-opus-5", "claude-sonnet-5")
    for key in (None, "apikey_1")
    for tier in ("standard", "batch")
]
ROWS = {
    (START + hour * HOUR.delta, of): TokenCounts(*(10 ** (3 * n) * (1 + hour + place) for n in range(5)))
    for hour in range(4)
    for place, of in enumerate(ALL)
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(tmp_path_factory.mktemp("totals") / "store.db")
    with opened.write() as transaction:
        for hour in WINDOW.starts(HOUR):
            rows = {of: tokens for (start, of), tokens in ROWS.items() if start == hour}
            window = Window(hour, hour + HOUR.delta)
            usage.replace(transaction, HOUR, window, [used(hour, rows, searches=2)], WINDOW.end)
    yield opened
    opened.close()


def found(
    store: Store,
    group_by: tuple[Dimension, ...],
    filters: tuple[Filter, ...] = (),
    each: BucketWidth | None = None,
) -> dict[tuple[datetime | None, tuple[str | None, ...]], tuple[TokenCounts, int]]:
    with store.read() as transaction:
        totals = list(sums.totals(transaction, WINDOW, group_by, filters, each=each))
    keyed = {(total.start, total.members): (total.tokens, total.web_searches) for total in totals}
    assert len(keyed) == len(totals), "a combination came twice"
    return keyed


def expected(
    group_by: tuple[Dimension, ...], filters: tuple[Filter, ...] = (), each: BucketWidth | None = None
) -> dict[tuple[datetime | None, tuple[str | None, ...]], tuple[TokenCounts, int]]:
    """The same sums, made by hand."""
    sums: dict[tuple[datetime | None, tuple[str | None, ...]], tuple[TokenCounts, int]] = {}
    for (start, of), tokens in ROWS.items():
        if all(member(of, f.dimension) in f.members for f in filters):
            key = (
                each.floor(start) if each else None,
                tuple(member(of, dimension) for dimension in group_by),
            )
            have = sums.get(key, (TokenCounts(), 0))
            sums[key] = (have[0] + tokens, have[1] + 2)
    return sums


def member(of: Series, dimension: Dimension) -> str | None:
    return of[SERIES_DIMENSIONS.index(dimension)]


@pytest.mark.parametrize("each", [None, HOUR, DAY])
@pytest.mark.parametrize(
    "group_by",
    [of for size in range(6) for of in combinations(SERIES_DIMENSIONS, size)],
    ids=lambda of: f"{len(of)}",
)
def test_every_grouping_adds_up_to_what_was_stored(
    store: Store, group_by: tuple[Dimension, ...], each: BucketWidth | None
) -> None:
    assert found(store, group_by, each=each) == expected(group_by, each=each)


@pytest.mark.parametrize(
    "filters",
    [
        (Filter(Dimension.WORKSPACE, frozenset({None})),),
        (Filter(Dimension.WORKSPACE, frozenset({None, "wrkspc_b"})),),
        (Filter(Dimension.API_KEY, frozenset({None})),),
        (
            Filter(Dimension.API_KEY, frozenset({"apikey_1"})),
            Filter(Dimension.WORKSPACE, frozenset({"wrkspc_a"})),
        ),
        (
            Filter(Dimension.MODEL, frozenset({"claude-opus-5"})),
            Filter(Dimension.SERVICE_TIER, frozenset({"batch"})),
            Filter(Dimension.CONTEXT_WINDOW, frozenset({"0-200k"})),
        ),
        (Filter(Dimension.MODEL, frozenset({"claude-unknown"})),),
        (Filter(Dimension.MODEL, frozenset({"x') OR 1=1 --", '"]'})),),
        (Filter(Dimension.MODEL, frozenset()),),
    ],
)
@pytest.mark.parametrize("each", [None, HOUR])
def test_filters_keep_exactly_their_members_and_null_is_one(
    store: Store, filters: tuple[Filter, ...], each: BucketWidth | None
) -> None:
    for group_by in ((), (Dimension.WORKSPACE,), SERIES_DIMENSIONS):
        assert found(store, group_by, filters, each) == expected(group_by, filters, each)


def test_totals_come_in_the_order_of_time(store: Store) -> None:
    with store.read() as transaction:
        starts = [t.start for t in sums.totals(transaction, WINDOW, (Dimension.MODEL,), each=HOUR)]
    assert starts == sorted(starts, key=lambda start: start or START)


def test_a_window_without_usage_has_no_total_and_not_a_zero(store: Store) -> None:
    before = Window(START - timedelta(hours=3), START)
    with store.read() as transaction:
        assert list(sums.totals(transaction, before, ())) == []


def test_known_members_are_all_that_were_ever_seen(store: Store) -> None:
    with store.read() as transaction:
        assert set(sums.known_members(transaction, Dimension.WORKSPACE)) == {None, "wrkspc_a", "wrkspc_b"}
        assert sums.known_members(transaction, Dimension.CONTEXT_WINDOW) == ("0-200k",)


def test_counters_near_the_largest_believable_add_up(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db")
    most = TokenCounts(*[10**15] * 5)
    with store.write() as transaction:
        usage.replace(transaction, HOUR, WINDOW, [used(START, dict.fromkeys(ALL, most))], WINDOW.end)
    with store.read() as transaction:
        (total,) = sums.totals(transaction, WINDOW, ())
    assert total.tokens == TokenCounts(*[len(ALL) * 10**15] * 5)
    store.close()
