"""The sentence about clocks that disagree: one, and none where they agree."""

from datetime import UTC, datetime, timedelta

import pytest

from meterdeck.present import clocks
from meterdeck.present.header import notice
from meterdeck.present.state import Collecting
from meterdeck.queries.status import Status
from meterdeck.store.budget import BudgetState
from meterdeck.store.feeds import FeedState

NOW = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)


def status(*, skew: timedelta = timedelta(), read_at: datetime = NOW) -> Status:
    return Status(
        "Acme", {"live": FeedState(read_at=read_at)}, BudgetState(1, 60, skew_s=skew.total_seconds())
    )


@pytest.mark.parametrize("is_offline", [False, True])
@pytest.mark.parametrize("read", [timedelta(), timedelta(days=-3), timedelta(minutes=9)])
def test_clocks_that_agree_are_not_spoken_of(*, is_offline: bool, read: timedelta) -> None:
    assert clocks.said(status(read_at=NOW + read), NOW, is_offline=is_offline) is None


@pytest.mark.parametrize(
    ("skew", "way"),
    [
        (timedelta(minutes=3), "3 min behind"),
        (timedelta(hours=-5), "5 h ahead of"),
        (timedelta(days=400), "400 d behind"),
    ],
)
def test_the_clock_of_the_api_counts_and_says_what_time_it_is(skew: timedelta, way: str) -> None:
    said = clocks.said(status(skew=skew), NOW, is_offline=False)
    assert said == (
        f"This machine's clock is {way} the API's, which counts: it is 2026-11-20 14:32Z. Set the clock."
    )
    assert notice(status(skew=skew), Collecting(here=True), NOW) == f"! {said}"


def test_offline_this_machines_clock_counts() -> None:
    offline = Collecting(here=True, is_offline=True)
    said = notice(status(skew=timedelta(hours=3)), offline, NOW) or ""
    assert said.startswith("! Offline this machine's clock counts, by which it is 2026-11-20 14:32Z: ")
    assert "it was 3 h behind the API's" in said
    newer = status(read_at=NOW + timedelta(hours=2))
    assert "the newest data was read 2 h later" in (notice(newer, offline, NOW) or "")
    assert notice(newer, Collecting(here=True), NOW) is None, "the next answer tells"
