"""Times beside the one on show: longer, shorter, earlier, later, a part of it."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meterdeck.domain import panning
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.scope import Scope, Since, Span

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_every_span_is_reached_by_going_longer_and_again_by_going_shorter() -> None:
    scope = Scope(span=Span.HOUR)
    ways = [scope]
    for _ in range(5):
        ways.append(panning.longer(ways[-1], NOW, UTC))
    assert [way.span for way in ways] == list(panning.STEPS)
    assert panning.longer(ways[-1], NOW, UTC) == ways[-1], "there is nothing longer than a month"
    back = ways[-1]
    for _ in range(5):
        back = panning.shorter(back, NOW, UTC)
    assert back == scope == panning.shorter(scope, NOW, UTC)


def test_before_a_month_comes_the_whole_month_before_and_after_it_the_next() -> None:
    november = Scope(span=Span.CALENDAR_MONTH)
    october = panning.earlier(november, NOW, UTC)
    first = [datetime(2026, month, 1, tzinfo=UTC) for month in (9, 10, 11)]
    assert october.at == Window(first[1], first[2])
    september = panning.earlier(october, NOW, ZoneInfo("Asia/Tokyo"))
    assert september.at == Window(first[0], first[1])
    assert len(september.buckets(NOW, ZoneInfo("Asia/Tokyo"))) == 30, "months are UTC"
    assert panning.later(september, NOW, UTC) == october
    assert panning.later(october, NOW, UTC) == november
    in_march = panning.earlier(november, datetime(2027, 3, 1, 5, tzinfo=UTC), UTC)
    assert in_march.at == Window(datetime(2027, 2, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize("span", [span for span in Span if span is not Span.CALENDAR_MONTH])
def test_earlier_is_as_long_a_time_right_before_and_later_leads_back_to_now(span: Span) -> None:
    scope = Scope(span=span)
    before = panning.earlier(scope, NOW, UTC)
    assert isinstance(before.at, Window)
    here = scope.window(NOW)
    assert (before.at.end, before.at.duration) == (here.start, here.duration)
    assert panning.later(before, NOW, UTC) == scope
    assert panning.later(scope, NOW, UTC) == scope, "there is nothing after now"


def test_a_past_time_grows_and_shrinks_from_its_end() -> None:
    end = datetime(2026, 11, 18, 15, tzinfo=UTC)
    hour = panning.narrowed(Scope(), Window(end - HOUR, end))
    longer = panning.longer(hour, NOW, UTC)
    assert longer.at == Window(end - 6 * HOUR, end)
    assert panning.shorter(longer, NOW, UTC).at == hour.at
    assert panning.shorter(hour, NOW, UTC) == hour


def test_a_past_time_that_is_made_longer_is_of_whole_hours_or_days() -> None:
    end = datetime(2026, 11, 20, 11, 44, tzinfo=UTC)
    hour = Scope(span=Span.HOUR, at=Window(end - HOUR, end))
    six_hours = panning.longer(hour, NOW, UTC)
    assert six_hours.at == Window(end.replace(hour=6, minute=0), end.replace(hour=12, minute=0))
    week = Scope(span=Span.WEEK, at=Window(end - 240 * HOUR, end - 72 * HOUR))
    for zone, hour_of_day in (("UTC", 0), ("Asia/Tokyo", 15), ("Europe/Berlin", 23)):
        days = panning.longer(week, NOW, ZoneInfo(zone))
        assert isinstance(days.at, Window)
        assert days.at.end.hour == hour_of_day
        assert days.buckets(NOW, ZoneInfo(zone)) == days.whole_buckets(NOW, ZoneInfo(zone))
        assert len(days.buckets(NOW, ZoneInfo(zone))) == 31


def test_what_would_be_longer_than_until_now_is_the_newest_time() -> None:
    end = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
    hour = Scope(span=Span.HOUR, at=Window(end - HOUR, end))
    assert panning.longer(hour, NOW, UTC) == Scope(span=Span.SIX_HOURS)


def test_a_day_is_narrowed_to_an_hour_and_an_hour_to_its_minutes() -> None:
    day = Window(datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 11, 19, tzinfo=UTC))
    by_hours = panning.narrowed(Scope(span=Span.MONTH_OF_DAYS), day)
    assert by_hours.width(NOW) is BucketWidth.HOUR
    assert len(by_hours.buckets(NOW)) == 24
    by_minutes = panning.narrowed(by_hours, by_hours.buckets(NOW)[14])
    assert by_minutes.width(NOW) is BucketWidth.MINUTE
    assert len(by_minutes.buckets(NOW)) == 60
    assert panning.up_to_now(by_minutes).window(NOW).end == BucketWidth.MINUTE.after(NOW)


def test_from_a_minute_it_goes_on_until_now() -> None:
    minute = Window(NOW - 2 * HOUR, NOW - 2 * HOUR + BucketWidth.MINUTE.delta)
    since = panning.narrowed(Scope(), minute)
    assert since.at == Since(minute.start)
    assert since.is_live
    assert panning.narrowed(since, minute) == since


def test_a_time_since_a_moment_goes_on_until_now() -> None:
    scope = Scope(at=Since(datetime(2026, 11, 20, 14, 5, 30, tzinfo=UTC)))
    assert scope.is_live
    assert scope.window(NOW).start == datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
    assert scope.window(NOW + HOUR).end >= NOW + HOUR
    assert scope.width(NOW) is BucketWidth.MINUTE
    assert scope.width(NOW + 5 * HOUR) is BucketWidth.HOUR
    assert panning.longer(scope, NOW, UTC) == Scope(span=Span.HOUR)


@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("waited", [timedelta(0), timedelta(minutes=5), 3 * HOUR])
def test_later_leads_back_to_what_began_at_a_moment_however_long_one_looked_at_what_was_before(
    steps: int, waited: timedelta
) -> None:
    scope = Scope(span=Span.WEEK, at=Since(datetime(2026, 11, 20, 14, 5, 30, tzinfo=UTC)))
    ways = [scope]
    for _ in range(steps):
        ways.append(panning.earlier(ways[-1], NOW, UTC))
    first = ways[1].window(NOW)
    assert (first.start, first.end) == (NOW.replace(hour=13, minute=32, second=0), scope.window(NOW).start)
    for way in reversed(ways[:-1]):
        back = panning.later(ways.pop(), NOW + waited, UTC)
        assert back == way
    assert panning.later(scope, NOW + waited, UTC) == scope, "there is nothing after now"


@given(
    st.sampled_from(list(Span)),
    st.lists(st.sampled_from(["longer", "shorter", "earlier", "later", "up_to_now"]), max_size=8),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_wherever_one_goes_there_is_a_time_and_its_buckets_cover_it(
    span: Span, steps: list[str], zone_name: str
) -> None:
    zone = ZoneInfo(zone_name)
    scope = Scope(span=span)
    for step in steps:
        scope = panning.up_to_now(scope) if step == "up_to_now" else getattr(panning, step)(scope, NOW, zone)
    window, buckets = scope.window(NOW, zone), scope.buckets(NOW, zone)
    assert Window(buckets[0].start, buckets[-1].end) == window
    assert all(one.end == other.start for one, other in itertools.pairwise(buckets))
    assert len(buckets) <= 24 * 8 + 1
