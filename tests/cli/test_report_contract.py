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
KINDS = {"member", "default", "console", "not_token", "not_allocated"}
DOLLARS = ["usd", "state", "evidence", "lacks", "estimated"]
"""An amount and how it is known: what stands in every row."""
SUMS = ["total_usd", *DOLLARS[1:], "usd_by_state"]
TIMES = ["now_per_hour", "this_hour", "today"]
"""Ends of the names of other amounts."""
STATES = ["billed", "allocated", "estimated"]
"""The strongest first."""
COUNTS = [
    *("listed_tokens", "early_tokens", "unpriced_tokens", "unmatched_tokens", "unmatched_searches"),
    "unbilled_tokens",
]
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
    if row["kind"] == "member":
        assert row["total_tokens"] + row["web_searches"] > 0
    if row["kind"] in {"not_token", "not_allocated"}:
        assert row["total_tokens"] == 0, "money without tokens"


def without_counts(row: Document) -> list[str]:
    """The fields of a row, but for those of some rows: tokens not priced as usual, a name that several share."""
    counts = ("label", "mixed", *COUNTS)
    return [name for name in row if not name.startswith(counts)]


def check_dollars(row: Document, time: str = "") -> None:
    """An amount of a row says how it is known; no amount is a number; ``time`` is the end of its name."""
    usd, state, evidence, lacks = (row[f"{name}{time}"] for name in DOLLARS[:4])
    assert usd is None or MONEY.fullmatch(usd)
    if state is None:
        assert (usd, evidence, lacks) == (None, None, []), "nothing is known of that time"
        return
    assert state in STATES
    assert evidence in ({"learned", "early", "list"} if state == "estimated" else {None})
    assert lacks == sorted(set(lacks))
    assert set(lacks) <= {"other_currency", "unmatched", "unpriced", "unread"}
    assert usd is not None or lacks or row.get("unbilled_tokens"), "what has no dollars says why"
    if not time:
        assert row["estimated"] is (state == "estimated")
        for name in COUNTS:
            assert name not in row or row[name] > 0


def check_by_state(parts: Document, usd: str) -> None:
    """How much of a sum is known how: three amounts that add up to it."""
    assert list(parts) == STATES
    assert sum(map(Decimal, parts.values())) == Decimal(usd)


def check_sums(document: Document, amounts: list[Document]) -> None:
    """The report's sum is that of some amounts, and has the weakest state and evidence of any of them."""
    check_dollars({**document, "usd": document["total_usd"]})
    assert Decimal(document["total_usd"]) == sum(Decimal(of["usd"] or 0) for of in amounts)
    check_by_state(document["usd_by_state"], document["total_usd"])
    told = [of for of in amounts if of["usd"] is not None]
    assert document["state"] == max((of["state"] for of in told), key=STATES.index)
    evidence = {of["evidence"] for of in told} - {None}
    assert document["evidence"] == next(
        (one for one in ("list", "early", "learned") if one in evidence), None
    )


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
    told = [name for name in list(document)[len(HEAD) :] if name not in {"mixed", "note"}]
    assert told == ["awaited", "bucket", "total_tokens", *SUMS, "not_allocated", "rows"]
    assert document["awaited"] == [], "the running hour was reported in part"
    assert document["bucket"] == "1h"
    assert document["total_tokens"] == sum(row["total_tokens"] for row in document["rows"])
    check_sums(document, [*document["rows"], *document["not_allocated"]])
    fields = ["start", "id", "name", "kind", "running", "settling", "tokens", "total_tokens", "web_searches"]
    for of_day in document["not_allocated"]:
        assert list(of_day) == ["day", *DOLLARS]
        check_dollars(of_day)
    for row in document["rows"]:
        assert without_counts(row) == [*fields, *DOLLARS]
        check_dollars(row)
        check_member(row)
        check_tokens(row)
        assert row["running"] is (row["start"] == "2026-11-21T14:00:00Z")
        assert isinstance(row["settling"], bool)
        used = [count for count in row["tokens"].values() if count]
        assert len(used) == (row["kind"] == "member") or by != "token_type"
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
    told = [name for name in list(document)[len(HEAD) :] if name != "mixed"]
    assert told == ["currency", *SUMS, "days", "rows", "unbilled_tokens", "note"]
    assert document["note"].endswith(
        f"{document['unbilled_tokens']:,} tokens of the Priority Tier are in no dollars here: no bill ever holds their"
        " cost."
    )
    assert document["note"].startswith("The bill does not know this split") is (by == "api_key")
    assert document["currency"] == "USD"
    for row in document["rows"]:
        more = [] if row["settled"] or by == "api_key" else ["reported_usd"]
        assert [name for name in without_counts(row) if name not in more] == [
            *("day", "id", "name", "kind"),
            *(*DOLLARS, "settled"),
        ]
        check_member(row)
        check_dollars(row)
        assert re.fullmatch(r"2026-\d\d-\d\d", row["day"])
        assert "reported_usd" not in row or MONEY.fullmatch(row["reported_usd"])
        assert row["settled"] or row["estimated"], "what an open day is worth is no fact yet"
    check_unique(document["rows"], "day", "id", "kind")
    check_sums(document, document["days"])
    check_days(document)
    settled = {row["state"] for row in document["rows"] if row["settled"]}
    if window == "24h":
        assert settled == set()
    elif by == "api_key":
        assert settled == {"billed", "allocated"}, "shared out, but for what no key can be given"
    else:
        assert settled == {"billed"}
    assert floats_in(ended.out) == set()


