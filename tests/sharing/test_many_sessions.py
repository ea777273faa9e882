"""Many sessions on one store: one collects, all show the same, and together they keep to one budget."""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.servers import serving_app
from leaks.places import Home
from meterdeck.store import Store, budget
from sharing.many import CountingServer, Decks, opened, store_of

NEVER_SEEN = (b"database is locked", b"does not let go", b"Traceback", b"stopped:")
FORMS = [
    pytest.param(3, 4, 1, id="small"),
    pytest.param(10, 60, 2, id="full", marks=pytest.mark.soak),
]


def used(home: Home) -> int:
    """The requests that the store counts."""
    store = Store(store_of(home))
    with store.read() as transaction:
        state = budget.state(transaction, datetime.now(UTC))
    store.close()
    return state.used


def check_nobody_met_a_lock(decks: Decks) -> None:
    for terminal in decks.all:
        for words in NEVER_SEEN:
            assert words not in terminal.written


@pytest.mark.parametrize(("count", "seconds", "poll"), FORMS)
def test_of_many_decks_one_collects_and_all_show_the_same(
    tmp_path: Path, count: int, seconds: int, poll: int
) -> None:
    home = Home(tmp_path / "home")
    server = CountingServer()
    with serving_app(server) as url, opened(home, url, count, "--poll", str(poll)) as decks:
        decks.until(lambda: decks.one_collects, "one collects and the others follow it")
        started, polled = time.monotonic(), server.polls
        decks.read_for(seconds / 2)

        decks.kill(decks.collectors[0])
        killed = time.monotonic()
        decks.until(lambda: decks.one_collects, "another one took over")
        took_over = time.monotonic() - killed
        decks.read_for(seconds / 2)
        elapsed = time.monotonic() - started
        polls = server.polls - polled
        asked = len(server.asked)
        counted = used(home)
        check_nobody_met_a_lock(decks)

        decks.until(lambda: len(decks.figures) == 1, "all show the same")
        assert re.search(r"prod-chat +\d", decks.figures.pop())
    assert asked <= counted + 1 <= 61, "one may be on its way"
    assert polls <= elapsed / poll + 2, "as many as one session sends"
    print(  # noqa: T201 - the full form's figures, for docs/benchmarks.md
        f"\n{count} decks, {elapsed:.0f} s, --poll {poll}: {asked} requests ({polls} polls), {counted} counted;"
        f" taken over {took_over:.1f} s after kill -9; load {os.getloadavg()[0]:.1f}"
    )
