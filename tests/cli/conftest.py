"""The command line in this process, on a Saturday at 14:32:10Z, with a home and an environment of its own."""

import os
import shutil
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest

from cli.commands import SATURDAY, Ended, environment
from meterdeck.cli import connect, main

Meterdeck = Callable[..., Ended]


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose demo store has 31 days in it. Only to be read: nothing is due on Saturday."""
    folder = tmp_path_factory.mktemp("demo-data")
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()):
        patch.setattr(connect, "utc_now", lambda: SATURDAY)
        assert main(["--demo", "--data-dir", str(folder), "report", "breakdown", "--window", "31d"]) == 0
    return folder


class Clock:
    """The command line's clock; ``now`` is Saturday until a test sets it."""

    now: datetime = SATURDAY


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of `meterdeck`."""
    clock = Clock()
    monkeypatch.setattr(connect, "utc_now", lambda: clock.now)
    return clock


@pytest.fixture
def meterdeck(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], clock: Clock
) -> Meterdeck:
    """Runs the command line: ``meterdeck("report", "rates")``."""
    for name in set(os.environ) - set(environment(tmp_path)):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))

    def run(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as usage:  # argparse's own way out
            code = int(usage.code or 0)
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return run


@pytest.fixture
def demo(meterdeck: Meterdeck, demo_data: Path) -> Meterdeck:
    """Runs it over the filled demo: ``demo("report", "rates")``."""

    def run(*arguments: str | Path) -> Ended:
        return meterdeck("--demo", "--data-dir", demo_data, *arguments)

    return run


@pytest.fixture
def demo_copy(demo_data: Path, tmp_path: Path) -> Path:
    """The filled data folder for a test that writes to it."""
    return Path(shutil.copytree(demo_data, tmp_path / "data"))
