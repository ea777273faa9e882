"""Run as a program: the figures of `idling` and `bytes` for any other terminal program, as far as it has them.

``python -m benches.neighbours READY KEY COMMAND…``: until READY stands on the screen, then 10 s later resident memory,
50 s idle, and what KEY (such as ``down``) makes it write. Each program is installed in an environment of its own:

    python3 -m venv /tmp/other && /tmp/other/bin/pip install harlequin
    python -m benches.neighbours Query down /tmp/other/bin/harlequin --no-download-tzdata
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

import pyte

from benches.idling import IDLE_S, MEGABYTE, SIZE
from benches.terminal import Terminal, environment

KEYS = {"down": "\x1b[B", "tab": "\t"}
SETTLED_S, QUIET_S, MOVES = 10.0, 0.5, 5


def measure(ready: str, key: str, command: Sequence[str], home: Path) -> Iterator[tuple[str, str]]:
    """Start it, leave it alone, press a key."""
    began = perf_counter()
    with Terminal(command, environment(home), SIZE) as terminal:
        screen = pyte.Screen(*SIZE)
        stream = pyte.ByteStream(screen)
        fed = 0

        def shows() -> bool:
            nonlocal fed
            stream.feed(terminal.written[fed:])
            fed = len(terminal.written)
            return any(ready in line for line in screen.display)

        terminal.wait_for(shows, ready)
        yield "start until it stands on the screen", f"{(perf_counter() - began) * 1000:.0f} ms"
        terminal.rest(SETTLED_S)
        yield "resident memory", f"{terminal.memory() / MEGABYTE:.0f} MB"
        written, used = len(terminal.written), terminal.processor_s()
        terminal.rest(IDLE_S)
        share = (terminal.processor_s() - used) / IDLE_S
        yield f"idle for {IDLE_S:g} s", f"{len(terminal.written) - written} bytes, {share:.2%} of a processor"
        sizes = []
        for _ in range(MOVES):
            before = len(terminal.written)
            terminal.press(KEYS.get(key, key))
            terminal.rest(QUIET_S)
            sizes.append(len(terminal.written) - before)
        yield f"key {key}", f"median {statistics.median(sizes):,.0f} bytes"


if __name__ == "__main__":
    ready, key, *command = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        for what, figure in measure(ready, key, command, Path(folder)):
            print(f"| {Path(command[0]).name}: {what} | {figure} |", flush=True)
