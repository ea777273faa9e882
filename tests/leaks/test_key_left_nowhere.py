"""The Admin key, searched for as bytes in everything that faulty sessions leave behind: it is nowhere."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from faults.server import FaultyServer
from leaks.loose import FAULTS, SPELLED_OTHERWISE, serving
from leaks.places import KEY, Home, traces

DECK = (sys.executable, "-m", "meterdeck")
CRASHING = (sys.executable, str(Path(__file__).with_name("crashing.py")))


@pytest.fixture(scope="module")
def server() -> Iterator[FaultyServer]:
    with serving() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_the_search_finds_a_key_in_any_output_file_or_file_name(home: Home) -> None:
    assert home.places_of_the_key() == []
    for trace in traces():
        home.said = [b"..." + trace + b"..."]
        assert home.places_of_the_key() == ["output 0"]
    home.said = []
    (home.path / "data" / KEY).write_bytes(b"")
    (home.path / "tmp" / "log").write_bytes(b"x" + KEY.encode())
    assert len(home.places_of_the_key()) == 2


def test_reports_and_queries_that_fail_leave_no_key(tmp_path: Path) -> None:
    def meet(name: str) -> Home:
        home = Home(tmp_path / name)
        report = ("report", "costs", "--window", "24h")
        with serving() as server:
            server.fault, sign = FAULTS[name]
            assert home.run("--base-url", server.url, *report) == 1, "whose key it is was not told"
            server.fault = None
            assert home.run("--base-url", server.url, *report) in {0, 3}
            server.fault = FAULTS[name][0]
            server.targets.clear()
            assert home.run("--base-url", server.url, *report, "--refresh", "--wait", "1") == 3
            assert server.targets, "the report ended before it asked"
            assert home.run("--base-url", server.url, "query", "cost", "--start", "2026-11-01") != 0
        assert sign.encode() in home.said[-1], (name, home.said)
        assert [path for path in home.files() if path.suffix == ".db"]
        return home

    with ThreadPoolExecutor(4) as pool:
        homes = dict(zip(FAULTS, pool.map(meet, FAULTS), strict=True))
    assert {name: found for name, home in homes.items() if (found := home.places_of_the_key())} == {}


@pytest.mark.parametrize("name", SPELLED_OTHERWISE)
def test_an_error_that_spells_the_key_otherwise_leaves_no_key(
    server: FaultyServer, home: Home, name: str
) -> None:
    server.fault = SPELLED_OTHERWISE[name]
    home.run("--base-url", server.url, "query", "cost", "--start", "2026-11-01")
    assert home.places_of_the_key() == []


def test_a_deck_that_meets_every_fault_leaves_no_key(server: FaultyServer, home: Home) -> None:
    server.fault = None
    with home.open(*DECK, "--base-url", server.url) as terminal:
        terminal.wait_for(r"prod-chat +\d")
        for fault, _ in FAULTS.values():
            server.fault = fault
            asked = len(server.targets)
            terminal.send("r")
            terminal._wait(lambda asked=asked: len(server.targets) > asked, "another request")  # type: ignore[misc]
            terminal.wait_until_quiet(0.15)
            home.heard(terminal)
        assert [path for path in home.files() if path.name.endswith("-wal")]
        assert home.places_of_the_key() == []
        terminal.send("q")
        assert terminal.wait_for_end() == 0
        home.heard(terminal)
    assert home.places_of_the_key() == []


def test_what_is_copied_and_exported_and_kept_for_the_next_time_holds_no_key(
    server: FaultyServer, home: Home
) -> None:
    server.fault = None
    exports, config = home.path / "exports", home.path / "exports.toml"
    exports.mkdir()
    config.write_text('export_folder = "exports"\n', encoding="utf-8")
    with home.open(*DECK, "--config", str(config), "--base-url", server.url) as terminal:
        terminal.wait_for(r"prod-chat +\d")
        terminal.send("yY")
        terminal._wait(lambda: terminal.written.count(b"\x1b]52;c;") == 2, "two copies")
        for number, form in enumerate("cjms", start=1):
            terminal.send("e")
            terminal.wait_for("Export breakdown")
            terminal.send(form)
            terminal._wait(lambda number=number: len(list(exports.iterdir())) == number, "a file")  # type: ignore[misc]
        terminal.send("t")
        terminal.wait_for("tokens/h, 7 d")
        terminal.send("q")
        assert terminal.wait_for_end() == 0
        home.heard(terminal)
    copied = [base64.b64decode(text) for text in re.findall(rb"\x1b\]52;c;([^\x07]+)\x07", terminal.written)]
    assert len(copied) == 2
    home.said += copied
    assert [path for path in home.files() if path.name.endswith(".last.toml")]
    assert home.places_of_the_key() == []


def test_a_deck_whose_first_answer_is_a_401_that_repeats_the_key_leaves_no_key(
    server: FaultyServer, home: Home
) -> None:
    server.fault, _ = FAULTS["401 with the key"]
    with home.open(*DECK, "--base-url", server.url) as terminal:
        terminal.wait_for("401")
        terminal.send("q")
        assert terminal.wait_for_end() == 0
        home.heard(terminal)
    assert home.places_of_the_key() == []


def test_a_crash_with_the_key_in_local_variables_leaves_no_key(server: FaultyServer, home: Home) -> None:
    server.fault = None
    with home.open(*CRASHING, "--base-url", server.url) as terminal:
        assert terminal.wait_for_end() == 1
        home.heard(terminal)
    assert b"forced for the test" in terminal.written
    assert b"Traceback" in terminal.written
    assert home.places_of_the_key() == []
