"""Failures: each status is the class that says what a caller can do, with every fact that the answer carried."""

import json
from typing import Any

import httpx
import pytest
import respx

import meterdeck.api.transport
from answers import ADMIN_KEY, BASE_URL, client, fixture
from meterdeck.api import (
    AdminClient,
    ApiError,
    BadPayload,
    DateRangeRefused,
    KeyRefused,
    PaymentRequired,
    RateLimited,
    RequestRefused,
    ServerFailed,
    Unreachable,
)
from meterdeck.domain.errors import MeterdeckError
from meterdeck.domain.secret import Secret

ME = "/v1/organizations/me"
ERRORS: dict[str, dict[str, Any]] = {case["name"]: case for case in fixture("errors")["cases"]}
CLASSES: dict[str, type[ApiError]] = {
    "bad_or_revoked_key": KeyRefused,
    "ordinary_api_key_on_admin_endpoint": KeyRefused,
    "key_without_permission": KeyRefused,
    "unknown_path_or_id": RequestRefused,
    "rate_limited": RateLimited,
    "spend_cap_429_without_retry_after": RateLimited,
    "internal_error": ServerFailed,
    "overloaded": ServerFailed,
    "too_many_group_by": RequestRefused,
    "cost_report_bad_group_by": RequestRefused,
    "empty_date_range": DateRangeRefused,
    "missing_version_header": RequestRefused,
    "edge_gateway_html": ServerFailed,
}


async def failure(answer: httpx.Response | Exception, key: str = ADMIN_KEY) -> ApiError:
    """The error that one answer becomes."""
    with respx.mock(base_url=BASE_URL) as server:
        server.get(ME).mock(side_effect=[answer])
        async with AdminClient(BASE_URL, Secret(key)) as admin:
            with pytest.raises(ApiError) as caught:
                await admin.organization()
    return caught.value


def test_every_case_of_the_fixture_is_here() -> None:
    assert CLASSES.keys() == ERRORS.keys()


@pytest.mark.parametrize("name", ERRORS)
async def test_each_known_error_keeps_its_facts(name: str) -> None:
    case = ERRORS[name]
    content = case["body_text"].encode() if "body_text" in case else json.dumps(case["body"]).encode()
    error = await failure(httpx.Response(case["status"], headers=case["headers"], content=content))
    assert type(error) is CLASSES[name]
    assert error.status == case["status"]
    said = case.get("body", {}).get("error", {})
    assert error.error_type == said.get("type")
    assert error.message == said.get("message")
    assert error.request_id == case["headers"].get("request-id")
    assert error.retry_after == (37.0 if name == "rate_limited" else None)
    assert str(case["status"]) in error.what
    assert said.get("message", "") in error.what
    assert error.short == str(case["status"])


async def test_every_error_says_what_happened_what_still_works_and_what_to_do() -> None:
    for error in (
        await failure(httpx.Response(401, json={})),
        await failure(httpx.Response(429, json={})),
        await failure(httpx.Response(500)),
        await failure(httpx.ConnectError("Connection refused")),
    ):
        assert isinstance(error, MeterdeckError)
        assert error.what
        assert error.still
        assert error.next
        assert str(error) == f"{error.what} {error.still} {error.next}"
        assert "\n" not in str(error)


async def test_a_demand_to_pay_is_the_organisation_s_and_neither_the_key_s_nor_ours() -> None:
    error = await failure(
        httpx.Response(402, json={"error": {"type": "billing_error", "message": "no credit"}})
    )
    assert type(error) is PaymentRequired
    assert (error.status, error.error_type) == (402, "billing_error")
    assert "asks the organisation to pay first (402: no credit)" in str(error)
    assert "the key and meterdeck are fine" in str(error)
    assert "report this" not in str(error)


@pytest.mark.parametrize("status", [405, 409, 413, 418])
async def test_other_refusals_are_not_worth_a_retry(status: int) -> None:
    assert type(await failure(httpx.Response(status))) is RequestRefused


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 529])
async def test_every_failure_of_the_server_can_be_tried_again(status: int) -> None:
    assert type(await failure(httpx.Response(status, content=b"\x00\xff"))) is ServerFailed


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_error_and_nothing_is_sent_after_it(status: int) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(status, headers={"location": "https://elsewhere.example/v1/organizations/me"})

    async with client(answer) as admin:
        with pytest.raises(ServerFailed) as caught:
            await admin.organization()
    assert caught.value.status == status
    assert asked == [f"{BASE_URL}{ME}"]


