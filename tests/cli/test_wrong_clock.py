"""Reports on a machine whose clock is wrong: the API's counts, or offline the machine's own, and either is said once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path

import pytest

from cli.commands import KEY, SATURDAY, Ended
from cli.conftest import Clock
from cli.servers import organization, serving_app, telling_time
from meterdeck.app.session import Session
from meterdeck.cli import arguments, connect

Report = Callable[..., Ended]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Told:
    """The time that the server's answers say; its figures are those of Saturday."""

    def __init__(self) -> None:
        self.now: Callable[[], datetime] = lambda: SATURDAY

    def __call__(self) -> datetime:
        return self.now()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def report(
    meterdeck: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: Told
) -> Iterator[Report]:
    """Runs a report against a server that knows the time."""
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    app = telling_time(organization("Acme", 1, lambda: SATURDAY), told)
    with serving_app(app) as url:

        def run(*arguments: str) -> Ended:
            form = ("--format", "json") if "report" in arguments else ()
            return meterdeck("--data-dir", tmp_path / "data", "--base-url", url, *arguments, *form)

        yield run


@pytest.mark.parametrize(("off", "way"), [(-DAY, "24 h behind"), (DAY, "24 h ahead of")])
@pytest.mark.parametrize("of", ["rates", "costs", "breakdown", "forecast"])
def test_which_day_is_today_follows_from_the_clock_of_the_api(
    report: Report, clock: Clock, off: timedelta, way: str, of: str
) -> None:
    right = report("report", of)
    assert (right.code, right.err) == (0, "")
    clock.now = SATURDAY + off
    wrong = report("report", of)
    assert wrong.code == 0
    assert wrong.err.count("clock") == 2
    assert wrong.err == (
        f"meterdeck: This machine's clock is {way} the API's, which counts: it is 2026-11-21 14:32Z."
        " Set the clock.\n"
    )
    assert wrong.document == right.document


@pytest.mark.parametrize("off", [-DAY, DAY, -3 * HOUR])
def test_a_first_report_on_such_a_machine_is_whole_at_once(
    report: Report, clock: Clock, off: timedelta
) -> None:
    clock.now = SATURDAY + off
    ended = report("report", "costs", "--window", "7d")
    assert (ended.code, ended.document["gaps"]) == (0, [])
    assert max(row["day"] for row in ended.document["rows"]) == "2026-11-21"
    assert ended.document["as_of"] == "2026-11-21T14:32:10Z"


def test_offline_the_machines_own_clock_counts_and_is_named(report: Report, clock: Clock) -> None:
    clock.now = SATURDAY - DAY
    assert report("report", "costs").code == 0
    ended = report("--offline", "report", "costs")
    assert ended.err == (
        "meterdeck: Offline this machine's clock counts, by which it is 2026-11-20 14:32Z:"
        " it was 24 h behind the API's when that was last heard.\n"
    )
    assert max(row["day"] for row in ended.document["rows"]) == "2026-11-20"


def test_offline_data_that_is_newer_than_the_clock_is_named(report: Report, clock: Clock) -> None:
    assert report("report", "rates").code == 0
    clock.now = SATURDAY - 3 * HOUR
    assert "the newest data was read 3 h later than that" in report("--offline", "report", "rates").err
    clock.now = SATURDAY
    assert report("--offline", "report", "rates").err == ""


def test_a_report_that_can_not_tell_the_time_is_incomplete_and_says_so(report: Report, told: Told) -> None:
    ahead = cycle([5 * HOUR, timedelta()])
    told.now = lambda: SATURDAY + next(ahead)
    ended = report("report", "rates")
    assert ended.code != 0
    assert "disagree on what time it is" in ended.err


def test_queries_and_marks_are_of_the_time_that_the_api_tells(report: Report, clock: Clock) -> None:
    clock.now = SATURDAY - DAY
    assert report("report", "rates").code == 0
    rows = report("query", "usage", "--start", "2026-11-21T12:00:00Z", "--width", "1h")
    assert (rows.code, "2026-11-21T14:00:00Z" in rows.out) == (0, True)
    assert "2026-11-21T13:05:00Z" in report("mark", "launch", "--at", "13:05").out


def test_the_deck_goes_by_the_same_clock_as_the_reports_and_offline_by_the_machines(
    report: Report, clock: Clock, tmp_path: Path
) -> None:
    clock.now = SATURDAY - DAY
    ended = report("report", "rates")
    assert ended.code == 0
    server = re.search(r"http://127\.0\.0\.1:\d+", report("config", "show").out)
    assert server
    place = connect.place_of(arguments.parse(["--data-dir", str(tmp_path / "data"), "--base-url", server[0]]))
    session = connect.live_session(place)
    assert isinstance(session, Session)
    assert session.clock() == SATURDAY
    assert connect.offline_session(place, demo=False).clock() == SATURDAY - DAY
