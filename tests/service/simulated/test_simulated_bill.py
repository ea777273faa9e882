"""The bill of the simulated organisation against its usage, at prices written down here a second time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from meterdeck.domain.buckets import BucketWidth
from meterdeck.service.simulated.options import Options
from meterdeck.service.simulated.organization import SimulatedOrganization
from meterdeck.service.source import CostFact, UsageMembers

DAY = datetime(2026, 11, 18, tzinfo=UTC)
SETTLED = DAY + timedelta(days=3)

USD_PER_MILLION = {
    "claude-opus-5-5": (4, 20),
    "claude-opus-5": (5, 25),
    "claude-opus-4-7": (5, 25),
    "claude-sonnet-5": (3, 15),
    "claude-sonnet-4-6": (3, 15),
    "claude-haiku-4-5-20251001": (1, 5),
    "claude-fable-5": (10, 50),
    "claude-fable-5-1": (10, 50),
}
"""Input and output."""
TOKEN_TYPES = {
    "uncached_input_tokens": Decimal(1),
    "cache_read_input_tokens": Decimal("0.1"),
    "cache_creation.ephemeral_5m_input_tokens": Decimal("1.25"),
    "cache_creation.ephemeral_1h_input_tokens": Decimal(2),
    "output_tokens": Decimal(1),
}
"""What each is worth in input tokens (output tokens: in output tokens), in the order of the counters."""
TIERS = {
    "standard": Decimal(1),
    "batch": Decimal("0.5"),
    "flex": Decimal("0.75"),
    "flex_discount": Decimal("0.6"),
    "priority_on_demand": Decimal("1.25"),
}
"""What a token of each billed tier is worth in standard ones."""
Identity = tuple[str | None, str | None, bool, str | None, str | None, str | None, str | None]


def list_price(members: UsageMembers, token_type: str) -> Decimal:
    """Cents for one token."""
    is_output = token_type == "output_tokens"
    price = Decimal(USD_PER_MILLION[members.model][is_output]) * 100 / 1_000_000 * TOKEN_TYPES[token_type]
    if members.model == "claude-fable-5-1" and token_type == "cache_read_input_tokens":
        price /= 4
    price *= TIERS[members.service_tier]
    if members.context_window == "200k-1M":
        price *= Decimal("1.5") if is_output else 2
    if members.inference_geo == "us":
        price *= Decimal("1.1")
    return price * 6 if members.speed == "fast" else price


def expected(organization: SimulatedOrganization, day: datetime, kept: str) -> dict[Identity, Decimal]:
    """The bill of a day as its usage says, with ``kept`` of each list price."""
    lines: dict[Identity, Decimal] = {}
    for members, counters in organization.usage(day, BucketWidth.DAY, day + timedelta(days=3)):
        if members.service_tier == "priority":
            continue
        price_class = (members.model, members.service_tier, members.context_window, members.inference_geo)
        for token_type, count in zip(TOKEN_TYPES, counters[:5], strict=True):
            line = (members.workspace_id, token_type, members.speed == "fast", *price_class)
            cents = count * list_price(members, token_type) * Decimal(kept)
            lines[line] = lines.get(line, Decimal(0)) + cents
    return {line: cents for line, cents in lines.items() if cents}


def bill_of(organization: SimulatedOrganization, day: datetime = DAY) -> list[CostFact]:
    return list(organization.bill(day, day + timedelta(days=3)) or ())


def token_lines(organization: SimulatedOrganization, day: datetime = DAY) -> dict[Identity, Decimal]:
    lines: dict[Identity, Decimal] = {}
    for fact in bill_of(organization, day):
        if fact.cost_type == "tokens":
            line = (
                *(fact.workspace_id, fact.token_type, "Fast Mode" in fact.description, fact.model),
                *(fact.service_tier, fact.context_window, fact.inference_geo),
            )
            assert line not in lines
            lines[line] = fact.cents
    return lines


@pytest.mark.parametrize("discount", ["0.12", "0", "0.333"])
@pytest.mark.parametrize("size", ["small", "normal"])
def test_every_line_of_a_settled_day_is_its_usage_at_list_price_less_discount(
    size: Any, discount: str
) -> None:
    organization = SimulatedOrganization(Options(size=size, discount=Decimal(discount)))
    lines = token_lines(organization)
    assert len(lines) > 50
    assert lines == expected(organization, DAY, str(1 - Decimal(discount)))


def test_a_weekend_and_a_large_organization_are_billed_as_exactly() -> None:
    organization = SimulatedOrganization(Options(size="large"))
    sunday = DAY + timedelta(days=4)
    lines = token_lines(organization, sunday)
    assert len(lines) > 500
    assert lines == expected(organization, sunday, "0.88")


async def test_both_reports_as_served_agree_to_the_last_digit(api: httpx.AsyncClient) -> None:
    day = {"starting_at": "2026-11-18T00:00:00Z", "ending_at": "2026-11-19T00:00:00Z"}
    five = ("model", "service_tier", "context_window", "inference_geo", "speed")
    usage = await api.get(
        "/v1/organizations/usage_report/messages",
        params={**day, "group_by[]": five},
        headers={"anthropic-beta": "fast-mode-2026-02-01"},
    )
    cost = await api.get("/v1/organizations/cost_report", params={**day, "group_by[]": "description"})
    worth = Decimal(0)
    for row in usage.json()["data"][0]["results"]:
        if row["service_tier"] != "priority":
            nobody: dict[str, Any] = dict.fromkeys(UsageMembers._fields)
            members = UsageMembers(**nobody | {name: row[name] for name in five})
            flat = row | {f"cache_creation.{name}": count for name, count in row["cache_creation"].items()}
            worth += sum(flat[name] * list_price(members, name) for name in TOKEN_TYPES)
    rows = cost.json()["data"][0]["results"]
    billed = sum(Decimal(row["amount"]) for row in rows if row["cost_type"] == "tokens")
    assert billed == worth * Decimal("0.88") > 100_000


def test_the_bill_knows_every_price_class() -> None:
    lines = token_lines(SimulatedOrganization(Options()))
    assert {line[1] for line in lines} == set(TOKEN_TYPES)
    assert {line[2] for line in lines} == {False, True}
    assert {line[3] for line in lines} == set(USD_PER_MILLION)
    assert {line[4] for line in lines} == set(TIERS)
    assert {line[5] for line in lines} == {"0-200k", "200k-1M"}
    assert {line[6] for line in lines} == {"global", "us", "not_available"}


def test_lines_that_differ_only_in_geo_or_only_in_words_are_in_the_bill() -> None:
    """Two geos, and fast mode, for which the bill has no field."""
    pools: dict[tuple[str | None, ...], list[CostFact]] = {}
    for fact in bill_of(SimulatedOrganization(Options())):
        if fact.token_type == "output_tokens":
            pool = (fact.workspace_id, fact.model, fact.service_tier, fact.context_window)
            pools.setdefault(pool, []).append(fact)
    several = [facts for facts in pools.values() if len(facts) > 1]
    assert any(len({fact.description for fact in facts}) == 1 for facts in several)
    assert any(len({fact.inference_geo for fact in facts}) == 1 for facts in several)
    assert {facts[0].service_tier for facts in several} == {"standard", "flex"}


@pytest.mark.parametrize("size", ["small", "normal", "large"])
@pytest.mark.parametrize("day", [DAY + timedelta(days=days) for days in range(7)], ids=str)
def test_every_day_of_a_week_has_every_tier_and_every_kind_of_cost(size: Any, day: datetime) -> None:
    dollars: dict[str, Decimal] = {}
    for fact in bill_of(SimulatedOrganization(Options(size=size)), day):
        kind = fact.service_tier or fact.cost_type
        dollars[kind] = dollars.get(kind, Decimal(0)) + fact.cents / 100
    assert dollars.keys() == {*TIERS, "web_search", "code_execution", "session_usage"}
    assert all(usd > 1 for usd in dollars.values())
    assert dollars["standard"] > 10 * dollars["batch"] > 10 * dollars["flex"]


def test_priority_tier_is_in_the_usage_and_in_no_bill() -> None:
    organization = SimulatedOrganization(Options())
    usage = organization.usage(DAY, BucketWidth.DAY, SETTLED)
    priority = [counters for members, counters in usage if members.service_tier == "priority"]
    assert sum(map(sum, priority)) > 1_000_000
    assert {fact.service_tier for fact in bill_of(organization)} == {*TIERS, None}


def test_a_web_search_of_any_tier_costs_a_cent_less_discount() -> None:
    organization = SimulatedOrganization(Options())
    searches: dict[str | None, int] = {}
    for members, counters in organization.usage(DAY, BucketWidth.DAY, SETTLED):
        if counters.web_searches:
            workspace = members.workspace_id
            searches[workspace] = searches.get(workspace, 0) + counters.web_searches
    billed = {
        fact.workspace_id: fact.cents for fact in bill_of(organization) if fact.cost_type == "web_search"
    }
    assert len(billed) >= 3
    assert billed == {workspace: count * Decimal("0.88") for workspace, count in searches.items()}


@pytest.mark.parametrize(
    ("cost_type", "cents_an_hour", "workspaces"),
    [
        (
            "code_execution",
            5,
            {"wrkspc_01SimResearch00000000", "wrkspc_01SimDataPlane0000000", "wrkspc_01SimEvals00000000000"},
        ),
        ("session_usage", 8, {None, "wrkspc_01SimSupportBot000000"}),
    ],
)
def test_containers_and_sessions_are_billed_by_the_hour(
    cost_type: str, cents_an_hour: int, workspaces: set[str | None]
) -> None:
    organization = SimulatedOrganization(Options(discount=Decimal(0)))
    facts = [fact for fact in bill_of(organization) if fact.cost_type == cost_type]
    assert {fact.workspace_id for fact in facts} == workspaces
    assert all(fact.cents > 0 and fact.cents % cents_an_hour == 0 for fact in facts)
    assert {(fact.model, fact.token_type, fact.service_tier) for fact in facts} == {(None, None, None)}
