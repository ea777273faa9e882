"""How a price change and the passing of a day show in the bill."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from meterdeck.domain.buckets import BucketWidth
from meterdeck.service.simulated.options import Options, PriceStep
from meterdeck.service.simulated.organization import SimulatedOrganization
from meterdeck.service.source import CostFact

DAY = datetime(2026, 11, 18, tzinfo=UTC)
FACTOR = Decimal("1.2")


def bill_of(organization: SimulatedOrganization, day: datetime) -> dict[CostFact, Decimal]:
    """The lines of a settled day, each without its amount, and the amounts."""
    facts = organization.bill(day, day + timedelta(days=3)) or ()
    return {fact._replace(cents=Decimal(0)): fact.cents for fact in facts}


def stepped(*steps: PriceStep) -> SimulatedOrganization:
    return SimulatedOrganization(Options(price_steps=steps))


def changed(model: str | None) -> SimulatedOrganization:
    return stepped(PriceStep(DAY, FACTOR, model))


@pytest.mark.parametrize("model", [None, "claude-sonnet-5"])
def test_prices_are_the_old_ones_up_to_the_day_before_the_change(model: str | None) -> None:
    yesterday = DAY - timedelta(days=1)
    assert bill_of(changed(model), yesterday) == bill_of(SimulatedOrganization(Options()), yesterday)


@pytest.mark.parametrize("day", [DAY, DAY + timedelta(days=9)], ids=str)
def test_a_change_of_one_model_holds_from_its_day_on_for_that_model_alone(day: datetime) -> None:
    before = bill_of(SimulatedOrganization(Options()), day)
    after = bill_of(changed("claude-sonnet-5"), day)
    assert any(line.model == "claude-sonnet-5" for line in after)
    assert after == {
        line: cents * FACTOR if line.model == "claude-sonnet-5" else cents for line, cents in before.items()
    }


def test_a_change_of_all_prices_holds_for_every_line() -> None:
    before = bill_of(SimulatedOrganization(Options()), DAY)
    assert bill_of(changed(None), DAY) == {line: cents * FACTOR for line, cents in before.items()}


def test_each_of_several_steps_holds_from_its_own_day_on_and_they_multiply() -> None:
    third = DAY + timedelta(days=2)
    organization = stepped(
        PriceStep(DAY, Decimal("0.5")),
        PriceStep(DAY + timedelta(days=1), Decimal(2)),
        PriceStep(third, Decimal("1.15"), "claude-opus-5"),
        PriceStep(third, Decimal("0.9")),
    )
    expected = (("0.5", "0.5"), ("1", "1"), ("0.9", "1.035"))
    for days, (of_most, of_opus) in enumerate(expected):
        day = DAY + timedelta(days=days)
        before = bill_of(SimulatedOrganization(Options()), day)
        assert bill_of(organization, day) == {
            line: cents * Decimal(of_opus if line.model == "claude-opus-5" else of_most)
            for line, cents in before.items()
        }


def test_a_step_leaves_usage_as_it_is() -> None:
    as_of = DAY + timedelta(days=3)
    plain = SimulatedOrganization(Options())
    assert list(changed(None).usage(DAY, BucketWidth.DAY, as_of)) == list(
        plain.usage(DAY, BucketWidth.DAY, as_of)
    )


def test_the_bill_of_a_day_holds_the_hours_that_ended_three_hours_ago() -> None:
    organization = SimulatedOrganization(Options(size="small"))

    def billed(after: timedelta) -> Decimal:
        facts = organization.bill(DAY, DAY + after) or ()
        return sum((fact.cents for fact in facts), start=Decimal(0))

    second = timedelta(seconds=1)
    assert billed(timedelta(hours=4) - second) == 0
    hourly = [billed(timedelta(hours=hours)) for hours in range(4, 28)]
    assert all(earlier < later for earlier, later in pairwise([Decimal(0), *hourly]))
    assert billed(timedelta(hours=27) - second) == hourly[-2]
    assert billed(timedelta(days=300)) == hourly[-1]


def test_a_day_before_history_and_a_day_to_come_have_no_bill() -> None:
    organization = SimulatedOrganization(Options(size="small"))
    assert organization.bill(datetime(2025, 12, 31, tzinfo=UTC), DAY) == ()
    assert organization.bill(datetime(2026, 1, 1, tzinfo=UTC), DAY) != ()
    assert organization.bill(DAY + timedelta(days=1), DAY + timedelta(hours=12)) == ()
