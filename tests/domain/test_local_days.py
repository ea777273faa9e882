"""Days of a zone: 23, 24 or 25 hours long, made of whole hours of UTC."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdeck.domain.buckets import Window
from meterdeck.domain.local_days import day_windows, day_within
from meterdeck.domain.scope import Scope, Span

BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 11, 20), 24)])
def test_a_day_on_which_the_clocks_change_has_23_or_25_hours(day: tuple[int, int, int], hours: int) -> None:
    noon = datetime(*day, 12, tzinfo=BERLIN).astimezone(UTC)
    found = day_within(noon, BERLIN)
    assert found.duration == timedelta(hours=hours)
    assert found.start.astimezone(BERLIN).time().isoformat() == "00:00:00"


def test_where_a_zone_is_half_an_hour_off_an_hour_belongs_to_the_day_in_which_it_starts() -> None:
    # Midnight in Kolkata is 18:30Z: the hour from 18:00Z starts at 23:30 of the day before.
    assert day_within(datetime(2026, 11, 20, 18, 15, tzinfo=UTC), KOLKATA).end == datetime(
        2026, 11, 20, 19, tzinfo=UTC
    )
    assert day_within(datetime(2026, 11, 20, 19, tzinfo=UTC), KOLKATA).start == datetime(
        2026, 11, 20, 19, tzinfo=UTC
    )


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(ZONES),
)
def test_every_moment_lies_in_exactly_one_day_and_days_follow_one_another(
    moment: datetime, zone: str
) -> None:
    whole = Window(moment - timedelta(days=3), moment + timedelta(days=3))
    days = list(day_windows(whole, ZoneInfo(zone)))
    assert [day for day in days if moment in day] == [day_within(moment, ZoneInfo(zone))]
    assert all(one.end == other.start for one, other in itertools.pairwise(days))
    assert all(22 <= day.duration / timedelta(hours=1) <= 26 for day in days)


@pytest.mark.parametrize("zone", ZONES)
def test_31_days_end_with_today_in_the_zone_that_is_shown(zone: str) -> None:
    now = datetime(2026, 11, 4, 23, 40, tzinfo=UTC)
    buckets = Scope(span=Span.MONTH_OF_DAYS).buckets(now, ZoneInfo(zone))
    assert len(buckets) == 31
    assert now in buckets[-1]


def test_the_calendar_month_stays_on_utc_days_like_the_bill() -> None:
    now = datetime(2026, 11, 4, 23, 40, tzinfo=UTC)
    buckets = Scope(span=Span.CALENDAR_MONTH).buckets(now, BERLIN)
    assert buckets[0].start == datetime(2026, 11, 1, tzinfo=UTC)
    assert len(buckets) == 4
