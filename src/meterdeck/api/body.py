"""The body of an answer: read as it comes, decompressed here, and never more of it in memory than a cap."""

from __future__ import annotations

import zlib

import httpx

from meterdeck.api.errors import BadPayload

_EITHER_HEADER = zlib.MAX_WBITS | 32
"""zlib looks itself whether it is gzip or deflate."""
_COMPRESSED = {"gzip", "x-gzip", "deflate"}


async def read(answer: httpx.Response, at_most: int) -> bytes:
    """Read no more than a cap of the decompressed body; raises `BadPayload` where it is packed twice or oddly.

    httpx would unpack every encoding that is named, one inside the other, and each chunk whole: a few
    kilobytes could fill the memory before anybody looks at the cap.
    """
    unpacker = _unpacker(answer.headers.get("content-encoding", ""))
    body = bytearray()
    if isinstance(answer.stream, httpx.AsyncByteStream):
        async for chunk in answer.stream:
            left = at_most - len(body)
            body += chunk[:left] if unpacker is None else _unpacked(unpacker, chunk, left)
            if len(body) >= at_most:
                break
    return bytes(body)


def _unpacker(encoding: str) -> zlib._Decompress | None:
    named = encoding.strip().lower()
    if named in {"", "identity"}:
        return None
    if named not in _COMPRESSED:
        # Not quoted: what a faulty relay puts here could be the key.
        raise BadPayload("content-encoding", "not gzip, once")
    return zlib.decompressobj(_EITHER_HEADER)


def _unpacked(unpacker: zlib._Decompress, chunk: bytes, at_most: int) -> bytes:
    try:
        return unpacker.decompress(chunk, at_most)
    except zlib.error as error:
        raise httpx.DecodingError(str(error)) from None
