"""Times as the database holds them: whole seconds since the epoch."""

from __future__ import annotations

from datetime import UTC, datetime

from meterdeck.domain.buckets import require_utc


def to_seconds(moment: datetime) -> int:
    """Whole seconds since the epoch, rounded down."""
    return int(require_utc(moment).timestamp())


def from_seconds(seconds: int) -> datetime:
    """The aware UTC time of a number of seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC)