@pytest.mark.parametrize("status", [201, 204, 206])
async def test_only_200_is_an_answer(status: int) -> None:
    assert (await failure(httpx.Response(status))).status == status


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("Connection refused"),
        httpx.ConnectTimeout(""),
        httpx.ReadTimeout(""),
        httpx.PoolTimeout(""),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("Server disconnected"),
        httpx.ProxyError("407"),
        OSError(101, "Network is unreachable"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_no_answer_is_unreachable(error: Exception) -> None:
    unreachable = await failure(error)
    assert type(unreachable) is Unreachable
    assert unreachable.short == "no connection"
    assert unreachable.status is None


async def test_a_body_that_does_not_decompress_is_unreachable_and_not_a_crash() -> None:
    async with client(
        lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, content=b"no gzip")
    ) as admin:
        with pytest.raises(Unreachable):
            await admin.organization()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("37", 37.0),
        ("0", 0.0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("\u00b2", None),
        ("9" * 400, 86_400.0),
    ],
)
async def test_retry_after_is_whole_seconds_and_never_longer_than_a_day(
    text: str, seconds: float | None
) -> None:
    headers = [(b"retry-after", text.encode("latin-1"))]
    assert (await failure(httpx.Response(429, headers=headers))).retry_after == seconds


async def test_the_request_id_of_the_header_is_used_where_the_body_has_none() -> None:
    body = {"type": "error", "error": {"type": "api_error", "message": "m"}}
    error = await failure(httpx.Response(500, json=body, headers={"request-id": "req_header"}))
    assert error.request_id == "req_header"
    error = await failure(
        httpx.Response(500, json=body | {"request_id": "req_body"}, headers={"request-id": "x"})
    )
    assert error.request_id == "req_body"


async def test_a_bad_payload_says_its_request_id() -> None:
    error = await failure(httpx.Response(200, json={"id": 5}, headers={"request-id": "req_1"}))
    assert isinstance(error, BadPayload)
    assert (error.place, error.request_id, error.short) == ("id", "req_1", "bad answer at id")
    assert error.status is None


async def test_only_so_much_of_an_error_body_is_read_and_said() -> None:
    long = {"error": {"type": "api_error", "message": "x" * 2000}}
    error = await failure(httpx.Response(500, json=long))
    assert len(error.what) < 500
    huge = {"error": {"type": "api_error", "message": "x" * 10_000}}
    assert (await failure(httpx.Response(500, json=huge))).message is None


async def test_a_message_from_outside_brings_no_control_characters_and_no_line_breaks() -> None:
    evil = {"error": {"type": "api_error", "message": "one\n\x1b]0;owned\x07two\u202e\u2028"}}
    error = await failure(httpx.Response(500, json=evil))
    assert str(error).isprintable()
    assert "one" in error.what
    assert "two" in error.what


async def test_a_body_above_the_cap_is_refused_and_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meterdeck.api.transport, "LARGEST_BODY", 100)
    assert meterdeck.api.transport.LARGEST_ERROR_BODY == 4096
    fits = {"id": "i", "name": "n" * (100 - len(json.dumps({"id": "i", "name": ""}, separators=(",", ":"))))}
    body = json.dumps(fits, separators=(",", ":")).encode()
    async with client(lambda _: httpx.Response(200, content=body)) as admin:
        assert (await admin.organization()).id == "i"
    async with client(
        lambda _: httpx.Response(200, content=body + b" ", headers={"request-id": "r"})
    ) as admin:
        with pytest.raises(BadPayload, match="in one page") as caught:
            await admin.organization()
    assert caught.value.request_id == "r"


def test_the_cap_is_64_mib_of_the_decompressed_body() -> None:
    assert meterdeck.api.transport.LARGEST_BODY == 64 * 1024 * 1024
