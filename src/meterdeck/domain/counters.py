"""Counters of a usage row that are neither one of the five token types nor web searches, and what is known of them.

They are kept under the name that the API gives them, with the object that they stand in before it:
``cache_creation.ephemeral_24h_input_tokens``, ``server_tool_use.web_fetch_requests``, ``reasoning_tokens``.
"""

from __future__ import annotations

CACHE_WRITES = "cache_creation."
"""Before the name of tokens that were written into a cache for a lifetime that this version does not know."""
TOOL_USES = "server_tool_use."
"""Before the name of a count of uses of a tool that runs at the API."""


def is_cache_write(name: str) -> bool:
    """Whether a counter is one of input tokens that no other counts: it belongs into totals, and has no price.

    Any other stands beside the totals, for it may be a sum or a part of what is counted already.
    """
    return name.startswith(CACHE_WRITES)


def bare(name: str) -> str:
    """The name without the object that it stands in: ``ephemeral_24h_input_tokens``."""
    return name.removeprefix(CACHE_WRITES).removeprefix(TOOL_USES)
