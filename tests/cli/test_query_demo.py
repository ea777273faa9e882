"""`meterdeck --demo query`: every parameter, both formats, and figures that are those of the API."""

import asyncio
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from meterdeck.api import (
    COST_DIMENSIONS,
    USAGE_DIMENSIONS,
    AdminClient,
    BucketWidth,
    CostQuery,
    Dimension,
    Secret,
    UsageQuery,
    between,
)
from meterdeck.cli import main
from meterdeck.cli.arguments import queries
from meterdeck.service import demo_app
from rawpages import TOKEN_TYPES

NOW = datetime(2026, 11, 21, 14, 25, 30, tzinfo=UTC)
TODAY = NOW.replace(hour=0, minute=0, second=0)
COUNTERS = [
    "uncached_input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "web_search_requests",
]
LINE = ["description", "cost_type", "model", "token_type", "service_tier", "context_window", "inference_geo"]

Row = dict[str, Any]


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meterdeck.cli.connect.utc_now", lambda: NOW)


class Asked:
    """What a command said."""

    def __init__(self, capsys: pytest.CaptureFixture[str], data: Path) -> None:
        self._capsys = capsys
        self._data = data
        self.out = self.err = ""

    def __call__(self, *words: str) -> int:
        try:
            return main(["--demo", "--data-dir", str(self._data), "query", *words])
        except SystemExit as left:
            return int(left.code or 0)
        finally:
            self.out, self.err = self._capsys.readouterr()

    def rows(self, *words: str) -> list[Row]:
        assert self(*words) == 0, self.err
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Asked:
    return Asked(capsys, tmp_path / "data")


def demo_client() -> AdminClient:
    app = httpx.ASGITransport(app=demo_app(clock=lambda: NOW))
    return AdminClient("http://localhost", Secret("demo"), via=app)


def test_the_dimensions_of_the_command_are_those_of_the_reports() -> None:
    assert tuple(dimension for dimension, _ in queries.USAGE_FILTERS) == USAGE_DIMENSIONS
    assert queries.COST_GROUPS == COST_DIMENSIONS


def test_usage_without_grouping_is_one_row_a_bucket_up_to_the_end_of_the_running_one(ask: Asked) -> None:
    rows = ask.rows("usage", "--start", "2026-11-19")
    assert [list(row) for row in rows] == [["start", "end", *COUNTERS, "other_counters"]] * 3
    assert [(row["start"], row["end"]) for row in rows] == [
        (f"2026-11-{day}T00:00:00Z", f"2026-11-{day + 1}T00:00:00Z") for day in (19, 20, 21)
    ]
    assert all(isinstance(row[name], int) for row in rows for name in COUNTERS)
    assert ask.err == "meterdeck: 3 rows, 3 buckets, 1 page\n"


@pytest.mark.parametrize(
    ("width", "start", "last", "count"),
    [
        ("1m", "2026-11-21T14:20:00Z", "2026-11-21T14:26:00Z", 6),
        ("1h", "2026-11-21T12:00:00Z", "2026-11-21T15:00:00Z", 3),
        ("1d", "2026-11-20", "2026-11-22T00:00:00Z", 2),
    ],
)
def test_each_width_ends_with_its_running_bucket(
    ask: Asked, width: str, start: str, last: str, count: int
) -> None:
    assert ask("usage", "--width", width, "--start", start) == 0
    assert f" {count} buckets, 1 page\n" in ask.err
    rows = ask.rows("usage", "--width", width, "--start", start, "--end", last)
    assert rows == [json.loads(line) for line in ask.out.splitlines()]
    assert all(row["end"] <= last for row in rows)


async def test_grouped_usage_is_what_the_api_says_null_kept(ask: Asked) -> None:
    by = (Dimension.WORKSPACE, Dimension.API_KEY, Dimension.MODEL, Dimension.SPEED, Dimension.ACCOUNT)
    async with demo_client() as client:
        window = between(TODAY - timedelta(days=1), TODAY)
        truth = await client.usage(UsageQuery(window, BucketWidth.HOUR, by))
    asked = await _in_a_thread(
        ask, "usage", "--width", "1h", "--start", "2026-11-20", "--end", "2026-11-21",
        *(word for dimension in by for word in ("--group-by", dimension.word)),
    )  # fmt: skip
    names = ["workspace_id", "api_key_id", "model", "speed", "account_id"]
    assert all(list(row) == ["start", "end", *names, *COUNTERS, "other_counters"] for row in asked)
    wanted: list[tuple[object, ...]] = [
        (*row.members, *(count for _, count in row.tokens.items()), row.web_searches, {})
        for bucket in truth
        for row in bucket.rows
    ]
    assert [tuple(row.values())[2:] for row in asked] == wanted
    assert {row["workspace_id"] is None for row in asked} == {True, False}
    assert {row["api_key_id"] is None for row in asked} == {True, False}


