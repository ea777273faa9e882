"""The faults a server can show, and what a user sees of each; docs/faults.md is this table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from faults.server import (
    Fault,
    answering,
    broken_gzip,
    changing,
    endless_pages,
    envelope,
    gzip_bomb,
    gzip_in_gzip,
    raw,
    reset_in_mid_body,
    silence,
    trickle,
    truncated_body,
)
from meterdeck.api import (
    ApiError,
    BadPayload,
    KeyRefused,
    PaymentRequired,
    RateLimited,
    RequestRefused,
    ServerFailed,
    Unreachable,
)

HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True)
class Row:
    """A fault, the error it becomes, and words that the user's sentence holds."""

    name: str
    fault: Fault | None
    """None: nobody listens at all."""
    error: type[ApiError]
    says: str
    again: str
    """When meterdeck asks again by itself."""


def _without(name: str) -> Fault:
    return changing(lambda page: {key: value for key, value in page.items() if key != name})


def _without_counters(page: dict[str, Any]) -> object:
    for bucket in page["data"]:
        for row in bucket["results"]:
            for name in [name for name in row if name.endswith("_tokens")]:
                del row[name]
            row.pop("cache_creation", None)
    return page


def _overlapping(page: dict[str, Any]) -> object:
    page["data"] = [*page["data"], *page["data"][-1:]]
    return page


SOON = "after 5 s, then later each time, up to 5 min"
NOT = "not by itself; `r` does"
AS_TOLD = "when the wait is over; no session asks before"

NO_HTTP = "The API can't be reached: the connection broke, or what came is not HTTP"

MATRIX = (
    Row("401", answering(401, envelope("authentication_error", "invalid x-api-key")), KeyRefused, "The key was refused (401: invalid x-api-key)", NOT),
    Row("402", answering(402, envelope("billing_error", "no credit")), PaymentRequired, "The API asks the organisation to pay first (402: no credit)", NOT),
    Row("403", answering(403, envelope("permission_error", "no right")), KeyRefused, "The key was refused (403: no right)", NOT),
    Row("404", answering(404, envelope("not_found_error", "not found")), RequestRefused, "The API refused the request (404", NOT),
    Row("429 with retry-after", answering(429, envelope("rate_limit_error", "slow down"), {"retry-after": "37"}), RateLimited, "Too many requests for this organisation (429", AS_TOLD),
    Row("429 without retry-after", answering(429, envelope("rate_limit_error", "slow down")), RateLimited, "Too many requests for this organisation (429", "after 30 s, then later each time"),
    Row("500", answering(500, envelope("api_error", "oops")), ServerFailed, "The API failed (500: oops)", SOON),
    Row("502 with HTML", answering(502, HTML, {"content-type": "text/html"}), ServerFailed, "The API failed (502: no reason given", SOON),
    Row("503", answering(503, b""), ServerFailed, "The API failed (503", SOON),
    Row("503 with retry-after", answering(503, b"", {"retry-after": "37"}), ServerFailed, "The API failed (503", AS_TOLD),
    Row("504", answering(504, envelope("timeout_error", "took too long")), ServerFailed, "The API failed (504: took too long)", f"{SOON}; for half as many hours or minutes"),
    Row("529", answering(529, envelope("overloaded_error", "busy")), ServerFailed, "The API failed (529: busy)", SOON),
    Row("connection refused", None, Unreachable, "The API can't be reached", SOON),
    Row("reset in mid-body", reset_in_mid_body, Unreachable, "The API can't be reached", SOON),
    Row("truncated body", truncated_body, Unreachable, "The API can't be reached", SOON),
    Row("a header that is none", raw(b"HTTP/1.1 200 OK\r\nx-echo something\r\n\r\n"), Unreachable, NO_HTTP, SOON),
    Row("a status line that is none", raw(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), Unreachable, NO_HTTP, SOON),
    Row("slow first byte", silence, Unreachable, "The API did not answer in time", SOON),
    Row("slow trickle", trickle, Unreachable, "The API did not answer in time", SOON),
    Row("invalid JSON", answering(200, b'{"data": [nope'), BadPayload, "The API's answer makes no sense at the top", SOON),
    Row("empty body", answering(200, b""), BadPayload, "The API's answer makes no sense at the top", SOON),
    Row("HTML with 200", answering(200, HTML, {"content-type": "text/html"}), BadPayload, "The API's answer makes no sense at the top", SOON),
    Row("no data", _without("data"), BadPayload, "The API's answer makes no sense at data", SOON),
    Row("wrong types", changing(lambda page: page | {"data": "none"}), BadPayload, "The API's answer makes no sense at data", SOON),
    Row("rows without any counter, or a row without its amount", changing(_without_counters), BadPayload, "a row without any of its token counters", SOON),
    Row("buckets that overlap", changing(_overlapping), BadPayload, "out of order", SOON),
    Row("more promised, no way to it", changing(lambda page: page | {"has_more": True, "next_page": None}), BadPayload, "more pages are promised", SOON),
    Row("endless pages", endless_pages, BadPayload, "out of order", SOON),
    Row("a redirect to another host", answering(302, b"", {"location": "http://127.0.0.1:9/elsewhere"}), ServerFailed, "redirect", SOON),
    Row("gzip bomb", gzip_bomb, BadPayload, "more than 64 MiB", f"{SOON}; for half as many hours or minutes"),
    Row("gzip in gzip", gzip_in_gzip, BadPayload, "The API's answer makes no sense at content-encoding: not gzip, once", SOON),
    Row("gzip that is none", broken_gzip, Unreachable, "The API can't be reached", SOON),
)  # fmt: skip


def as_markdown() -> str:
    """The table of docs/faults.md."""
    lines = ["| fault | what the user reads | asked again |", "| --- | --- | --- |"]
    lines += [
        f"| {row.name} | {json.dumps(row.says, ensure_ascii=False)[1:-1]} … | {row.again} |" for row in MATRIX
    ]
    return "\n".join(lines) + "\n"
