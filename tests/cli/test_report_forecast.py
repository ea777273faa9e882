"""`meterdeck report forecast`: the contract of its JSON, and the same in every other format."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.commands import Ended
from meterdeck.cli import connect
from meterdeck.cli.arguments import parse
from meterdeck.domain.budgets import Budget, Period
from meterdeck.domain.dimensions import Dimension

Meterdeck = Callable[..., Ended]
Row = dict[str, Any]

HEAD = ["version", "report", "as_of", "complete", "gaps", "window", "by", "filters"]
SPEND = [
    "figure",
    "of",
    "id",
    "name",
    "period",
    "start",
    "end",
    *("usd", "state", "evidence", "lacks", "estimated"),
    *("usd_end_low", "usd_end_middle", "usd_end_high"),
]
BUDGET = [*SPEND, "budget_usd", "used_percent", "gone", "gone_at_low", "gone_at_middle", "gone_at_high"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MONEY = re.compile(r"\d+(\.\d{1,14})?")


@pytest.fixture
def budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that will be passed, one that is gone, two that will last, one of nobody."""
    held = (
        Budget(Decimal(126_000), Period.MONTH),
        Budget(Decimal("1000.50"), Period.DAY),
        Budget(Decimal(10_000), Period.DAY, Dimension.WORKSPACE, "prod-chat"),
        Budget(Decimal(10_000), Period.HOUR, Dimension.MODEL, "opus-5"),
        Budget(Decimal(1), Period.DAY, Dimension.WORKSPACE, "nobody\x1b[31m"),
    )
    monkeypatch.setattr(connect, "DEMO_BUDGETS", held)


def rows(demo: Meterdeck, *arguments: str) -> list[Row]:
    found: list[Row] = demo("report", "forecast", "--format", "json", *arguments).document["rows"]
    return found


def test_the_forecast_keeps_its_contract(demo: Meterdeck, budgets: None) -> None:
    ended = demo("report", "forecast", "--format", "json")
    document = ended.document
    assert (ended.code, ended.err) == (0, "")
    assert list(document)[: len(HEAD)] == HEAD
    assert list(document)[len(HEAD) :] == ["currency", "prices_confirmed", "timezone", "problems", "rows"]
    assert (document["version"], document["report"], document["by"]) == (2, "forecast", None)
    assert (document["complete"], document["gaps"], document["filters"]) == (True, [], {})
    assert (document["currency"], document["timezone"]) == ("USD", "UTC")
    assert document["prices_confirmed"] == "2026-11-17", "the newest day whose bill is settled: read once"
    assert document["window"] == {"start": "2026-11-01T00:00:00Z", "end": "2026-12-01T00:00:00Z"}
    assert ["nobody" in problem for problem in document["problems"]] == [True]
    today, month, *held = document["rows"]
    assert [list(row) for row in (today, month)] == [SPEND, SPEND]
    assert [list(row) for row in held] == [BUDGET] * 4
    assert [row["figure"] for row in document["rows"]] == ["spend"] * 2 + ["budget"] * 4
    for row in document["rows"]:
        assert (row["state"], row["estimated"]) == ("estimated", True), "each period has an open day"
        assert row["evidence"] in {"learned", "early"}
        assert row["lacks"] == []
        assert TIME.fullmatch(row["start"])
        assert TIME.fullmatch(row["end"])
        so_far, low, middle, high = (
            Decimal(row[name])
            for name in ("usd", "usd_end_low", "usd_end_middle", "usd_end_high")
            if MONEY.fullmatch(row[name])
        )
        assert so_far < low <= middle <= high
    assert (today["start"], today["end"]) == ("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z")
    assert (today["of"], today["id"], today["name"]) == ("organization", None, "Acme")
    assert "." not in re.sub(r'"[^"]*"', "", ended.out), "no figure is a binary number"


