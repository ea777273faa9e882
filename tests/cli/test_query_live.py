"""`meterdeck query` of a real server: parameters, pages as they come, failures, and the budget of all sessions."""

import asyncio
import json
import os
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from answers import ADMIN_KEY, DAY_START, Document, bucket, page, usage_row
from meterdeck import paths
from meterdeck.api import AdminClient, BucketWidth, RateLimited, Secret, ServerFailed
from meterdeck.cli import connect, main
from meterdeck.cli.query.paging import _wait_after
from meterdeck.cli.query.printing import Printer
from meterdeck.domain.buckets import Window
from meterdeck.store import Store, usage
from meterdeck.store.index import KeyIndex
from values import series, used

HOUR, DAY = BucketWidth.HOUR, BucketWidth.DAY
URL = "https://api.example"
NOW = datetime(2026, 11, 19, 14, 25, 30, tzinfo=UTC)
USAGE = ("usage", "--width", "1h", "--start", "2026-11-17")
COST = ("cost", "--start", "2026-11-17")
BAD_RANGE: Document = {
    "type": "error",
    "error": {"type": "invalid_request_error", "message": "Invalid date range: ending date must be after starting date"},
    "request_id": "req_1",
}  # fmt: skip

Answer = Callable[[httpx.Request], httpx.Response]
SlowAnswer = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


class Server:
    """Answers in order, and keeps what was asked."""

    def __init__(self, answers: Sequence[httpx.Response | Answer]) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers[len(self.requests) - 1]
        return answer if isinstance(answer, httpx.Response) else answer(request)


