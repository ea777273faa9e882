"""The last known screen stands before the framework is loaded, says how old it is, and never outstays its welcome."""

import os
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from terminal.emulator import Terminal

OpenDemo = Callable[..., Terminal]
FILLED = r"prod-chat +\d"
OLD = rf"\A as of .+, \d+ (s|min|h) ago; opening…  Acme(.*\n)+.*{FILLED}(.*\n)+.*\? help"
LIVE = rf"Acme .*◆ demo(.*\n)+.*{FILLED}"
ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
CONTROL_C = "\x03"

HELD = """
import os, pathlib, sys, time
from meterdeck.cli import end

class Held:
    def find_spec(self, name, path, target=None):
        if name == "textual":
            while not pathlib.Path(os.environ["HOME"], "go").exists():
                time.sleep(0.01)

sys.meta_path.insert(0, Held())
end()
"""
"""The command line, with the framework held back until there is a file `go`."""

REFUSED = """
from meterdeck.cli import connect, end
from meterdeck.domain.errors import UsageError

def demo_session(_):
    raise UsageError("There is something wrong.", next="Put it right.")

connect.demo_session = demo_session
end()
"""
PLAIN = "from meterdeck.cli import end; end()"


def script(source: str, *words: str) -> tuple[str, ...]:
    return sys.executable, "-c", source, "--demo", *words


def shown_once(open_demo: OpenDemo, *words: str, size: tuple[int, int] = (80, 24), **variables: str) -> None:
    """A deck that was open, and left."""
    with open_demo(command=script(PLAIN, *words), size=size, **variables) as terminal:
        terminal.wait_for(FILLED)
        terminal.send("q")
        assert terminal.wait_for_end() == 0


def check_given_back(terminal: Terminal) -> None:
    assert terminal.written.count(ENTER) == terminal.written.count(LEAVE) == 1
    assert terminal.shows_the_main_screen
    assert terminal.shows_the_cursor
    assert terminal.modes_are_as_before


def test_the_figures_of_the_last_session_stand_before_the_framework_is_loaded_and_give_way_to_live_ones(
    open_demo: OpenDemo, tmp_path: Path
) -> None:
    shown_once(open_demo)
    terminal = open_demo(command=script(HELD))
    terminal.wait_for(OLD)
    assert "◆ demo" not in terminal.text
    (tmp_path / "go").touch()
    terminal.wait_for(LIVE)
    assert terminal.written.count(ENTER) == 1
    assert LEAVE not in terminal.written
    assert b"\x1b[2J" not in terminal.written
    terminal.send("q")
    assert terminal.wait_for_end() == 0
    check_given_back(terminal)


def test_old_figures_stand_until_the_new_ones_are_laid_out(open_demo: OpenDemo) -> None:
    shown_once(open_demo)
    for _ in range(3):
        with open_demo(command=script(PLAIN)) as terminal:
            terminal.wait_for(LIVE)
            terminal.send("q")
            assert terminal.wait_for_end() == 0
            assert b"loading" not in terminal.written


def test_keys_typed_before_the_deck_is_there_are_not_echoed_and_reach_it(
    open_demo: OpenDemo, tmp_path: Path
) -> None:
    shown_once(open_demo)
    terminal = open_demo(command=script(HELD))
    terminal.wait_for(OLD)
    before = terminal.text
    terminal.send("q")
    assert terminal.read(0.2) == b""
    assert terminal.text == before
    (tmp_path / "go").touch()
    assert terminal.wait_for_end() == 0
    check_given_back(terminal)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_signal_before_the_framework_is_loaded_gives_the_terminal_back(
    open_demo: OpenDemo, number: signal.Signals, code: int
) -> None:
    shown_once(open_demo)
    terminal = open_demo(command=script(HELD))
    terminal.wait_for(OLD)
    terminal.signal(number)
    assert terminal.wait_for_end() == code
    check_given_back(terminal)


