"""Run as a program: the simulated organisation on a loopback port, by the fast clock of `accelerated`. Prints its port."""

from __future__ import annotations

import socket
import sys

import uvicorn

from benches.accelerated import clock_of
from meterdeck.service import demo_app

if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(
        demo_app(clock=clock_of(sys.argv[1])), log_level="critical", ws="none", lifespan="off"
    )
    uvicorn.Server(config).run(sockets=[listener])
