"""One word of state at the header's right end: which one, and with what sign."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from meterdeck.domain.errors import NO_CONNECTION
from meterdeck.present.header import notice, reading_notice
from meterdeck.present.state import Collecting, Held, Trouble, is_offline, state
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


WATCHED = Collecting(here=True, is_watched=True)
PAUSED = Collecting(here=True, paused_at=ago(minutes=17))


@pytest.mark.parametrize(
    ("feeds", "collecting", "words"),
    [
        ({"live": READ}, HERE, "● live"),
        ({"live": READ}, Collecting(here=True, is_demo=True), "◆ demo"),
        ({}, HERE, "… loading"),
        ({"live": OLD}, HERE, "◌ stale 14 min"),
        ({"live": READ}, Collecting(here=False, elsewhere_pid=4711), "▷ following pid 4711"),
        ({"live": READ, "costs": failed("529", ago(minutes=1))}, HERE, "✕ costs failed: 529, retry <1 min"),
        ({"live": READ, "costs": failed("529", ago(minutes=1))}, WATCHED, "✕ costs failed: 529, retry 0:30"),
        ({"costs": failed("529", ago(minutes=1), retry=125)}, HERE, "✕ costs failed: 529, retry 2 min"),
        ({"costs": failed("529", ago(minutes=1), retry=125)}, WATCHED, "✕ costs failed: 529, retry 2 min"),
        ({"costs": failed("529", ago(minutes=1), retry=0)}, HERE, "✕ costs failed: 529, retrying"),
        ({"costs": failed("401", ago(minutes=1), retry=None)}, HERE, "✕ costs failed: 401, r tries again"),
        ({"live": failed(NO_CONNECTION, NOW, read=ago(hours=3))}, HERE, "◇ offline"),
        ({"live": failed(NO_CONNECTION, NOW)}, HERE, "◇ offline"),
        ({"live": READ}, Collecting(here=False, is_offline=True), "◇ offline"),
        ({"live": READ}, Collecting(here=False, trouble=Trouble("disk full", "…")), "✕ disk full"),
        ({"live": READ}, PAUSED, "⏸ paused since 14:20Z"),
        ({"live": failed(NO_CONNECTION, NOW)}, PAUSED, "⏸ paused since 14:20Z"),
    ],
)  # fmt: skip
def test_the_word_of_state(feeds: Mapping[str, FeedState], collecting: Collecting, words: str) -> None:
    assert state(status(**feeds), NOW, collecting, Held()).words == words


def limited(until: float = 41, **feeds: FeedState) -> Status:
    return Status("Acme", feeds, BudgetState(60, 60, waits_until=NOW + timedelta(seconds=until)))


def test_who_may_not_ask_is_rate_limited_and_has_not_failed() -> None:
    told = limited(live=failed("429", NOW, read=ago(minutes=1)))
    used_up = limited(until=754, live=READ)
    assert state(told, NOW, WATCHED, Held()).words == "◔ rate-limited, next 0:41"
    assert state(told, NOW, HERE, Held()).words == "◔ rate-limited, next <1 min"
    assert state(used_up, NOW, HERE, Held()).words == "◔ rate-limited, next 12 min"
    assert state(used_up, NOW + timedelta(seconds=754), HERE, Held()).words == "◌ stale 13 min"
    other = limited(live=failed("429", NOW), costs=failed("529", NOW))
    assert state(other, NOW, HERE, Held()).words == "✕ costs failed: 529, retry <1 min"
    assert notice(told, HERE, NOW) == "◔ 429 in a sentence."
    assert (notice(used_up, HERE, NOW) or "").startswith(
        "◔ No request is left before 14:49Z: the last 60 of this hour"
    )


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (timedelta(hours=3), "◐ partial: 3 h missing"),
        (timedelta(hours=2, minutes=1), "◐ partial: 3 h missing"),
        (timedelta(minutes=6, seconds=1), "◐ partial: 7 min missing"),
        (timedelta(), "● live"),
    ],
)
def test_what_is_missing_is_told_and_never_less_of_it(missing: timedelta, words: str) -> None:
    assert state(status(live=READ), NOW, HERE, Held(missing)).words == words
    assert state(status(live=OLD), NOW, HERE, Held(missing)).words == "◌ stale 14 min"


def test_an_organisation_without_usage_is_told_of() -> None:
    assert state(status(live=READ), NOW, HERE, Held(is_empty=True)).words == "○ no usage"


def test_every_state_has_a_sign_of_its_own() -> None:
    found = {
        state(of, NOW, collecting, held).words[0]
        for of, collecting, held in [
            (status(), HERE, Held()),
            (status(live=READ), HERE, Held()),
            (status(live=READ), Collecting(here=True, is_demo=True), Held()),
            (status(live=READ), Collecting(here=False, elsewhere_pid=1), Held()),
            (status(live=READ), HERE, Held(timedelta(hours=1))),
            (status(live=READ), HERE, Held(is_empty=True)),
            (status(live=OLD), HERE, Held()),
            (status(live=READ), PAUSED, Held()),
            (limited(live=READ), HERE, Held()),
            (status(live=failed(NO_CONNECTION, NOW)), HERE, Held()),
            (status(live=failed("529", NOW)), HERE, Held()),
        ]
    }
    assert len(found) == 11


def test_where_nobody_looks_an_age_steps_with_the_clock_and_is_never_too_young() -> None:
    read = status(live=FeedState(read_at=NOW - timedelta(minutes=7, seconds=50)))
    words = [state(read, NOW + timedelta(seconds=second), HERE, Held()).words for second in range(0, 120, 5)]
    assert words == ["◌ stale 8 min"] * 12 + ["◌ stale 9 min"] * 12


def test_a_paused_session_says_so_and_who_collects() -> None:
    assert "nobody else collects" in (notice(status(live=READ), PAUSED, NOW) or "")
    other = Collecting(here=False, elsewhere_pid=4711, paused_at=NOW)
    assert "the session with pid 4711 collects" in (notice(status(live=READ), other, NOW) or "")
    idle = status(live=READ)
    assert reading_notice(idle, NOW, PAUSED) == "⏸ Nothing is asked while this session is paused; p goes on."
    assert (
        reading_notice(idle, NOW, other) == reading_notice(idle, NOW, HERE) == "… reading the newest figures"
    )


def test_who_asks_while_no_request_may_be_sent_is_told_until_when() -> None:
    waiting = Status("Acme", {"live": READ}, BudgetState(1, 60, waits_until=NOW + timedelta(minutes=8)))
    said = "◔ No request may be sent before 14:45Z; the newest figures are read then."
    assert reading_notice(waiting, NOW, HERE) == said
    assert reading_notice(waiting, NOW + timedelta(minutes=9), HERE) == "… reading the newest figures"


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
    assert notice(lost, HERE, NOW) == "◇ no connection in a sentence."
    assert notice(status(costs=failed("529", NOW)), HERE, NOW) == "✕ 529 in a sentence."
    full = Collecting(here=False, trouble=Trouble("disk full", "The disk is full."))
    assert notice(lost, full, NOW) == "✕ The disk is full."
    assert notice(status(live=READ), HERE, NOW) is None
