"""The simulated organisation on a loopback port, in a thread of this process and with a clock of ours."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import uvicorn

from cli.commands import PATIENCE_S
from meterdeck.service import demo_app
from meterdeck.service.simulated.options import Options


@contextmanager
def silent(url: str) -> Iterator[None]:
    """Listen where a server was, take every connection, and never answer."""
    with socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))):
        yield


@contextmanager
def serving(options: Options, clock: Callable[[], datetime]) -> Iterator[str]:
    """Serve until the block ends; gives the base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(demo_app(options, clock=clock), log_level="warning", ws="none", lifespan="off")
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
