"""How current the data is, by the state of the feeds alone: light enough for a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from meterdeck.domain.errors import NO_CONNECTION
from meterdeck.store.feeds import FeedState

STALE_AFTER = timedelta(minutes=5)
LIVE_FEED = "live"
NEVER = datetime.min.replace(tzinfo=UTC)


def has_no_network(feeds: Mapping[str, FeedState]) -> bool:
    """Whether no failing feed got an answer, and none was read since the last that got none."""
    failing = [state for state in feeds.values() if state.failing]
    if not failing or any(state.failure != NO_CONNECTION for state in failing):
        return False
    last = max(state.failed_at or NEVER for state in failing)
    return all(state.read_at is None or state.read_at <= last for state in feeds.values())
