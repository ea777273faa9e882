"""Where a request may go: GET alone, to a fixed list of paths, over https unless the host is this machine."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from meterdeck.api.errors import NotAllowed

OFFICIAL_URL = "https://api.anthropic.com"

_ALLOWED_PATHS = re.compile(
    r"/v1/organizations/(me|usage_report/messages|cost_report|api_keys|rate_limits"
    r"|workspaces(/[A-Za-z0-9_-]+(/rate_limits)?)?)"
)


def check_path(path: str) -> None:
    """Raise `NotAllowed` unless the path is one that a monitor needs to read."""
    if not _ALLOWED_PATHS.fullmatch(path):
        raise NotAllowed(f"meterdeck does not send requests to {path}.")


def check_base_url(url: str) -> str:
    """Return the address without a trailing slash; raise `NotAllowed` for one that a key must not go to."""
    if any(sign in url for sign in "@?#"):
        raise NotAllowed(
            "The base URL may hold only a scheme, a host, a port and a path.",
            next="Give the key in ANTHROPIC_ADMIN_KEY, never in the address.",
        )
    parts = _split(url)
    if parts is None or not parts.hostname or parts.scheme not in {"http", "https"}:
        raise NotAllowed(f"{url!r} is no base URL.", next="Write it like https://api.anthropic.com")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise NotAllowed(
            f"Refusing to send an Admin key to {parts.hostname} over plain http.",
            next="Use https; plain http is for this machine alone (127.0.0.1, ::1, localhost).",
        )
    return url.rstrip("/")


def _split(url: str) -> SplitResult | None:
    """Take an address apart; None where it can't be one."""
    try:
        parts = urlsplit(url)
        return parts if url.isprintable() and " " not in url and parts.port != 0 else None
    except ValueError:  # brackets that do not close, a port that is no number
        return None


def is_loopback(host: str) -> bool:
    """Whether a host name is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
