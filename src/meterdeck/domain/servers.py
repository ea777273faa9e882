"""Where a key may go: over https, or to this machine. Whoever reads an address checks it here, without a network stack."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from meterdeck.domain.errors import NotAllowed

OFFICIAL_URL = "https://api.anthropic.com"


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
