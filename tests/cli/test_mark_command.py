"""`meterdeck mark`: moments to remember."""

from pathlib import Path

import pytest

from cli.commands import Ended
from cli.conftest import Meterdeck


@pytest.fixture
def mark(meterdeck: Meterdeck, demo_copy: Path) -> Meterdeck:
    def run(*arguments: str | Path) -> Ended:
        return meterdeck("--demo", "--data-dir", demo_copy, "mark", *arguments)

    return run


def test_marks_are_added_listed_oldest_first_and_removed(mark: Meterdeck) -> None:
    assert mark("T0 checkout", "--at", "13:05").out == "   1  2026-11-21T13:05:00Z  T0 checkout\n"
    assert mark("rollback").out == "   2  2026-11-21T14:32:10Z  rollback\n"
    assert mark("canary", "--at", "2026-11-20T09:30+02:00").out == "   3  2026-11-20T07:30:00Z  canary\n"
    assert [line.split()[0] for line in mark("--list").out.splitlines()] == ["3", "1", "2"]
    assert mark("--remove", "1").out == "removed    1  2026-11-21T13:05:00Z  T0 checkout\n"
    assert [line.split()[0] for line in mark("--list").out.splitlines()] == ["3", "2"]


def test_without_marks_the_list_is_empty_and_says_so(mark: Meterdeck) -> None:
    ended = mark("--list")
    assert (ended.code, ended.out, ended.err) == (0, "", "meterdeck: There are no marks.\n")


def test_a_name_can_carry_nothing_that_a_terminal_would_act_on(mark: Meterdeck) -> None:
    assert mark("\x1b[31mred\x1b[0m\nalert" + "!" * 100).out.endswith("Z  red alert" + "!" * 51 + "\n")
    assert mark("\x1b[31m").code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("name", "--list"),
        ("--list", "--remove", "1"),
        ("--list", "--at", "13:05"),
        ("name", "--at", "25:00"),
        ("name", "--at", "soon"),
        ("name", "--at", "2026-11-20T13:05"),
        ("--remove", "7"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(mark: Meterdeck, arguments: tuple[str, ...]) -> None:
    ended = mark(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count(". ") >= 1
