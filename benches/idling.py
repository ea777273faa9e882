"""What the deck takes while nothing happens, and what an hour of polls leaves in memory, beside the floor."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

from benches import accelerated, floor
from benches.terminal import Terminal, environment

SIZE = (120, 40)
IDLE_S = 50.0
STARTS_AT_S, MEASURED_FROM_S = 45.0, 5.0
"""Seconds of a minute. Clock and age step once a minute, both near its start: 50 seconds have neither."""
NO_POLL = ("--poll", "240")
MEGABYTE = 1e6


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Leave the deck and the floor alone; then let the deck poll for an hour by a fast clock."""
    yield from _idle(folder)
    yield from _hour(folder / "hour")


def _idle(folder: Path) -> Iterator[tuple[str, str]]:
    command = [sys.executable, "-m", "meterdeck", "--demo", "--data-dir", str(folder / "data"), *NO_POLL]
    subprocess.run([*command, "report", "breakdown"], stdout=subprocess.DEVNULL, check=True)
    _wait_for_second(STARTS_AT_S)
    with (
        Terminal(command, environment(folder), SIZE) as deck,
        Terminal(floor.COMMAND, environment(folder), SIZE) as bare,
    ):
        deck.wait_for(lambda: b"prod-chat" in deck.written, "the deck")
        bare.wait_for(lambda: floor.READY in bare.written, "the floor")
        _rest_together([deck, bare], _until_second(50.0))
        # A read at the start of the minute, so that the age of the data steps with the clock.
        _rest_together([deck, bare], _until_second(58.0))
        deck.press("r")
        _rest_together([deck, bare], _until_second(MEASURED_FROM_S))
        before = [(len(each.written), each.processor_s()) for each in (deck, bare)]
        _rest_together([deck, bare], IDLE_S)
        for name, each, (written, used) in zip(
            ("the deck, collecting, no poll due", "the floor"), (deck, bare), before, strict=True
        ):
            share = (each.processor_s() - used) / IDLE_S
            yield (
                f"idle for {IDLE_S:g} s: {name}",
                f"{len(each.written) - written} bytes, {share:.2%} of a processor",
            )


def _hour(folder: Path) -> Iterator[tuple[str, str]]:
    folder.mkdir()
    start = accelerated.start_now()
    program = [sys.executable, "-m"]
    with (
        subprocess.Popen(
            [*program, "benches.accelerated_server", start], stdout=subprocess.PIPE, text=True
        ) as server,
        Terminal(floor.COMMAND, environment(folder), SIZE) as bare,
    ):
        assert server.stdout  # noqa: S101
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        try:
            with Terminal(
                [*program, "benches.accelerated", start, url, str(folder)], environment(folder), SIZE
            ) as deck:
                deck.wait_for(lambda: b"prod-chat" in deck.written, "the deck")
                _rest_together([deck, bare], accelerated.HOUR_S / 2)  # the first fill, and all that it brings
                sizes = [deck.memory()]
                for _ in range(6):
                    _rest_together([deck, bare], accelerated.HOUR_S / 6)
                    sizes.append(deck.memory())
                least = bare.memory()
        finally:
            server.kill()
    yield "resident memory of the floor", f"{least / MEGABYTE:.0f} MB"
    yield (
        f"resident memory of the deck after an hour of polls (in {accelerated.HOUR_S:.0f} s)",
        f"{sizes[-1] / MEGABYTE:.0f} MB, {sizes[-1] / least:.2f} × the floor",
    )
    steps = ", ".join(f"{size / MEGABYTE:.0f}" for size in sizes)
    yield "the same every ten minutes of that hour", f"{steps} MB"


def _rest_together(terminals: list[Terminal], seconds: float) -> None:
    """Read from all of them: one that nobody reads from would stand still."""
    threads = [Thread(target=each.rest, args=(seconds,)) for each in terminals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _until_second(second: float) -> float:
    return (second - time.time()) % 60


def _wait_for_second(second: float) -> None:
    time.sleep(_until_second(second))