def test_control_c_before_the_framework_is_loaded_gives_the_terminal_back(open_demo: OpenDemo) -> None:
    shown_once(open_demo)
    terminal = open_demo(command=script(HELD))
    terminal.wait_for(OLD)
    terminal.send(CONTROL_C)
    assert terminal.wait_for_end() == 130
    check_given_back(terminal)


def test_a_start_that_fails_says_so_on_the_main_screen(open_demo: OpenDemo) -> None:
    shown_once(open_demo)
    terminal = open_demo(command=script(REFUSED))
    assert terminal.wait_for_end() == 2
    check_given_back(terminal)
    _, _, said = terminal.written.rpartition(LEAVE)
    assert b"There is something wrong. Put it right." in said


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        ((), {"size": (81, 24)}),
        ((), {"NO_COLOR": "1"}),
        ((), {"TERM": "screen"}),
        ((), {"LANG": "C"}),
        (("--ascii",), {}),
        (("--profile", "other"), {}),
    ],
    ids=str,
)
def test_a_start_that_differs_in_anything_gets_no_old_figures(
    open_demo: OpenDemo, tmp_path: Path, words: tuple[str, ...], variables: dict[str, str]
) -> None:
    configuration = tmp_path / ".config" / "meterdeck" / "config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("[profiles.other]\nrequests_per_hour = 30\n", encoding="utf-8")
    shown_once(open_demo)
    with open_demo(command=script(PLAIN, *words), **variables) as terminal:
        terminal.wait_for(FILLED)
        assert b" ago; opening" not in terminal.written


def test_a_configuration_that_changed_since_gets_no_old_figures(open_demo: OpenDemo, tmp_path: Path) -> None:
    shown_once(open_demo)
    configuration = tmp_path / ".config" / "meterdeck" / "config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("requests_per_hour = 30\n", encoding="utf-8")
    with open_demo() as terminal:
        terminal.wait_for(FILLED)
        assert b" ago; opening" not in terminal.written


def damaged(file: Path, how: str) -> None:
    content = file.read_text(encoding="utf-8")
    if how == "a title for the window":
        file.write_text(content.replace("prod-chat", "\x1b]0;x\x07chat"), encoding="utf-8")
    elif how == "a cursor that moves":
        file.write_text(content.replace("prod-chat", "\x1b[2Jchat"), encoding="utf-8")
    elif how == "half of it":
        file.write_text(content[: len(content) // 2], encoding="utf-8")
    elif how == "open to others":
        file.chmod(0o644)
    elif how == "from the future":
        lines = content.split("\n")
        at = next(number for number, line in enumerate(lines) if line == "80x24") - 1
        lines[at] = str(int(lines[at]) + 3600)
        file.write_text("\n".join(lines), encoding="utf-8")
    elif how == "a pipe":
        file.unlink()
        os.mkfifo(file, 0o600)
    else:
        file.write_bytes(b"\xff\xfe\x00")


@pytest.mark.parametrize(
    "how",
    [
        "a title for the window", "a cursor that moves", "half of it", "open to others", "from the future", "a pipe",
        "no text",
    ],
)  # fmt: skip
def test_a_kept_screen_that_is_not_as_we_left_it_is_not_painted(
    open_demo: OpenDemo, tmp_path: Path, how: str
) -> None:
    shown_once(open_demo)
    (file,) = (tmp_path / "data" / "screens").iterdir()
    damaged(file, how)
    with open_demo() as terminal:
        terminal.wait_for(FILLED)
        assert b" ago; opening" not in terminal.written
        assert b"\x1b]0;" not in terminal.written


def test_what_is_kept_is_its_owner_s_alone_and_one_file_for_one_start(
    open_demo: OpenDemo, tmp_path: Path
) -> None:
    shown_once(open_demo)
    shown_once(open_demo)
    (file,) = (tmp_path / "data" / "screens").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
