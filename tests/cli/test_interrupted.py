"""Ctrl+C at a name server that never answers: the command ends at once, with what it had written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.commands import KEY, PATIENCE_S, environment

STUCK_AT_THE_NAME_SERVER = """
import os, pathlib, socket, time
from meterdeck.cli import end

def getaddrinfo(*_, **__):
    pathlib.Path(os.environ["HOME"], "resolving").touch()
    time.sleep(3600)

socket.getaddrinfo = getaddrinfo
end()
"""


@pytest.mark.parametrize(
    "command",
    [["query", "cost", "--start", "2026-11-01"], ["report", "rates"], ["doctor"]],
    ids=lambda c: c[0],
)
def test_a_name_server_that_never_answers_keeps_no_command(tmp_path: Path, command: list[str]) -> None:
    started = subprocess.Popen(
        [sys.executable, "-c", STUCK_AT_THE_NAME_SERVER, "--data-dir", str(tmp_path / "data"), *command],
        env=environment(tmp_path, ANTHROPIC_ADMIN_KEY=KEY),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not (tmp_path / "resolving").exists():
            assert started.poll() is None, started.communicate()
            assert time.monotonic() < deadline, "no name was looked up"
            time.sleep(0.01)
        os.kill(started.pid, signal.SIGINT)
        _, said = started.communicate(timeout=8)  # less than the time-out of a connection
    finally:
        started.kill()
    assert started.returncode == 130
    assert b"Traceback" not in said
