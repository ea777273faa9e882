"""Settled days: those whose bill will not change any more. Only they teach prices and count in a back-test."""

from __future__ import annotations

from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth
from meterdeck.store.coverage import Coverage

SETTLED_AFTER = timedelta(hours=24)
SETTLED_FOR_SURE_AFTER = timedelta(hours=72)
AGREEING_READS_APART = timedelta(hours=6)


def is_settled(day: datetime, read: Coverage | None, now: datetime) -> bool:
    """Whether a day's figures will not change any more (design, "settled day").

    It ended at least 24 h ago and two reads at least 6 h apart agree, or it was read 72 h after it ended.
    """
    if read is None:
        return False
    end = day + BucketWidth.DAY.delta
    if read.read_at >= end + SETTLED_FOR_SURE_AFTER:
        return True
    return now >= end + SETTLED_AFTER and agrees(day, read)


def agrees(day: datetime, read: Coverage) -> bool:
    """Whether two reads of an ended day's bill at least 6 h apart say the same."""
    end = day + BucketWidth.DAY.delta
    return read.read_at - max(read.unchanged_since, end) >= AGREEING_READS_APART