@pytest.mark.parametrize("dimension", USAGE_DIMENSIONS)
def test_each_dimension_groups_and_filters(ask: Asked, dimension: Dimension) -> None:
    question = ("usage", "--start", "2026-11-20", "--end", "2026-11-21", "--group-by", dimension.word)
    everything = ask.rows(*question)
    values = sorted({row[dimension.value] for row in everything} - {None})[:2]
    assert values or dimension is Dimension.ACCOUNT, "nobody of the demo uses OAuth"
    flag = f"--{dimension.value.replace('_', '-')}"
    kept = ask.rows(*question, *(word for value in values or ["user_1"] for word in (flag, value)))
    assert kept == [row for row in everything if row[dimension.value] in values]
    assert ask.rows(*question, flag, "nobody") == []
    assert ask.out == ""
    assert ask.err == "meterdeck: 0 rows, 1 bucket, 1 page\n"


async def test_the_bill_has_every_line_field_and_every_digit(ask: Asked) -> None:
    async with demo_client() as client:
        window = between(TODAY - timedelta(days=2), TODAY + timedelta(days=1))
        truth = await client.costs(CostQuery(window))
    rows = await _in_a_thread(
        ask, "cost", "--start", "2026-11-19", "--group-by", "workspace", "--group-by", "description"
    )
    columns = ["start", "end", "workspace_id", *LINE, "cents", "usd", "currency"]
    assert all(list(row) == columns for row in rows)
    lines = [
        line._replace(token_type=TOKEN_TYPES.get(line.token_type)) for day in truth for line, _ in day.rows
    ]
    assert [tuple(row[name] for name in columns[2:10]) for row in rows] == [line[:8] for line in lines]
    assert [Decimal(row["cents"]) for row in rows] == [r.cents for day in truth for r in day.rows]
    assert all(Decimal(row["usd"]) * 100 == Decimal(row["cents"]) for row in rows)
    assert {row["currency"] for row in rows} == {"USD"}
    assert {row["start"][:10] for row in rows} == {"2026-11-19", "2026-11-20", "2026-11-21"}


@pytest.mark.parametrize(
    ("by", "filled"), [([], []), (["workspace"], ["workspace_id"]), (["description"], LINE)]
)
def test_the_bill_has_the_fields_that_its_grouping_fills_and_the_same_total(
    ask: Asked, by: list[str], filled: list[str]
) -> None:
    plain = ask.rows("cost", "--start", "2026-11-10", "--end", "2026-11-12")
    rows = ask.rows(
        "cost", "--start", "2026-11-10", "--end", "2026-11-12", *(w for d in by for w in ("--group-by", d))
    )
    assert all(list(row) == ["start", "end", *filled, "cents", "usd", "currency"] for row in rows)
    assert sum(Decimal(row["cents"]) for row in rows) == sum(Decimal(row["cents"]) for row in plain)


@pytest.mark.parametrize("report", ["usage", "cost"])
def test_csv_says_the_same_as_json_lines(ask: Asked, report: str) -> None:
    question = (report, "--start", "2026-11-19", "--end", "2026-11-21", "--group-by", "workspace")
    rows = ask.rows(*question)
    assert ask(*question, "--format", "csv", "--limit", "1") == 0
    assert " 2 buckets, 2 pages\n" in ask.err
    table = list(csv.DictReader(io.StringIO(ask.out)))
    assert ask.out.count("start,end,workspace_id") == 1, "one head, however many pages"
    assert table == [{k: str(v) if v or v == 0 else "" for k, v in row.items()} for row in rows]


def test_csv_without_rows_still_has_its_head(ask: Asked) -> None:
    assert ask("usage", "--start", "2026-11-20", "--model", "nobody", "--format", "csv") == 0
    assert ask.out == "start,end," + ",".join([*COUNTERS, "other_counters"]) + "\n"


