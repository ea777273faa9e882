"""Who exists: workspaces, their keys, and what each of them runs. Data, and its expansion into streams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product

from meterdeck.service.simulated.rhythm import Rhythm
from meterdeck.service.source import UsageMembers

DEFAULT = "Default"
CONSOLE = "(console)"
"""Use of the Console has no key (api-facts 2.5)."""
DEPLOY, NIGHTLY = "svac_01SimDeployPipeline00001", "svac_01SimNightlyEvals0000002"
JANE, RAVI, NOOR = (
    "user_01SimJane00000000000001",
    "user_01SimRavi00000000000002",
    "user_01SimNoor00000000000003",
)
"""Use of the Console is of the account that is logged in."""

OPUS, OPUS_NEW, OPUS_OLD = "claude-opus-5", "claude-opus-5-5", "claude-opus-4-7"
SONNET, SONNET_OLD, HAIKU = "claude-sonnet-5", "claude-sonnet-4-6", "claude-haiku-4-5-20251001"
FABLE, FABLE_NEW = "claude-fable-5", "claude-fable-5-1"
WITHOUT_GEO = frozenset({HAIKU})
"""Models older than 2026-02 can't choose where they run (api-facts 2.5)."""


class Mix(Enum):
    """What a workload's tokens are, in thousandths: uncached, cache read, 5 min and 1 h writes, output."""

    AGENT = (150, 660, 60, 30, 100)
    CHAT = (240, 540, 90, 20, 110)
    SEARCH = (300, 560, 40, 50, 50)
    EXTRACT = (800, 60, 20, 0, 120)
    COLD = (860, 0, 0, 0, 140)


@dataclass(frozen=True, slots=True)
class Workload:
    """What one key runs on one model. ``peak`` is in thousands of tokens an hour."""

    workspace: str
    key: str
    model: str
    peak: int
    mix: Mix
    rhythm: Rhythm
    batch: int = 0
    priority: int = 0
    priority_on_demand: int = 0
    flex: int = 0
    flex_discount: int = 0
    """Shares in percent of the service tiers; what they leave is standard."""
    long: int = 0
    us: int = 0
    fast: int = 0
    """Shares in percent: contexts beyond 200k, US-only inference, fast mode."""
    searches: int = 0
    """Web searches for each 10 million tokens."""
    account: str | None = None
    service_account: str | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """One steady source of usage: its dimensions and how much it takes."""

    number: int
    workload: Workload
    members: UsageMembers
    peak: int
    """Tokens an hour at the peak of its rhythm."""


WORKLOADS = (
    Workload(
        "prod-chat", "prod-backend", OPUS, 15000, Mix.AGENT, Rhythm.GLOBAL, long=6, priority=4, searches=60
    ),
    Workload(
        "prod-chat",
        "prod-backend",
        SONNET,
        11000,
        Mix.CHAT,
        Rhythm.GLOBAL,
        priority=6,
        priority_on_demand=3,
        searches=40,
    ),
    Workload("prod-chat", "prod-canary", OPUS_NEW, 4200, Mix.AGENT, Rhythm.GLOBAL, long=4),
    Workload("prod-chat", "prod-router", HAIKU, 5200, Mix.CHAT, Rhythm.GLOBAL),
    Workload("batch-etl", "etl-extract", HAIKU, 21000, Mix.EXTRACT, Rhythm.NIGHT, batch=92),
    Workload("batch-etl", "etl-enrich", SONNET_OLD, 9000, Mix.EXTRACT, Rhythm.NIGHT, batch=88, long=5),
    Workload("batch-etl", "etl-backfill", SONNET, 4000, Mix.EXTRACT, Rhythm.NIGHT, batch=100),
    Workload(
        "prod-search", "search-rank", SONNET, 5600, Mix.SEARCH, Rhythm.GLOBAL, flex=8, us=35, searches=260
    ),
    Workload("prod-search", "search-embed", HAIKU, 6200, Mix.COLD, Rhythm.GLOBAL),
    Workload("prod-search", "prod-backend", OPUS_NEW, 1500, Mix.SEARCH, Rhythm.GLOBAL, us=35, searches=120),
    Workload(
        DEFAULT, "claude-code-ci", OPUS, 3600, Mix.AGENT, Rhythm.OFFICE, long=10, service_account=DEPLOY
    ),
    Workload(DEFAULT, "claude-code-ci", SONNET, 5200, Mix.AGENT, Rhythm.OFFICE, service_account=DEPLOY),
    Workload(DEFAULT, "jane-laptop", FABLE_NEW, 700, Mix.AGENT, Rhythm.OFFICE, long=20),
    Workload(DEFAULT, CONSOLE, OPUS_NEW, 160, Mix.COLD, Rhythm.OFFICE, account=JANE),
    Workload(DEFAULT, CONSOLE, SONNET, 220, Mix.COLD, Rhythm.OFFICE, searches=80, account=RAVI),
    Workload("evals", "nightly-evals", OPUS, 900, Mix.COLD, Rhythm.FLAT, service_account=NIGHTLY),
    Workload(
        "evals",
        "nightly-evals",
        SONNET,
        1700,
        Mix.COLD,
        Rhythm.NIGHT,
        batch=70,
        flex=15,
        service_account=NIGHTLY,
    ),
    Workload("evals", "judge", FABLE, 420, Mix.CHAT, Rhythm.NIGHT),
    Workload("evals", "judge", OPUS_OLD, 800, Mix.CHAT, Rhythm.NIGHT, flex_discount=60),
    Workload(
        "support-bot",
        "support-live",
        SONNET,
        2600,
        Mix.CHAT,
        Rhythm.GLOBAL,
        priority=10,
        priority_on_demand=4,
    ),
    Workload("support-bot", "support-triage", HAIKU, 3100, Mix.CHAT, Rhythm.GLOBAL),
    Workload("growth", "growth-copy", SONNET_OLD, 900, Mix.COLD, Rhythm.OFFICE, flex=50, searches=90),
    Workload("growth", "growth-ads", HAIKU, 1300, Mix.EXTRACT, Rhythm.OFFICE, batch=40),
    Workload("research", "notebook", FABLE_NEW, 520, Mix.AGENT, Rhythm.OFFICE, long=35),
    Workload("research", "notebook", OPUS_NEW, 620, Mix.AGENT, Rhythm.OFFICE, flex=20, long=25),
    Workload("research", CONSOLE, FABLE, 90, Mix.COLD, Rhythm.OFFICE, account=NOOR),
    Workload("staging", "staging-backend", SONNET, 700, Mix.CHAT, Rhythm.OFFICE),
    Workload("staging", "staging-backend", HAIKU, 500, Mix.CHAT, Rhythm.OFFICE),
    Workload("mobile", "mobile-ios", HAIKU, 1100, Mix.CHAT, Rhythm.GLOBAL),
    Workload("mobile", "mobile-android", HAIKU, 1400, Mix.CHAT, Rhythm.GLOBAL),
    Workload("mobile", "mobile-voice", OPUS_NEW, 240, Mix.CHAT, Rhythm.GLOBAL, fast=100),
    Workload("partner-api", "partner-north", SONNET_OLD, 620, Mix.EXTRACT, Rhythm.BURST, us=100),
    Workload("partner-api", "partner-south", OPUS_OLD, 260, Mix.EXTRACT, Rhythm.BURST, us=100, fast=20),
    Workload("data-plane", "pipeline", HAIKU, 900, Mix.EXTRACT, Rhythm.FLAT, batch=60, flex_discount=25),
    Workload("data-plane", "pipeline", SONNET, 300, Mix.SEARCH, Rhythm.FLAT),
)
SMALL_WORKSPACES = frozenset({"prod-chat", "batch-etl", "evals", DEFAULT})
ARCHIVED = "old-prototype"
LARGE_WORKSPACES = 200


