from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdeck.domain.buckets import (
    BucketWidth,
    Window,
    last_buckets,
    merge_buckets,
    month_start,
    previous_month_start,
    require_utc,
    rfc3339,
)

NOW = datetime(2026, 11, 20, 14, 37, 20, 123456, tzinfo=UTC)
MINUTE, HOUR, DAY = BucketWidth.MINUTE, BucketWidth.HOUR, BucketWidth.DAY

moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
widths = st.sampled_from(BucketWidth)


def utc(*fields: int) -> datetime:
    year, month, day, hour, minute = (*fields, *(0,) * (5 - len(fields)))
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@given(moments, widths)
def test_a_moment_lies_in_the_bucket_of_its_floor_and_buckets_touch(
    moment: datetime, width: BucketWidth
) -> None:
    start = width.floor(moment)
    assert start <= moment < width.after(moment) == start + width.delta
    assert start.timestamp() % width.seconds == 0
    assert width.ceil(moment) in {moment, width.after(moment)}
    assert (width.ceil(moment) == moment) == (start == moment)


@pytest.mark.parametrize(
    ("width", "start"),
    [(MINUTE, utc(2026, 11, 20, 14, 37)), (HOUR, utc(2026, 11, 20, 14)), (DAY, utc(2026, 11, 20))],
)
def test_buckets_are_aligned_to_whole_minutes_hours_and_utc_days(width: BucketWidth, start: datetime) -> None:
    assert width.floor(NOW) == start
    assert width.ceil(NOW) == width.after(NOW) == start + width.delta
    assert width.ceil(start) == start
    assert width.after(start) == start + width.delta


@pytest.mark.parametrize("width", BucketWidth)
@pytest.mark.parametrize("tz", [None, timezone(timedelta(hours=2)), timezone(timedelta(hours=5, minutes=30))])
def test_times_without_a_zone_or_in_another_one_are_refused(width: BucketWidth, tz: timezone | None) -> None:
    wrong = NOW.replace(tzinfo=tz)
    for use in (
        require_utc,
        width.floor,
        width.ceil,
        width.after,
        rfc3339,
        month_start,
        previous_month_start,
    ):
        with pytest.raises(ValueError, match="not an aware UTC time"):
            use(wrong)
    with pytest.raises(ValueError, match="not an aware UTC time"):
        last_buckets(width, 3, wrong)


def test_a_zone_of_another_name_with_no_offset_is_utc() -> None:
    assert HOUR.floor(NOW.replace(tzinfo=timezone(timedelta(0), "Z"))) == HOUR.floor(NOW)


def test_a_time_is_written_as_the_api_takes_it() -> None:
    assert rfc3339(NOW) == "2026-11-20T14:37:20Z"


def test_a_window_holds_its_start_and_not_its_end() -> None:
    window = Window(utc(2026, 11, 20), utc(2026, 11, 21))
    assert window.start in window
    assert window.end not in window
    assert window.end - timedelta(microseconds=1) in window
    assert window.start - timedelta(microseconds=1) not in window
    assert window.duration == timedelta(days=1)


@pytest.mark.parametrize("end", [utc(2026, 11, 20), utc(2026, 11, 19)])
def test_a_window_without_time_in_it_is_refused(end: datetime) -> None:
    with pytest.raises(ValueError, match="must end after it starts"):
        Window(utc(2026, 11, 20), end)


def test_a_window_of_naive_times_is_refused() -> None:
    naive = utc(2026, 11, 20).replace(tzinfo=None)
    with pytest.raises(ValueError, match="not an aware UTC time"):
        Window(naive, utc(2026, 11, 21))
    with pytest.raises(ValueError, match="not an aware UTC time"):
        Window(utc(2026, 11, 19), naive)


def test_the_buckets_of_a_window_are_those_that_begin_in_it() -> None:
    window = Window(utc(2026, 11, 20, 13, 30), utc(2026, 11, 20, 16))
    assert list(window.starts(HOUR)) == [utc(2026, 11, 20, 14), utc(2026, 11, 20, 15)]
    assert list(window.starts(DAY)) == []


@given(moments, widths, st.integers(1, 200))
def test_the_last_buckets_are_as_many_as_asked_for_and_the_running_one_is_the_last(
    now: datetime, width: BucketWidth, count: int
) -> None:
    window = last_buckets(width, count, now)
    starts = list(window.starts(width))
    assert len(starts) == count
    assert starts[-1] == width.floor(now)
    assert starts[0] == window.start
    assert window.end == starts[-1] + width.delta


def test_the_running_bucket_of_a_boundary_is_the_one_that_begins_there() -> None:
    midnight = utc(2026, 11, 20)
    assert last_buckets(DAY, 1, midnight) == Window(midnight, utc(2026, 11, 21))


@given(st.lists(st.integers(0, 60), unique=True), widths)
def test_merged_buckets_cover_the_same_time_in_as_few_windows_as_possible(
    places: list[int], width: BucketWidth
) -> None:
    starts = [utc(2026, 11, 1) + place * width.delta for place in sorted(places)]
    windows = merge_buckets(starts, width)
    assert [start for window in windows for start in window.starts(width)] == starts
    assert all(earlier.end < later.start for earlier, later in pairwise(windows))


@pytest.mark.parametrize(
    ("moment", "this", "before"),
    [
        (NOW, utc(2026, 11, 1), utc(2026, 10, 1)),
        (utc(2027, 1, 1), utc(2027, 1, 1), utc(2026, 12, 1)),
        (utc(2028, 3, 31, 23, 59), utc(2028, 3, 1), utc(2028, 2, 1)),
    ],
)
def test_months_begin_at_midnight_utc_on_the_first(
    moment: datetime, this: datetime, before: datetime
) -> None:
    assert month_start(moment) == this
    assert previous_month_start(moment) == before
