"""Where the key comes from: the environment, never the command line."""

from __future__ import annotations

from collections.abc import Mapping

from meterdeck.domain.secret import Secret

KEY_VARIABLES = ("ANTHROPIC_ADMIN_KEY", "ANTHROPIC_ADMIN_API_KEY")
"""The name of today's docs first, then the older one (api-facts 1.2)."""


def find_key(environment: Mapping[str, str]) -> Secret | None:
    """The Admin key or OAuth token of the environment, or None where there is none."""
    for variable in KEY_VARIABLES:
        if environment.get(variable, "").strip():
            return Secret(environment[variable].strip())
    return None