def test_each_budget_has_its_use_and_the_times_when_it_is_gone(demo: Meterdeck, budgets: None) -> None:
    month, daily, prod_chat, opus = (row for row in rows(demo) if row["figure"] == "budget")
    moments = [datetime.fromisoformat(month[f"gone_at_{at}"]) for at in ("low", "middle", "high")]
    assert datetime(2026, 11, 28, tzinfo=UTC) < moments[0] <= moments[1] <= moments[2]
    assert moments[2] < datetime(2026, 12, 1, tzinfo=UTC)
    assert month["gone"] is False
    percent = Decimal(month["usd"]) / Decimal(month["budget_usd"]) * 100
    assert 0 <= percent - Decimal(month["used_percent"]) < Decimal("0.01")
    assert (daily["gone"], daily["budget_usd"], daily["gone_at_middle"]) == (True, "1000.5", None)
    assert (prod_chat["of"], prod_chat["name"]) == ("workspace", "prod-chat")
    assert [prod_chat[f"gone_at_{at}"] for at in ("low", "middle", "high")] == [None] * 3
    assert (opus["of"], opus["id"], opus["period"]) == ("model", "claude-opus-5", "hour")
    assert (opus["start"], opus["end"]) == ("2026-11-21T14:00:00Z", "2026-11-21T15:00:00Z")


def test_filters_narrow_the_spend_and_leave_the_budgets_whose_they_are(
    demo: Meterdeck, budgets: None
) -> None:
    whole, narrowed = rows(demo), rows(demo, "--workspace", "prod-chat")
    assert (narrowed[0]["of"], narrowed[0]["name"]) == ("filters", None)
    assert narrowed[2:] == whole[2:]
    prod_chat = next(row for row in narrowed if row["name"] == "prod-chat")
    assert [narrowed[0][name] for name in SPEND[4:]] == [prod_chat[name] for name in SPEND[4:]]
    members = [rows(demo, "--workspace", name)[0]["usd"] for name in ("prod-chat", "evals")]
    both = rows(demo, "--workspace", "prod-chat", "--workspace", "evals")[0]["usd"]
    assert sum(map(Decimal, members)) == Decimal(both)


def test_csv_has_the_same_rows_and_digits(demo: Meterdeck, budgets: None) -> None:
    found = list(csv.DictReader(io.StringIO(demo("report", "forecast", "--format", "csv").out)))
    for row, expected in zip(found, rows(demo), strict=True):
        words = {"True": "true", "False": "false", "None": "", "[]": ""}
        assert {name: row[name] for name in expected} == {
            name: words.get(str(value), value) for name, value in expected.items()
        }


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_a_person_reads_estimates_as_estimates_and_when_a_budget_is_gone(
    demo: Meterdeck, budgets: None, form: str
) -> None:
    out = demo("report", "forecast", "--format", form).out
    body, _, foot = out.partition("\n\n")
    lines = [line for line in body.splitlines() if "---" not in line][1:]
    assert len(lines) == 6
    assert all(line.count("~$") == 4 for line in lines)
    assert [("%" in line) for line in lines] == [False, False, True, True, True, True]
    assert re.search(r"2026-11-2\d \d\d:\d\dZ to 2026-11-(2[89]|30) \d\d:\d\dZ", lines[2])
    assert "all of it" in lines[3]
    assert "not this day" in lines[4]
    assert "not this hour" in lines[5]
    assert "There is no workspace named" in foot
    assert "\x1b" not in out


def test_zone_and_budgets_come_from_the_configuration_but_the_demo_has_budgets_of_its_own(
    tmp_path: Path,
) -> None:
    file = tmp_path / "c.toml"
    file.write_text('timezone = "Asia/Kolkata"\n[[budgets]]\ndaily_usd = 5\n', encoding="utf-8")
    file.chmod(0o600)
    place = connect.place_of(parse(["--config", str(file), "report", "forecast"]))
    held = connect.money_of(place, demo=False)
    assert (str(held.timezone), held.budgets) == ("Asia/Kolkata", (Budget(Decimal(5), Period.DAY),))
    assert connect.money_of(place, demo=True)[:2] == (held.timezone, connect.DEMO_BUDGETS)


def test_nothing_read_is_no_forecast_and_not_zero(meterdeck: Meterdeck, tmp_path: Path) -> None:
    ended = meterdeck("--demo", "--data-dir", tmp_path / "new", "report", "forecast", "--offline")
    assert (ended.code, ended.out) == (1, "")
    assert "nothing was ever read" in ended.err
