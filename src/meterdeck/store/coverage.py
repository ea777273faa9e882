"""Coverage: which buckets were read, when, and since when they say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.store.database import Transaction
from meterdeck.store.times import from_seconds, to_seconds


class Report(StrEnum):
    """Which of the two reports was read."""

    USAGE = "usage"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Coverage:
    """When one bucket was last read, and the first of the reads that all said what the last one said."""

    read_at: datetime
    unchanged_since: datetime


def covered(
    transaction: Transaction, report: Report, width: BucketWidth, window: Window
) -> dict[datetime, Coverage]:
    """The buckets of a window that were read, oldest first, by their start."""
    rows = transaction.all(
        "SELECT start, read_at, unchanged_since FROM coverage"
        " WHERE report = ? AND width = ? AND start >= ? AND start < ? ORDER BY start",
        (report, width.seconds, to_seconds(window.start), to_seconds(window.end)),
    )
    return {
        from_seconds(start): Coverage(from_seconds(read_at), from_seconds(since))
        for start, read_at, since in rows
    }


def newest_read(transaction: Transaction, report: Report) -> datetime | None:
    """When the report was last read, or None if it never was."""
    row = transaction.one("SELECT max(read_at) FROM coverage WHERE report = ?", (report,))
    return from_seconds(row[0]) if row and row[0] is not None else None


def replace(
    transaction: Transaction,
    report: Report,
    width: BucketWidth,
    window: Window,
    changed: Mapping[datetime, bool],
    read_at: datetime,
) -> None:
    """Note a read of a window: the buckets that came (by start) and whether each says something new.

    Buckets of the window that did not come are no longer covered.
    """
    before = covered(transaction, report, width, window)
    _forget(transaction, report, width, window)
    now = to_seconds(read_at)
    transaction.run_many(
        "INSERT INTO coverage (report, width, start, read_at, unchanged_since) VALUES (?, ?, ?, ?, ?)",
        (
            (
                report,
                width.seconds,
                to_seconds(start),
                now,
                now if is_changed or start not in before else to_seconds(before[start].unchanged_since),
            )
            for start, is_changed in changed.items()
        ),
    )


def _forget(transaction: Transaction, report: Report, width: BucketWidth, window: Window) -> None:
    transaction.run(
        "DELETE FROM coverage WHERE report = ? AND width = ? AND start >= ? AND start < ?",
        (report, width.seconds, to_seconds(window.start), to_seconds(window.end)),
    )
