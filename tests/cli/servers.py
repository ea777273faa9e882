"""Simulated organisations on a loopback port, in a thread of this process and with a clock of ours."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import format_datetime

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cli.commands import PATIENCE_S
from meterdeck.service import demo_app
from meterdeck.service.app import create_app
from meterdeck.service.simulated.options import Options
from meterdeck.service.simulated.organization import SimulatedOrganization


@contextmanager
def silent(url: str) -> Iterator[None]:
    """Listen where a server was, take every connection, and never answer."""
    with socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))):
        yield


def organization(name: str, seed: int, clock: Callable[[], datetime]) -> ASGIApp:
    """A small organisation of a name and an id of its own (``…0002`` for seed 2)."""
    source = SimulatedOrganization(Options(seed=seed, size="small"))
    source.organization["name"] = name
    return create_app(source, clock)


class Organizations:
    """Answers for several organisations, each asked by its key; keeps the paths that were asked."""

    def __init__(self, by_key: Mapping[str, ASGIApp]) -> None:
        self.by_key = dict(by_key)
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        (key,) = [value.decode() for name, value in scope["headers"] if name == b"x-api-key"]
        await self.by_key[key](scope, receive, send)


def telling_time(app: ASGIApp, clock: Callable[[], datetime]) -> ASGIApp:
    """The same answers, each of which says what time it is; without this none does."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(clock(), usegmt=True).encode()
                message["headers"] = [*message["headers"], (b"date", date)]
            await send(message)

        await app(scope, receive, send_dated)

    return answer


@contextmanager
def serving(options: Options, clock: Callable[[], datetime]) -> Iterator[str]:
    """Serve one organisation until the block ends; gives the base URL."""
    with serving_app(demo_app(options, clock=clock)) as url:
        yield url


@contextmanager
def serving_app(app: ASGIApp) -> Iterator[str]:
    """Serve until the block ends; gives the base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", ws="none", lifespan="off", date_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        end = time.monotonic() + PATIENCE_S
        while not server.started:
            assert thread.is_alive(), "the server ended before it began"
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        listener.close()
    assert not thread.is_alive(), "the server did not stop"
