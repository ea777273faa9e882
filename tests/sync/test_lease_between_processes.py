"""The lease between real processes: one of them collects, whatever is done to the one that did."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

PATIENCE_S = 30
PROGRAM = Path(__file__).with_name("collecting.py")


class Session:
    """A process, and the words that it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    def says(self, words: str) -> list[str]:
        """Wait until it says something; gives what it said before that."""
        assert self._process.stdout
        before: list[str] = []
        for line in self._process.stdout:
            if line.strip() == words:
                return before
            before.append(line.strip())
        pytest.fail(f"{self.pid} ended, or was given up, without saying {words!r}; it said {before}")

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)


@contextmanager
def started(store: Path) -> Iterator[Session]:
    """A session on a store; killed at the end, or when it takes too long."""
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), str(store)], stdout=subprocess.PIPE, text=True
    ) as process:
        watch = threading.Timer(PATIENCE_S, process.kill)
        watch.start()
        try:
            yield Session(process)
        finally:
            watch.cancel()
            process.kill()


def test_a_stopped_collector_is_replaced_and_follows_when_it_goes_on_and_a_killed_one_is_replaced_too(
    tmp_path: Path,
) -> None:
    store = tmp_path / "store.db"
    with ExitStack() as sessions:
        first = sessions.enter_context(started(store))
        first.says("collects")
        first.says("read")
        second = sessions.enter_context(started(store))
        assert second.says(f"follows {first.pid}") == []

        first.send(signal.SIGUSR1)  # stopped, as by Ctrl+Z
        assert second.says("collects") == [], "who follows reads nothing"
        second.says("read")
        first.send(signal.SIGCONT)
        first.says(f"follows {second.pid}")

        second.send(signal.SIGKILL)
        at_most = ["read"]  # what was under way when it was stopped ends late
        assert first.says("collects") in ([], at_most), "who follows reads nothing"
        first.says("read")
