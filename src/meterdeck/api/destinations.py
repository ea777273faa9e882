"""What may be asked: GET alone, of a fixed list of paths. Which servers may be asked stands in `domain.servers`."""

from __future__ import annotations

import re

from meterdeck.domain.errors import NotAllowed

_ALLOWED_PATHS = re.compile(
    r"/v1/organizations/(me|usage_report/messages|cost_report|api_keys|rate_limits"
    r"|workspaces(/[A-Za-z0-9_-]+(/rate_limits)?)?)"
)


def check_path(path: str) -> None:
    """Raise `NotAllowed` unless the path is one that a monitor needs to read."""
    if not _ALLOWED_PATHS.fullmatch(path):
        raise NotAllowed(f"meterdeck does not send requests to {path}.")
