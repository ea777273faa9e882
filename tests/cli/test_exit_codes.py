"""0 complete, 1 no answer, 2 asked wrongly, 3 incomplete or stale; and what is said with each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cli.commands import KEY, SATURDAY, Ended, run_process
from cli.conftest import Clock

Meterdeck = Callable[..., Ended]
REPORTS = ["rates", "costs", "breakdown"]
NOWHERE = "http://127.0.0.1:1"
"""A port on which nobody answers."""


@pytest.mark.parametrize("report", REPORTS)
def test_a_complete_report_ends_with_0_and_says_nothing_else(demo: Meterdeck, report: str) -> None:
    ended = demo("report", report)
    assert (ended.code, ended.err) == (0, "")
    assert "incomplete" not in ended.out


def test_a_gap_ends_with_3_and_is_named(meterdeck: Meterdeck, tmp_path: Path) -> None:
    demo = ("--demo", "--data-dir", tmp_path / "data", "report", "rates")
    assert meterdeck(*demo, "--window", "24h").code == 0
    ended = meterdeck(*demo, "--window", "7d", "--offline", "--format", "json")
    document = ended.document
    assert ended.code == 3
    assert document["complete"] is False
    assert document["gaps"] == [{"start": "2026-11-14T15:00:00Z", "end": "2026-11-20T15:00:00Z"}]
    assert (
        "incomplete: nothing was read of 2026-11-14T15:00:00Z"
        in meterdeck(*demo, "--window", "7d", "--offline").out
    )


def test_a_first_report_without_an_answer_ends_with_1(
    meterdeck: Meterdeck, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    ended = meterdeck("--data-dir", tmp_path, "--base-url", NOWHERE, "report", "costs", "--wait", "0.5")
    assert (ended.code, ended.out) == (1, "")
    assert "Nothing was read" in ended.err
    assert KEY not in ended.err


def test_the_demo_offline_without_a_store_ends_with_1(meterdeck: Meterdeck, tmp_path: Path) -> None:
    ended = meterdeck("--demo", "--data-dir", tmp_path, "report", "rates", "--offline")
    assert (ended.code, ended.out) == (1, "")
    assert "nothing was ever read" in ended.err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["report"], "required"),
        (["report", "tokens"], "invalid choice: 'tokens'"),
        (["report", "rates", "--by", "colour"], "invalid choice: 'colour'"),
        (["report", "rates", "--by", "cost_type"], "invalid choice: 'cost_type'"),
        (["report", "costs", "--window", "12h"], "invalid choice: '12h'"),
        (["report", "costs", "--refresh", "--offline"], "not allowed with argument"),
        (["report", "costs", "--format", "yaml"], "invalid choice: 'yaml'"),
        (["report", "costs", "--wait", "soon"], "'soon' is no number of seconds"),
        (["report", "costs", "--wait", "-1"], "'-1' is no number of seconds"),
        (["report", "costs", "--wait", "nan"], "'nan' is no number of seconds"),
        (["--poll", "0.5"], "'0.5' is no number of seconds between 1 and 240"),
        (["--poll", "often"], "'often' is no number"),
        (["report", "costs", "--off"], "unrecognized arguments: --off"),
        (["serve", "--demo", "--port", "99999"], "'99999' is no port"),
        (["serve", "--demo", "--today", "never"], "invalid choice: 'never'"),
        (["serve"], "Only the simulated organisation can be served. Add --demo."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_makes_no_sense_ends_with_2_and_one_sentence(
    meterdeck: Meterdeck, arguments: list[str], word: str
) -> None:
    ended = meterdeck(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert word in ended.err
    assert "Traceback" not in ended.err


def test_the_deck_without_a_terminal_says_so_and_names_the_reports(tmp_path: Path) -> None:
    for arguments in ([], ["--demo"]):
        ended = run_process(*arguments, home=tmp_path)
        assert (ended.code, ended.out) == (2, "")
        assert "The deck needs a terminal" in ended.err
        assert "meterdeck report rates|costs|breakdown" in ended.err


def test_refresh_reads_again_what_was_just_read(meterdeck: Meterdeck, demo_copy: Path, clock: Clock) -> None:
    demo = ("--demo", "--data-dir", demo_copy, "report", "rates", "--format", "json")
    clock.now = SATURDAY + timedelta(seconds=8)
    before = meterdeck(*demo).document
    assert before["as_of"] == "2026-11-21T14:32:10Z"
    assert meterdeck(*demo, "--refresh").document["as_of"] == "2026-11-21T14:32:18Z"


@pytest.mark.parametrize(
    "arguments",
    [
        [KEY],
        ["--key", KEY],
        [f"--key={KEY}"],
        ["--org", KEY],
        [f"--org={KEY}"],
        ["--org=eyJhbGciOiJIUzI1NiJ9"],
        ["--profile", KEY],
        ["--data-dir", f"/somewhere/{KEY}"],
        ["--base-url", f"https://{KEY}@api.anthropic.com"],
        ["query", "usage", "--start", KEY],
        ["report", "costs", "--by", KEY.upper()],
        ["mark", f"new key {KEY}"],
    ],
)
def test_a_key_on_the_command_line_ends_with_2_and_is_not_repeated(
    meterdeck: Meterdeck, arguments: list[str]
) -> None:
    ended = meterdeck(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "A key has no place on the command line" in ended.err
    assert "ANTHROPIC_ADMIN_KEY" in ended.err
    assert "invented" not in ended.err.lower()
    assert "eyJ" not in ended.err
