"""Run every bench and print the rows of docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

BENCHES = (
    "filling", "starting", "opening", "parsing", "smoothness", "quitting", "bytes", "idling", "drilling", "store",
    "engines", "prices", "forecast", "price_steps",
)  # fmt: skip


def main() -> None:
    """Print where and when, then the rows of each bench (of those named as arguments, if any are)."""
    # What is measured are processes as a user starts them, whose modules were compiled once.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    chosen = sys.argv[1:] or BENCHES
    command = " ".join(["python -m benches", *sys.argv[1:]])
    print(
        f"date {datetime.now(UTC):%Y-%m-%d}, commit {commit or 'unknown'}, seed 1 (forecast: 4 to 6), command `{command}`"
    )
    print(
        f"{platform.machine()}, {platform.system()} {platform.release()}, Python {platform.python_version()}"
    )
    heads: tuple[str, ...] = ()
    for name in chosen:
        # Imported when it runs: only the engines need the extra `bench`.
        bench = import_module(f"benches.{name}")
        if heads != (heads := getattr(bench, "COLUMNS", ("what", "figure"))):
            print(f"\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
        with tempfile.TemporaryDirectory() as folder:
            for what, figure in bench.run(Path(folder)):
                print(f"| {what} | {figure} |", flush=True)


if __name__ == "__main__":
    main()
