"""What reaches a real terminal when something is copied, and where the last place of a session is kept."""

import base64
import re
import sys
from collections.abc import Callable
from pathlib import Path

from terminal.emulator import Terminal

OpenDemo = Callable[..., Terminal]
FILLED = r"prod-chat +\d"
OSC_52 = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07")
DEMO = (sys.executable, "-m", "meterdeck", "--demo")


def copied(terminal: Terminal) -> list[str]:
    """Every text that the terminal was asked to take into its clipboard."""
    return [base64.b64decode(text).decode() for text in OSC_52.findall(terminal.written)]


def test_y_writes_the_row_to_the_terminal_as_osc_52_and_the_screen_stays_whole(open_demo: OpenDemo) -> None:
    terminal = open_demo()
    terminal.wait_for(FILLED)
    terminal.send("y")
    terminal.wait_for("Copied, if your terminal")
    (line,) = copied(terminal)
    assert re.match(
        r"\S+ \(wrkspc_\w+\): [\d,]+ tok/h[ ,].*; Acme; \d{4}-\d\d-\d\dT\d\d:\d\dZ, data .* old$", line
    )
    terminal.send("Y")
    terminal._wait(lambda: len(copied(terminal)) == 2, "the second copy")
    assert copied(terminal)[1].startswith("Acme, 24 h: ")
    terminal.send("q")
    assert terminal.wait_for_end() == 0


def test_a_console_without_a_clipboard_is_written_nothing_to(open_demo: OpenDemo) -> None:
    terminal = open_demo(TERM="linux")
    terminal.wait_for(FILLED)
    terminal.send("y")
    terminal.wait_for(r"\(TERM=linux\)")
    assert copied(terminal) == []
    terminal.send("q")
    assert terminal.wait_for_end() == 0


def test_what_was_on_show_when_the_process_ended_comes_back_by_resume(
    open_demo: OpenDemo, tmp_path: Path
) -> None:
    terminal = open_demo()
    terminal.wait_for(FILLED)
    terminal.send("tt")
    terminal.wait_for(r"▸ 31 d")
    terminal.send("q")
    assert terminal.wait_for_end() == 0
    assert [path.name for path in (tmp_path / "data").rglob("*.last.toml*")]
    again = open_demo(command=(*DEMO, "--resume"))
    again.wait_for(r"▸ 31 d")
    again.send("q")
    assert again.wait_for_end() == 0


def test_a_view_that_nobody_saved_is_told_before_the_screen_opens(
    open_demo: OpenDemo, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[views.launch]\n", encoding="utf-8")
    terminal = open_demo(command=(*DEMO, "--config", str(config), "--view", "lunch"))
    assert terminal.wait_for_end() == 2
    assert b"meterdeck: There is no view 'lunch'. Known: launch." in terminal.written
    assert b"\x1b[?1049h" not in terminal.written
