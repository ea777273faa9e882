"""What is typed faster than the screen follows arrives in one piece, and means what it says."""

from collections.abc import Callable

import pytest

from terminal.emulator import Terminal

OpenDemo = Callable[..., Terminal]
FILLED = r"prod-chat +\d"


@pytest.mark.parametrize("keys", [":workspace evals\r", "wevals\r", "/evals\r\r"])
def test_keys_written_at_once_choose_a_workspace(open_demo: OpenDemo, keys: str) -> None:
    terminal = open_demo()
    terminal.wait_for(FILLED)
    terminal.send(keys)
    terminal.wait_for("▸ evals ")
    terminal.wait_for(r"\? help")
