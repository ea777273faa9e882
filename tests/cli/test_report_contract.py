"""The JSON of every report, field by field: what is promised to whoever reads it with a program."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cli.commands import SATURDAY, Ended

Meterdeck = Callable[..., Ended]
Document = dict[str, Any]

COUNTERS = ["uncached_input", "cache_read", "cache_write_5m", "cache_write_1h", "output"]
KINDS = {"member", "default", "console", "not_token"}
HEAD = ["version", "report", "as_of", "complete", "gaps", "window", "by", "filters"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MONEY = re.compile(r"-?\d+(\.\d{1,14})?")
HOURS = {"24h": 24, "7d": 7 * 24, "31d": 31 * 24, "month": 20 * 24 + 15}
DAYS = {"24h": 1, "7d": 7, "31d": 31, "month": 21}
USAGE_BY = ["workspace", "model", "api_key", "service_tier", "context_window", "token_type"]


class Floating(float):
    """Remembers that a number was written with a point or an exponent."""


def floats_in(text: str) -> set[str]:
    """The names of the fields whose value is no whole number."""
    found: set[str] = set()

    def note(pairs: list[tuple[str, Any]]) -> Document:
        found.update(name for name, value in pairs if isinstance(value, Floating))
        return dict(pairs)

    json.loads(text, object_pairs_hook=note, parse_float=Floating)
    return found


def moment(text: str) -> datetime:
    """A time of the contract."""
    assert TIME.fullmatch(text)
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def check_head(document: Document, report: str, by: str, buckets: int, width: timedelta) -> None:
    """What every report starts with, and a window of so many buckets, the running one among them."""
    assert list(document)[: len(HEAD)] == HEAD
    assert (document["version"], document["report"], document["by"]) == (2, report, by)
    assert document["complete"] is True
    assert document["gaps"] == []
    assert document["filters"] == {}
    assert moment(document["as_of"]) <= SATURDAY
    start, end = (moment(document["window"][name]) for name in ("start", "end"))
    assert list(document["window"]) == ["start", "end"]
    assert end - start == buckets * width
    assert end - width <= SATURDAY < end


def check_member(row: Document) -> None:
    """Who a row stands for."""
    assert row["kind"] in KINDS
    assert isinstance(row["name"], str)
    assert row["name"]
    assert row["id"] is None or (isinstance(row["id"], str) and row["kind"] == "member")


def check_tokens(row: Document) -> None:
    """Whole numbers that add up."""
    assert list(row["tokens"]) == COUNTERS
    counts = [*row["tokens"].values(), row["total_tokens"], row["web_searches"]]
    assert {type(count) for count in counts} == {int}
    assert sum(row["tokens"].values()) == row["total_tokens"]
    assert row["total_tokens"] + row["web_searches"] > 0


def without_counts(row: Document) -> list[str]:
    """The fields of a row, but for those of some rows: tokens not priced as usual, a name that several share."""
    counts = ("label", "listed_tokens", "unpriced_tokens", "unbilled_tokens")
    return [name for name in row if not name.startswith(counts)]


def check_estimates(row: Document) -> None:
    """Every dollar is marked as an estimate, and none is a number."""
    assert row["estimated"] is True
    dollars = [value for name, value in row.items() if name.startswith("usd_estimated")]
    assert dollars
    assert all(value is None or MONEY.fullmatch(value) for value in dollars)
    for name in ("listed_tokens", "unpriced_tokens", "unbilled_tokens"):
        assert name not in row or 0 < row[name] <= row["total_tokens"]


def check_unique(rows: list[Document], *fields: str) -> None:
    """At most one row for each bucket and member."""
    keys = [tuple(row[field] for field in fields) for row in rows]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("by", "window"), [*((by, "24h") for by in USAGE_BY), ("model", "7d"), ("workspace", "month")]
)
def test_rates_keep_the_contract(demo: Meterdeck, by: str, window: str) -> None:
    ended = demo("report", "rates", "--by", by, "--window", window, "--format", "json")
    document = ended.document
    assert (ended.code, ended.err) == (0, "")
    check_head(document, "rates", by, HOURS[window], timedelta(hours=1))
    assert list(document)[len(HEAD) :] == ["awaited", "bucket", "total_tokens", "rows"]
    assert document["awaited"] == [], "the running hour was reported in part"
    assert document["bucket"] == "1h"
    assert document["total_tokens"] == sum(row["total_tokens"] for row in document["rows"])
    fields = ["start", "id", "name", "kind", "running", "settling", "tokens", "total_tokens", "web_searches"]
    for row in document["rows"]:
        assert without_counts(row) == [*fields, "usd_estimated", "estimated"]
        check_estimates(row)
        check_member(row)
        check_tokens(row)
        assert row["running"] is (row["start"] == "2026-11-21T14:00:00Z")
        assert isinstance(row["settling"], bool)
        assert len([count for count in row["tokens"].values() if count]) == 1 or by != "token_type"
    check_unique(document["rows"], "start", "id", "kind")
    assert len({row["start"] for row in document["rows"]}) == HOURS[window]
    assert floats_in(ended.out) == set()


@pytest.mark.parametrize(
    ("by", "window"),
    [
        *((by, "7d") for by in (*USAGE_BY, "cost_type", "description")),
        *(("workspace", window) for window in ("24h", "31d", "month")),
    ],
)
def test_costs_keep_the_contract(demo: Meterdeck, by: str, window: str) -> None:
    ended = demo("report", "costs", "--by", by, "--window", window, "--format", "json")
    document = ended.document
    assert (ended.code, ended.err) == (0, "")
    check_head(document, "costs", by, DAYS[window], timedelta(days=1))
    assert list(document)[len(HEAD) :] == ["currency", "total_usd", "rows", "unbilled_tokens", "note"]
    assert document["note"].endswith(
        f"{document['unbilled_tokens']:,} tokens of the Priority Tier are in no dollars here: no bill ever holds their"
        " cost."
    )
    assert document["note"].startswith("The bill does not know this split") is (by == "api_key")
    assert document["currency"] == "USD"
    for row in document["rows"]:
        row.pop("label", None)
        assert list(row)[:6] == ["day", "id", "name", "kind", "usd", "estimated"]
        assert set(list(row)[6:]) <= {"reported_usd", "unpriced_tokens", "settled"}
        check_member(row)
        assert re.fullmatch(r"2026-\d\d-\d\d", row["day"])
        assert isinstance(row["estimated"], bool)
        for name in ("usd", "reported_usd"):
            assert name not in row or row[name] is None or MONEY.fullmatch(row[name])
        assert row["usd"] is not None or row["estimated"]
    check_unique(document["rows"], "day", "id", "kind")
    billed = [Decimal(row["usd"]) for row in document["rows"] if not row["estimated"]]
    assert Decimal(document["total_usd"]) == sum(billed)
    assert MONEY.fullmatch(document["total_usd"])
    assert bool(billed) is (by != "api_key" and window != "24h")
    today = [row for row in document["rows"] if row["day"] == "2026-11-21"]
    assert today
    assert {row["estimated"] for row in today} == {True}
    assert floats_in(ended.out) == set()


@pytest.mark.parametrize(("by", "window"), [*((by, "24h") for by in USAGE_BY), ("workspace", "31d")])
def test_breakdowns_keep_the_contract(demo: Meterdeck, by: str, window: str) -> None:
    ended = demo("report", "breakdown", "--by", by, "--window", window, "--format", "json")
    document = ended.document
    assert (ended.code, ended.err) == (0, "")
    check_head(document, "breakdown", by, HOURS[window], timedelta(hours=1))
    for row in document["rows"]:
        assert without_counts(row) == [
            *("id", "name", "kind", "tokens", "total_tokens", "web_searches", "usd_estimated", "estimated"),
            *("usd_estimated_now_per_hour", "usd_estimated_this_hour", "usd_estimated_today", "token_share"),
            *("tokens_per_hour", "tokens_per_hour_before", "cache_read_percent"),
        ]
        check_member(row)
        check_tokens(row)
        check_estimates(row)
        assert 0 <= row["token_share"] <= 1
    check_unique(document["rows"], "id", "kind")
    tokens = [row["total_tokens"] for row in document["rows"]]
    assert tokens == sorted(tokens, reverse=True)
    assert document["total_tokens"] == sum(tokens)
    assert sum(row["token_share"] for row in document["rows"]) == pytest.approx(1, abs=1e-4)
    assert floats_in(ended.out) <= {"token_share"}
