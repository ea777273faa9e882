"""From a key to the painted frame, in a real terminal over a million rows, beside a table of Textual's own."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benches.organisation import LargeOrganisation
from benches.store import HOURS, SEED, fill
from benches.terminal import Terminal, environment
from meterdeck.store import Store

ROWS, MODELS = 1_000_000, 12
ROUNDS = 25
QUIET_S = 0.2
"""So long without a byte, and a frame is complete."""
SIZES = ((80, 24), (120, 40))
TABLE = """
import os
os.environ |= {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_FPS": "15", "ESCDELAY": "250"}
from textual.app import App
from textual.widgets import DataTable

class Table(App):
    def compose(self):
        yield DataTable(cursor_type="row")
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns(*(f"column {n}" for n in range(8)))
        for row in range(200):
            table.add_row(f"workspace-{row:03}", *(str(row * n) for n in range(1, 8)))

Table().run(mouse=False)
"""

DOWN, RIGHT, ENTER, BACKSPACE = "\x1b[B", "\x1b[C", "\r", "\x7f"
HELD: Sequence[tuple[str, Sequence[str]]] = (
    ("cursor down", (DOWN,)),
    ("sort: another column, and the order turned", (">", "s")),
    ("filter of held rows: a character, another, and back", ("1", "2", BACKSPACE, BACKSPACE)),
)
ASKED: Sequence[tuple[str, Sequence[str]]] = (
    ("drill: in, in, out, out", (ENTER, ENTER, BACKSPACE, BACKSPACE)),
    ("breakdown: by the next dimension, seven times", ("b",) * 7),
    ("window: shorter, longer", ("T", "t")),
    ("window: earlier, later", (",", ".")),
)


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Time each key at 80×24 and at 120×40."""
    path = folder / "large.db"
    store = Store(path)
    per_hour = ROWS // HOURS
    fill(
        store,
        LargeOrganisation(SEED, models=MODELS),
        per_hour,
        per_hour * 700 // 1344,
        per_hour * 3240 // 1344,
    )
    store.close()
    for size in SIZES:
        yield from _at(size, path, folder)


def _at(size: tuple[int, int], path: Path, folder: Path) -> Iterator[tuple[str, str]]:
    label = f"{size[0]}×{size[1]}"
    with Terminal([sys.executable, "-c", TABLE], environment(folder / "home"), size) as terminal:
        terminal.wait_for(lambda: b"workspace-003" in terminal.written, "the table")
        terminal.rest(1)
        yield f"{label}, a `DataTable` alone: cursor down", _said(_rounds(terminal, (DOWN,)))
    command = [sys.executable, "-m", "benches.large_deck", str(path)]
    with Terminal(command, environment(folder / "home"), size) as terminal:
        terminal.wait_for(lambda: b"workspace-" in terminal.written, "the deck")
        terminal.rest(20)  # the past hours of the first outlook are read behind the screen
        for what, keys in HELD:
            around = ("/", "\x1b") if what.startswith("filter") else ("", "")
            yield f"{label}, {what}", _said(_rounds(terminal, keys, *around))
        for what, keys in ASKED:
            yield f"{label}, {what}", _said(_rounds(terminal, keys))


def _rounds(
    terminal: Terminal, keys: Sequence[str], before: str = "", after: str = ""
) -> list[tuple[float, float]]:
    """Press the keys again and again, between two that are not timed."""
    if before:
        terminal.seconds_to_paint(before, QUIET_S)
    for key in keys:  # once before it counts: what no scope changes is kept from then on
        terminal.seconds_to_paint(key, QUIET_S)
    times = [
        terminal.seconds_to_paint(key, QUIET_S) for _ in range(max(4, ROUNDS // len(keys))) for key in keys
    ]
    if after:
        terminal.seconds_to_paint(after, QUIET_S)
    return times


def _said(times: list[tuple[float, float]]) -> str:
    first, last = ([one[which] * 1000 for one in times] for which in (0, 1))
    return (
        f"answer: median {statistics.median(first):.0f}, 95 % {_p95(first):.0f} ms;"
        f" complete: median {statistics.median(last):.0f}, 95 % {_p95(last):.0f} ms"
    )


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]
