"""A TLS server and a proxy on loopback ports, with a certificate authority of their own."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme

HOST = "relay.example"
"""A name that the certificate is for and that nobody resolves: the proxy knows the way."""


class Authority:
    """A certificate authority that nobody knows."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.bundle = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(self.bundle)

    def context(self, *names: str) -> ssl.SSLContext:
        """A server's context with a certificate for some names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*names).configure_cert(context)
        return context


@dataclass
class Seen:
    """What came to a port."""

    port: int = 0
    connections: int = 0
    received: bytes = b""
    heads: list[bytes] = field(default_factory=list)


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _listening(seen: Seen, serve: Serve, context: ssl.SSLContext | None) -> AsyncIterator[None]:
    """Serve on a port; in the end every connection is closed, and was seen to be."""
    serving: set[asyncio.Task[None]] = set()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        serving.add(task)
        seen.connections += 1
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client went away, as clients do
        finally:
            writer.transport.abort()

    async with await asyncio.start_server(serve_one, "127.0.0.1", 0, ssl=context) as server:
        seen.port = server.sockets[0].getsockname()[1]
        yield
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


@asynccontextmanager
async def organization_server(context: ssl.SSLContext) -> AsyncIterator[Seen]:
    """Answers every request with an organisation, compressed, and keeps the connection."""
    seen = Seen()
    body = gzip.compress(b'{"id": "org", "name": "Acme"}')
    answer = (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n"
        b"content-length: %d\r\n\r\n%b" % (len(body), body)
    )

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            seen.heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)
            await writer.drain()

    async with _listening(seen, serve, context):
        yield seen


@asynccontextmanager
async def tunnelling_proxy(to: int) -> AsyncIterator[Seen]:
    """Makes a tunnel to a port for every CONNECT, wherever it should lead."""
    seen = Seen()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.heads.append(await reader.readuntil(b"\r\n\r\n"))
        there, back = await asyncio.open_connection("127.0.0.1", to)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(carry(reader, back), carry(there, writer))
        finally:
            back.transport.abort()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            seen.received += piece
            writer.write(piece)
            await writer.drain()
        writer.close()

    async with _listening(seen, serve, None):
        yield seen
