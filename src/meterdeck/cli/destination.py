"""Where a static key may go: a server that the user has settled on, and no address that stands on one command alone."""

from __future__ import annotations

from urllib.parse import urlsplit

from meterdeck.config import COMMAND_LINE, Setting
from meterdeck.credentials import is_bearer
from meterdeck.domain.errors import UsageError
from meterdeck.domain.secret import Secret
from meterdeck.domain.servers import OFFICIAL_URL, is_loopback


def check(base_url: Setting[str], key: Secret) -> None:
    """Raise `UsageError` for a static key and a host that is new: a pasted command could carry the key anywhere.

    A bearer token is the relay's own, and may go where the command line says.
    """
    if base_url.origin != COMMAND_LINE or is_bearer(key):
        return
    parts = urlsplit(base_url.value)
    host = parts.hostname or ""
    if host == urlsplit(OFFICIAL_URL).hostname or is_loopback(host):
        return
    raise UsageError(
        f"An Anthropic key (sk-ant-…) goes to {host} only where the configuration names it.",
        next="Name it in a profile (base_url) and leave out --base-url: meterdeck config init",
    )
