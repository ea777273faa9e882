"""A real server on a loopback socket that answers for the simulated organisation, or misbehaves as told."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import httpx
from starlette.applications import Starlette

Fault = Callable[["FaultyServer", asyncio.StreamWriter, str], Awaitable[None]]
"""Writes whatever it likes to the connection; the text is the request's target."""


class FaultyServer:
    """Use it as ``async with FaultyServer(app) as server``; ``server.fault`` says how to misbehave."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self.fault: Fault | None = None
        self.targets: list[str] = []
        """The target of every request that came, in order."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()

    async def good_answer(self, target: str) -> bytes:
        """What a well-behaved server would say."""
        via = httpx.ASGITransport(app=self._app)
        headers = {"x-api-key": "k", "anthropic-version": "2023-06-01"}
        async with httpx.AsyncClient(transport=via, base_url="http://inside", headers=headers) as client:
            answer = await client.get(target)
        return answer.content

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            self.targets.append(target)
            if self.fault is None:
                await send(writer, 200, await self.good_answer(target))
            else:
                await self.fault(self, writer, target)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away, as clients do
        finally:
            writer.close()


async def send(
    writer: asyncio.StreamWriter, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    """Write one whole answer."""
    fields = {"content-type": "application/json", "content-length": str(len(body)), "connection": "close"}
    fields |= headers or {}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    writer.write(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + body)
    await writer.drain()


def with_headers(headers: dict[str, str]) -> Fault:
    """The good answer, under other headers."""

    async def fault(server: FaultyServer, writer: asyncio.StreamWriter, target: str) -> None:
        await send(writer, 200, await server.good_answer(target), headers)

    return fault


def envelope(error_type: str, message: str) -> bytes:
    """The API's error body."""
    return json.dumps(
        {"type": "error", "error": {"type": error_type, "message": message}, "request_id": "req_fault"}
    ).encode()


def answering(status: int, body: bytes, headers: dict[str, str] | None = None) -> Fault:
    """Always the same answer."""

    async def fault(_: FaultyServer, writer: asyncio.StreamWriter, __: str) -> None:
        await send(writer, status, body, headers)

    return fault


def raw(answer: bytes) -> Fault:
    """These bytes and no others, HTTP or not."""

    async def fault(_: FaultyServer, writer: asyncio.StreamWriter, __: str) -> None:
        writer.write(answer)
        await writer.drain()

    return fault


async def reset_in_mid_body(server: FaultyServer, writer: asyncio.StreamWriter, target: str) -> None:
    """Half of a chunked body, then a reset."""
    body = await server.good_answer(target)
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    writer.write(head + f"{len(body):x}\r\n".encode() + body[: len(body) // 2])
    await writer.drain()
    writer.transport.abort()


async def truncated_body(server: FaultyServer, writer: asyncio.StreamWriter, target: str) -> None:
    """A body that ends before its length is reached."""
    body = await server.good_answer(target)
    await send(writer, 200, body[: len(body) // 2], {"content-length": str(len(body))})


async def silence(_: FaultyServer, writer: asyncio.StreamWriter, __: str) -> None:
    """Never a first byte; ends when the client does."""
    while not writer.transport.is_closing():  # noqa: ASYNC110 - there is no event for it
        await asyncio.sleep(0.01)


async def trickle(_: FaultyServer, writer: asyncio.StreamWriter, __: str) -> None:
    """A byte now and then, without end."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n")
    while not writer.transport.is_closing():
        writer.write(b" ")
        await asyncio.sleep(0.01)


BOMB = gzip.compress(b" " * (66 * 1024 * 1024), 1)


async def gzip_bomb(_: FaultyServer, writer: asyncio.StreamWriter, __: str) -> None:
    """Sixty-six megabytes of blanks in a few hundred kilobytes."""
    await send(writer, 200, BOMB, {"content-encoding": "gzip"})


async def gzip_in_gzip(server: FaultyServer, writer: asyncio.StreamWriter, target: str) -> None:
    """The good answer, packed twice; so a few kilobytes could hold gigabytes."""
    twice = gzip.compress(gzip.compress(await server.good_answer(target)))
    await send(writer, 200, twice, {"content-encoding": "gzip, gzip"})


async def broken_gzip(server: FaultyServer, writer: asyncio.StreamWriter, target: str) -> None:
    """Says gzip, and is not."""
    await send(writer, 200, await server.good_answer(target), {"content-encoding": "gzip"})


async def endless_pages(server: FaultyServer, writer: asyncio.StreamWriter, target: str) -> None:
    """Every page promises another one, with ever new tokens."""
    page = json.loads(await server.good_answer(target.partition("&page=")[0]))
    await send(
        writer,
        200,
        json.dumps(page | {"has_more": True, "next_page": f"page_{len(server.targets)}"}).encode(),
    )


def changing(change: Callable[[dict[str, object]], object]) -> Fault:
    """The good answer with something wrong in it."""

    async def fault(server: FaultyServer, writer: asyncio.StreamWriter, target: str) -> None:
        page = json.loads(await server.good_answer(target))
        await send(writer, 200, json.dumps(change(page)).encode())

    return fault
