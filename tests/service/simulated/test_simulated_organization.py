"""Who is in the simulated organisation, its rhythm, and what a seed decides."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from meterdeck.domain.buckets import BucketWidth
from meterdeck.service.simulated.options import Options
from meterdeck.service.simulated.organization import SimulatedOrganization

WEDNESDAY = datetime(2026, 11, 18, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, tzinfo=UTC)
LATER = WEDNESDAY + timedelta(days=9)
CALM = SimulatedOrganization(Options(incidents=frozenset()))


def day_of(organization: SimulatedOrganization, day: datetime = WEDNESDAY) -> list[Any]:
    return list(organization.usage(day, BucketWidth.DAY, LATER))


def tokens(start: datetime, width: BucketWidth, **wanted: str) -> int:
    """The tokens of some series of a calm organisation."""
    return sum(
        sum(counters[:5])
        for members, counters in CALM.usage(start, width, LATER)
        if all(getattr(members, name) == value for name, value in wanted.items())
    )


@pytest.mark.parametrize(
    ("size", "workspaces", "keys", "models"),
    [
        ("small", range(3, 6), range(8, 13), range(5, 9)),
        ("normal", range(11, 14), range(20, 32), range(8, 9)),
        ("large", range(190, 211), range(470, 531), range(8, 9)),
    ],
)
def test_a_size_has_its_numbers_of_workspaces_keys_and_models(
    size: Any, workspaces: range, keys: range, models: range
) -> None:
    organization = SimulatedOrganization(Options(size=size))
    live = [row for row in organization.workspaces if row["archived_at"] is None]
    assert len(live) + 1 in workspaces
    assert len(organization.api_keys) in keys
    used = day_of(organization)
    assert len({members.model for members, _ in used}) in models
    assert len({members.workspace_id for members, _ in used}) in workspaces


@pytest.mark.parametrize("size", ["small", "normal", "large"])
def test_whoever_uses_tokens_is_in_the_directory_under_an_id_of_its_own(size: Any) -> None:
    organization = SimulatedOrganization(Options(size=size))
    workspaces = [row["id"] for row in organization.workspaces]
    keys = [row["id"] for row in organization.api_keys]
    assert len(set(workspaces)) == len(workspaces)
    assert len(set(keys)) == len(keys)
    used = day_of(organization)
    assert {members.workspace_id for members, _ in used} <= {None, *workspaces}
    assert {members.api_key_id for members, _ in used} == {None, *keys}


@pytest.mark.parametrize("size", ["small", "normal", "large"])
def test_a_key_is_used_in_the_workspace_it_is_listed_in(size: Any) -> None:
    organization = SimulatedOrganization(Options(size=size))
    listed = {row["id"]: row["workspace_id"] for row in organization.api_keys}
    for members, _ in day_of(organization):
        if members.api_key_id is not None:
            assert listed[members.api_key_id] == members.workspace_id


def test_batch_jobs_run_at_night() -> None:
    night = tokens(WEDNESDAY + timedelta(hours=1), BucketWidth.HOUR, service_tier="batch")
    noon = tokens(WEDNESDAY + timedelta(hours=12), BucketWidth.HOUR, service_tier="batch")
    assert night > 5 * noon


def test_the_office_works_by_day_and_rests_on_sunday() -> None:
    staging = {"workspace_id": "wrkspc_01SimStaging000000000"}
    night = tokens(WEDNESDAY + timedelta(hours=3), BucketWidth.HOUR, **staging)
    noon = tokens(WEDNESDAY + timedelta(hours=14), BucketWidth.HOUR, **staging)
    assert noon > 5 * night > 0
    wednesday, sunday = (tokens(day, BucketWidth.DAY, **staging) for day in (WEDNESDAY, SUNDAY))
    assert wednesday > 3 * sunday > 0


def test_the_week_comes_again_alike_but_not_the_same() -> None:
    totals = [tokens(WEDNESDAY - timedelta(weeks=weeks), BucketWidth.DAY) for weeks in range(3)]
    assert len(set(totals)) == 3
    assert max(totals) < 1.1 * min(totals)


def test_the_same_options_are_the_same_organization() -> None:
    first, again = SimulatedOrganization(Options(seed=5)), SimulatedOrganization(Options(seed=5))
    assert day_of(first) == day_of(again)
    assert first.bill(WEDNESDAY, LATER) == again.bill(WEDNESDAY, LATER)
    assert first.api_keys == again.api_keys
    assert first.organization == again.organization


@pytest.mark.parametrize("seed", [0, 2, -1, 2**80 + 7])
def test_another_seed_is_another_organization(seed: int) -> None:
    """It has the same members but other numbers, another id and other keys."""
    first, other = SimulatedOrganization(Options()), SimulatedOrganization(Options(seed=seed))
    assert {members for members, _ in day_of(first)} == {members for members, _ in day_of(other)}
    assert day_of(first) != day_of(other)
    assert first.bill(WEDNESDAY, LATER) != other.bill(WEDNESDAY, LATER)
    assert first.organization["id"] != other.organization["id"]
    hints = [{row["partial_key_hint"] for row in each.api_keys} for each in (first, other)]
    assert hints[0].isdisjoint(hints[1])
