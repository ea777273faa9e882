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
    """A token that leads to a position of a query; its seal covers both, so a cut token leads nowhere."""
    seal = hashlib.blake2b(f"{query}:{position}".encode(), digest_size=9).hexdigest()
    return _PREFIX + base64.b64encode(f"{seal}:{position}".encode()).decode()


def read_token(token: str, query: str) -> int:
    """The position that a token leads to; raises a 400 for one that is not of this query."""
    try:
        text = base64.b64decode(token.removeprefix(_PREFIX), validate=True).decode()
        position = int(text.rpartition(":")[2])
    except (binascii.Error, ValueError):
        position = None
    if position is None or token != make_token(query, position):
        raise bad_request("page: the token does not belong to this query")
    return position
