"""What to read next, as pure functions of what was read and what time it is."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store.coverage import Coverage
from meterdeck.sync import plan

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
RUNNING = datetime(2026, 11, 20, 14, tzinfo=UTC)
NEXT_MINUTE = datetime(2026, 11, 20, 14, 38, tzinfo=UTC)
ONCE = Coverage(NOW, NOW)


def minutes(first: datetime, end: datetime, *, without: Iterable[datetime] = ()) -> dict[datetime, Coverage]:
    starts = Window(first, end).starts(BucketWidth.MINUTE)
    return {start: ONCE for start in starts if start not in without}


LAST_HOUR = minutes(NEXT_MINUTE - HOUR, NEXT_MINUTE - plan.LIVE_TAIL)


def live(
    now: datetime,
    known: dict[datetime, Coverage],
    hours: Iterable[datetime] = (),
    *,
    reach_back: bool = False,
) -> Window:
    return plan.live_window(now, known, dict.fromkeys(hours, ONCE), reach_back=reach_back)


def test_an_ordinary_poll_reads_the_last_15_minutes_the_running_one_among_them() -> None:
    assert live(NOW, LAST_HOUR) == Window(NEXT_MINUTE - 15 * MINUTE, NEXT_MINUTE)


def test_a_poll_that_reaches_back_starts_with_the_oldest_hour_that_was_not_read_as_an_hour() -> None:
    assert live(NOW, LAST_HOUR, [RUNNING - HOUR], reach_back=True) == Window(RUNNING, NEXT_MINUTE)
    assert live(NOW, LAST_HOUR, reach_back=True) == Window(RUNNING - HOUR, NEXT_MINUTE)


def test_reaching_back_just_after_the_hour_still_reads_the_whole_tail() -> None:
    now = RUNNING + 3 * MINUTE
    known = minutes(now + MINUTE - HOUR, now + MINUTE - plan.LIVE_TAIL)
    assert live(now, known, [RUNNING - HOUR], reach_back=True) == Window(now - 14 * MINUTE, now + MINUTE)


def test_after_a_gap_the_whole_last_hour_is_read_and_the_running_hour_whole() -> None:
    gap = NEXT_MINUTE - 30 * MINUTE
    known = minutes(NEXT_MINUTE - HOUR, NEXT_MINUTE, without=[gap])
    assert live(NOW, known, [RUNNING - HOUR]) == Window(NEXT_MINUTE - HOUR, NEXT_MINUTE)
    assert live(NOW, known) == Window(RUNNING - HOUR, NEXT_MINUTE)


def test_the_first_poll_ever_reads_back_to_the_hour_before_the_running_one() -> None:
    assert live(NOW, {}) == Window(RUNNING - HOUR, NEXT_MINUTE)


@given(st.integers(0, 3599), st.sets(st.integers(0, 59)), st.booleans(), st.booleans())
def test_after_any_poll_the_tail_is_read_and_after_a_gap_no_minute_of_the_last_hour_is_missing(
    second: int, missing: set[int], hour_is_read: bool, reach_back: bool
) -> None:
    now = RUNNING + timedelta(seconds=second)
    end = BucketWidth.MINUTE.after(now)
    known = minutes(end - HOUR, end, without=[end - HOUR + number * MINUTE for number in missing])
    window = live(now, known, [RUNNING - HOUR] if hour_is_read else [], reach_back=reach_back)
    assert window.end == end
    assert window.start <= end - plan.LIVE_TAIL
    after = known.keys() | set(window.starts(BucketWidth.MINUTE))
    assert after >= set(Window(end - HOUR, end).starts(BucketWidth.MINUTE))
    if reach_back:
        assert after >= set(
            Window(RUNNING if hour_is_read else RUNNING - HOUR, end).starts(BucketWidth.MINUTE)
        )


@pytest.mark.parametrize(
    ("closed_for", "due"),
    [(timedelta(minutes=9, seconds=59), False), (timedelta(minutes=10), True), (timedelta(days=5), True)],
)
def test_an_hour_that_was_never_read_is_due_ten_minutes_after_it_closed(
    closed_for: timedelta, due: bool
) -> None:
    now = RUNNING + closed_for
    found = plan.due_hours(now, {}, Window(RUNNING - HOUR, RUNNING))
    assert found == ([RUNNING - HOUR] if due else [])


@pytest.mark.parametrize(
    ("read", "now", "due"),
    [
        ("0:09:00", "0:10:00", True),
        ("0:10:00", "0:19:59", False),
        ("0:10:00", "0:20:00", True),
        ("0:20:00", "0:59:59", False),
        ("0:10:00", "1:00:00", True),
        ("0:59:59", "1:00:00", True),
        ("1:00:00", "2:59:59", False),
        ("1:00:00", "3:00:00", True),
        ("0:10:00", "3:00:00", True),
        ("3:00:00", "23:59:59", False),
        ("3:00:00", "24:00:00", True),
        ("24:00:00", "24:00:01", False),
        ("24:00:00", "700:00:00", False),
        ("23:59:59", "700:00:00", True),
    ],
)
def test_an_hour_is_read_again_twenty_minutes_one_and_three_hours_and_a_day_after_it_closed(
    read: str, now: str, due: bool
) -> None:
    def after_closing(text: str) -> datetime:
        hours, minutes_, seconds = map(int, text.split(":"))
        return RUNNING + timedelta(hours=hours, minutes=minutes_, seconds=seconds)

    last = after_closing(read)
    found = plan.due_hours(after_closing(now), {RUNNING - HOUR: last}, Window(RUNNING - HOUR, RUNNING))
    assert bool(found) == due


def test_due_hours_come_newest_first_and_the_running_one_is_not_among_them() -> None:
    kept = history.history(NOW)
    found = plan.due_hours(NOW, {}, kept)
    assert found[0] == RUNNING - HOUR
    assert found == sorted(found, reverse=True)
    assert found[-1] == kept.start == datetime(2026, 10, 20, tzinfo=UTC)
    assert len(found) == 31 * 24 + 14


@pytest.mark.parametrize(
    ("now", "at"),
    [
        ("14:00:00", "14:10:00"),
        ("14:09:59", "14:10:00"),
        ("14:10:00", "14:20:00"),
        ("14:20:00", "15:10:00"),
        ("23:37:20", "00:10:00"),
    ],
)
def test_hours_are_next_read_ten_and_twenty_minutes_past_the_hour(now: str, at: str) -> None:
    moment = datetime.fromisoformat(f"2026-11-20T{now}Z")
    assert plan.next_hours_read(moment).strftime("%H:%M:%S") == at
    assert moment < plan.next_hours_read(moment) <= moment + HOUR


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}Z")


@pytest.mark.parametrize(
    ("now", "tail", "months"),
    [
        ("2026-11-20T14:37:20", ("2026-11-17", "2026-11-21"), ("2026-10-01", "2026-11-21")),
        ("2026-12-01T00:00:00", ("2026-11-28", "2026-12-02"), ("2026-11-01", "2026-12-02")),
        ("2027-01-01T00:05:00", ("2026-12-29", "2027-01-02"), ("2026-12-01", "2027-01-02")),
        ("2026-12-31T23:59:59", ("2026-12-28", "2027-01-01"), ("2026-11-01", "2027-01-01")),
        ("2028-03-01T12:00:00", ("2028-02-27", "2028-03-02"), ("2028-01-31", "2028-03-02")),
    ],
)
def test_the_bill_is_read_up_to_tomorrow_from_three_days_back_or_from_last_month_and_31_days_at_least(
    now: str, tail: tuple[str, str], months: tuple[str, str]
) -> None:
    moment = utc(now)
    assert plan.costs_tail(moment) == Window(utc(f"{tail[0]}T00:00:00"), utc(f"{tail[1]}T00:00:00"))
    assert plan.costs_months(moment) == Window(utc(f"{months[0]}T00:00:00"), utc(f"{months[1]}T00:00:00"))
    for window in (plan.costs_tail(moment), plan.costs_months(moment)):
        today = BucketWidth.DAY.floor(moment)
        assert plan.without_today(window, moment) == Window(window.start, today)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_both_months_are_never_more_than_two_pages_and_never_empty_without_today(now: datetime) -> None:
    assert 31 * DAY <= plan.costs_months(now).duration <= 62 * DAY
    assert plan.without_today(plan.costs_months(now), now).duration >= 30 * DAY
    assert plan.without_today(plan.costs_tail(now), now).duration == 3 * DAY
