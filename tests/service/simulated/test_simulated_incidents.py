"""The launch (every 6 h from 01:05Z, 140 min, up to 1.9 times) and the runaway keys (every 8 h from 02:20Z another one,
390 min; the one of these tests up to 9 times)."""

from datetime import UTC, datetime, timedelta

import pytest

from meterdeck.domain.buckets import BucketWidth
from meterdeck.service.simulated.incidents import NORMAL, RUNAWAYS
from meterdeck.service.simulated.options import Options
from meterdeck.service.simulated.organization import SimulatedOrganization
from meterdeck.service.source import Counters, UsageMembers

DAY = datetime(2026, 11, 18, tzinfo=UTC)
LATER = DAY + timedelta(days=3)
CHAT = "wrkspc_01SimProdChat00000000"
RUNAWAY = ("wrkspc_01SimEvals00000000000", "claude-opus-5", "apikey_01SimNightlyEvalEvals0000")
CALM = SimulatedOrganization(Options(incidents=frozenset()))
LAUNCHED = SimulatedOrganization(Options(incidents=frozenset({"launch"})))
RUN_AWAY = SimulatedOrganization(Options(incidents=frozenset({"runaway"})))
Facts = dict[UsageMembers, Counters]


def hour_of(organization: SimulatedOrganization, hour: int) -> Facts:
    return dict(organization.usage(DAY + timedelta(hours=hour), BucketWidth.HOUR, LATER))


def is_launched(members: UsageMembers) -> bool:
    return members.workspace_id == CHAT


def has_run_away(members: UsageMembers) -> bool:
    return members[:3] == RUNAWAY


def tokens(facts: Facts) -> int:
    return sum(sum(counters[:5]) for counters in facts.values())


def rise(organization: SimulatedOrganization, minutes: int) -> float:
    """How much more an incident's own series took than without it, in the ten minutes around a moment."""
    wanted = is_launched if organization is LAUNCHED else has_run_away
    sums = []
    for each in (organization, CALM):
        total = 0
        for minute in range(minutes - 5, minutes + 5):
            start = DAY + timedelta(minutes=minute)
            facts = dict(each.usage(start, BucketWidth.MINUTE, LATER))
            total += tokens({members: count for members, count in facts.items() if wanted(members)})
        sums.append(total)
    return sums[0] / sums[1]


@pytest.mark.parametrize("hour", [2, 8, 14, 20])
def test_a_launch_nearly_doubles_every_key_of_its_workspace(hour: int) -> None:
    launched, calm = hour_of(LAUNCHED, hour), hour_of(CALM, hour)
    assert len({members.api_key_id for members in calm if is_launched(members)}) == 3
    for members, counters in calm.items():
        if is_launched(members):
            assert sum(launched[members][:5]) == pytest.approx(1.9 * sum(counters[:5]), rel=0.001)
        else:
            assert launched[members] == counters


@pytest.mark.parametrize("hour", [0, 4, 5, 6, 10, 11, 12, 16, 17, 18, 22, 23])
def test_between_launches_all_is_as_without_them(hour: int) -> None:
    assert hour_of(LAUNCHED, hour) == hour_of(CALM, hour)


@pytest.mark.parametrize("hour", [1, 3, 7, 9, 13, 15, 19, 21])
def test_a_launch_ramps_up_and_down(hour: int) -> None:
    launched, calm = hour_of(LAUNCHED, hour), hour_of(CALM, hour)
    for facts in (launched, calm):
        for members in [members for members in facts if not is_launched(members)]:
            del facts[members]
    assert 1.1 < tokens(launched) / tokens(calm) < 1.8


def test_a_launch_climbs_for_twenty_minutes() -> None:
    """It begins at 13:05Z, is half way up at 13:15Z, up from 13:25Z, and over at 15:25Z."""
    ratios = [rise(LAUNCHED, 13 * 60 + minute) for minute in (0, 15, 35, 90, 150)]
    assert ratios == pytest.approx([1.0, 1.45, 1.9, 1.9, 1.0], rel=0.06)


@pytest.mark.parametrize("hour", [18, 19, 21, 23])
def test_a_key_that_runs_away_takes_many_times_as_much_on_one_model(hour: int) -> None:
    astray, calm = hour_of(RUN_AWAY, hour), hour_of(CALM, hour)
    for members, counters in calm.items():
        if has_run_away(members):
            assert 5 < sum(astray[members][:5]) / sum(counters[:5]) < 9.1
        else:
            assert astray[members] == counters
    assert any(has_run_away(members) for members in calm)


@pytest.mark.parametrize("hour", [1, 9, 17])
def test_between_two_flights_every_key_is_as_quiet_as_ever(hour: int) -> None:
    assert hour_of(RUN_AWAY, hour) == hour_of(CALM, hour)


def test_a_key_runs_away_within_minutes() -> None:
    """It begins at 18:20Z, and takes 9 times as much from 18:24Z on."""
    ratios = [rise(RUN_AWAY, 18 * 60 + minute) for minute in (14, 30, 80, 330)]
    assert ratios == pytest.approx([1.0, 9.0, 9.0, 9.0], rel=0.2)


def test_no_key_runs_away_at_an_hour_at_which_it_did_the_day_or_the_week_before() -> None:
    """What happens at the same hour again and again is a rhythm, and nobody would look for it."""
    for days in (1, 7):
        for hour in (2, 10, 18):
            now, before = (
                int((DAY + timedelta(days=-back, hours=hour, minutes=30)).timestamp()) for back in (0, days)
            )
            astray = [each for each in RUNAWAYS if each.factor_at(now) > NORMAL]
            assert len(astray) == 1
            assert astray[0].factor_at(before) == NORMAL


def test_by_default_both_happen_and_are_billed() -> None:
    both = SimulatedOrganization(Options())
    assert hour_of(both, 1) == hour_of(LAUNCHED, 1)
    assert hour_of(both, 18) == hour_of(RUN_AWAY, 18)
    totals = [sum(fact.cents for fact in each.bill(DAY, LATER) or ()) for each in (CALM, RUN_AWAY, both)]
    assert totals[0] < totals[1] < totals[2]
