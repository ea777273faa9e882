"""A line that closes ends the deck, whatever signals come; one that stalls stops nothing but the picture."""

import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from meterdeck.queries.status import status
from meterdeck.store import Store
from terminal.emulator import Terminal

OpenDemo = Callable[..., Terminal]
FILLED = r"prod-chat +\d"
HUNG_UP = 128 + signal.SIGHUP
WITHOUT_THE_SIGNAL = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
os.execv(sys.executable, [sys.executable, "-m", "meterdeck", *sys.argv[1:]])
"""


def end_of(terminal: Terminal) -> int:
    """Wait for a program whose line can't be read any more."""
    return terminal._process.wait(20)


def test_a_line_that_closes_ends_the_deck(open_demo: OpenDemo) -> None:
    terminal = open_demo()
    terminal.wait_for(FILLED)
    terminal.close_line()
    assert end_of(terminal) == HUNG_UP


def test_so_does_one_that_closes_without_a_signal(open_demo: OpenDemo) -> None:
    terminal = open_demo(command=(sys.executable, "-c", WITHOUT_THE_SIGNAL, "--demo"))
    terminal.wait_for(FILLED)
    terminal.close_line()
    assert end_of(terminal) == HUNG_UP


def test_a_deck_that_ignored_the_signal_from_the_start_ends_all_the_same(open_demo: OpenDemo) -> None:
    script = WITHOUT_THE_SIGNAL.replace(
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})",
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)",
    )
    terminal = open_demo(command=(sys.executable, "-c", script, "--demo"))
    terminal.wait_for(FILLED)
    terminal.close_line()
    assert end_of(terminal) == HUNG_UP


def test_a_terminal_that_takes_nothing_does_not_stop_the_collector_and_is_painted_anew(
    open_demo: OpenDemo, tmp_path: Path
) -> None:
    terminal = open_demo(command=(sys.executable, "-m", "meterdeck", "--demo", "--poll", "1"))
    terminal.wait_for(FILLED)
    (path,) = (tmp_path / "data" / "demo").glob("*.db")
    store = Store(path)

    def read_at() -> datetime:
        with store.read() as transaction:
            return status(transaction, datetime.now(UTC)).feeds["live"].read_at or datetime.min.replace(
                tzinfo=UTC
            )

    for _ in range(20):  # many times what a terminal takes without being read
        terminal.send("?\x1b[27u")
    for _ in range(3):
        before = read_at()
        wait_without_reading(lambda before=before: read_at() > before)  # type: ignore[misc]
    store.close()
    terminal.forget()
    terminal.wait_for(rf"{datetime.now(UTC):%H}:\d\dZ +data <1 min(.*\n)+.*{FILLED}(.*\n)+.*\? help")
    terminal.send("q")
    assert terminal.wait_for_end() == 0
    assert terminal.modes_are_as_before


def wait_without_reading(condition: Callable[[], bool]) -> None:
    """Wait for something else than the screen."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "the collector stands still"
        time.sleep(0.05)


def test_a_terminal_that_takes_nothing_keeps_nobody_from_ending_the_deck(open_demo: OpenDemo) -> None:
    terminal = open_demo()
    terminal.wait_for(FILLED)
    for _ in range(20):
        terminal.send("?\x1b[27u")
    wait_without_reading(lambda: terminal.is_at_rest)
    terminal.signal(signal.SIGTERM)
    assert end_of(terminal) == 128 + signal.SIGTERM
    assert terminal.modes_are_as_before
