"""The terminal is shared: with the shell, with the mouse's owner, with whatever else writes to it."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from terminal.emulator import Terminal

OpenDemo = Callable[..., Terminal]
FILLED = r"prod-chat +\d"
CONTROL_Z = "\x1a"
MOUSE = b"\x1b[?1000h"

DISTURBED = """
import faulthandler, logging, os, pathlib, signal, subprocess, sys, threading, warnings
from meterdeck.cli import end

def disturb(*_):
    warnings.warn("DISTURBING warning", stacklevel=1)
    logging.getLogger("any").error("DISTURBING log")
    print("DISTURBING print")
    print("DISTURBING print", file=sys.stderr)
    print("DISTURBING print", file=sys.__stderr__, flush=True)
    os.write(2, b"DISTURBING bytes")
    subprocess.run(["sh", "-c", "echo DISTURBING child >&2"])
    faulthandler.dump_traceback(file=2)
    thread = threading.Thread(target=lambda: 1 / 0, name="DISTURBING thread")
    thread.start()
    thread.join()
    pathlib.Path(os.environ["HOME"], "disturbed").touch()

signal.signal(signal.SIGUSR1, disturb)
end()
"""
CRASHING = """
import os, signal
from meterdeck.app.deck.screen import DeckScreen
from meterdeck.cli import end

def action_refresh_now(self):
    local = "PRIVATE" + "LOCAL"
    raise RuntimeError("on purpose")

DeckScreen.action_refresh_now = action_refresh_now
end()
"""


def check_given_back(terminal: Terminal) -> None:
    """The terminal shows its own screen and cursor, and echoes what is typed."""
    assert terminal.shows_the_main_screen
    assert terminal.shows_the_cursor
    assert terminal.modes_are_as_before


def test_control_z_gives_the_terminal_to_the_shell_and_fg_paints_the_deck_anew(open_demo: OpenDemo) -> None:
    terminal = open_demo()
    terminal.wait_for(FILLED)
    for _ in range(2):
        terminal.send(CONTROL_Z)
        terminal.wait_until_stopped()
        terminal.read(0.1)
        check_given_back(terminal)
        terminal.forget()
        terminal.signal(signal.SIGCONT)
        terminal.wait_for(rf"Acme(.*\n)+.*{FILLED}(.*\n)+.*\? help")
        assert not terminal.modes_are_as_before
        assert not terminal.shows_the_main_screen
    terminal.send("q")
    assert terminal.wait_for_end() == 0
    check_given_back(terminal)


def test_a_window_that_changed_while_the_deck_was_stopped_is_filled_when_it_comes_back(
    open_demo: OpenDemo,
) -> None:
    terminal = open_demo()
    terminal.wait_for(FILLED)
    terminal.send(CONTROL_Z)
    terminal.wait_until_stopped()
    terminal.resize((120, 40))
    terminal.forget()
    terminal.signal(signal.SIGCONT)
    terminal.wait_for(r"1  Rates .* 3  Costs")


def test_nothing_but_the_deck_writes_to_the_terminal(open_demo: OpenDemo, tmp_path: Path) -> None:
    terminal = open_demo(command=(sys.executable, "-W", "always", "-c", DISTURBED, "--demo"))
    terminal.wait_for(FILLED)
    terminal.signal(signal.SIGUSR1)
    terminal._wait((tmp_path / "disturbed").exists, "the disturbance")
    terminal.send("q")
    assert terminal.wait_for_end() == 0
    for trace in (b"DISTURBING", b"ZeroDivisionError", b"Current thread"):
        assert trace not in terminal.written
    check_given_back(terminal)


def test_a_crash_gives_the_terminal_back_and_says_what_happened_without_any_values(
    open_demo: OpenDemo,
) -> None:
    terminal = open_demo(command=(sys.executable, "-c", CRASHING, "--demo"), size=(120, 40))
    terminal.wait_for(FILLED)
    terminal.send("r")
    assert terminal.wait_for_end() == 1
    check_given_back(terminal)
    _, _, said = terminal.written.rpartition(b"\x1b[?1049l")
    assert b"on purpose" in said
    assert b"PRIVATELOCAL" not in terminal.written


def test_the_mouse_stays_the_terminal_s_own(open_demo: OpenDemo) -> None:
    terminal = open_demo()
    terminal.wait_for(FILLED)
    assert MOUSE not in terminal.written


def test_a_user_who_asks_for_the_mouse_gets_it_and_the_terminal_has_it_back_in_the_end(
    open_demo: OpenDemo,
) -> None:
    terminal = open_demo(command=(sys.executable, "-m", "meterdeck", "--demo", "--mouse"))
    terminal.wait_for(FILLED)
    assert MOUSE in terminal.written
    terminal.send("q")
    assert terminal.wait_for_end() == 0
    assert terminal.written.rfind(b"\x1b[?1000l") > terminal.written.rfind(MOUSE)


@pytest.mark.parametrize("locale", [{"LANG": "C"}, {"LANG": ""}, {"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}])
def test_a_terminal_whose_locale_is_not_utf8_gets_ascii_everywhere(
    open_demo: OpenDemo, locale: dict[str, str]
) -> None:
    terminal = open_demo(**locale)
    terminal.wait_for(FILLED)
    for keys, shown in (("?", "In Breakdown"), ("\x1b[27u", FILLED), ("w", "Choose workspaces")):
        terminal.send(keys)
        terminal.wait_for(shown)
    assert terminal.written.isascii()


def test_a_user_may_choose_between_ascii_and_the_rest(open_demo: OpenDemo) -> None:
    command = (sys.executable, "-m", "meterdeck", "--demo")
    with open_demo(command=(*command, "--ascii")) as terminal:
        terminal.wait_for(FILLED)
        assert terminal.written.isascii()
    with open_demo(command=(*command, "--no-ascii"), LANG="C") as terminal:
        terminal.wait_for(FILLED)
        terminal.wait_for("▌2  Breakdown")


@pytest.mark.parametrize("term", ["linux", "screen", "screen-256color", "tmux-256color", "vt100"])
def test_the_deck_opens_and_leaves_in_every_usual_terminal(open_demo: OpenDemo, term: str) -> None:
    terminal = open_demo(TERM=term)
    terminal.wait_for(FILLED)
    terminal.send("q")
    assert terminal.wait_for_end() == 0
    check_given_back(terminal)
