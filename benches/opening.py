"""From exec to the first figures and to the live screen, beside the floor in the same rounds, each in a terminal."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from benches import floor
from benches.terminal import Terminal, environment

ROUNDS = 11
DECK = (sys.executable, "-m", "meterdeck", "--demo", "--data-dir")
FIGURES, LIVE = b"prod-chat", "◆ demo".encode()
"""Stand on the screen as soon as it shows figures, and as soon as those are this session's own."""
FILLED_S = 3.0
"""Long enough for the first session to read all that the second one shows."""


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Open the floor and the deck in turn: one deck with the last screen of an earlier one, and one without."""
    data = folder / "data"
    with Terminal([*DECK, str(data)], environment(folder)) as terminal:
        terminal.wait_for(lambda: LIVE in terminal.written, "the deck")
        terminal.rest(FILLED_S)
        terminal.seconds_to_quit()
    variables = environment(folder, PYTHONPATH=str(Path(__file__).parents[1]))
    first, live, without = [], [], []
    for _ in range(ROUNDS):
        (ready,) = _open(floor.COMMAND, [floor.READY], variables)
        figures, own = _open((*DECK, str(data)), [FIGURES, LIVE], variables)
        # Another start than the one whose screen was kept: the same deck, but with nothing to paint at first.
        (alone,) = _open((*DECK, str(data), "--poll", "75"), [LIVE], variables)
        first.append(figures / ready)
        live.append(own / ready)
        without.append(alone / ready)
    for what, ratios in (
        ("first readable figures (the last screen)", first),
        ("the live screen, after the last screen", live),
        ("the live screen, without a last screen", without),
    ):
        yield (
            f"exec to {what}, × the floor",
            f"median {statistics.median(ratios):.2f}, worst of {ROUNDS} {max(ratios):.2f}",
        )


def _open(command: Sequence[str], signs: Sequence[bytes], variables: dict[str, str]) -> list[float]:
    """The seconds until each of some signs was written; then the program is ended."""
    began, seconds = perf_counter(), []
    with Terminal(command, variables) as terminal:
        for sign in signs:
            terminal.wait_for(lambda sign=sign: sign in terminal.written, repr(sign))  # type: ignore[misc]
            seconds.append(perf_counter() - began)
    return seconds
