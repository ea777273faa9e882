"""Bodies that come packed: gzip or deflate, once, and unpacked no further than the cap."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from answers import always, client
from meterdeck.api import BadPayload, KeyRefused, ServerFailed, body

PLAIN = b'{"id": "org", "name": "Acme"}'
MANY = 1_000_000


def packed(content: bytes, encoding: str, status: int = 200) -> httpx.Response:
    """An answer whose body comes as a stream, as over a network: httpx has unpacked nothing."""
    return httpx.Response(status, headers={"content-encoding": encoding}, stream=_Streamed(content))


class _Streamed(httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


@pytest.mark.parametrize(
    ("pack", "encoding"),
    [
        (bytes, ""),
        (bytes, "identity"),
        (gzip.compress, "gzip"),
        (gzip.compress, "x-gzip"),
        (gzip.compress, " GZip"),
        (zlib.compress, "deflate"),
    ],
)
async def test_a_body_may_be_packed_once(pack: Callable[[bytes], bytes], encoding: str) -> None:
    async with client(lambda _: packed(pack(PLAIN), encoding)) as admin:
        assert (await admin.organization()).name == "Acme"


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "gzip,identity", "br", "zstd", "sk-ant-admin01-something-x"]
)
async def test_any_other_packing_is_refused_and_not_repeated(encoding: str) -> None:
    async with client(lambda _: packed(gzip.compress(gzip.compress(PLAIN)), encoding)) as admin:
        with pytest.raises(BadPayload, match="content-encoding") as caught:
            await admin.organization()
    assert encoding not in str(caught.value)


@pytest.mark.parametrize(("status", "error"), [(401, KeyRefused), (503, ServerFailed)])
@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip"])
async def test_an_error_whose_body_cannot_be_unpacked_is_what_its_status_says(
    status: int, error: type[Exception], encoding: str
) -> None:
    async with client(lambda _: packed(b"no gzip", encoding, status)) as admin:
        with pytest.raises(error, match=str(status)):
            await admin.organization()


async def test_one_chunk_is_unpacked_no_further_than_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(b" " * MANY)
    unpacked: list[int] = []
    unpack = body._unpacked

    def counting(unpacker: zlib._Decompress, chunk: bytes, at_most: int) -> bytes:
        content = unpack(unpacker, chunk, at_most)
        unpacked.append(len(content))
        return content

    monkeypatch.setattr(body, "_unpacked", counting)
    assert len(await body.read(packed(bomb, "gzip"), 1000)) == 1000
    assert unpacked == [1000]


async def test_only_gzip_is_asked_for() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["accept-encoding"])
        return always({"id": "org", "name": "Acme"})(request)

    async with client(answer) as admin:
        await admin.organization()
    assert asked == ["gzip"]
