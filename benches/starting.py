"""How long commands take from exec to exit, beside an empty Python in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from meterdeck import paths
from meterdeck.queries.glance import read_glance
from meterdeck.queries.learning import learn
from meterdeck.queries.look import Look
from meterdeck.service.simulated.edition import EDITION
from meterdeck.store import Store, glance

ROUNDS = 15


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Time the light commands, in turn with the empty Python."""
    demo = ["--demo", "--data-dir", str(folder / "data")]
    report = [*demo, "report", "breakdown"]
    _time(report)  # the first run fills the store
    _keep_figures(folder / "data")
    for name, arguments in (
        ("`meterdeck --version`", ["--version"]),
        ("`meterdeck status`, a filled store", [*demo, "status"]),
        ("`meterdeck report breakdown --offline`, a filled store", [*report, "--offline"]),
    ):
        pairs = [(_time(arguments), _empty()) for _ in range(ROUNDS)]
        ratio = statistics.median(a / b for a, b in pairs)
        milliseconds = statistics.median(a for a, _ in pairs) * 1000
        yield f"{name}, × an empty Python", f"{ratio:.1f} ({milliseconds:.0f} ms)"


def _keep_figures(data: Path) -> None:
    """What a deck that collects leaves for `status`."""
    store, now = Store(paths.demo_store(data, EDITION)), datetime.now(UTC)
    with store.read() as transaction:
        look = Look(transaction)
        found = read_glance(look, now, learn(look, now))
    with store.write() as transaction:
        glance.keep(transaction, found)
    store.close()


def _time(arguments: list[str]) -> float:
    return _run([sys.executable, "-m", "meterdeck", *arguments])


def _empty() -> float:
    return _run([sys.executable, "-c", "pass"])


def _run(command: list[str]) -> float:
    began = perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    return perf_counter() - began
