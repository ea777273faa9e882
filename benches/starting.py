"""How long commands take from exec to exit, beside an empty Python in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

ROUNDS = 15


def run(folder: Path) -> Iterator[tuple[str, str]]:
    """Time the light commands, in turn with the empty Python."""
    demo = ["--demo", "--data-dir", str(folder / "data")]
    report = [*demo, "report", "breakdown"]
    _time(report)  # the first run fills the store
    for name, arguments in (
        ("`meterdeck --version`", ["--version"]),
        ("`meterdeck report breakdown --offline`, a filled store", [*report, "--offline"]),
    ):
        pairs = [(_time(arguments), _empty()) for _ in range(ROUNDS)]
        ratio = statistics.median(a / b for a, b in pairs)
        yield f"{name}, × an empty Python", f"{ratio:.1f}"


def _time(arguments: list[str]) -> float:
    return _run([sys.executable, "-m", "meterdeck", *arguments])


def _empty() -> float:
    return _run([sys.executable, "-c", "pass"])


def _run(command: list[str]) -> float:
    began = perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    return perf_counter() - began
