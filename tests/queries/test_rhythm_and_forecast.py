"""What is still to come: use that repeats itself is foreseen exactly, other use as a range, and nothing from nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.domain.buckets import Window
from meterdeck.domain.budgets import Period
from meterdeck.queries.forecast import Past, Projection, at_pace
from meterdeck.queries.rhythm import SCALE, WEEK_HOURS, Hours, Rhythm, learn_rhythm

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
BERLIN, KOLKATA, LORD_HOWE = (
    ZoneInfo(name) for name in ("Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe")
)
ZONES = [UTC, BERLIN, KOLKATA, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Kiritimati")]

AMOUNTS = st.integers(0, 10**17)
WEEKS = st.lists(AMOUNTS, min_size=WEEK_HOURS, max_size=WEEK_HOURS).filter(any)


def repeated(pattern: list[int], start: datetime, count: int, zone: tzinfo = UTC) -> list[int]:
    """Hours that are worth what the local clock says: a pattern of 168 hours of the week, or of 24 of the day."""
    local = ((start + at * HOUR).astimezone(zone) for at in range(count))
    return [pattern[(moment.weekday() * 24 + moment.hour) % len(pattern)] for moment in local]


def past(units: Sequence[int | None], start: datetime = MONDAY, zone: tzinfo = UTC) -> Past:
    hours = Hours(start, units)
    return Past(hours, learn_rhythm(hours, zone))


def projected(of: Past, window: Window) -> Projection:
    found = of.project(window)
    assert found is not None
    return found


def noisy(pattern: list[int], weeks: int, seed: int = 1, percent: int = 20) -> list[int]:
    draw = random.Random(seed)
    whole = repeated(pattern, MONDAY, weeks * WEEK_HOURS)
    return [amount * draw.randint(100 - percent, 100 + percent) // 100 for amount in whole]


OFFICE = [10**15 * ((hour % 24) ** 2 + 1) // (1 + hour // 120) for hour in range(WEEK_HOURS)]


@settings(max_examples=40, deadline=None)
@given(WEEKS, st.integers(2, 6), st.integers(1, 800), st.sampled_from(ZONES), st.integers(0, 167))
def test_use_that_repeats_every_week_is_foreseen_to_the_last_digit(
    pattern: list[int], weeks: int, ahead: int, zone: tzinfo, offset: int
) -> None:
    start = MONDAY + offset * HOUR
    while not repeated(pattern, start, 1, zone)[
        0
    ]:  # hours before the first use are not taken for a part of it
        start += HOUR
    end = start + weeks * WEEK
    units = repeated(pattern, start, weeks * WEEK_HOURS, zone)
    found = projected(past(units, start, zone), Window(end, end + ahead * HOUR))
    assert found.middle == sum(repeated(pattern, end, ahead, zone))
    assert found.low in {None, found.middle}
    assert found.high in {None, found.middle}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(1, 10**17), min_size=24, max_size=24), st.integers(48, 300), st.integers(1, 100),
    st.sampled_from(ZONES),
)  # fmt: skip
def test_two_days_are_enough_for_use_that_repeats_every_day(
    pattern: list[int], count: int, ahead: int, zone: tzinfo
) -> None:
    end = MONDAY + count * HOUR
    units = repeated(pattern, MONDAY, count, zone)
    found = projected(past(units, MONDAY, zone), Window(end, end + ahead * HOUR))
    assert found.middle == sum(repeated(pattern, end, ahead, zone))


@given(st.lists(AMOUNTS, min_size=1, max_size=47).filter(lambda some: some[0] > 0))
def test_less_than_two_days_are_taken_by_their_mean(units: list[int]) -> None:
    rhythm = learn_rhythm(Hours(MONDAY, units), UTC)
    assert set(rhythm.weights) == {SCALE}
    end = MONDAY + len(units) * HOUR
    found = projected(past(units), Window(end, end + len(units) * HOUR))
    if len(units) <= 24:
        assert found.middle == sum(units)


@settings(max_examples=40, deadline=None)
@given(WEEKS, st.integers(1, 200), st.integers(0, 59), st.data())
def test_hours_add_up_and_an_amount_is_reached_in_the_minute_in_which_it_has_come(
    pattern: list[int], ahead: int, minute: int, data: st.DataObject
) -> None:
    units: list[int | None] = [*repeated(pattern, MONDAY, 3 * WEEK_HOURS)]
    start = MONDAY + 3 * WEEK + timedelta(minutes=minute)
    end = MONDAY + 3 * WEEK + ahead * HOUR
    found = projected(past(units), Window(start, end))
    if ahead > 1:
        between = MONDAY + 3 * WEEK + data.draw(st.integers(1, ahead - 1)) * HOUR
        parts = [
            projected(past(units), Window(*edges)).middle for edges in ((start, between), (between, end))
        ]
        assert abs(sum(parts) - found.middle) <= 1, "each is rounded to a unit of 10⁻¹² cents"
    assert found.cumulative == tuple(sorted(found.cumulative))
    assert len(found.cumulative) == ahead
    assert found.reached(found.middle + 1) is None
    if not found.middle:
        return
    amount = data.draw(st.integers(1, found.middle))
    reached = found.reached(amount)
    assert reached is not None
    assert start <= reached <= end
    assert reached.second == 0
    halfway = found.reached(max(1, amount // 2))
    assert halfway is not None
    assert halfway <= reached


def test_the_first_hour_counts_by_the_minutes_that_are_left_of_it() -> None:
    units = repeated(OFFICE, MONDAY, 3 * WEEK_HOURS)
    at = MONDAY + 3 * WEEK + 9 * HOUR
    whole = projected(past(units), Window(at, at + HOUR)).middle
    assert whole == OFFICE[9]
    quarter = projected(past(units), Window(at + timedelta(minutes=45), at + HOUR)).middle
    assert quarter * 4 == whole


def test_a_launch_in_one_of_four_weeks_is_no_rhythm_and_growth_is_none_either() -> None:
    calm = learn_rhythm(Hours(MONDAY, repeated(OFFICE, MONDAY, 4 * WEEK_HOURS)), UTC)
    launched = repeated(OFFICE, MONDAY, 4 * WEEK_HOURS)
    launched[200:206] = [amount * 2 for amount in launched[200:206]]
    week = [amount - 10**12 for amount in learn_rhythm(Hours(MONDAY, launched), UTC).weights]
    assert all(abs(a - b) < b // 50 for a, b in zip(week, calm.weights, strict=True))
    growing = [
        amount * 2 ** (at // WEEK_HOURS) for at, amount in enumerate(repeated(OFFICE, MONDAY, 4 * WEEK_HOURS))
    ]
    assert learn_rhythm(Hours(MONDAY, growing), UTC) == calm


def test_what_was_not_read_is_left_out_of_rhythm_and_level() -> None:
    units: list[int | None] = [*repeated(OFFICE, MONDAY, 4 * WEEK_HOURS)]
    for at in (*range(30, 40), *range(500, 520), 600, len(units) - 2):
        units[at] = None
    end = MONDAY + 4 * WEEK
    found = projected(past(units), Window(end, end + WEEK))
    assert abs(found.middle - sum(OFFICE)) * 100 < sum(OFFICE)


def test_nothing_is_foreseen_of_nothing_read_or_used() -> None:
    ahead = Window(MONDAY + 3 * WEEK, MONDAY + 3 * WEEK + DAY)
    assert past([]).project(ahead) is None
    assert past([None] * 50).project(ahead) is None
    lately_unread: list[int | None] = [*repeated(OFFICE, MONDAY, 2 * WEEK_HOURS), *[None] * WEEK_HOURS]
    assert past(lately_unread).project(ahead) is None
    assert past([0] * 3 * WEEK_HOURS).project(ahead) is None, "no history is no forecast of nothing"


def test_use_that_began_lately_is_not_taken_for_a_rhythm_of_weeks_without() -> None:
    daily = OFFICE[:24]
    units = [0] * 3 * WEEK_HOURS + repeated(daily, MONDAY, 4 * 24)
    end = MONDAY + len(units) * HOUR
    assert projected(past(units), Window(end, end + DAY)).middle == sum(daily)


def test_a_range_holds_the_middle_and_is_wider_for_wilder_use() -> None:
    end = MONDAY + 4 * WEEK
    widths = []
    for percent in (0, 10, 60):
        found = projected(past(noisy(OFFICE, 4, percent=percent)), Window(end, end + 9 * HOUR))
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.middle <= found.high
        widths.append((found.high - found.low) * 1000 // found.middle)
    assert widths[0] == 0
    assert widths == sorted(set(widths))


def test_a_range_grows_with_a_time_that_is_longer_than_what_the_history_can_test() -> None:
    units, end = noisy(OFFICE, 5, percent=50), MONDAY + 5 * WEEK
    week, month = (projected(past(units), Window(end, end + count * WEEK)).spread for count in (1, 4))
    assert week is not None
    assert month is not None
    assert (month.high - SCALE) * 2 > (week.high - SCALE) * 3
    assert (SCALE - month.low) * 2 > (SCALE - week.low) * 3


def test_a_few_days_give_a_middle_without_a_range() -> None:
    end = MONDAY + 3 * DAY
    found = projected(past(noisy(OFFICE, 1)[:72]), Window(end, end + DAY))
    assert found.middle
    assert (found.low, found.high, found.spread) == (None, None, None)


def test_the_last_day_says_more_about_tonight_than_about_next_week() -> None:
    units = [10**12] * 5 * WEEK_HOURS
    units[-24:] = [2 * 10**12] * 24
    end = MONDAY + 5 * WEEK
    tonight, later = (projected(past(units), Window(end, end + hours * HOUR)) for hours in (6, 200))
    assert tonight.middle / 6 > 1.7 * 10**12
    assert later.middle / 200 < 1.3 * 10**12


@pytest.mark.parametrize(
    ("zone", "changes", "hours"),
    [
        (BERLIN, "2026-10-25", 25),
        (BERLIN, "2027-03-28", 23),
        (ZoneInfo("America/New_York"), "2026-11-01", 25),
        (ZoneInfo("America/New_York"), "2027-03-14", 23),
    ],
)  # fmt: skip
def test_days_of_23_and_25_hours_are_foreseen_by_the_hours_that_they_have(
    zone: ZoneInfo, changes: str, hours: int
) -> None:
    """A local day that begins on the change, foreseen from four weeks before it."""
    day = datetime.fromisoformat(changes).replace(tzinfo=zone)
    midnight, next_midnight = (moment.astimezone(UTC) for moment in (day, day + DAY))
    assert next_midnight - midnight == hours * HOUR
    start = midnight - 4 * WEEK
    units = repeated(OFFICE, start, 4 * WEEK_HOURS, zone)
    found = projected(past(units, start, zone), Window(midnight, next_midnight))
    assert len(found.cumulative) == hours
    assert found.middle == sum(repeated(OFFICE, midnight, hours, zone))
    evening = Window(next_midnight - 5 * HOUR, next_midnight)
    in_utc = projected(past(units, start), evening)
    assert in_utc.middle != sum(repeated(OFFICE, evening.start, 5, zone)), "by UTC it is an hour off"


@pytest.mark.parametrize("zone", [BERLIN, LORD_HOWE], ids=str)
def test_a_change_of_the_clock_in_the_past_hardly_bends_the_rhythm(zone: ZoneInfo) -> None:
    start = datetime(2026, 9, 20, 16, tzinfo=UTC)
    units = repeated(OFFICE, start, 8 * WEEK_HOURS, zone)
    end = start + 8 * WEEK
    found = projected(past(units, start, zone), Window(end, end + WEEK))
    expected = sum(repeated(OFFICE, end, WEEK_HOURS, zone))
    assert abs(found.middle - expected) * 1000 < expected


def test_a_zone_half_an_hour_off_has_its_own_weekday_and_hour() -> None:
    rhythm = Rhythm(KOLKATA, tuple(range(WEEK_HOURS)))
    assert rhythm.weight(datetime(2026, 11, 1, 18, tzinfo=UTC)) == 6 * 24 + 23, "Sunday 23:30 there"
    assert rhythm.weight(datetime(2026, 11, 1, 19, tzinfo=UTC)) == 0, "Monday 00:30 there"


def test_the_end_of_a_leap_years_february_is_foreseen_to_its_29th_day() -> None:
    now = datetime(2028, 2, 28, 12, tzinfo=UTC)
    units = repeated(OFFICE, now - 4 * WEEK, 4 * WEEK_HOURS)
    found = projected(past(units, now - 4 * WEEK), Window(now, Period.MONTH.window(now).end))
    assert len(found.cumulative) == 36
    assert found.middle == sum(repeated(OFFICE, now, 36))


def test_the_rest_of_an_hour_at_a_pace_ranges_to_what_it_usually_is_worth() -> None:
    units = repeated([60 * 10**12] * 24, MONDAY, 3 * WEEK_HOURS)
    window = Window(MONDAY + 3 * WEEK + timedelta(minutes=20), MONDAY + 3 * WEEK + HOUR)
    usual = projected(past(units), window)
    running_away = at_pace(window, 600 * 10**12, usual)
    assert (running_away.low, running_away.middle, running_away.high) == (
        40 * 10**12,
        400 * 10**12,
        400 * 10**12,
    )
    assert running_away.reached(100 * 10**12) == window.start + timedelta(minutes=10)
    assert at_pace(window, 600 * 10**12, None).low is None
    assert at_pace(window, 0, usual).middle == 0


def test_what_comes_at_once_comes_before_everything_else() -> None:
    units = repeated([60 * 10**12] * 24, MONDAY, 3 * WEEK_HOURS)
    window = Window(MONDAY + 3 * WEEK, MONDAY + 3 * WEEK + DAY)
    found = projected(past(units), window).times(3, 2, at_once=10**13)
    assert found.middle == 24 * 90 * 10**12 + 10**13
    assert found.reached(10**13) == window.start
    moments = [found.reached(10**13 + hours * 90 * 10**12) for hours in range(4)]
    assert [b - a for a, b in pairwise(moments) if a and b] == [HOUR] * 3
