"""`meterdeck report breakdown` by what the series leave out: one request, announced, and none again for an hour."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from cli.commands import KEY, Ended
from cli.conftest import Clock, Meterdeck
from cli.servers import serving_app
from meterdeck.service import demo_app
from meterdeck.service.simulated.options import Options

ON_DEMAND = ["inference_geo", "speed", "account", "service_account"]
ANNOUNCED = "meterdeck: One request of the budget: usage by {}.\n"


class Watched:
    """A simulated organisation that keeps what it is asked of usage, and may refuse to group by something."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.usage: list[list[str]] = []
        """What each question grouped by."""
        self.paths: list[str] = []
        self.refused: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        self.paths.append(request.url.path.rpartition("/")[2])
        grouped = request.query_params.getlist("group_by[]")
        if grouped:
            self.usage.append(grouped)
        if self.refused in grouped:
            error = {"type": "invalid_request_error", "message": f"{self.refused}: not available"}
            await JSONResponse({"type": "error", "error": error}, 400)(scope, receive, send)
            return
        await self._app(scope, receive, send)


@contextmanager
def watched(clock: Clock) -> Iterator[tuple[Watched, str]]:
    app = Watched(demo_app(Options(size="small"), clock=lambda: clock.now))
    with serving_app(app) as url:
        yield app, url


@pytest.fixture
def copied(meterdeck: Meterdeck, demo_copy: Path) -> Meterdeck:
    def run(*arguments: str | Path) -> Ended:
        return meterdeck("--demo", "--data-dir", demo_copy, "report", "breakdown", *arguments)

    return run


@pytest.mark.parametrize("by", ON_DEMAND)
def test_it_adds_up_to_the_tokens_of_the_other_breakdowns(copied: Meterdeck, by: str) -> None:
    ended = copied("--by", by, "--format", "json")
    document = ended.document
    assert (ended.code, document["by"], document["complete"]) == (0, by, True)
    plain = copied("--by", "model", "--format", "json", "--offline").document
    assert document["window"] == plain["window"]
    assert document["total_tokens"] == plain["total_tokens"]
    assert document["total_tokens"] == sum(row["total_tokens"] for row in document["rows"])
    for row in document["rows"]:
        assert row["kind"] == ("none" if row["id"] is None else "member")
        assert row["usd_now_per_hour"] is row["usd_today"] is None
        assert sum(row["tokens"].values()) == row["total_tokens"]


def test_the_request_is_announced_and_for_an_hour_there_is_no_other(copied: Meterdeck, clock: Clock) -> None:
    first = copied("--by", "inference_geo", "--format", "json")
    assert first.err == ANNOUNCED.format("geo")
    clock.now += timedelta(minutes=59)
    again = copied("--by", "inference_geo", "--format", "json")
    assert (again.code, again.err) == (0, "")
    assert again.document == first.document
    assert copied("--by", "inference_geo", "--window", "7d").err == ANNOUNCED.format("geo"), (
        "another question"
    )
    refreshed = copied("--by", "inference_geo", "--refresh", "--format", "json")
    assert refreshed.err == ANNOUNCED.format("geo")
    assert refreshed.document["as_of"] > first.document["as_of"]
    clock.now += timedelta(minutes=60)
    assert copied("--by", "inference_geo").err == ANNOUNCED.format("geo")


