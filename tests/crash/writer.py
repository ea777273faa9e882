"""Run as a program: writes windows until it is killed. Each value tells which generation of writes it is of."""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.reports import Series
from meterdeck.store import Store, usage
from values import series, used

HOUR, MINUTE = BucketWidth.HOUR, BucketWidth.MINUTE
START = datetime(2026, 11, 20, tzinfo=UTC)
DAYS = Window(START, START + timedelta(days=2))
BY_MINUTE = START + timedelta(days=1, hours=10)
"""The hour that every third generation reads by its minutes, before it has settled."""
READ_FROM = DAYS.end + timedelta(hours=1)
ALL_SERIES = [series(f"wrkspc_{number}") for number in range(12)]


def is_by_minute(generation: int) -> bool:
    """Whether a generation writes the minutes of one hour; the others write all hours of both days."""
    return generation % 3 == 0


def content(generation: int) -> dict[Series, int]:
    """What a generation says of an hour: other series each time, so that rows come and vanish."""
    lots = random.Random(generation)
    return {of: generation * 60 for of in ALL_SERIES if lots.random() < 0.7}


def write(store: Store, generation: int) -> None:
    """Write one generation in one transaction."""
    width, window = (HOUR, DAYS)
    rows = content(generation)
    if is_by_minute(generation):
        width, window = MINUTE, Window(BY_MINUTE, BY_MINUTE + HOUR.delta)
        rows = {of: tokens // 60 for of, tokens in rows.items()}
    buckets = [used(start, rows, width) for start in window.starts(width)]
    with store.write() as transaction:
        usage.replace(transaction, width, window, buckets, READ_FROM + timedelta(seconds=generation))


def say(words: str) -> None:
    """Tell whoever kills us."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    opened = Store(Path(sys.argv[1]))
    for number in count(int(sys.argv[2])):
        say(f"begins {number}")
        write(opened, number)
        say(f"wrote {number}")
