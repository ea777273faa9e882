"""The history that is read backwards, newest first, in pages."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth, Window

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
RUNNING = datetime(2026, 11, 20, 14, tzinfo=UTC)


def test_history_is_at_least_31_whole_days_at_any_time_of_day() -> None:
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    assert history.history(midnight) == Window(midnight - 31 * DAY, midnight)
    assert history.history(NOW).start == midnight - 31 * DAY


def hour_before(number: int) -> datetime:
    return RUNNING - (number + 1) * HOUR


@given(st.sets(st.integers(0, 200), min_size=1), st.integers(1, 168))
def test_a_page_of_hours_begins_at_the_newest_due_one_and_holds_all_due_ones_within_its_length(
    places: set[int], page: int
) -> None:
    due = [hour_before(place) for place in sorted(places)]
    window = history.next_page(due, BucketWidth.HOUR, page)
    assert window.end == due[0] + HOUR
    assert window.start in due
    assert window.duration <= page * HOUR
    within = [hour for hour in due if hour > due[0] - page * HOUR]
    assert all(hour in window for hour in within)
    assert window.start == min(within)


@given(st.sets(st.integers(0, 400), max_size=60), st.integers(1, 168))
def test_as_many_pages_are_counted_as_are_asked_for(places: set[int], page: int) -> None:
    due = [hour_before(place) for place in sorted(places)]
    counted = history.pages(due, BucketWidth.HOUR, page)
    asked = 0
    while due:
        window = history.next_page(due, BucketWidth.HOUR, page)
        due = [hour for hour in due if hour not in window]
        asked += 1
    assert counted == asked


def test_a_page_holds_fewer_hours_the_more_rows_they_have() -> None:
    assert history.hours_a_page(0) == history.hours_a_page(100) == 168
    assert history.hours_a_page(1000) == 20
    assert history.hours_a_page(50_000) == 1