class Asked:
    """What a command said, of a server that a test scripts."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: Path
    ) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.data = data
        self.out = self.err = ""
        self.server = Server([])

    def __call__(self, answers: Sequence[httpx.Response | Answer] | SlowAnswer, *words: str) -> int:
        self.server = Server([] if callable(answers) else answers)
        handler = answers if callable(answers) else self.server

        def client_of(place: connect.Place, key: Secret) -> AdminClient:
            return AdminClient(place.base_url, key, via=httpx.MockTransport(handler))

        self._monkeypatch.setattr(connect, "client_of", client_of)
        try:
            return main(["--data-dir", str(self.data), "--base-url", URL, "query", *words])
        finally:
            self.out, self.err = self._capsys.readouterr()

    @property
    def rows(self) -> list[Document]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Asked:
    for name in os.environ:
        if name.startswith(("ANTHROPIC", "METERDECK", "XDG")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", ADMIN_KEY)
    monkeypatch.setattr("meterdeck.cli.connect.utc_now", lambda: NOW)
    monkeypatch.setattr("meterdeck.cli.query.paging._wait_after", lambda *_: 0.0)
    KeyIndex(tmp_path / "data", URL).remember(Secret(ADMIN_KEY), "org-1")
    return Asked(monkeypatch, capsys, tmp_path / "data")


def hour(place: int, **fields: object) -> Document:
    return bucket(DAY_START + timedelta(hours=place), [usage_row(output_tokens=place, **fields)], HOUR)


def ok(*buckets: Document, then: str | None = None) -> httpx.Response:
    return httpx.Response(200, json=page(buckets, then))


def day(place: int, *amounts: object, **fields: object) -> Document:
    rows = [{"amount": amount, "currency": "USD", **fields} for amount in amounts]
    return bucket(DAY_START + timedelta(days=place), rows, DAY)


def test_every_parameter_of_the_usage_report_is_sent(ask: Asked) -> None:
    filters = {
        "workspace-id": "workspace_ids[]",
        "model": "models[]",
        "api-key-id": "api_key_ids[]",
        "service-tier": "service_tiers[]",
        "context-window": "context_window[]",
        "inference-geo": "inference_geos[]",
        "speed": "speeds[]",
        "account-id": "account_ids[]",
        "service-account-id": "service_account_ids[]",
    }
    words = [word for flag in filters for value in ("1", "2") for word in (f"--{flag}", f"{flag} {value}")]
    assert ask([ok()], *USAGE, "--end", "2026-11-18", "--limit", "7", "--group-by", "account", *words) == 0
    (request,) = ask.server.requests
    assert request.url.path == "/v1/organizations/usage_report/messages"
    assert request.url.params.multi_items() == [
        ("starting_at", "2026-11-17T00:00:00Z"),
        ("ending_at", "2026-11-18T00:00:00Z"),
        ("bucket_width", "1h"),
        ("limit", "7"),
        ("group_by[]", "account_id"),
        *((name, f"{flag} {value}") for flag, name in filters.items() for value in ("1", "2")),
    ]
    assert request.headers["anthropic-beta"] == "fast-mode-2026-02-01"
    assert request.headers["x-api-key"] == ADMIN_KEY


@pytest.mark.parametrize(
    ("words", "end", "limit"),
    [
        (["--width", "1m", "--start", "2026-11-19"], "2026-11-19T14:26:00Z", "1440"),
        (["--width", "1m", "--start", "2026-11-19", "--group-by", "model"], "2026-11-19T14:26:00Z", "240"),
        (["--width", "1h", "--start", "2026-11-19"], "2026-11-19T15:00:00Z", "168"),
        (["--width", "1h", "--start", "2026-11-19", "--group-by", "model"], "2026-11-19T15:00:00Z", "168"),
        (["--start", "2026-11-19"], "2026-11-20T00:00:00Z", "31"),
    ],
)
def test_without_an_end_the_running_bucket_is_in_and_pages_are_few(
    ask: Asked, words: list[str], end: str, limit: str
) -> None:
    assert ask([ok()], "usage", *words) == 0
    (request,) = ask.server.requests
    assert (request.url.params["ending_at"], request.url.params["limit"]) == (end, limit)
    assert "anthropic-beta" not in request.headers


def test_every_parameter_of_the_cost_report_is_sent(ask: Asked) -> None:
    words = ("--end", "2026-11-19", "--limit", "2", "--group-by", "description", "--group-by", "workspace")
    assert ask([ok()], *COST, *words) == 0
    (request,) = ask.server.requests
    assert request.url.path == "/v1/organizations/cost_report"
    assert request.url.params.multi_items() == [
        ("starting_at", "2026-11-17T00:00:00Z"),
        ("ending_at", "2026-11-19T00:00:00Z"),
        ("bucket_width", "1d"),
        ("limit", "2"),
        ("group_by[]", "description"),
        ("group_by[]", "workspace_id"),
    ]


def test_rows_are_printed_before_the_next_page_is_asked_for(
    ask: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    printed: list[str] = []

    def second(request: httpx.Request) -> httpx.Response:
        printed.append(capsys.readouterr().out)
        assert request.url.params["page"] == "b="
        return ok(hour(2))

    assert ask([ok(hour(0), hour(1), then="b="), second], *USAGE) == 0
    assert [json.loads(line)["output"] for line in printed[0].splitlines()] == [0, 1]
    assert [row["output"] for row in ask.rows] == [2]
    assert ask.err == "meterdeck: 3 rows, 3 buckets, 2 pages\n"


@pytest.mark.parametrize(
    ("amount", "cents", "usd"),
    [
        ("123.45", "123.45", "1.2345"),
        ("17.5000", "17.5000", "0.175"),
        ("0", "0", "0"),
        ("-3.5", "-3.5", "-0.035"),
        ("0.0000000012", "0.0000000012", "0.000000000012"),
        ("12E2", "1200", "12"),
        (946.6, "946.6", "9.466"),
    ],
)
def test_cents_are_the_text_that_came_and_dollars_are_exact(
    ask: Asked, amount: object, cents: str, usd: str
) -> None:
    assert ask([ok(day(0, amount))], *COST) == 0
    (row,) = ask.rows
    assert (row["cents"], row["usd"], row["currency"]) == (cents, usd, "USD")
    assert list(row) == ["start", "end", "cents", "usd", "currency"]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_a_description_hides_from_the_eye_stays_text(ask: Asked, form: str) -> None:
    nasty = "Opus\x1b]0;pwned\x07\x9b31m\u202e\x7f\n=1+1"
    words = (*COST, "--group-by", "description", "--format", form)
    assert ask([ok(day(0, "1", description=nasty))], *words) == 0
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(ask.out)
    if form == "jsonl":
        assert ask.rows[0]["description"] == nasty
        assert ask.out.isascii()
    else:
        assert len(ask.out.splitlines()) == 2


def test_where_today_has_no_bill_the_answer_ends_with_yesterday_and_says_so(ask: Asked) -> None:
    refused = httpx.Response(400, json=BAD_RANGE)
    assert ask([refused, ok(day(0, "5"), day(1, "6"))], *COST) == 0
    ends = [request.url.params["ending_at"] for request in ask.server.requests]
    assert ends == ["2026-11-20T00:00:00Z", "2026-11-19T00:00:00Z"]
    assert [row["cents"] for row in ask.rows] == ["5", "6"]
    assert "ends with yesterday" in ask.err


def test_an_end_that_the_user_gave_is_never_changed(ask: Asked) -> None:
    assert ask([httpx.Response(400, json=BAD_RANGE)], *COST, "--end", "2026-11-20") == 1
    assert ask.out == ""
    assert "Invalid date range" in ask.err
    assert "earlier --end" in ask.err
    assert "req_1" in ask.err


def test_on_the_first_of_a_month_there_may_be_no_bill_yet(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meterdeck.cli.connect.utc_now", lambda: datetime(2026, 12, 1, 0, 5, tzinfo=UTC))
    assert ask([httpx.Response(400, json=BAD_RANGE)], "cost", "--start", "2026-12-01") == 0
    assert ask.rows == []
    assert "no bill of today yet, and no other day was asked for" in ask.err
    assert "0 rows" in ask.err
    assert len(ask.server.requests) == 1


def test_that_today_is_refused_is_remembered_until_the_day_ends(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = httpx.Response(400, json=BAD_RANGE)
    assert ask([refused, ok(day(0, "5"))], *COST) == 0
    assert ask([ok(day(0, "5"))], *COST) == 0
    assert "ends with yesterday" in ask.err
    assert [request.url.params["ending_at"] for request in ask.server.requests] == ["2026-11-19T00:00:00Z"]
    monkeypatch.setattr("meterdeck.cli.connect.utc_now", lambda: NOW + timedelta(days=1))
    assert ask([ok(day(0, "5"))], *COST) == 0
    assert [request.url.params["ending_at"] for request in ask.server.requests] == ["2026-11-21T00:00:00Z"]


@pytest.mark.parametrize("failure", [429, 500, 529])
def test_a_page_that_fails_in_passing_is_asked_for_again(ask: Asked, failure: int) -> None:
    failed = httpx.Response(failure, headers={"retry-after": "0"})
    assert ask([ok(hour(0), then="b"), failed, ok(hour(1))], *USAGE) == 0
    assert [request.url.params.get("page") for request in ask.server.requests] == [None, "b", "b"]
    assert [row["output"] for row in ask.rows] == [0, 1]
    assert "Trying again" in ask.err


def test_a_page_that_goes_on_failing_ends_the_answer_and_says_that_it_is_a_part(ask: Asked) -> None:
    failed = httpx.Response(500, headers={"request-id": "req_9"})
    assert ask([ok(hour(0), then="b"), *[failed] * 3], *USAGE) == 1
    assert len(ask.rows) == 1
    assert "1 row, 1 bucket, 1 page were written: the answer is incomplete." in ask.err
    assert "req_9" in ask.err
    assert len(ask.server.requests) == 4


def test_an_answer_that_took_too_long_is_asked_for_in_smaller_pages(ask: Asked) -> None:
    late = httpx.Response(504)
    assert ask([ok(hour(0), then="b"), late, late, ok(hour(1), then="c"), ok(hour(2))], *USAGE) == 0
    asked = [request.url.params for request in ask.server.requests]
    assert [int(params["limit"]) for params in asked] == [168, 168, 84, 42, 42]
    assert [params.get("page") for params in asked] == [None, "b", None, None, "c"]
    assert {params["starting_at"] for params in asked[2:]} == {"2026-11-17T01:00:00Z"}
    assert [row["output"] for row in ask.rows] == [0, 1, 2]


def test_an_answer_that_goes_on_taking_too_long_names_the_limit(ask: Asked) -> None:
    assert ask([httpx.Response(504)] * 3, *USAGE) == 1
    assert "--limit" in ask.err


def test_what_failed_is_left_alone_as_long_as_by_every_session() -> None:
    assert 5.0 <= _wait_after(ServerFailed("x"), 1) <= 6.25
    assert 30.0 <= _wait_after(RateLimited("x"), 1) <= 37.5
    assert _wait_after(RateLimited("x", retry_after=3.0), 2) == 3.0


def test_a_refused_key_ends_it_at_once(ask: Asked) -> None:
    assert ask([httpx.Response(401)], *USAGE) == 1
    assert (ask.out, len(ask.server.requests)) == ("", 1)
    assert "The key was refused" in ask.err
    assert ADMIN_KEY not in ask.err


def test_an_answer_that_makes_no_sense_ends_it_with_the_place(ask: Asked) -> None:
    wrong = hour(1)
    wrong["results"][0]["output_tokens"] = -1
    assert ask([ok(hour(0), then="b"), ok(wrong)], *USAGE) == 1
    assert len(ask.rows) == 1
    assert "data.0.results.0.output_tokens" in ask.err


def test_a_model_s_short_name_is_sent_as_the_ids_that_the_store_knows(ask: Asked) -> None:
    assert ask([ok()], *USAGE) == 0
    (path,) = paths.known_live_stores(ask.data, URL)
    store = Store(path)
    window = Window(NOW.replace(hour=0, minute=0, second=0), NOW.replace(hour=1, minute=0, second=0))
    models = ("claude-opus-5", "claude-haiku-4-5-20251001", "claude-haiku-4-5-20260315")
    with store.write() as transaction:
        rows = {series("w", model): 1 for model in models}
        usage.replace(transaction, HOUR, window, [used(window.start, rows)], NOW)
    store.close()

    def sent(*typed: str) -> list[str]:
        words = [word for model in typed for word in ("--model", model)]
        assert ask([ok()], *USAGE, *words) == 0
        (request,) = ask.server.requests
        return request.url.params.get_list("models[]")

    assert sent("haiku-4-5") == list(models[1:])
    assert sent("opus", "claude-opus-5") == ["claude-opus-5"]
    assert sent("claude-haiku-4-5", "sonnet") == ["claude-haiku-4-5", "sonnet"], (
        "what is not known goes as it is"
    )
    assert ask([], *USAGE, "--model", "5") == 2
    assert "'5' could be 2 models: haiku-4-5, opus-5. Write more of it." in ask.err


def test_without_a_key_nothing_is_asked(ask: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_ADMIN_KEY")
    assert ask([], *USAGE) == 2
    assert "There is no Admin key" in ask.err


def test_each_page_takes_its_place_in_the_budget_and_nothing_else_is_stored(ask: Asked) -> None:
    assert ask([ok(hour(0), then="b"), ok(hour(1), then="c"), ok(hour(2))], *USAGE) == 0
    (path,) = paths.known_live_stores(ask.data, URL)
    store = Store(path)
    try:
        with store.read() as transaction:
            assert transaction.all("SELECT count(*) FROM request") == [(3,)]
            assert transaction.all("SELECT * FROM coverage") == []
            assert transaction.all("SELECT * FROM usage") == []
            assert transaction.all("SELECT * FROM cost") == []
            assert transaction.all("SELECT * FROM feed") == []
    finally:
        store.close()


def test_a_slow_answer_is_said_to_be_waited_for(ask: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meterdeck.cli.query.paging.FIRST_NOTE_S", 0.01)
    said = asyncio.Event()
    say = Printer.say

    def hear(printer: Printer, words: str) -> None:
        say(printer, words)
        said.set()

    async def slow(_: httpx.Request) -> httpx.Response:
        await said.wait()
        return ok(hour(0))

    monkeypatch.setattr(Printer, "say", hear)
    assert ask(slow, *USAGE) == 0
    assert len(ask.rows) == 1
    assert "still waiting for an answer, or for a place in the budget of 60 requests an hour" in ask.err


@pytest.mark.parametrize(
    ("words", "header"),
    [
        ((*USAGE, "--end", "2026-11-18", "--beta", "a-1", "--beta", "b-2"), "a-1,b-2"),
        (
            (*USAGE, "--end", "2026-11-18", "--beta", "a-1", "--group-by", "speed"),
            "fast-mode-2026-02-01,a-1",
        ),
        ((*COST, "--end", "2026-11-18", "--beta", "a-1", "--beta", "a-1"), "a-1"),
    ],
)
def test_beta_versions_are_sent_with_either_report_each_once(
    ask: Asked, words: tuple[str, ...], header: str
) -> None:
    assert ask([ok()], *words) == 0
    assert ask.server.requests[0].headers["anthropic-beta"] == header


def test_new_counters_are_printed_by_name_in_both_formats(ask: Asked) -> None:
    counters = {
        "cache_creation": {
            "ephemeral_5m_input_tokens": 0,
            "ephemeral_1h_input_tokens": 0,
            "ephemeral_24h_input_tokens": 1000,
        }
    }
    row = hour(1, **counters, server_tool_use={"web_search_requests": 0, "web_fetch_requests": 2})
    assert ask([ok(row)], *USAGE, "--end", "2026-11-18") == 0
    assert ask.rows[0]["other_counters"] == {
        "cache_creation.ephemeral_24h_input_tokens": 1000,
        "server_tool_use.web_fetch_requests": 2,
    }
    assert ask([ok(row)], *USAGE, "--end", "2026-11-18", "--format", "csv") == 0
    assert ask.out.splitlines()[1].endswith(
        ",cache_creation.ephemeral_24h_input_tokens=1000 server_tool_use.web_fetch_requests=2"
    )


def test_what_a_page_lacks_is_said_and_its_rows_are_printed(ask: Asked) -> None:
    spoiled = hour(1)
    del spoiled["results"][0]["uncached_input_tokens"]
    first = page([spoiled], "page_2")
    del first["has_more"]
    assert ask([httpx.Response(200, json=first), ok(hour(2))], *USAGE, "--end", "2026-11-18") == 0
    assert [row["output"] for row in ask.rows] == [1, 2]
    assert "uncached_input_tokens is missing in 1 row (at data.0.results.0): it counts as 0." in ask.err
    assert "has_more is missing: next_page tells instead: there is one, so more is asked for." in ask.err


def test_lines_in_other_currencies_are_printed_as_they_are_and_have_no_dollars(ask: Asked) -> None:
    days = [day(0, "100"), bucket(DAY_START + DAY.delta, [{"amount": "250", "currency": "eur"}], DAY)]
    assert ask([ok(*days)], *COST, "--end", "2026-11-19") == 0
    assert [(row["cents"], row["usd"], row["currency"]) for row in ask.rows] == [
        ("100", "1", "USD"),
        ("250", None, "EUR"),
    ]
