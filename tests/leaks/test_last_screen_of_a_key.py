"""The screen that is kept belongs to the key that it was shown for, and holds nothing of it."""

import sys
from pathlib import Path

from leaks.loose import serving
from leaks.places import Home
from terminal.emulator import Terminal

START = (sys.executable, "-m", "meterdeck", "--base-url")
FILLED = r"prod-chat +\d"
OLD = b" ago; opening"


def leave(terminal: Terminal) -> None:
    terminal.wait_for(FILLED)
    terminal.send("q")
    assert terminal.wait_for_end() == 0


def test_the_last_screen_of_a_key_is_shown_to_that_key_alone_and_does_not_hold_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with serving() as server:
        for _ in range(2):  # the first time it is the API that tells whose key it is
            with home.open(*START, server.url) as terminal:
                leave(terminal)
                assert OLD not in terminal.written
        (kept,) = (path for path in home.files() if path.parent.name == "screens")
        assert "prod-chat" in kept.read_text(encoding="utf-8")
        with home.open(*START, server.url) as terminal:
            leave(terminal)
            assert OLD in terminal.written
            home.heard(terminal)
        assert home.places_of_the_key() == []
        another = {"ANTHROPIC_ADMIN_KEY": "sk-ant-admin01-of-somebody-else-0123456789"}
        with Terminal((*START, server.url), home.environment | another, (100, 30)) as terminal:
            leave(terminal)
            assert OLD not in terminal.written