def check_days(document: Document) -> None:
    """Each day's own sum, and what the running day is foreseen to come to."""
    for of in document["days"]:
        rows = [row for row in document["rows"] if row["day"] == of["day"]]
        assert Decimal(of["usd"]) == sum(Decimal(row["usd"] or 0) for row in rows)
        check_dollars(of)
        check_by_state(of["usd_by_state"], of["usd"])
        assert {row["settled"] for row in rows} == {of["settled"]}
        assert ("reported_usd" in of) is not of["settled"]
        ends = [name for name in of if name.startswith("usd_end")]
        assert ends == (["usd_end_low", "usd_end_middle", "usd_end_high"] if of["running"] else [])
    running = [of for of in document["days"] if of["running"]]
    assert [of["day"] for of in running] == ["2026-11-21"]
    low, middle, high = (Decimal(running[0][f"usd_end_{at}"]) for at in ("low", "middle", "high"))
    assert Decimal(running[0]["reported_usd"]) <= Decimal(running[0]["usd"]) < low <= middle <= high


@pytest.mark.parametrize(("by", "window"), [*((by, "24h") for by in USAGE_BY), ("workspace", "31d")])
def test_breakdowns_keep_the_contract(demo: Meterdeck, by: str, window: str) -> None:
    ended = demo("report", "breakdown", "--by", by, "--window", window, "--format", "json")
    document = ended.document
    assert (ended.code, ended.err) == (0, "")
    check_head(document, "breakdown", by, HOURS[window], timedelta(hours=1))
    check_sums(document, document["rows"])
    for row in document["rows"]:
        assert without_counts(row) == [
            *("id", "name", "kind", "tokens", "total_tokens", "web_searches", *DOLLARS),
            *(f"{name}_{time}" for time in TIMES for name in DOLLARS[:4]),
            *("token_share", "tokens_per_hour", "tokens_per_hour_before", "cache_read_percent"),
        ]
        check_member(row)
        check_tokens(row)
        check_dollars(row)
        for time in TIMES:
            check_dollars(row, f"_{time}")
        assert 0 <= row["token_share"] <= 1
    check_unique(document["rows"], "id", "kind")
    tokens = [row["total_tokens"] for row in document["rows"]]
    assert tokens == sorted(tokens, reverse=True)
    assert document["total_tokens"] == sum(tokens)
    assert sum(row["token_share"] for row in document["rows"]) == pytest.approx(1, abs=1e-4)
    assert floats_in(ended.out) <= {"token_share"}
