"""Page tokens: opaque, and bound to the query they belong to (api-facts 2.4)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable

from meterdeck.service.errors import bad_request

_PREFIX = "page_"


def fingerprint(path: str, parameters: Iterable[tuple[str, str]]) -> str:
    """What a token remembers of its query: its path and every parameter but the token, in any order."""
    query = (path, sorted((name, value) for name, value in parameters if name != "page"))
    return hashlib.blake2b(repr(query).encode(), digest_size=9).hexdigest()


def make_token(query: str, position: int) -> str:
    """A token that leads to a position of a query."""
    return _PREFIX + base64.b64encode(f"{query}:{position}".encode()).decode()


def read_token(token: str, query: str) -> int:
    """The position that a token leads to; raises a 400 for one that is not of this query."""
    try:
        text = base64.b64decode(token.removeprefix(_PREFIX), validate=True).decode()
        owner, _, position = text.partition(":")
        if token.startswith(_PREFIX) and owner == query:
            return int(position)
    except (binascii.Error, ValueError):
        pass  # any other token is refused below
    raise bad_request("page: the token does not belong to this query")