@pytest.mark.parametrize("by", ON_DEMAND)
def test_it_is_one_request_of_a_server(
    meterdeck: Meterdeck, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    with watched(clock) as (server, url):
        data = ("--base-url", url, "--data-dir", tmp_path / "data")
        ended = meterdeck(*data, "report", "breakdown", "--by", by, "--format", "json")
        assert ended.code == 0
        assert ended.document["total_tokens"] > 0
        assert server.paths == ["me", "messages"], "whose key it is, and the question"
        assert len(server.usage[0]) == 5
        meterdeck(*data, "report", "breakdown", "--by", by)
        assert server.paths == ["me", "messages"]


def test_names_of_a_filter_are_read_before_the_question_is_asked(
    meterdeck: Meterdeck, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    with watched(clock) as (server, url):
        data = ("--base-url", url, "--data-dir", tmp_path / "data")
        words = ("report", "breakdown", "--by", "service_account", "--workspace", "evals", "--format", "json")
        ended = meterdeck(*data, *words)
    assert ended.code == 0
    assert "workspaces" in server.paths
    assert "workspace_id" not in server.usage[0], "the filter says it of every row"
    assert [row["id"] for row in ended.document["rows"]] == ["svac_01SimNightlyEvals0000002", None]


def test_the_default_workspace_is_told_apart_by_grouping(copied: Meterdeck) -> None:
    found = copied("--by", "account", "--workspace", "default", "--format", "json").document
    plain = copied("--by", "model", "--workspace", "default", "--format", "json", "--offline").document
    assert 0 < found["total_tokens"] == plain["total_tokens"]
    assert found["filters"] == {"workspace": [None]}


def test_a_refusal_is_the_answer_in_a_sentence_and_is_not_asked_for_again(
    meterdeck: Meterdeck, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    with watched(clock) as (server, url):
        server.refused = "speed"
        data = ("--base-url", url, "--data-dir", tmp_path / "data")
        for announced in (ANNOUNCED.format("speed"), ""):
            ended = meterdeck(*data, "report", "breakdown", "--by", "speed")
            assert (ended.code, ended.out) == (1, "")
            assert ended.err.startswith(f"{announced}meterdeck: The API does not tell usage by speed.")
            assert "speed: not available" in ended.err
        assert len(server.usage) == 1


def test_what_failed_in_passing_leaves_the_old_answer_marked_as_incomplete(
    meterdeck: Meterdeck, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    with watched(clock) as (_, url):
        data = ("--base-url", url, "--data-dir", tmp_path / "data")
        words = ("report", "breakdown", "--by", "inference_geo", "--format", "json")
        first = meterdeck(*data, *words)
        clock.now += timedelta(hours=2)
    # The server is gone now.
    ended = meterdeck(*data, *words, "--wait", "1")
    assert ended.code == 3
    assert ended.document["complete"] is False
    assert ended.document["rows"] == first.document["rows"]


def test_offline_it_says_what_was_answered_within_the_last_day(copied: Meterdeck) -> None:
    never = copied("--by", "speed", "--offline")
    assert (never.code, never.out) == (1, "")
    assert never.err == (
        "meterdeck: Usage by speed was not read for this question within the last day. Ask without --offline.\n"
    )
    copied("--by", "speed")
    offline = copied("--by", "speed", "--offline")
    assert (offline.code, offline.err) == (0, "")
    assert "standard" in offline.out


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("table", "no choice (older model)"),
        ("markdown", "| no choice (older model) | "),
        ("csv", "\nnot_available,no choice (older model),member,"),
    ],
)
def test_every_format_tells_it(copied: Meterdeck, form: str, said: str) -> None:
    ended = copied("--by", "inference_geo", "--format", form)
    assert ended.code == 0
    assert said in ended.out


def test_prices_that_are_averages_are_told_of(copied: Meterdeck) -> None:
    note = copied("--by", "inference_geo", "--format", "json").document["note"]
    assert note.startswith(
        "Tokens are unpriced where no price is known, or only an average over several geos."
    )
    of_console = copied("--by", "account", "--api-key", "console", "--format", "json").document
    assert of_console["note"].startswith("Nothing here is priced")
    assert all(row["usd"] is None for row in of_console["rows"])


@pytest.mark.parametrize("report", ["rates", "costs"])
def test_the_other_reports_do_not_know_it(meterdeck: Meterdeck, report: str) -> None:
    assert meterdeck("--demo", "report", report, "--by", "speed").code == 2
