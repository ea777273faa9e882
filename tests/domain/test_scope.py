from datetime import UTC, datetime, timedelta

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension, Kind, kind_of
from meterdeck.domain.scope import Filter, Scope, Span

NOW = datetime(2026, 11, 20, 14, 37, tzinfo=UTC)


def test_a_filter_is_set_replaced_and_taken_away_and_the_scope_itself_never_changes() -> None:
    scope = Scope()
    models = scope.filtered(Dimension.MODEL, ["claude-opus-5"])
    both = models.filtered(Dimension.WORKSPACE, [None, "wrkspc_a"])
    assert scope.members(Dimension.MODEL) is None
    assert both.members(Dimension.MODEL) == frozenset({"claude-opus-5"})
    assert both.members(Dimension.WORKSPACE) == frozenset({None, "wrkspc_a"})
    replaced = both.filtered(Dimension.MODEL, {"claude-sonnet-5"})
    assert replaced.members(Dimension.MODEL) == frozenset({"claude-sonnet-5"})
    assert len(replaced.filters) == 2
    assert replaced.filtered(Dimension.WORKSPACE, None).filtered(Dimension.MODEL, []) == scope


def test_a_filter_on_the_default_workspace_is_a_filter() -> None:
    scope = Scope().filtered(Dimension.WORKSPACE, [None])
    assert scope.filters == (Filter(Dimension.WORKSPACE, frozenset({None})),)


def test_filtering_keeps_window_and_breakdown() -> None:
    scope = Scope(span=Span.WEEK, by=Dimension.MODEL).filtered(Dimension.API_KEY, ["apikey_1"])
    assert (scope.span, scope.by) == (Span.WEEK, Dimension.MODEL)


@pytest.mark.parametrize(
    ("span", "width", "buckets"),
    [
        (Span.DAY, BucketWidth.HOUR, 24),
        (Span.WEEK, BucketWidth.HOUR, 168),
        (Span.MONTH_OF_DAYS, BucketWidth.HOUR, 744),
        (Span.DAY, BucketWidth.DAY, 1),
        (Span.WEEK, BucketWidth.DAY, 7),
        (Span.MONTH_OF_DAYS, BucketWidth.DAY, 31),
        (Span.CALENDAR_MONTH, BucketWidth.DAY, 20),
        (Span.CALENDAR_MONTH, BucketWidth.HOUR, 19 * 24 + 15),
    ],
)
def test_a_span_holds_its_number_of_buckets_and_ends_with_the_running_one(
    span: Span, width: BucketWidth, buckets: int
) -> None:
    window = span.window(width, NOW)
    assert len(list(window.starts(width))) == buckets
    assert window.end == width.after(NOW)


def test_the_calendar_month_starts_anew_at_midnight_utc_on_the_first() -> None:
    first = datetime(2026, 12, 1, tzinfo=UTC)
    assert Span.CALENDAR_MONTH.window(BucketWidth.DAY, first) == Window(first, first + timedelta(days=1))


def test_null_means_something_else_under_each_dimension() -> None:
    assert kind_of(Dimension.WORKSPACE, None) is Kind.DEFAULT
    assert kind_of(Dimension.API_KEY, None) is Kind.CONSOLE
    assert kind_of(Dimension.MODEL, None, in_bill=True) is Kind.NOT_TOKEN
    assert kind_of(Dimension.WORKSPACE, None, in_bill=True) is Kind.DEFAULT
    assert all(
        kind_of(dimension, "x", in_bill=in_bill) is Kind.MEMBER
        for dimension in Dimension
        for in_bill in (True, False)
    )


def test_dimensions_have_words_for_the_command_line_and_for_people() -> None:
    assert [dimension.word for dimension in SERIES_DIMENSIONS] == [
        "workspace",
        "model",
        "api_key",
        "service_tier",
        "context_window",
    ]
    assert Dimension.API_KEY.title == "API key"
    assert Dimension.SERVICE_TIER.title == "service tier"


def test_a_window_that_begins_within_an_hour_or_a_day_has_the_parts_inside_for_its_outermost_buckets() -> (
    None
):
    start = datetime(2026, 11, 15, 14, 5, tzinfo=UTC)
    for duration, first, last in (
        (timedelta(hours=24), timedelta(minutes=55), timedelta(minutes=5)),
        (timedelta(days=10), timedelta(hours=9, minutes=55), timedelta(hours=14, minutes=5)),
    ):
        window = Window(start, start + duration)
        scope = Scope(at=window)
        buckets, whole = scope.buckets(window.end), scope.whole_buckets(window.end)
        assert (buckets[0].duration, buckets[-1].duration) == (first, last)
        assert (buckets[0].start, buckets[-1].end) == (window.start, window.end)
        assert buckets[1:-1] == whole[1:-1]
