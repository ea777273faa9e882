"""When usage appears, how it fills, what is restated, and that final numbers are final."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.domain.buckets import BucketWidth
from meterdeck.service.simulated.options import Options
from meterdeck.service.simulated.organization import SimulatedOrganization
from meterdeck.service.source import UsageMembers

DAY = datetime(2026, 11, 18, tzinfo=UTC)
LATER = timedelta(days=2)
SMALL = SimulatedOrganization(Options(size="small"))
Seen = dict[tuple[UsageMembers, int], int]


def seen(start: datetime, width: BucketWidth, as_of: datetime) -> Seen:
    """Every counter of every series of a bucket, as far as it is visible."""
    counts: Seen = {}
    for members, counters in SMALL.usage(start, width, as_of):
        for place, count in enumerate(counters):
            counts[members, place] = counts.get((members, place), 0) + count
    return counts


def at_most(seen_first: Seen, seen_then: Seen) -> bool:
    return all(count <= seen_then.get(key, 0) for key, count in seen_first.items())


def total(start: datetime, as_of: datetime) -> int:
    return sum(seen(start, BucketWidth.HOUR, as_of).values())


def restated_hours(day: datetime) -> list[datetime]:
    """The hours of a day that are not whole 15 minutes after their end."""
    hours = [day + timedelta(hours=hour) for hour in range(24)]
    whole_after = timedelta(hours=1, minutes=15)
    return [hour for hour in hours if total(hour, hour + whole_after) != total(hour, hour + LATER)]


def quiet_minutes(day: datetime) -> list[datetime]:
    """The minutes of an hour that is not restated."""
    hour = day + timedelta(hours=4)
    assert hour not in restated_hours(day)
    return [hour + timedelta(minutes=minute) for minute in range(60)]


def test_nothing_of_a_minute_appears_within_two_minutes_and_something_within_five() -> None:
    appeared_after = set()
    for minute in quiet_minutes(DAY):
        end = minute + timedelta(minutes=1)
        assert seen(minute, BucketWidth.MINUTE, end + timedelta(seconds=119)) == {}
        delays = [
            s for s in range(120, 301, 20) if seen(minute, BucketWidth.MINUTE, end + timedelta(seconds=s))
        ]
        assert delays[-1] == 300
        assert delays == list(range(delays[0], 301, 20))
        appeared_after.add(delays[0])
    assert len(appeared_after) > 5


def test_a_minute_fills_for_ten_minutes_once_it_appeared() -> None:
    """At first about six tenths are seen; the whole comes between 12 and 15 minutes after the end."""
    for minute in quiet_minutes(DAY)[::6]:
        end = minute + timedelta(minutes=1)
        final = sum(seen(minute, BucketWidth.MINUTE, minute + LATER).values())
        after = [
            sum(seen(minute, BucketWidth.MINUTE, end + timedelta(seconds=seconds)).values())
            for seconds in (300, 480, 719, 900)
        ]
        assert 0.5 * final < after[0] < after[1] < after[2] < after[3] == final


def test_the_running_hour_holds_its_minutes_so_far() -> None:
    hour = DAY + timedelta(hours=14)
    shares = [
        total(hour, hour + timedelta(minutes=minutes)) / total(hour, hour + LATER)
        for minutes in (2, 15, 30, 45, 60, 75)
    ]
    assert shares[0] == 0
    assert shares == sorted(set(shares))
    assert 0.25 < shares[2] < 0.5
    assert 0.75 < shares[4] < 1


@settings(max_examples=50, deadline=None)
@given(
    st.integers(0, 23),
    st.lists(st.integers(0, 5 * 3600), min_size=2, max_size=4),
    st.sampled_from([BucketWidth.MINUTE, BucketWidth.HOUR, BucketWidth.DAY]),
)
def test_visible_numbers_only_grow(hour: int, moments: list[int], width: BucketWidth) -> None:
    start = DAY if width is BucketWidth.DAY else DAY + timedelta(hours=hour)
    offset = timedelta(hours=hour)
    looks = [seen(start, width, DAY + offset + timedelta(seconds=second)) for second in sorted(moments)]
    looks.append(seen(start, width, DAY + LATER))
    for first, then in pairwise(looks):
        assert at_most(first, then)


@pytest.mark.parametrize("day", [DAY + timedelta(days=number) for number in range(4)], ids=str)
def test_one_hour_a_day_is_restated_two_and_a_half_hours_after_its_end(day: datetime) -> None:
    (hour,) = restated_hours(day)
    corrected = hour + timedelta(hours=3, minutes=30)
    final = total(hour, hour + LATER)
    before = total(hour, corrected - timedelta(seconds=1))
    assert total(hour, hour + timedelta(hours=1, minutes=15)) == before
    assert 0.9 * final < before < 0.95 * final
    assert total(hour, corrected) == final


def test_the_restated_hour_is_not_the_same_every_day() -> None:
    assert len({restated_hours(DAY + timedelta(days=number))[0].hour for number in range(6)}) > 2


def test_a_corrected_hour_is_corrected_in_its_minutes_and_in_its_day() -> None:
    (hour,) = restated_hours(DAY)
    corrected = hour + timedelta(hours=3, minutes=30)
    for start, width in ((hour, BucketWidth.MINUTE), (DAY, BucketWidth.DAY)):
        before = sum(seen(start, width, corrected - timedelta(seconds=1)).values())
        assert before < sum(seen(start, width, corrected).values())


@pytest.mark.parametrize("width", list(BucketWidth))
def test_final_numbers_do_not_depend_on_when_they_are_asked(width: BucketWidth) -> None:
    start = DAY + timedelta(hours=14) if width is not BucketWidth.DAY else DAY
    settled = start + width.delta + timedelta(hours=2, minutes=30)
    final = seen(start, width, settled)
    assert final
    for days in (1, 30, 365):
        assert seen(start, width, settled + timedelta(days=days)) == final


def test_final_numbers_do_not_depend_on_what_was_asked_before() -> None:
    as_of = DAY + LATER
    asked, fresh = (SimulatedOrganization(Options(size="small", seed=7)) for _ in range(2))
    for hour in range(5):
        list(asked.usage(DAY + timedelta(hours=hour), BucketWidth.HOUR, DAY + timedelta(hours=3)))
        asked.bill(DAY, DAY + timedelta(hours=4 + hour))
    assert list(asked.usage(DAY, BucketWidth.DAY, as_of)) == list(fresh.usage(DAY, BucketWidth.DAY, as_of))
    assert asked.bill(DAY, as_of) == fresh.bill(DAY, as_of)


def test_nothing_was_used_before_history_or_will_have_been_tomorrow() -> None:
    new_year = datetime(2026, 1, 1, tzinfo=UTC)
    assert seen(new_year - timedelta(hours=1), BucketWidth.HOUR, DAY) == {}
    assert seen(new_year, BucketWidth.HOUR, DAY) != {}
    assert seen(DAY + timedelta(days=1), BucketWidth.DAY, DAY + timedelta(hours=12)) == {}
