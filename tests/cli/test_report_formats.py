"""The same report as JSON, CSV, Markdown and a table."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.commands import PATIENCE_S, Ended, environment, run_process

Meterdeck = Callable[..., Ended]
REPORTS = ["rates", "costs", "breakdown"]
SIGNS = {"billed": "", "allocated": "≈", "estimated": "~"}


def dollars(text: str) -> str:
    """An amount as people read it."""
    return f"${Decimal(text):,.2f}"


def flat(row: dict[str, Any]) -> dict[str, str]:
    """A JSON row as CSV writes it: counters beside the rest, nothing for null."""
    cells = {**{name: value for name, value in row.items() if name != "tokens"}, **row.get("tokens", {})}
    words = {name: " ".join(value) if isinstance(value, list) else value for name, value in cells.items()}
    return {name: "" if value is None else str(value) for name, value in words.items()}


@pytest.mark.parametrize("report", REPORTS)
def test_csv_holds_every_row_and_every_digit_of_the_json(demo: Meterdeck, report: str) -> None:
    ended = demo("report", report, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    expected = [flat(row) for row in demo("report", report, "--format", "json").document["rows"]]
    assert ended.code == 0
    assert len(rows) == len(expected) > 3
    for row, wanted in zip(rows, expected, strict=True):
        booleans = {"True": "true", "False": "false"}
        assert {name: row[name] for name in wanted} == {n: booleans.get(v, v) for n, v in wanted.items()}
        assert {value for name, value in row.items() if name not in wanted} <= {""}


@pytest.mark.parametrize("report", REPORTS)
def test_markdown_is_one_table_with_as_many_rows(demo: Meterdeck, report: str) -> None:
    ended = demo("report", report, "--format", "markdown")
    rows = demo("report", report, "--format", "json").document["rows"]
    table, _, foot = ended.out.partition("\n\n")
    head, rule, *body = table.splitlines()
    assert set(rule) <= set("|-: ")
    assert len(body) == len(rows)
    assert {line.count("|") for line in (head, rule, *body)} == {head.count("|")}
    assert all(line.startswith("| ") and line.endswith(" |") for line in (head, *body))
    assert f"{report} by " in foot


@pytest.mark.parametrize("report", REPORTS)
def test_a_table_stands_in_columns_and_says_what_a_reader_must_know(demo: Meterdeck, report: str) -> None:
    ended = demo("report", report)
    rows = demo("report", report, "--format", "json").document["rows"]
    table, _, foot = ended.out.partition("\n\n")
    head, *body = table.splitlines()
    assert len(body) == len(rows)
    first = head.split()[0]
    assert first in {"start", "day", "name"}
    name_at = head.index("name")
    for line, row in zip(body, rows, strict=True):
        assert line[name_at:].startswith(row["name"])
        assert line[name_at - 1] == " " or name_at == 0
    assert f"{report} by " in foot
    assert "as of 2026-11-21T14:32:10Z" in foot


@pytest.mark.parametrize("by", ["workspace", "api_key"])
def test_the_table_of_costs_marks_how_each_amount_is_known_and_ends_with_the_sums(
    demo: Meterdeck, by: str
) -> None:
    document = demo("report", "costs", "--by", by, "--format", "json").document
    lines = demo("report", "costs", "--by", by).out.splitlines()
    words = {"billed": "", "allocated": "part of the bill", "estimated": "estimate"}
    for line, row in zip(lines[1:], document["rows"], strict=False):
        assert SIGNS[row["state"]] + dollars(row["usd"]) in line
        assert words[row["state"]] in line
    sums = [line for line in lines if line.startswith("sum of ")]
    for line, day in zip(sums, document["days"], strict=True):
        assert line.startswith(f"sum of {day['day']}: {SIGNS[day['state']]}{dollars(day['usd'])}")
        assert ("at its end" in line) is day["running"]
    parts = {state: dollars(amount) for state, amount in document["usd_by_state"].items()}
    assert lines[-4:] == [
        f"billed: {parts['billed']}",
        f"allocated (≈): {parts['allocated']}",
        f"estimated (~): {parts['estimated']}",
        f"total: ~{dollars(document['total_usd'])} (JSON and CSV hold every digit)",
    ]


@pytest.mark.parametrize("form", ["table", "markdown"])
@pytest.mark.parametrize("report", REPORTS)
def test_a_sign_before_dollars_is_explained_below_the_rows_and_only_where_it_stands(
    demo: Meterdeck, report: str, form: str
) -> None:
    for window in ("24h", "31d"):
        out = demo("report", report, "--window", window, "--by", "api_key", "--format", form).out
        rows, _, foot = out.partition("\n\n")
        signs = foot.splitlines()[1].rstrip()
        assert ("≈ allocated: a part of a settled bill" in signs) is ("≈$" in rows)
        assert ("~ estimated" in signs) is ("~$" in rows)


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_what_goes_into_a_pipe_has_no_escape_codes(demo_data: Path, tmp_path: Path, form: str) -> None:
    ended = run_process(
        *("--demo", "--data-dir", str(demo_data), "report", "breakdown", "--offline", "--format", form),
        home=tmp_path,
        FORCE_COLOR="1",
        TERM="xterm-256color",
    )
    assert ended.out
    assert [char for char in ended.out if ord(char) < 32 and char != "\n"] == []
    assert ended.out.endswith("\n")


def test_a_reader_that_goes_away_is_no_error(demo_data: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "meterdeck", "--demo", "--data-dir", str(demo_data)]
    with subprocess.Popen(
        [*command, "report", "rates", "--window", "31d", "--offline"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE_S) == 0
