"""The mix in exact counts: shares of where and how fast, equal to the raw pages, whatever was told of speed."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meterdeck.api.queries import FAST_MODE_BETA
from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import MIX_DIMENSIONS
from meterdeck.domain.reports import UsageBucket, UsageRow
from meterdeck.domain.tokens import TokenCounts
from meterdeck.queries.look import Look
from meterdeck.queries.mix import Manner, Mixed, Shares, shares
from meterdeck.queries.prices import PriceBook
from meterdeck.queries.split import whole_of_window
from meterdeck.store import Store, mix
from meterdeck.store.mix import WITHOUT_SPEED
from world import USAGE, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
CLOSED = Window(TODAY - 3 * DAY, TODAY)
GLOBAL, US, FAST = Manner("global", "standard"), Manner("us", "standard"), Manner("global", "fast")


def test_shares_are_the_raw_tokens_of_each_workspace_model_tier_geo_and_speed(acme: World) -> None:
    with acme.store.read() as transaction:
        found = shares(Look(transaction), CLOSED)
    grouped = [("group_by[]", dimension.value) for dimension in MIX_DIMENSIONS]
    raw: dict[tuple[Mixed, Manner], int] = {}
    headers = {"anthropic-beta": FAST_MODE_BETA}
    asked = [("bucket_width", "1h"), ("limit", "168"), *grouped]
    for bucket in asyncio.run(acme.raw_buckets(USAGE, CLOSED, *asked, headers=headers)):
        for row in bucket["results"]:
            of = Mixed(row["workspace_id"], row["model"], row["service_tier"])
            manner = Manner(row["inference_geo"], row["speed"])
            raw[of, manner] = raw.get((of, manner), 0) + row["output_tokens"]
    counted = {
        (of, manner): tokens.output for of, split in found.items() for manner, tokens in split.tokens.items()
    }
    assert counted == raw


def test_the_mix_adds_up_to_the_tokens_of_the_panes(acme: World) -> None:
    with acme.store.read() as transaction:
        look = Look(transaction)
        whole = whole_of_window(look, (), CLOSED, PriceBook())
        total = sum((split.total for split in shares(look, CLOSED).values()), start=TokenCounts())
    assert total == whole.tokens


def test_what_ran_in_two_places_or_at_two_speeds_is_mixed(acme: World) -> None:
    with acme.store.read() as transaction:
        found = shares(Look(transaction), CLOSED)
    mixed = {(of.workspace_id or "Default", of.model) for of, split in found.items() if split.is_mixed}
    assert mixed == {
        ("wrkspc_01SimProdSearch000000", "claude-sonnet-5"),
        ("wrkspc_01SimProdSearch000000", "claude-opus-5-5"),
        ("wrkspc_01SimPartnerApi000000", "claude-opus-4-7"),
    }
    fast = {of.workspace_id: split.is_mixed for of, split in found.items() if "fast" in split.speeds}
    assert fast == {
        "wrkspc_01SimPartnerApi000000": True,
        "wrkspc_01SimMobile0000000000": False,
    }, "a workspace that always pays for speed has one price"


@pytest.mark.parametrize(
    ("manners", "is_mixed"),
    [
        ([GLOBAL], False),
        ([GLOBAL, US], True),
        ([GLOBAL, FAST], True),
        ([GLOBAL, Manner("global", None)], False),
        ([FAST, Manner("us", None)], True),
    ],
)
def test_a_speed_that_was_not_told_is_no_other_speed(manners: list[Manner], is_mixed: bool) -> None:
    assert Shares(dict.fromkeys(manners, TokenCounts(output=1))).is_mixed is is_mixed


def test_hours_read_with_and_without_speed_stand_beside_each_other(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db")
    window = Window(TODAY, TODAY + 2 * HOUR)
    of = Mixed(None, "claude-opus-5", "standard")
    with store.write() as transaction:
        hours = [
            UsageBucket(
                Window(TODAY + number * HOUR, TODAY + (number + 1) * HOUR),
                group_by,
                (
                    UsageRow((*of, "us", *speed), TokenCounts(output=count), 0),
                    UsageRow((*of, "global", *speed), TokenCounts(), 0),
                ),
            )
            for number, (group_by, speed, count) in enumerate(
                [(MIX_DIMENSIONS, ("standard",), 3), (WITHOUT_SPEED, (), 5)]
            )
        ]
        mix.replace(transaction, window, hours, TODAY + DAY)
        found = shares(Look(transaction), window)
    assert found == {of: Shares({US: TokenCounts(output=3), Manner("us", None): TokenCounts(output=5)})}
    store.close()
