"""`meterdeck query` as a process: over a real loopback socket, and into a pipe that closes early."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.loopback import serving

METERDECK = (sys.executable, "-m", "meterdeck")
DAYS_AGO = f"{datetime.now(UTC) - timedelta(days=9):%Y-%m-%d}"


@pytest.fixture
def demo_url() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC", "XDG"))}
    return {name: value for name, value in kept.items() if "proxy" not in name.lower()} | {
        "HOME": str(tmp_path),
        "ANTHROPIC_ADMIN_KEY": "demo",
    }


def test_an_answer_over_a_socket_is_that_of_the_demo(demo_url: str, environment: dict[str, str]) -> None:
    day = ("--width", "1h", "--start", DAYS_AGO, "--end", _day_after(DAYS_AGO))
    question = ("query", "usage", *day, "--group-by", "workspace", "--limit", "10")
    over_a_socket = _run(("--base-url", demo_url, *question), environment)
    assert over_a_socket.returncode == 0, over_a_socket.stderr
    assert over_a_socket.stderr.endswith(" rows, 24 buckets, 3 pages\n")
    assert _run(("--demo", *question), environment).stdout == over_a_socket.stdout
    assert len({json.loads(line)["start"] for line in over_a_socket.stdout.splitlines()}) == 24


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_reader_that_leaves_early_is_no_error(environment: dict[str, str], form: str) -> None:
    question = ("--demo", "query", "usage", "--width", "1h", "--start", DAYS_AGO, "--format", form)
    grouped = ("--group-by", "model", "--group-by", "api_key", "--group-by", "service_tier", "--limit", "24")
    with subprocess.Popen(
        [*METERDECK, *question, *grouped], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(60) == 0
    assert said == b""


def _run(words: tuple[str, ...], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*METERDECK, *words], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def _day_after(day: str) -> str:
    return f"{datetime.fromisoformat(day) + timedelta(days=1):%Y-%m-%d}"
