"""What `--refresh` reaches: the whole window of a report, bills and hours that were corrected long after alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cli.commands import SATURDAY, Ended
from meterdeck import paths
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.reports import CostBucket
from meterdeck.service.simulated.edition import EDITION
from meterdeck.store import Store, costs, usage
from values import series, used

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = BucketWidth.DAY.floor(SATURDAY)
Meterdeck = Callable[..., Ended]


@pytest.fixture
def store(demo_copy: Path) -> Iterator[Store]:
    opened = Store(paths.demo_store(demo_copy, EDITION))
    yield opened
    opened.close()


def misread_hour(store: Store, hour: datetime) -> None:
    """Let the store hold of an hour what the API no longer says."""
    bucket = used(hour, {series("wrkspc_gone"): 7}, BucketWidth.HOUR)
    with store.write() as transaction:
        usage.replace(transaction, BucketWidth.HOUR, bucket.window, [bucket], SATURDAY)


def misread_bill(store: Store, day: datetime) -> None:
    """Let the store hold no line of a day that the API has lines of."""
    window = Window(day, day + DAY)
    with store.write() as transaction:
        costs.replace(transaction, window, [CostBucket(window, ())], SATURDAY)


@pytest.mark.parametrize(
    ("arguments", "days_back"),
    [
        (["report", "breakdown", "--window", "31d"], 1),
        (["report", "costs", "--by", "api_key", "--window", "31d"], 5),
        (["report", "rates", "--window", "31d"], 20),
        (["report", "forecast"], 5),
        (["prices"], 20),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else f"{value} days",
)
def test_an_hour_that_was_corrected_late_is_seen(
    meterdeck: Meterdeck, demo_copy: Path, store: Store, arguments: list[str], days_back: int
) -> None:
    def ask(*more: str) -> Ended:
        return meterdeck("--demo", "--data-dir", demo_copy, *arguments, *more, "--format", "json")

    right = ask("--refresh")
    assert (right.code, right.err) == (0, "")
    hour = TODAY - days_back * DAY + 3 * HOUR
    misread_hour(store, hour)
    assert usage_of(store, hour) == 7
    again = ask("--refresh")
    assert again.document == right.document
    assert usage_of(store, hour) > 7


def usage_of(store: Store, hour: datetime) -> int:
    from meterdeck.store import sums

    with store.read() as transaction:
        return sum(map(sum, sums.by_series(transaction, Window(hour, hour + HOUR)).values()))


@pytest.mark.parametrize("days_back", [5, 20])
@pytest.mark.parametrize(
    "arguments",
    [["report", "costs", "--window", "31d"], ["report", "breakdown", "--window", "31d"]],
    ids=lambda arguments: arguments[1],
)
def test_a_bill_that_was_restated_late_is_seen(
    meterdeck: Meterdeck, demo_copy: Path, store: Store, arguments: list[str], days_back: int
) -> None:
    def ask(*more: str) -> Ended:
        return meterdeck("--demo", "--data-dir", demo_copy, *arguments, *more, "--format", "json")

    right = ask()
    misread_bill(store, TODAY - days_back * DAY)
    assert ask().document != right.document
    assert ask("--refresh").document == right.document


def test_the_lines_of_a_day_are_read_again_however_old_it_is(
    meterdeck: Meterdeck, demo_copy: Path, store: Store
) -> None:
    day = TODAY - 50 * DAY

    def ask(*more: str) -> Ended:
        return meterdeck(
            *("--demo", "--data-dir", demo_copy, "report", "costs", "--lines", "--day"),
            *(f"{day:%Y-%m-%d}", *more, "--format", "json"),
        )

    right = ask("--refresh")
    assert (right.code, right.err) == (0, "")
    misread_bill(store, day)
    assert ask().document != right.document
    assert ask("--refresh").document == right.document
