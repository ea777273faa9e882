"""Servers that give the key away wherever they can."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from faults.server import Fault, FaultyServer, answering, changing, envelope, raw, reset_in_mid_body
from leaks.places import KEY
from meterdeck.service import demo_app
from meterdeck.service.simulated.options import Options

ESCAPED = "".join(f"\\u{ord(char):04x}" for char in KEY)
"""The key as JSON may also spell it."""


def _costs_of_the_key() -> Fault:
    return changing(
        lambda page: (
            json.loads(json.dumps(page).replace('"USD"', json.dumps(KEY)))
            if "USD" in json.dumps(page)
            else page | {"has_more": KEY}
        )
    )


FAULTS: dict[str, tuple[Fault | None, str]] = {
    "401 with the key": (
        answering(401, envelope("authentication_error", f"invalid x-api-key: {KEY}")),
        "401",
    ),
    "401 that is the key alone": (answering(401, KEY.encode()), "401"),
    "500 with the key": (answering(500, envelope(f"api_error {KEY}", f"{KEY} " * 50)), "500"),
    "HTML with the key": (
        answering(502, f"<html>x-api-key: {KEY}</html>".encode(), {"content-type": "text/html"}),
        "502",
    ),
    "HTML with 200 and the key": (
        answering(200, f"<html>x-api-key: {KEY}</html>".encode(), {"content-type": "text/html"}),
        "no sense",
    ),
    "the key where a figure should be": (_costs_of_the_key(), "no sense"),
    "reset": (reset_in_mid_body, "reached"),
    "the key in a header that is none": (raw(f"HTTP/1.1 200 OK\r\nx-echo {KEY}\r\n\r\n".encode()), "reached"),
    "the key in the status line": (raw(f"HTTP/1.1 {KEY}\r\n\r\n".encode()), "reached"),
    "redirect": (answering(302, KEY.encode(), {"location": f"http://127.0.0.1:9/{KEY}?k={KEY}"}), "redirect"),
}
"""Each with a word that the user reads, as a sign that it was met."""

SPELLED_OTHERWISE: dict[str, Fault] = {
    "the key in escapes": answering(
        401, envelope("authentication_error", "@").replace(b"@", ESCAPED.encode())
    ),
    "the key as request id of a body that is no JSON": answering(401, b"no", {"request-id": KEY}),
}
"""What `KeyHeaders.cut_out` misses: it looks at the bytes of the body alone, before they are read as JSON."""


@contextmanager
def serving() -> Iterator[FaultyServer]:
    """A server in a thread of its own; set its ``fault`` at any time."""
    app = demo_app(Options(size="small"), clock=lambda: datetime.now(UTC))
    server = FaultyServer(app)
    started, loop = threading.Event(), asyncio.new_event_loop()
    ending = asyncio.Event()

    async def serve() -> None:
        async with server:
            started.set()
            await ending.wait()
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert started.wait(20), "the server did not start"
        yield server
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(20)
        loop.close()
