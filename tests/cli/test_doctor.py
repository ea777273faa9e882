"""`meterdeck doctor` of a server that a test scripts: each check's verdict, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from answers import Document, bucket, page, usage_row
from cli.commands import KEY, SATURDAY, Ended
from cli.conftest import Clock
from meterdeck import paths
from meterdeck.api import AdminClient, BucketWidth, Secret
from meterdeck.cli import connect
from meterdeck.cli.doctor.server import ONLINE
from meterdeck.store import Store, budget, lease
from meterdeck.store.index import KeyIndex

Meterdeck = Callable[..., Ended]
URL = "https://api.example"
WORKSPACE_KEY = "sk-ant-api03-invented-for-these-tests"
BAD_RANGE = "Invalid date range: ending date must be after starting date"


def refusal(status: int, message: str, **headers: str) -> httpx.Response:
    document = {"type": "error", "error": {"type": "some_error", "message": message}, "request_id": "req_7"}
    return httpx.Response(status, json=document, headers=headers)


class Server:
    """Answers as the API would; a test puts other answers in place of paths' ends."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.instead: dict[str, httpx.Response] = {}
        self.date: datetime | None = SATURDAY
        self.headers: dict[str, str] = {}
        self.newest = SATURDAY.replace(second=0) - timedelta(minutes=4)
        self.bill_has_today = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        end = request.url.path.rpartition("/")[2]
        answer = self.instead.get(end) or self._answer(end, request.url.params)
        if self.date is not None:
            answer.headers["date"] = format_datetime(self.date, usegmt=True)
        answer.headers.update(self.headers)
        return answer

    def _answer(self, end: str, params: httpx.QueryParams) -> httpx.Response:
        if end == "me":
            return httpx.Response(200, json={"id": "1", "type": "organization", "name": "Acme\x1b[31m Inc"})
        if end == "messages":
            row = usage_row(output_tokens=3)
            return httpx.Response(200, json=page([bucket(self.newest, [row], BucketWidth.MINUTE)]))
        if end == "cost_report":
            if not self.bill_has_today and params["ending_at"] > "2026-11-21T00:00:00Z":
                return refusal(400, BAD_RANGE)
            start = datetime.fromisoformat(params["starting_at"])
            return httpx.Response(200, json=page([bucket(start, [], BucketWidth.DAY)]))
        return httpx.Response(200, json={"data": [], "has_more": False, "first_id": None, "last_id": None})


class Doctor:
    """Runs it, and gives what it said."""

    def __init__(self, meterdeck: Meterdeck, data: Path, server: Server) -> None:
        self.data = data
        self.server = server
        self._meterdeck = meterdeck

    def __call__(self, *arguments: str) -> Ended:
        return self._meterdeck("--data-dir", self.data, "--base-url", URL, *arguments, "doctor", "--json")

    def store(self) -> Store:
        """The store of the key's organisation, which is known from here on."""
        KeyIndex(self.data, URL).remember(Secret(KEY), "1")
        return Store(paths.live_store(self.data, URL, "1"))


