"""The deck in a real terminal: it opens, follows the window, and gives the terminal back however it ends."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from terminal.emulator import Terminal

OpenDemo = Callable[..., Terminal]
FILLED = r"prod-chat +\d"
"""A row of the Breakdown with a figure."""
CONTROL_C = "\x03"


def check_given_back(terminal: Terminal) -> None:
    """The terminal shows its own screen and cursor, and echoes what is typed."""
    assert terminal.shows_the_main_screen
    assert terminal.shows_the_cursor
    assert terminal.modes_are_as_before


def test_the_demo_shows_three_filled_panes_at_80x24_and_q_gives_the_terminal_back(
    open_demo: OpenDemo,
) -> None:
    terminal = open_demo()
    terminal.wait_for(FILLED)
    terminal.wait_for(r"1  Rates .* peak \d")
    terminal.wait_for(r"1 min [▁▂▃▄▅▆▇█ ·]+.* max \d")
    terminal.wait_for(r"3  Costs(.*\n)+.*~\$[\d,]+(.*\n).* \$[\d,]+\.\d\d")
    assert "Acme" in terminal.text.splitlines()[0]
    assert terminal.text.splitlines()[-1].endswith(": command  ? help")
    assert not terminal.modes_are_as_before
    terminal.send("q")
    assert terminal.wait_for_end() == 0
    check_given_back(terminal)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_signal_ends_the_deck_with_its_own_code_and_the_terminal_restored(
    open_demo: OpenDemo, number: signal.Signals, code: int
) -> None:
    terminal = open_demo()
    terminal.wait_for(FILLED)
    terminal.signal(number)
    assert terminal.wait_for_end() == code
    check_given_back(terminal)


def test_the_deck_fits_itself_to_every_size_of_the_window_and_control_c_quits_it_from_a_picker(
    open_demo: OpenDemo,
) -> None:
    terminal = open_demo()
    terminal.wait_for(FILLED)
    terminal.resize((120, 40))
    terminal.wait_for(r"1  Rates .* 3  Costs")
    terminal.resize((60, 15))
    terminal.wait_for(r"▌2  Breakdown")
    assert "Costs" not in terminal.text
    terminal.resize((38, 8))
    terminal.wait_for(r"\A ~\$\S+/h .*\n\s*\n\s*\n")  # a budget's notice may stand at the end
    terminal.resize((80, 24))
    terminal.wait_for(r"1  Rates(.*\n)+▌2  Breakdown(.*\n)+ 3  Costs")
    terminal.send("w")
    terminal.wait_for("Choose workspaces")
    terminal.send(CONTROL_C)
    assert terminal.wait_for_end() == 0
    check_given_back(terminal)


def test_without_a_key_the_screen_says_how_to_give_one_and_d_opens_the_demo(open_demo: OpenDemo) -> None:
    terminal = open_demo(command=(sys.executable, "-m", "meterdeck"))
    terminal.wait_for("export ANTHROPIC_ADMIN_KEY=")
    terminal.wait_for("d demo .*q quit")
    terminal.send("d")
    terminal.wait_for(FILLED)
    terminal.send("q")
    assert terminal.wait_for_end() == 0


def started(redirected: str) -> tuple[str, ...]:
    """The demo as a shell starts it, with something redirected."""
    return "/bin/sh", "-c", f'exec "$0" -m meterdeck --demo "$@" {redirected}', sys.executable


def test_standard_error_may_lead_to_a_file_and_leads_there_again_in_the_end(
    open_demo: OpenDemo, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    terminal = open_demo(command=started(f"2>{said}"))
    terminal.wait_for(FILLED)
    terminal.send("q")
    assert terminal.wait_for_end() == 0
    assert terminal.modes_are_as_before
    assert said.read_text() == ""


@pytest.mark.parametrize(
    ("redirected", "said"),
    [
        ("<&-", "The deck needs a terminal, and this is none."),
        ("2>&-", "Standard error is closed. Send it somewhere else instead: 2>/dev/null"),
    ],
)
def test_where_a_stream_is_closed_it_says_what_to_do(open_demo: OpenDemo, redirected: str, said: str) -> None:
    terminal = open_demo(command=started(redirected))
    assert terminal.wait_for_end() == 2
    assert said in " ".join(terminal.text.split())
