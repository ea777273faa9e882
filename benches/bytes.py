"""How many bytes go to the terminal for a refresh tick and for a cursor move, at 120×40, beside Textual's own widgets."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyte

from benches import floor
from benches.terminal import Terminal, environment
from meterdeck import paths
from meterdeck.domain.buckets import BucketWidth
from meterdeck.service.simulated.edition import EDITION
from meterdeck.store import Store
from meterdeck.store.topics import Topic

SIZE = (120, 40)
TICKS, MOVES = 9, 8
QUIET_S = 1.2
"""The deck looks at its store once a second."""
CHANGED = 3
"""Workspaces whose newest hour a tick changes, the largest: with the figures that rest on them some ten numbers."""


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Let the deck look at a store in which some numbers change, and the floor change as many."""
    data = folder / "data"
    command = [sys.executable, "-m", "meterdeck", "--demo", "--data-dir", str(data)]
    subprocess.run([*command, "report", "breakdown"], stdout=subprocess.DEVNULL, check=True)
    store = Store(paths.demo_store(data, EDITION))
    with Terminal([*command, "--offline"], environment(folder), SIZE) as terminal:
        terminal.wait_for(lambda: b"prod-chat" in terminal.written, "the deck")
        terminal.rest(8.0)  # past hours and the back-test are read behind the screen
        yield from _ticks(
            terminal, lambda: _use_more(store, 1.04), "refresh tick, the running hour grows by 4 %"
        )
        whole = _sizes(terminal, lambda: _use_more(store, 9.0), 1)[0]
        yield "the same where the chart's scale changes: a full repaint of the chart", f"{len(whole):,} bytes"
        yield from _moves(terminal, "j", "the deck")
    store.close()
    with Terminal(floor.COMMAND, environment(folder), SIZE) as terminal:
        terminal.wait_for(lambda: floor.READY in terminal.written, "the floor")
        terminal.rest(2.0)
        yield from _ticks(
            terminal, lambda: terminal.press("t"), "the floor: ten cells and a column of its sparkline"
        )
        yield from _moves(terminal, "\x1b[B", "the floor")


def _ticks(terminal: Terminal, cause: Callable[[], None], name: str) -> Iterator[tuple[str, str]]:
    screen = pyte.Screen(*SIZE)
    stream = pyte.ByteStream(screen)
    stream.feed(terminal.written)
    sizes, numbers = [], []
    for written in _sizes(terminal, cause, TICKS):
        before = [line.split() for line in screen.display]
        stream.feed(written)
        after = [line.split() for line in screen.display]
        sizes.append(len(written))
        numbers.append(_changed_numbers(before, after))
    figure = f"median {statistics.median(sizes):,.0f} bytes, most {max(sizes):,} of {TICKS}"
    yield name, f"{figure}; {statistics.median(numbers):.0f} numbers changed"


def _moves(terminal: Terminal, key: str, name: str) -> Iterator[tuple[str, str]]:
    sizes = [len(written) for written in _sizes(terminal, lambda: terminal.press(key), MOVES)]
    yield (
        f"cursor move, {name}",
        f"median {statistics.median(sizes):,.0f} bytes, most {max(sizes):,} of {MOVES}",
    )


def _sizes(terminal: Terminal, cause: Callable[[], None], times: int) -> list[bytes]:
    return [terminal.answer(cause, QUIET_S) for _ in range(times)]


def _changed_numbers(before: list[list[str]], after: list[list[str]]) -> int:
    """How many words with a digit are others than they were."""
    return sum(
        old != new and any(char.isdigit() for char in new)
        for line_before, line_after in zip(before, after, strict=True)
        for old, new in zip(line_before, line_after, strict=False)
    )


def _use_more(store: Store, factor: float) -> None:
    """Let some workspaces have used more in the hour that runs."""
    start = int(BucketWidth.HOUR.floor(datetime.now(UTC)).timestamp())
    with store.write() as transaction:
        transaction.run(
            "UPDATE usage SET cache_read = CAST(cache_read * ? AS INTEGER), output = CAST(output * ? AS INTEGER)"
            " WHERE width = 3600 AND start = ? AND series IN (SELECT id FROM series WHERE workspace_id IN"
            " (SELECT workspace_id FROM usage JOIN series ON id = series WHERE width = 3600 AND start = ?"
            " GROUP BY workspace_id ORDER BY sum(cache_read) DESC LIMIT ?))",
            (factor, factor, start, start, CHANGED),
        )
        transaction.revise(Topic.USAGE)
