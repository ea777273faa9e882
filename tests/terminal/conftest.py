"""The deck of the demo in a terminal, over a store that is filled already, so that it shows figures at once."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from terminal.emulator import Terminal

NOT_PASSED_ON = (
    "ANTHROPIC",
    "TEXTUAL",
    "NO_COLOR",
    "COLORTERM",
    "COLUMNS",
    "LINES",
    "XDG",
    "TERM",
    "FORCE_COLOR",
)
DEMO = (sys.executable, "-m", "meterdeck", "--demo")


def environment(home: Path, **more: str) -> dict[str, str]:
    """An environment that knows neither this machine's terminal nor its user's files."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_PASSED_ON)}
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color", **more}


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose demo store has all that the deck shows."""
    folder = tmp_path_factory.mktemp("demo-data")
    subprocess.run(
        [*DEMO, "--data-dir", str(folder), "report", "breakdown", "--window", "31d"],
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=60,
    )
    return folder


OpenTerminal = Callable[..., Terminal]


@pytest.fixture
def open_demo(demo_data: Path, tmp_path: Path) -> Iterator[OpenTerminal]:
    """Opens the demo in a terminal: ``open_demo(size=(80, 24), NO_COLOR="1")``."""
    data = tmp_path / "data"
    shutil.copytree(demo_data, data)
    with ExitStack() as opened:

        def open_demo(
            *, size: tuple[int, int] = (80, 24), command: tuple[str, ...] = DEMO, **variables: str
        ) -> Terminal:
            terminal = Terminal([*command, "--data-dir", str(data)], environment(tmp_path, **variables), size)
            return opened.enter_context(terminal)

        yield open_demo
