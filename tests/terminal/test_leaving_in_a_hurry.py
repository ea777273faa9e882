"""Leaving the deck whatever is in flight: the terminal is given back, nothing is waited for or left running."""

import json
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from answers import DAY_START, bucket, page, usage_row
from faults.server import answering
from leaks.loose import serving
from leaks.places import Home
from meterdeck.domain.buckets import BucketWidth
from terminal.emulator import Terminal

DECK = (sys.executable, "-m", "meterdeck")
OWN_WORD = 'organization = "8e3b5a86-0c7d-4f2f-9d5e-6a4f2f3f5b10"'

STUCK_AT_THE_NAME_SERVER = """
import os, pathlib, socket, sys, time
from meterdeck.cli import main

def getaddrinfo(*_, **__):
    pathlib.Path(os.environ["HOME"], "resolving").touch()
    time.sleep(3600)

socket.getaddrinfo = getaddrinfo
sys.exit(main())
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def known(home: Home) -> tuple[str, ...]:
    """With the owner's own word, whose key it is need not be asked: the store opens at once."""
    file = home.path / "known.toml"
    file.write_text(OWN_WORD, encoding="utf-8")
    return "--config", str(file)


def check_it_ends(terminal: Terminal) -> None:
    """Press `q`."""
    terminal.send("q")
    assert terminal.wait_for_end() == 0
    assert terminal.shows_the_main_screen
    assert terminal.shows_the_cursor
    assert terminal.modes_are_as_before


@contextmanager
def silent_server() -> Iterator[tuple[str, Callable[[], bool]]]:
    """A port that takes connections and never reads from them; and whether there is one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        yield url, lambda: bool(select.select([server], [], [], 0)[0])


def children(terminal: Terminal) -> list[int]:
    """The processes that the program has started."""
    listed = subprocess.run(
        ["pgrep", "-P", str(terminal._process.pid)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in listed.stdout.split()]


@pytest.mark.parametrize("words", [known, lambda _: ()], ids=["of figures", "of whose key it is"])
def test_requests_that_a_server_never_answers_keep_nobody(
    home: Home, words: Callable[[Home], tuple[str, ...]]
) -> None:
    with silent_server() as (url, is_asked), home.open(*DECK, *words(home), "--base-url", url) as terminal:
        terminal._wait(is_asked, "a request")
        check_it_ends(terminal)


def test_a_name_server_that_never_answers_keeps_nobody(home: Home) -> None:
    (home.path / "relay.toml").write_text('base_url = "https://relay.example"\n', encoding="utf-8")
    config = str(home.path / "relay.toml")
    with home.open(sys.executable, "-c", STUCK_AT_THE_NAME_SERVER, "--config", config) as terminal:
        terminal._wait((home.path / "resolving").exists, "a name to be looked up")
        check_it_ends(terminal)


def test_a_large_answer_in_the_making_keeps_nobody_and_its_process_is_gone(home: Home) -> None:
    hours = [bucket(DAY_START + timedelta(hours=n), [usage_row()] * 400, BucketWidth.HOUR) for n in range(24)]
    with serving() as server:
        server.fault = answering(200, json.dumps(page(hours)).encode())
        with home.open(*DECK, *known(home), "--base-url", server.url) as terminal:
            terminal._wait(lambda: bool(children(terminal)), "the process aside")
            (aside,) = children(terminal)
            os.kill(aside, signal.SIGSTOP)
            check_it_ends(terminal)
    with pytest.raises(ProcessLookupError):
        os.kill(aside, 0)


def test_a_store_that_another_process_holds_keeps_nobody(home: Home) -> None:
    with silent_server() as (url, is_asked), home.open(*DECK, *known(home), "--base-url", url) as terminal:
        terminal._wait(is_asked, "a request")
        (path,) = [path for path in home.files() if path.suffix == ".db"]
        held = sqlite3.connect(path, isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        check_it_ends(terminal)
        held.close()
