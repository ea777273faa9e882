"""`meterdeck serve`: the service on a loopback port, for anything that speaks the Admin API."""

from __future__ import annotations

import argparse
import socket
import sys

from meterdeck.cli import connect
from meterdeck.domain.errors import UsageError

HOST = "127.0.0.1"


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted."""
    if not arguments.demo:
        raise UsageError("Only the simulated organisation can be served.", next="Add --demo.")
    try:
        import uvicorn
    except ImportError:
        raise UsageError(
            "`meterdeck serve` needs a server that is not installed.",
            next="Run: pip install 'meterdeck[serve]'",
        ) from None
    from meterdeck.service import demo_app
    from meterdeck.service.simulated.options import Options

    options = Options(seed=arguments.seed, size=arguments.size, today=arguments.today, shape=arguments.shape)
    try:
        listener = socket.create_server((HOST, arguments.port))
    except OSError as error:
        raise UsageError(
            f"Port {arguments.port} can't be used: {error}.", next="Choose another --port."
        ) from None
    with listener:
        port = listener.getsockname()[1]
        print(f"meterdeck: serving the simulated organisation on http://{HOST}:{port}", flush=True)
        print(
            f"meterdeck: ANTHROPIC_ADMIN_KEY=demo meterdeck --base-url http://{HOST}:{port}", file=sys.stderr
        )
        server = uvicorn.Server(uvicorn.Config(demo_app(options, clock=connect.utc_now), log_level="warning"))
        server.run(sockets=[listener])
    return 0
