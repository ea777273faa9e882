"""Runs the command line as a user would: in this process with a clock of ours, or as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SATURDAY = datetime(2026, 11, 21, 14, 32, 10, tzinfo=UTC)
KEY = "sk-ant-admin01-invented-for-these-tests"
NOT_PASSED_ON = ("ANTHROPIC", "NO_COLOR", "COLUMNS", "LINES", "XDG", "HTTP", "http", "ALL_PROXY", "all_proxy")
PATIENCE_S = 60


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON that it printed."""
        document: dict[str, Any] = json.loads(self.out)
        return document


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment without a key, and without this user's files."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_PASSED_ON)}
    return {**kept, "HOME": str(home), **more}


def run_process(*arguments: str, home: Path, **variables: str) -> Ended:
    """``meterdeck …`` in a process without a terminal."""
    ended = subprocess.run(
        [sys.executable, "-m", "meterdeck", *arguments],
        env=environment(home, **variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)
