"""What the deck sends down the line: no colour where none is wanted, nothing where nothing changed."""

import re
import sys
from collections.abc import Callable

import pytest

from terminal.conftest import DEMO
from terminal.emulator import Terminal

OpenDemo = Callable[..., Terminal]
FILLED = r"prod-chat +\d"
OF_DECK = ": command  .* help"
"""The deck's footer: no other screen lies over it."""
STYLE = re.compile(rb"\x1b\[([0-9;:]*)m")
LOOKS_S = 2.1
"""Long enough for the deck to look at its store and its clock twice (once a second)."""

STANDING_CLOCK = """
from datetime import UTC, datetime, timedelta
from meterdeck.cli import connect, main
from meterdeck.sync import plan

now, rarely = datetime.now(UTC), timedelta(hours=1)
connect.utc_now = lambda: now
plan.DEMO_CADENCE = plan.Cadence(live=rarely, costs=rarely, directory=rarely)
raise SystemExit(main())
"""
"""The command line with a clock that stands still, and a demo that is hardly ever asked."""


def colours(written: bytes) -> set[int]:
    """The codes of colours among all styles; the terminal's own two (39, 49) are none."""
    codes = {int(code) for style in STYLE.findall(written) for code in re.split(rb"[;:]", style) if code}
    return {code for code in codes if 30 <= code <= 38 or 40 <= code <= 48 or 90 <= code <= 107}


def go_everywhere(terminal: Terminal) -> None:
    """A whole session: every screen, known by its footer, a notice, a pause, another size, the end."""
    terminal.wait_for(FILLED)
    for key, shown in (
        ("w", "space mark"),
        ("\x1b", OF_DECK),
        ("?", "esc close"),
        ("q", OF_DECK),
        ("p", "paused since"),
        ("p", "◆ demo"),
        ("3", "▌3"),
        ("\r", "esc back"),
        ("\x1b", OF_DECK),
    ):
        terminal.send(key)
        terminal.wait_for(shown)
    terminal.resize((120, 40))
    terminal.wait_for(r"1  Rates .*▌3  Costs")
    terminal.send("q")
    assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("theme", ["auto", "nord"])
def test_a_user_who_wants_no_colour_gets_none_in_a_whole_session(open_demo: OpenDemo, theme: str) -> None:
    terminal = open_demo(command=(*DEMO, "--theme", theme), NO_COLOR="1", COLORTERM="truecolor")
    go_everywhere(terminal)
    assert STYLE.search(terminal.written)
    assert colours(terminal.written) == set()


def test_no_color_that_is_empty_takes_no_colour_away(open_demo: OpenDemo) -> None:
    terminal = open_demo(NO_COLOR="", COLORTERM="truecolor")
    terminal.wait_for(FILLED)
    rgb = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", terminal.written)
    assert any(len(set(channels)) > 1 for channels in rgb), "greys alone"


@pytest.mark.parametrize("theme", ["auto", "nord"])
def test_a_terminal_of_sixteen_colours_gets_no_others(open_demo: OpenDemo, theme: str) -> None:
    terminal = open_demo(command=(*DEMO, "--theme", theme), TERM="xterm")
    go_everywhere(terminal)
    assert colours(terminal.written)
    assert colours(terminal.written) & {38, 48} == set()


def test_an_unknown_theme_is_refused_before_the_screen_is_taken(open_demo: OpenDemo) -> None:
    terminal = open_demo(size=(200, 24), command=(*DEMO, "--theme", "nort"))
    assert terminal.wait_for_end() == 2
    assert (
        "--theme: there is no theme 'nort' (did you mean nord?). Known: auto, meterdeck-dark" in terminal.text
    )
    assert b"\x1b" not in terminal.written


def test_a_deck_on_which_nothing_changes_writes_nothing(open_demo: OpenDemo) -> None:
    terminal = open_demo(command=(sys.executable, "-c", STANDING_CLOCK, "--demo"))
    terminal.wait_for(FILLED)
    terminal.wait_until_quiet(LOOKS_S)  # what it reads at first may come late
    terminal.send("j")
    assert terminal.read(LOOKS_S) != b""


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_can_show_no_deck_is_told_what_prints_the_figures(
    open_demo: OpenDemo, term: str
) -> None:
    terminal = open_demo(TERM=term)
    assert terminal.wait_for_end() == 2
    said = " ".join(terminal.text.split())
    assert "can't show the deck" in said
    assert "meterdeck report rates|costs|breakdown" in said
    assert "--watch" in said
    assert b"\x1b" not in terminal.written