def workloads(size: str) -> tuple[Workload, ...]:
    """The workloads of an organisation of one size."""
    if size == "small":
        return tuple(load for load in WORKLOADS if load.workspace in SMALL_WORKSPACES)
    return WORKLOADS + (tuple(_many()) if size == "large" else ())


def _many() -> Iterator[Workload]:
    """The long tail of a very large organisation: some 200 workspaces and 500 keys."""
    models = (OPUS, SONNET, HAIKU, OPUS_NEW, SONNET_OLD)
    for number in range(LARGE_WORKSPACES - len({load.workspace for load in WORKLOADS})):
        for key in range(2 + number % 2):
            yield Workload(
                f"team-{number:03}",
                f"team-{number:03}-{'abc'[key]}",
                models[(number + key) % len(models)],
                40 + (number * 37 + key * 11) % 400,
                tuple(Mix)[number % len(Mix)],
                tuple(Rhythm)[(number + key) % len(Rhythm)],
                batch=30 if number % 7 == 0 else 0,
            )


def workspace_id(name: str) -> str:
    """A workspace's invented id."""
    return "wrkspc_01Sim" + _letters(name).ljust(16, "0")


def api_key_id(workspace: str, key: str) -> str:
    """A key's invented id: keys of one name in two workspaces are two keys."""
    return "apikey_01Sim" + (_letters(key)[:11] + _letters(workspace)[:9]).ljust(20, "0")


def _letters(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-") if part)


def streams(size: str) -> tuple[Stream, ...]:
    """Every workload split by tier, context window, geo and speed, in the given shares."""
    found: list[Stream] = []
    for load in workloads(size):
        for tier, context, geo, speed, share in _splits(load):
            members = UsageMembers(
                None if load.workspace == DEFAULT else workspace_id(load.workspace),
                load.model,
                None if load.key == CONSOLE else api_key_id(load.workspace, load.key),
                tier,
                context,
                geo,
                speed,
                load.account,
                load.service_account,
            )
            found.append(Stream(len(found), load, members, load.peak * 1000 * share // 100_000_000))
    return tuple(found)


def _splits(load: Workload) -> Iterator[tuple[str, str, str, str, int]]:
    """(tier, context window, geo, speed, share of 100 000 000) of a workload; shares of 0 are left out."""
    tiers = {
        "batch": load.batch,
        "priority": load.priority,
        "priority_on_demand": load.priority_on_demand,
        "flex": load.flex,
        "flex_discount": load.flex_discount,
    }
    tiers["standard"] = 100 - sum(tiers.values())
    contexts = {"200k-1M": load.long, "0-200k": 100 - load.long}
    geos = {"not_available": 100} if load.model in WITHOUT_GEO else {"us": load.us, "global": 100 - load.us}
    speeds = {"fast": load.fast, "standard": 100 - load.fast}
    for (tier, of_tier), (context, of_context), (geo, of_geo), (speed, of_speed) in product(
        tiers.items(), contexts.items(), geos.items(), speeds.items()
    ):
        share = of_tier * of_context * of_geo * of_speed
        if share:
            yield tier, context, geo, speed, share
