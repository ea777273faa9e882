"""Minutes, hours and days of the simulated organisation, series by series."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.domain.buckets import BucketWidth
from meterdeck.service.simulated.options import Options
from meterdeck.service.simulated.organization import SimulatedOrganization
from meterdeck.service.source import Counters, UsageFact, UsageMembers

DAY = datetime(2026, 11, 18, tzinfo=UTC)
SETTLED = DAY + timedelta(days=3)
HOURS = [DAY + timedelta(hours=hour) for hour in range(24)]
SMALL = SimulatedOrganization(Options(size="small"))
NORMAL = SimulatedOrganization(Options())


def added(facts: Iterable[UsageFact]) -> dict[UsageMembers, Counters]:
    sums: dict[UsageMembers, Counters] = {}
    for members, counters in facts:
        so_far = sums.get(members, Counters(0, 0, 0, 0, 0, 0))
        sums[members] = Counters(*(a + b for a, b in zip(so_far, counters, strict=True)))
    return sums


def minutes_of(
    organization: SimulatedOrganization, hour: datetime, as_of: datetime
) -> dict[UsageMembers, Counters]:
    return added(
        fact
        for minute in range(60)
        for fact in organization.usage(hour + timedelta(minutes=minute), BucketWidth.MINUTE, as_of)
    )


def hour_of(
    organization: SimulatedOrganization, hour: datetime, as_of: datetime
) -> dict[UsageMembers, Counters]:
    return added(organization.usage(hour, BucketWidth.HOUR, as_of))


@pytest.mark.parametrize("hour", [HOURS[hour] for hour in (1, 2, 6, 10, 15, 18)], ids=str)
def test_sixty_minutes_are_the_hour_for_every_series(hour: datetime) -> None:
    """Quiet hours, hours of the launch and hours of the runaway key."""
    minutes = minutes_of(NORMAL, hour, SETTLED)
    assert len(minutes) > 40
    assert minutes == hour_of(NORMAL, hour, SETTLED)


def test_twenty_four_hours_are_the_day_for_every_series() -> None:
    hours = added(fact for hour in HOURS for fact in NORMAL.usage(hour, BucketWidth.HOUR, SETTLED))
    assert len(hours) > 50
    assert hours == added(NORMAL.usage(DAY, BucketWidth.DAY, SETTLED))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 23), st.integers(0, 3 * 3600))
def test_minutes_are_the_hour_while_it_still_fills(hour: int, seconds: int) -> None:
    as_of = HOURS[hour] + timedelta(seconds=seconds)
    assert minutes_of(SMALL, HOURS[hour], as_of) == hour_of(SMALL, HOURS[hour], as_of)


def test_a_day_holds_every_dimension_that_the_reports_know() -> None:
    series = added(NORMAL.usage(DAY, BucketWidth.DAY, SETTLED))
    assert {members.context_window for members in series} == {"0-200k", "200k-1M"}
    assert {members.service_tier for members in series} == {
        *("standard", "batch", "priority", "priority_on_demand", "flex", "flex_discount")
    }
    assert {members.inference_geo for members in series} == {"global", "us", "not_available"}
    mixed = {
        members.workspace_id: {other.inference_geo for other in series if other[:2] == members[:2]}
        for members in series
        if members.inference_geo == "us"
    }
    assert mixed == {
        "wrkspc_01SimProdSearch000000": {"us", "global"},
        "wrkspc_01SimPartnerApi000000": {"us"},
    }
    fast = {members.api_key_id for members in series if members.speed == "fast"}
    assert fast == {"apikey_01SimMobileVoiceMobile000", "apikey_01SimPartnerSoutPartnerAp"}
    at_two_speeds = {
        members._replace(speed="both")
        for members in series
        if members.speed == "fast" and members._replace(speed="standard") in series
    }
    assert {members.api_key_id for members in at_two_speeds} == {"apikey_01SimPartnerSoutPartnerAp"}


def test_every_counter_is_used_and_none_is_negative() -> None:
    series = added(NORMAL.usage(DAY, BucketWidth.DAY, SETTLED)).values()
    assert min(min(counters) for counters in series) >= 0
    assert all(max(counters[place] for counters in series) > 0 for place in range(6))


def test_caching_varies_by_workspace() -> None:
    shares: dict[str | None, list[int]] = {}
    for members, counters in NORMAL.usage(DAY, BucketWidth.DAY, SETTLED):
        read, sent = shares.setdefault(members.workspace_id, [0, 0])
        shares[members.workspace_id] = [
            read + counters.cache_read,
            sent + counters.cache_read + counters.uncached_input,
        ]
    ratios = sorted(read / sent for read, sent in shares.values())
    assert ratios[0] < 0.1
    assert ratios[-1] > 0.7
