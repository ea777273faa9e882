"""What answers tell beside their body: that another tool spends the budget, that a clock is wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from meterdeck.api import transport
from meterdeck.store import Store, budget
from meterdeck.store.budget import BudgetState, Priority
from meterdeck.sync.pacing import Paces

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def ask(store: Store, remaining: int, at: datetime) -> None:
    """One request of ours, and what its answer says is left."""
    with store.write() as transaction:
        assert budget.take(transaction, at, Priority.LIVE) == 0
    headers = {
        "anthropic-ratelimit-requests-limit": "90",
        "anthropic-ratelimit-requests-remaining": str(remaining),
        "date": format_datetime(at, usegmt=True),
    }
    Paces(store, lambda: at).note(200, headers)


def state(store: Store, at: datetime) -> BudgetState:
    with store.read() as transaction:
        return budget.state(transaction, at)


def test_our_own_requests_explain_what_is_left(store: Store) -> None:
    for number in range(5):
        ask(store, 89 - number, NOW + number * timedelta(minutes=1))
    assert state(store, NOW + timedelta(minutes=5)) == BudgetState(used=5, hourly=60)


def test_requests_of_another_tool_take_places_in_our_hour(store: Store) -> None:
    ask(store, 89, NOW)
    ask(store, 70, NOW + timedelta(minutes=1))
    assert state(store, NOW + timedelta(minutes=2)) == BudgetState(used=20, hourly=60, foreign=18)
    assert state(store, NOW + timedelta(minutes=62)).foreign == 0


def test_a_budget_that_was_renewed_is_nobodys_spending(store: Store) -> None:
    ask(store, 3, NOW)
    ask(store, 89, NOW + timedelta(minutes=1))
    assert state(store, NOW + timedelta(minutes=2)).foreign == 0


def test_another_tool_can_take_no_more_places_than_the_hour_has(store: Store) -> None:
    ask(store, 999_999_999, NOW)
    ask(store, 5, NOW + timedelta(minutes=1))
    assert state(store, NOW + timedelta(minutes=2)).foreign == 60


@pytest.mark.parametrize("odd", ["99999999999999999999", "9" * 5000, "-1", "1e3", "\u0661", "5, 5"])
def test_counts_that_are_none_are_ignored(store: Store, odd: str) -> None:
    ask(store, 89, NOW)
    headers = {"anthropic-ratelimit-requests-limit": odd, "anthropic-ratelimit-requests-remaining": odd}
    Paces(store, lambda: NOW).note(200, headers)
    assert state(store, NOW) == BudgetState(used=1, hourly=60)


@pytest.mark.parametrize(
    "date",
    [
        "1 jan 2026 99999999999999:0:0",
        "1 jan 99999999999999 0:0:0",
        "Fri, 20 Nov 2026 14:37:20 +99999999999999",
        "Fri, 31 Feb 2026 14:37:20 GMT",
        ":",
        "9" * 5000,
    ],
)
def test_a_date_that_is_none_is_ignored(store: Store, date: str) -> None:
    Paces(store, lambda: NOW).note(200, {"date": date})
    assert state(store, NOW).skew_s == 0


@pytest.mark.parametrize(("ahead", "told"), [(3600, 3600), (-3600, -3600), (90, 0), (-90, 0)])
def test_a_clock_that_is_wrong_by_minutes_is_told(store: Store, ahead: int, told: int) -> None:
    there = NOW + timedelta(seconds=ahead)
    Paces(store, lambda: NOW).note(200, {"date": format_datetime(there, usegmt=True)})
    assert state(store, NOW).skew_s == told


def test_a_date_that_is_none_says_nothing(store: Store) -> None:
    Paces(store, lambda: NOW).note(200, {"date": "yesterday"})
    assert state(store, NOW).skew_s == 0


def test_a_clock_that_was_set_right_is_told_no_more(store: Store) -> None:
    paces = Paces(store, lambda: NOW)
    for ahead in (timedelta(hours=1), timedelta(0)):
        paces.note(200, {"date": format_datetime(NOW + ahead, usegmt=True)})
    assert state(store, NOW).skew_s == 0


def test_a_clock_that_is_right_again_is_noted_by_the_first_answer_of_a_new_process(store: Store) -> None:
    Paces(store, lambda: NOW).note(200, {"date": format_datetime(NOW + timedelta(hours=1), usegmt=True)})
    assert state(store, NOW).skew_s == 3600
    Paces(store, lambda: NOW).note(200, {"date": format_datetime(NOW, usegmt=True)})
    assert state(store, NOW).skew_s == 0


def test_the_longest_wait_that_is_read_is_the_longest_hold_that_is_believed() -> None:
    assert transport.LONGEST_RETRY_AFTER_S == budget.LONGEST_HOLD_S