@pytest.fixture
def doctor(meterdeck: Meterdeck, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Doctor:
    server = Server()

    def client_of(place: connect.Place, key: Secret) -> AdminClient:
        return AdminClient(place.base_url, key, via=httpx.MockTransport(server))

    monkeypatch.setattr(connect, "client_of", client_of)
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    return Doctor(meterdeck, tmp_path / "data", server)


def check(ended: Ended, name: str) -> Document:
    """The one check of that name."""
    (found,) = [found for found in ended.document["checks"] if found["name"] == name]
    return dict(found)


def verdicts(ended: Ended) -> dict[str, str]:
    return {found["name"]: found["verdict"] for found in ended.document["checks"]}


def test_where_all_is_well_it_ends_with_0_after_five_requests(doctor: Doctor) -> None:
    ended = doctor()
    assert (ended.code, ended.err) == (0, "")
    assert ended.document["version"] == 1
    assert ended.document["verdict"] == "ok"
    assert {verdict for name, verdict in verdicts(ended).items() if name != "terminal"} == {"ok"}
    assert len(doctor.server.asked) == 5
    assert check(ended, "server")["says"].endswith("organisation Acme Inc")
    assert "an Admin key, from the environment variable ANTHROPIC_ADMIN_KEY" in check(ended, "key")["says"]


def test_its_requests_are_taken_from_the_budget_of_all_sessions(doctor: Doctor) -> None:
    doctor()
    store = doctor.store()
    with store.read() as transaction:
        assert budget.state(transaction, SATURDAY).used == 5
    store.close()


@pytest.mark.parametrize(
    ("key", "word"),
    [
        (KEY, "expired"),
        (WORKSPACE_KEY, "bound to a workspace"),
        ("sk-ant-api01-invented-for-these", "Enterprise"),
        ("a-token-of-somebody", "org:admin"),
    ],
)
def test_a_401_is_explained_by_the_kind_of_key_and_the_rest_is_skipped(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, key: str, word: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", key)
    doctor.server.instead["me"] = refusal(401, f"invalid x-api-key {key}")
    ended = doctor()
    assert ended.code == 2
    server = check(ended, "server")
    assert server["verdict"] == "fail"
    assert "401" in server["says"]
    assert "req_7" in server["says"]
    assert word in server["hint"]
    assert "individual account" in server["hint"]
    for name in ("usage report", "cost report", "freshness", "directory"):
        assert check(ended, name)["verdict"] == "skipped"
    assert "the key was refused" in check(ended, "usage report")["says"]
    assert len(doctor.server.asked) == 1
    assert key not in ended.out


def test_a_403_says_that_the_right_is_missing(doctor: Doctor) -> None:
    doctor.server.instead["messages"] = refusal(403, "scopes needed: read:usage")
    ended = doctor()
    assert ended.code == 2
    assert "lacks the right" in check(ended, "usage report")["hint"]
    assert check(ended, "cost report")["verdict"] == "ok"
    assert check(ended, "freshness")["verdict"] == "skipped"


def test_an_ordinary_key_that_reads_the_reports_is_as_good_as_any(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", WORKSPACE_KEY)
    ended = doctor()
    assert ended.code == 0
    assert check(ended, "key")["says"].startswith("an ordinary API key")


@pytest.mark.parametrize(
    ("ahead", "verdict", "code"),
    [(119, "ok", 0), (-121, "warn", 1), (121, "warn", 1), (601, "fail", 2), (-3600, "fail", 2)],
)
def test_a_clock_that_is_off_is_told(
    doctor: Doctor, clock: Clock, ahead: int, verdict: str, code: int
) -> None:
    doctor.server.date = clock.now - timedelta(seconds=ahead)
    ended = doctor()
    assert (check(ended, "clock")["verdict"], ended.code) == (verdict, code)
    assert ("ahead of" if ahead > 0 else "behind") in check(ended, "clock")["says"]


@pytest.mark.parametrize("date", ["", "yesterday", "-1", "Sat, 99 Nov 2026 14:00:00 GMT"])
def test_a_server_that_does_not_tell_the_time_is_a_warning(doctor: Doctor, date: str) -> None:
    doctor.server.date = None
    doctor.server.headers["date"] = date
    assert check(doctor(), "clock")["verdict"] == "warn"


def test_a_bill_without_today_is_asked_for_until_today_within_six_requests(doctor: Doctor) -> None:
    doctor.server.bill_has_today = False
    ended = doctor()
    assert ended.code == 0
    assert "no bill of today yet" in check(ended, "cost report")["says"]
    assert len(doctor.server.asked) == 6


def test_long_lists_are_not_read_to_their_end(doctor: Doctor) -> None:
    row = {"id": "apikey_1", "name": "k", "status": "active", "partial_key_hint": "sk-ant-api03-R2D...igAA"}
    doctor.server.instead["api_keys"] = httpx.Response(
        200, json={"data": [row], "has_more": True, "first_id": "apikey_1", "last_id": "apikey_1"}
    )
    ended = doctor()
    assert check(ended, "directory")["verdict"] == "ok"
    assert "more than a page of API keys" in check(ended, "directory")["says"]
    assert len(doctor.server.asked) == 5
    assert "igAA" not in ended.out


@pytest.mark.parametrize(("minutes", "verdict"), [(9, "ok"), (14, "warn")])
def test_figures_that_are_old_are_told_with_their_age(doctor: Doctor, minutes: int, verdict: str) -> None:
    doctor.server.newest = SATURDAY.replace(second=0) - timedelta(minutes=minutes + 1)
    fresh = check(doctor(), "freshness")
    assert fresh["verdict"] == verdict
    assert f"{minutes} min ago" in fresh["says"]


def test_an_hour_without_tokens_needs_attention(doctor: Doctor) -> None:
    doctor.server.instead["messages"] = httpx.Response(200, json=page([]))
    ended = doctor()
    assert (ended.code, check(ended, "freshness")["says"]) == (1, "no tokens in the last hour")


def test_a_server_that_has_few_requests_left_for_us_is_heard(doctor: Doctor) -> None:
    doctor.server.headers = {
        "anthropic-ratelimit-requests-limit": "90",
        "anthropic-ratelimit-requests-remaining": "2",
    }
    found = check(doctor(), "budget")
    assert found["verdict"] == "warn"
    assert "the server says 2 of 90 are left" in found["says"]


def test_after_a_429_nothing_more_is_asked(doctor: Doctor) -> None:
    doctor.server.instead["messages"] = refusal(429, "slow down", **{"retry-after": "60"})
    ended = doctor()
    assert ended.code == 1
    assert check(ended, "usage report")["verdict"] == "warn"
    assert check(ended, "cost report")["verdict"] == "skipped"
    assert len(doctor.server.asked) == 2


def test_a_budget_without_a_place_is_not_overdrawn(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meterdeck.cli.doctor.Asker.__init__.__kwdefaults__", {"each_s": 0.3, "all_s": 30.0})
    store = doctor.store()
    with store.write() as transaction:
        for _ in range(60):
            budget.take(transaction, SATURDAY, budget.Priority.USER)
    store.close()
    ended = doctor()
    assert (ended.code, doctor.server.asked) == (1, [])
    assert check(ended, "server")["verdict"] == "skipped"
    assert check(ended, "budget")["verdict"] == "warn"


def test_names_that_can_t_be_read_are_a_warning_for_figures_are_right(doctor: Doctor) -> None:
    doctor.server.instead["workspaces"] = refusal(500, "oops")
    ended = doctor()
    assert (ended.code, check(ended, "directory")["verdict"]) == (1, "warn")


def test_a_name_that_can_t_be_read_is_a_warning_that_says_where_and_what_else_was_read(
    doctor: Doctor,
) -> None:
    rows = [{"id": "wrkspc_1", "name": None}, {"id": "wrkspc_2", "name": "prod"}]
    doctor.server.instead["workspaces"] = httpx.Response(200, json={"data": rows, "has_more": False})
    found = check(doctor(), "directory")
    assert found["verdict"] == "warn"
    assert found["says"].startswith("2 workspaces, ")
    assert "1 of them can't be read (data.0.name: " in found["says"]


def test_who_collects_is_told_and_not_disturbed(doctor: Doctor) -> None:
    store = doctor.store()
    other = lease.Lease("a deck", 4711)
    with store.write() as transaction:
        lease.acquire(transaction, other, SATURDAY)
    assert "process 4711 collects" in check(doctor(), "store")["says"]
    with store.write() as transaction:
        assert lease.acquire(transaction, lease.Lease("me", 1), SATURDAY) == other
        lease.release(transaction, other)
    assert "nobody collects" in check(doctor(), "store")["says"]
    with store.write() as transaction:
        assert lease.acquire(transaction, lease.Lease("me", 1), SATURDAY).owner == "me"
    store.close()


def test_every_check_of_the_server_is_in_its_place(doctor: Doctor) -> None:
    assert list(verdicts(doctor())) == ["configuration", "key", *ONLINE, "terminal", "store"]
