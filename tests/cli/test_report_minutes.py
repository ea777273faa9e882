"""`meterdeck report minutes`: one hour by its minutes, read from the API where they are not kept."""

from pathlib import Path

import pytest

from cli.commands import Ended
from cli.conftest import Meterdeck

OLD = "2026-11-10T09:00Z"


@pytest.fixture
def copied(meterdeck: Meterdeck, demo_copy: Path) -> Meterdeck:
    def run(*arguments: str | Path) -> Ended:
        return meterdeck("--demo", "--data-dir", demo_copy, "report", *arguments)

    return run


def test_minutes_that_are_not_kept_are_read_and_add_up_to_their_hour(copied: Meterdeck) -> None:
    ended = copied("minutes", "--hour", OLD, "--format", "json")
    document = ended.document
    assert ended.code == 0
    assert document["report"] == "minutes"
    assert document["bucket"] == "1m"
    assert document["window"] == {"start": "2026-11-10T09:00:00Z", "end": "2026-11-10T10:00:00Z"}
    assert document["complete"]
    assert len({row["start"] for row in document["rows"]}) == 60
    assert document["total_tokens"] == sum(row["total_tokens"] for row in document["rows"])
    rates = copied("rates", "--window", "31d", "--format", "json", "--offline").document
    of_hour = [row for row in rates["rows"] if row["start"] == "2026-11-10T09:00:00Z"]
    by_model = {row["id"]: row["total_tokens"] for row in of_hour}
    for model, tokens in by_model.items():
        assert tokens == sum(row["total_tokens"] for row in document["rows"] if row["id"] == model)
    assert document["total_tokens"] == sum(by_model.values())


def test_offline_it_has_what_is_kept_and_says_what_is_not(copied: Meterdeck) -> None:
    assert copied("minutes", "--hour", OLD, "--offline").code == 1
    recent = copied("minutes", "--hour", "2026-11-21T14:00Z", "--offline", "--format", "json")
    assert recent.code == 0
    assert {row["start"] for row in recent.document["rows"] if row["running"]} <= {"2026-11-21T14:32:00Z"}
    assert any(row["settling"] for row in recent.document["rows"])


def test_of_the_running_hour_the_minutes_that_are_not_reported_yet_are_named(copied: Meterdeck) -> None:
    running = ("minutes", "--hour", "2026-11-21T14:00Z", "--offline")
    document = copied(*running, "--format", "json").document
    (awaited,) = document["awaited"]
    assert max(row["start"] for row in document["rows"]) < awaited["start"]
    assert awaited["end"] <= "2026-11-21T14:33:00Z", "what is still to come is not awaited"
    assert f"not reported yet: {awaited['start']} to {awaited['end']}\n" in copied(*running).out
    assert copied("minutes", "--hour", OLD, "--format", "json").document["awaited"] == []


def test_filters_and_dimensions_are_those_of_the_other_reports(copied: Meterdeck) -> None:
    everything = copied("minutes", "--hour", OLD, "--by", "token_type", "--format", "json").document
    one = copied(
        "minutes", "--hour", OLD, "--by", "workspace", "--workspace", "prod-chat", "--format", "json"
    )
    assert {row["name"] for row in one.document["rows"]} == {"prod-chat"}
    assert 0 < one.document["total_tokens"] < everything["total_tokens"]
    csv = copied("minutes", "--hour", OLD, "--format", "csv").out.splitlines()
    assert csv[0].startswith("start,id,name,kind,running,settling,uncached_input")
    assert "minutes by model, 2026-11-10T09:00:00Z" in copied("minutes", "--hour", OLD).out


@pytest.mark.parametrize(
    ("hour", "said"),
    [
        ("2026-11-21T15:00Z", "has not begun"),
        ("2025-10-16T23:00Z", "are kept no more"),
        ("2026-11-21T14:30Z", "is no start of an hour"),
        ("yesterday", "is no start of an hour"),
        ("2026-11-31T14:00Z", "is no start of an hour"),
    ],
)
def test_an_hour_that_can_not_be_shown_is_refused(copied: Meterdeck, hour: str, said: str) -> None:
    ended = copied("minutes", "--hour", hour)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
