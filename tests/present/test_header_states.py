"""One word of state at the header's right end: which one, and with what sign."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from meterdeck.domain.errors import NO_CONNECTION
from meterdeck.present.header import Collecting, Trouble, _state, is_offline, notice
from meterdeck.queries.status import Status
from meterdeck.store.budget import BudgetState
from meterdeck.store.feeds import FeedState

NOW = datetime(2026, 11, 20, 14, 37, tzinfo=UTC)
HERE = Collecting(here=True)
READ = FeedState(read_at=NOW - timedelta(minutes=1))
OLD = FeedState(read_at=NOW - timedelta(minutes=14))


def ago(**ages: float) -> datetime:
    return NOW - timedelta(**ages)


def failed(words: str, at: datetime, *, read: datetime | None = None, retry: float | None = 30) -> FeedState:
    next_at = None if retry is None else NOW + timedelta(seconds=retry)
    return FeedState(read, at, words, f"{words} in a sentence.", next_at)


def status(**feeds: FeedState) -> Status:
    return Status("Acme", feeds, BudgetState(1, 60))


@pytest.mark.parametrize(
    ("feeds", "collecting", "words"),
    [
        ({"live": READ}, HERE, "● live"),
        ({"live": READ}, Collecting(here=True, is_demo=True), "◆ demo"),
        ({}, HERE, "… loading"),
        ({"live": OLD}, HERE, "◌ stale 14 min"),
        ({"live": READ}, Collecting(here=False, elsewhere_pid=4711), "▷ following pid 4711"),
        ({"live": READ, "costs": failed("529", ago(minutes=1))}, HERE, "✕ costs failed: 529, retry 0:30"),
        ({"costs": failed("529", ago(minutes=1), retry=125)}, HERE, "✕ costs failed: 529, retry 2:05"),
        ({"costs": failed("529", ago(minutes=1), retry=0)}, HERE, "✕ costs failed: 529, retrying"),
        ({"costs": failed("401", ago(minutes=1), retry=None)}, HERE, "✕ costs failed: 401, r tries again"),
        ({"live": failed(NO_CONNECTION, NOW, read=ago(hours=3))}, HERE, "◇ offline"),
        ({"live": failed(NO_CONNECTION, NOW)}, HERE, "◇ offline"),
        ({"live": READ}, Collecting(here=False, is_offline=True), "◇ offline"),
        ({"live": READ}, Collecting(here=False, trouble=Trouble("disk full", "…")), "✕ disk full"),
    ],
)  # fmt: skip
def test_the_word_of_state(feeds: Mapping[str, FeedState], collecting: Collecting, words: str) -> None:
    assert _state(status(**feeds), NOW, collecting)[0] == words


@pytest.mark.parametrize(
    ("feeds", "offline"),
    [
        ({"live": failed(NO_CONNECTION, NOW), "costs": READ}, True),
        ({"live": failed(NO_CONNECTION, NOW), "costs": failed(NO_CONNECTION, NOW)}, True),
        ({"live": failed(NO_CONNECTION, NOW), "costs": failed("529", NOW)}, False),
        ({"live": FeedState(read_at=NOW), "costs": failed(NO_CONNECTION, ago(minutes=2))}, False),
        ({"live": READ}, False),
        ({}, False),
    ],
    ids=["one lost", "all lost", "one was answered", "one was read since", "none lost", "nothing tried"],
)
def test_offline_is_that_nobody_gets_an_answer(feeds: Mapping[str, FeedState], offline: bool) -> None:
    assert is_offline(status(**feeds)) is offline


def test_the_notice_bears_the_sign_of_the_state() -> None:
    lost = status(live=failed(NO_CONNECTION, NOW))
    assert notice(lost, HERE) == "◇ no connection in a sentence."
    assert notice(status(costs=failed("529", NOW)), HERE) == "✕ 529 in a sentence."
    full = Collecting(here=False, trouble=Trouble("disk full", "The disk is full."))
    assert notice(lost, full) == "✕ The disk is full."
    assert notice(status(live=READ), HERE) is None
