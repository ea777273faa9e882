"""The history that is read backwards: how far it reaches, and in which pages it comes. Newest first throughout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from meterdeck.domain.buckets import BucketWidth, Window

HISTORY_DAYS = 31
"""How far back hours are kept current without being asked to."""
LONGEST_HISTORY_DAYS = 400
"""How far back hours can be read, and how long they are kept."""
BILL_SETTLES_AFTER = timedelta(hours=72)
"""How long after a day ended its bill may still change (design, "settled day")."""
FIRST_PAGE = 24
"""Hours of the first page: small, so that the screen is useful soon."""
ROWS_A_PAGE = 20_000
"""What a page should hold at most: some 10 MB, read in about a second."""


def history(now: datetime, days: int = HISTORY_DAYS) -> Window:
    """The closed hours of so many UTC days before today, and of today."""
    return Window(BucketWidth.DAY.floor(now) - timedelta(days=days), BucketWidth.HOUR.floor(now))


def ended_days(now: datetime, days: int) -> Window:
    """So many UTC days before today."""
    today = BucketWidth.DAY.floor(now)
    return Window(today - timedelta(days=days), today)


def due_bills(now: datetime, read_at: Mapping[datetime, datetime], days: int) -> list[datetime]:
    """The ended days whose bill was never read, or not since it settled; ``read_at`` by the day's start."""

    def is_due(day: datetime) -> bool:
        settles = day + BucketWidth.DAY.delta + BILL_SETTLES_AFTER
        return day not in read_at or read_at[day] < settles <= now

    return [day for day in ended_days(now, days).starts(BucketWidth.DAY) if is_due(day)][::-1]


def hours_a_page(most_rows: int) -> int:
    """How many hours to ask for at once, where the fullest hour of the last page had so many rows."""
    return max(1, min(BucketWidth.HOUR.page_limit, ROWS_A_PAGE // max(most_rows, 1)))


def next_page(due: Sequence[datetime], width: BucketWidth, page: int) -> Window:
    """The window of at most ``page`` buckets to ask for next; ``due`` is newest first, not empty.

    Buckets between two due ones are read along: one request costs the same whatever it carries.
    """
    newest = due[0]
    oldest = min(start for start in due if start > newest - page * width.delta)
    return Window(oldest, newest + width.delta)


def pages(due: Sequence[datetime], width: BucketWidth, page: int) -> int:
    """How many requests it takes to read buckets that are due, newest first."""
    count = 0
    start: datetime | None = None
    for bucket in due:
        if start is None or bucket <= start - page * width.delta:
            count += 1
            start = bucket
    return count
