"""Run every bench and print the rows of docs/benchmarks.md."""

from __future__ import annotations

import platform
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benches import filling, starting


def main() -> None:
    """Print where and when, then each bench's rows."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    print(f"date {datetime.now(UTC):%Y-%m-%d}, commit {commit or 'unknown'}, seed 1, command `make bench`")
    print(
        f"{platform.machine()}, {platform.system()} {platform.release()}, Python {platform.python_version()}\n"
    )
    print("| what | figure |\n| --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for name, figure in [*filling.run(Path(folder)), *starting.run(Path(folder))]:
            print(f"| {name} | {figure} |", flush=True)


if __name__ == "__main__":
    main()