@pytest.mark.parametrize("limit", ["1", "5", "24"])
def test_a_limit_changes_the_pages_and_nothing_else(ask: Asked, limit: str) -> None:
    question = (
        "usage",
        "--width",
        "1h",
        "--start",
        "2026-11-20",
        "--end",
        "2026-11-21",
        "--group-by",
        "model",
    )
    whole = ask.rows(*question)
    assert ask.rows(*question, "--limit", limit) == whole
    pages = -(-24 // int(limit))
    assert f" 24 buckets, {pages} page{'s' if pages > 1 else ''}\n" in ask.err


def test_times_of_other_zones_are_turned_to_utc(ask: Asked) -> None:
    start, end = "2026-11-20T05:30:00+05:30", "2026-11-20t20:00:00-04:00"
    assert [row["start"] for row in ask.rows("usage", "--start", start, "--end", end)] == [
        "2026-11-20T00:00:00Z"
    ]


def test_nothing_is_stored(ask: Asked, tmp_path: Path) -> None:
    ask.rows("usage", "--start", "2026-11-20")
    assert not (tmp_path / "data").exists()


async def _in_a_thread(ask: Asked, *words: str) -> list[Row]:
    """The command has an event loop of its own."""
    return await asyncio.to_thread(ask.rows, *words)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["usage"], "--start"),
        (["usage", "--start", "yesterday"], "'yesterday' is no time"),
        (["usage", "--start", "2026-11-31"], "'2026-11-31' is no time"),
        (["usage", "--start", "2026-11-20T14:00:00"], "with its zone"),
        (["usage", "--start", "2026-W47-1"], "is no time"),
        (["usage", "--start", "2026-11-20T14:30:00Z", "--width", "1h"], "not the start of a 1h bucket. With --snap the whole buckets are asked for: 2026-11-20T14:00:00Z to"),
        (["usage", "--start", "2026-11-20", "--end", "2026-11-20T23:59:59Z"], "not the start of a 1d bucket"),
        (["cost", "--start", "2026-11-20T01:00:00Z"], "not the start of a 1d bucket"),
        (["usage", "--start", "2026-11-20", "--end", "2026-11-20"], "must come after the start"),
        (["usage", "--start", "2026-11-22"], "must come after the start"),
        (["cost", "--start", "2026-11-23"], "must come after the start"),
        (["usage", "--start", "0001-01-01"], "the years 2000 to 2999"),
        (["usage", "--start", "0001-01-01T00:00:00+23:00"], "is no time"),
        (["usage", "--start", "2026-11-20", "--width", "5m"], "'5m'"),
        (["cost", "--start", "2026-11-20", "--width", "1h"], "--width"),
        (["usage", "--start", "2026-11-20", "--limit", "32"], "1 to 31 buckets"),
        (["usage", "--start", "2026-11-20", "--limit", "0"], "1 to 31 buckets"),
        (["cost", "--start", "2026-11-20", "--limit", "32"], "1 to 31 buckets"),
        (["usage", "--start", "2026-11-20", "--limit", "many"], "--limit"),
        (["usage", "--start", "2026-11-20", "--group-by", "description"], "description"),
        (["cost", "--start", "2026-11-20", "--group-by", "model"], "model"),
        (["cost", "--start", "2026-11-20", "--model", "claude-opus-5"], "--model"),
        (["usage", "--start", "2026-11-20", "--beta", "a b"], "The name of a beta version holds what no header may"),
        (["cost", "--start", "2026-11-20", "--beta", "a,b"], "The name of a beta version holds what no header may"),
        (["cost", "--start", "2026-11-20", "--beta", ""], "The name of a beta version holds what no header may"),
        (["usage", "--start", "2026-11-20", "--model", ""], "must not be empty"),
        (["usage", "--start", "2026-11-20", "--model", "a\x1b[2J"], "control character"),
        (["usage", "--start", "2026-11-20", "--model", "a", "--model", "a"], "'a' twice"),
        (
            ["usage", "--start", "2026-11-20", "--group-by", "model", "--group-by", "model"],
            "group by 'model' twice",
        ),
        (
            ["usage", "--start", "2026-11-20", *(w for d, _ in queries.USAGE_FILTERS[:6] for w in ("--group-by", d.word))],
            "at most 5",
        ),
    ],
)  # fmt: skip
def test_what_the_api_would_refuse_is_asked_wrongly(ask: Asked, words: list[str], reason: str) -> None:
    assert ask(*words) == 2
    assert ask.out == ""
    assert reason in ask.err
    assert "\x1b" not in ask.err


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (
            ["usage", "--width", "1h", "--start", "2026-11-20T14:30:00Z", "--end", "2026-11-20T15:10:00Z"],
            ["2026-11-20T14:00:00Z", "2026-11-20T16:00:00Z"],
        ),
        (
            ["usage", "--width", "1m", "--start", "2026-11-20T14:30:30Z", "--end", "2026-11-20T14:32:00Z"],
            ["2026-11-20T14:30:00Z", "2026-11-20T14:32:00Z"],
        ),
        (["cost", "--start", "2026-11-18T01:00:00Z", "--end", "2026-11-19"], ["2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z"]),
    ],
)  # fmt: skip
def test_times_inside_buckets_are_moved_to_whole_ones_where_that_is_allowed_and_said(
    ask: Asked, words: list[str], asked: list[str]
) -> None:
    start, end = asked
    assert ask.rows(*words, "--snap")
    assert f"meterdeck: Asked for whole buckets: {start} to {end}.\n" in ask.err
    snapped = ask.out
    assert ask.rows(*words[: words.index("--start")], "--start", start, "--end", end, "--snap")
    assert ask.out == snapped
    assert "Asked for whole buckets" not in ask.err
    assert ask(*words) == 2


def test_a_key_that_stands_for_a_beta_is_refused_and_not_repeated(ask: Asked) -> None:
    assert ask("cost", "--start", "2026-11-20", "--beta", "sk-ant-admin01-invented") == 2
    assert "A key has no place on the command line" in ask.err
    assert "invented" not in ask.err
