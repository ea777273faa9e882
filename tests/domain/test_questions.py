"""Questions on demand: never more than a request may ask, whatever the filters keep; each window in one page."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdeck.api import UsageQuery
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, SERIES_DIMENSIONS, Dimension, Kind, kind_of
from meterdeck.domain.errors import UsageError
from meterdeck.domain.questions import MOST_GROUPED, MOST_ROWS, PRICE_DIMENSIONS, Question
from meterdeck.domain.scope import Before, Filter, Scope, Since, Span

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
GEO = Dimension.INFERENCE_GEO
MEMBERS: tuple[frozenset[str | None] | None, ...] = (
    None,
    frozenset({"a"}),
    frozenset({"a", "b"}),
    frozenset({None}),
    frozenset({None, "a"}),
)
"""What a filter can keep of a dimension; None: there is no filter."""


def kept(dimension: Dimension, *members: str | None) -> Filter:
    return Filter(dimension, frozenset(members))


def all_filters() -> list[tuple[Filter, ...]]:
    return [
        tuple(
            Filter(dimension, members)
            for dimension, members in zip(SERIES_DIMENSIONS, choice, strict=True)
            if members is not None
        )
        for choice in product(MEMBERS, repeat=len(SERIES_DIMENSIONS))
    ]


@pytest.mark.parametrize("dimension", ON_DEMAND_DIMENSIONS)
def test_whatever_the_filters_keep_a_question_is_one_that_the_api_takes(dimension: Dimension) -> None:
    for filters in all_filters():
        if all(None in f.members for f in filters) and len(filters) == MOST_GROUPED:
            with pytest.raises(UsageError, match="so many dimensions apart"):
                Question(dimension, filters)
            continue
        question = Question(dimension, filters)
        group_by = question.group_by
        assert group_by[0] is dimension
        assert len(set(group_by)) == len(group_by) <= MOST_GROUPED
        for f in filters:
            if None in f.members:  # no filter can name it
                assert f.dimension in group_by
                assert f.dimension not in question.sent
            else:
                assert set(question.sent[f.dimension]) == f.members
        if question.is_priced:
            assert all(d in group_by or question.pinned.get(d) for d in PRICE_DIMENSIONS)
        asked = question.at(NOW)
        UsageQuery(asked.window, asked.width, group_by, question.sent, asked.buckets)


def test_a_question_without_null_in_its_filters_tells_what_prices_depend_on() -> None:
    assert Question(GEO).group_by == (GEO, *PRICE_DIMENSIONS)
    default = Question(GEO, (kept(Dimension.WORKSPACE, None),))
    assert set(default.group_by) == {GEO, *PRICE_DIMENSIONS}
    assert default.is_priced
    console = Question(GEO, (kept(Dimension.API_KEY, None),))
    assert console.group_by == (GEO, Dimension.API_KEY)
    assert not console.is_priced


def test_what_a_filter_pins_leaves_its_place_to_another() -> None:
    filters = (kept(Dimension.API_KEY, None), kept(Dimension.MODEL, "claude-opus-5"))
    question = Question(GEO, filters)
    assert question.pinned == {Dimension.MODEL: "claude-opus-5"}
    assert Dimension.MODEL not in question.group_by
    assert len(question.group_by) == MOST_GROUPED
    assert question.is_priced


def test_rows_are_kept_by_the_filters_that_no_request_can_carry() -> None:
    question = Question(GEO, (kept(Dimension.WORKSPACE, None, "a"), kept(Dimension.MODEL, "m")))
    group_by = question.group_by
    place = group_by.index(Dimension.WORKSPACE)
    members: list[str | None] = ["x"] * len(group_by)
    kept_of = {}
    for workspace in (None, "a", "b"):
        members[place] = workspace
        kept_of[workspace] = question.keeps(group_by, members)
    assert kept_of == {None: True, "a": True, "b": False}


def test_the_order_of_filters_makes_no_other_question() -> None:
    filters = [kept(Dimension.MODEL, "m"), kept(Dimension.WORKSPACE, None), kept(Dimension.API_KEY, "k")]
    questions = {Question(GEO, tuple(pair)) for a, b in combinations(filters, 2) for pair in ((a, b), (b, a))}
    assert len(questions) == 3


@pytest.mark.parametrize(
    ("dimension", "filters", "said"),
    [
        (Dimension.MODEL, (), "is in the store"),
        (GEO, (Filter(Dimension.SPEED, frozenset({"fast"})),), "can't be filtered by speed"),
        (GEO, (Filter(Dimension.MODEL, frozenset()),), "keeps nothing"),
    ],
)
def test_what_is_no_question_is_refused(dimension: Dimension, filters: tuple[Filter, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Question(dimension, filters)


@pytest.mark.parametrize(
    ("span", "width", "buckets"),
    [
        (Span.DAY, BucketWidth.HOUR, 24),
        (Span.WEEK, BucketWidth.HOUR, 168),
        (Span.MONTH_OF_DAYS, BucketWidth.DAY, 31),
        (Span.CALENDAR_MONTH, BucketWidth.DAY, 20),
    ],
)
def test_a_window_fits_in_one_page_and_ends_with_the_running_bucket(
    span: Span, width: BucketWidth, buckets: int
) -> None:
    asked = Question(GEO, span=span).at(NOW)
    assert (asked.width, asked.buckets, asked.requests) == (width, buckets, 1)
    assert asked.window.end == width.after(NOW)


@pytest.mark.parametrize(
    ("now", "width", "buckets"),
    [
        (datetime(2026, 12, 1, 0, 20, tzinfo=UTC), BucketWidth.MINUTE, 21),
        (datetime(2026, 12, 1, 0, 59, 59, tzinfo=UTC), BucketWidth.MINUTE, 60),
        (datetime(2026, 12, 1, 1, tzinfo=UTC), BucketWidth.HOUR, 2),
        (datetime(2026, 12, 7, 23, tzinfo=UTC), BucketWidth.HOUR, 168),
        (datetime(2026, 12, 8, tzinfo=UTC), BucketWidth.DAY, 8),
    ],
)
def test_a_window_of_an_hour_is_asked_for_in_minutes_and_one_of_a_week_in_hours(
    now: datetime, width: BucketWidth, buckets: int
) -> None:
    asked = Question(GEO, span=Span.CALENDAR_MONTH).at(now)
    assert (asked.width, asked.buckets) == (width, buckets)


def test_every_span_fits_in_one_page_at_any_moment_of_a_month() -> None:
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    for hours in range(31 * 24):
        for span in Span:
            assert Question(GEO, span=span).at(moment + timedelta(hours=hours)).requests == 1


def test_a_week_that_would_be_too_much_in_hours_is_asked_for_in_days() -> None:
    too_many = MOST_ROWS // 168 + 1
    assert Question(GEO, span=Span.WEEK).at(NOW, too_many - 1).width is BucketWidth.HOUR
    assert Question(GEO, span=Span.WEEK).at(NOW, too_many) == (
        Window(datetime(2026, 11, 14, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)),
        BucketWidth.DAY,
    )
    assert Question(GEO, span=Span.DAY).at(NOW, MOST_ROWS).width is BucketWidth.HOUR, "a day is no 24 h"


def test_a_scope_is_a_question() -> None:
    scope = Scope((kept(Dimension.MODEL, "m"),), Span.WEEK, Dimension.SPEED)
    assert Question.of(scope) == Question(Dimension.SPEED, scope.filters, Span.WEEK)


def test_a_question_is_of_the_scopes_own_time_however_one_came_to_it() -> None:
    hour = Window(NOW.replace(hour=13, minute=0, second=0), NOW.replace(minute=0, second=0))
    of_hour = Question.of(Scope(by=GEO, at=hour))
    assert of_hour == Question(GEO, time=hour) != Question.of(Scope(by=GEO))
    assert Question.of(Scope(by=GEO, span=Span.WEEK, at=hour)) == of_hour
    assert Question.of(Scope(by=GEO, at=Before(hour.start, hour.end, Since(hour.end)))) == of_hour
    since = Question.of(Scope(by=GEO, at=Since(NOW)))
    assert since == Question(GEO, time=Since(NOW.replace(second=0)))
    assert since.at(NOW + timedelta(minutes=9)).buckets == 10, "its window goes on with the clock"


@pytest.mark.parametrize(
    ("hours", "minute", "rows", "width", "buckets", "is_exact"),
    [
        (1, 0, 0, BucketWidth.MINUTE, 60, True),
        (1, 5, MOST_ROWS, BucketWidth.MINUTE, 60, True),
        (6, 0, 0, BucketWidth.HOUR, 6, True),
        (6, 44, 0, BucketWidth.MINUTE, 360, True),
        (24, 44, 0, BucketWidth.MINUTE, 1440, True),
        (24, 44, 1000, BucketWidth.HOUR, 25, False),
        (25, 44, 0, BucketWidth.HOUR, 26, False),
        (168, 0, 0, BucketWidth.HOUR, 168, True),
        (240, 0, 0, BucketWidth.DAY, 11, False),
    ],
)
def test_a_time_of_its_own_is_asked_for_exactly_where_one_page_can_tell_it_and_else_widened(
    hours: int, minute: int, rows: int, width: BucketWidth, buckets: int, *, is_exact: bool
) -> None:
    start = datetime(2026, 11, 5, 5, minute, tzinfo=UTC)
    question = Question(GEO, time=Window(start, start + timedelta(hours=hours)))
    asked = question.at(NOW, rows)
    assert (asked.width, asked.buckets, asked.requests) == (width, buckets, 1)
    assert question.is_told_by(asked) is is_exact


@given(st.integers(1, 45 * 1440), st.integers(1, 45 * 1440), st.sampled_from([0, 50, MOST_ROWS]))
def test_what_is_asked_for_holds_the_whole_time_in_whole_buckets_and_no_time_to_come(
    ago: int, minutes: int, rows: int
) -> None:
    newest = BucketWidth.MINUTE.after(NOW)
    start = newest - timedelta(minutes=ago)
    for time in (Since(start), Window(start, start + timedelta(minutes=minutes))):
        question = Question(GEO, time=time)
        asked = question.at(NOW, rows)
        end = newest if isinstance(time, Since) else min(time.end, newest)
        assert asked.window.start <= start
        assert end <= asked.window.end <= asked.width.after(NOW)
        assert asked.width.floor(asked.window.start) == asked.window.start
        assert asked.window.duration % asked.width.delta == timedelta(0)
        assert question.is_told_by(asked) or asked.width is not BucketWidth.MINUTE
        UsageQuery(
            asked.window, asked.width, question.group_by, limit=min(asked.buckets, asked.width.page_limit)
        )


@pytest.mark.parametrize("dimension", ON_DEMAND_DIMENSIONS)
def test_null_under_what_is_read_on_demand_stands_for_usage_that_has_none(dimension: Dimension) -> None:
    assert kind_of(dimension, None) is Kind.NONE
    assert kind_of(dimension, None, in_bill=True) is Kind.NONE, "a line for tokens may tell no geo either"
    assert kind_of(dimension, "a") is Kind.MEMBER
