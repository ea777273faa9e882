"""`meterdeck report … --watch`: prints below one another, what fails said once, and every way to end."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cli.commands import KEY, PATIENCE_S, SATURDAY, Ended, environment, run_process
from cli.servers import serving_app
from meterdeck import paths
from meterdeck.present.blocks import Blocks
from meterdeck.present.formats import Format
from meterdeck.service import demo_app
from meterdeck.service.simulated.edition import EDITION
from meterdeck.service.simulated.options import Options
from meterdeck.store import Store, lease

HEADING = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ breakdown by workspace$", re.MULTILINE)


class Watching:
    """A watch in a process of its own, its output read as it comes."""

    def __init__(self, home: Path, data: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "meterdeck", "--data-dir", str(data), *arguments],
            env=environment(home, ANTHROPIC_ADMIN_KEY=KEY),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.out = self.err = ""
        self._threads = [threading.Thread(target=self._read, args=(name,)) for name in ("out", "err")]
        for thread in self._threads:
            thread.start()

    @property
    def blocks(self) -> int:
        """How many tables were printed."""
        return len(HEADING.findall(self.out))

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until something is so."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert self.process.poll() is None, f"it ended: {self.err}"
            assert time.monotonic() < end, f"waited in vain for {what}: {self.out}\n{self.err}"
            time.sleep(0.02)

    def ended(self) -> int:
        """Wait until it has ended by itself; its exit code."""
        code = self.process.wait(PATIENCE_S)
        self.close()
        return code

    def close(self) -> None:
        """End it, if it has not ended."""
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join()

    def _read(self, name: str) -> None:
        stream = self.process.stdout if name == "out" else self.process.stderr
        assert stream
        with stream:
            for line in stream:
                setattr(self, name, getattr(self, name) + line)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo store that is filled as of now."""
    folder = tmp_path_factory.mktemp("watched")
    assert run_process("--demo", "--data-dir", str(folder), "report", "rates", home=folder).code == 0
    return folder


@contextmanager
def watching(home: Path, data: Path, *arguments: str) -> Iterator[Watching]:
    started = Watching(home, data, *arguments)
    try:
        yield started
    finally:
        started.close()


def holder(data: Path) -> lease.Lease | None:
    """Who collects for the demo."""
    store = Store(paths.demo_store(data, EDITION))
    try:
        with store.read() as transaction:
            return lease.holder(transaction, datetime.now(UTC))
    finally:
        store.close()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_tables_stand_below_one_another_until_a_signal_ends_them(
    data: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with watching(tmp_path, data, "--demo", "report", "breakdown", "--watch", "1") as shown:
        shown.until(lambda: shown.blocks >= 2, "a second table")
        mine = holder(data)
        assert mine is not None
        assert mine.pid == shown.process.pid
        shown.process.send_signal(number)
        assert shown.ended() == code
    assert shown.err == ""
    assert "\x1b" not in shown.out
    assert HEADING.match(shown.out)
    first, second = re.split(rf"\n\n(?={HEADING.pattern[1:-1]}\n)", shown.out)[:2]
    assert "prod-chat" in first
    assert "prod-chat" in second
    assert first.splitlines()[1:] != second.splitlines()[1:]
    assert holder(data) is None  # given back, not left to expire


def test_a_watch_that_collects_keeps_the_figures_of_a_status_bar(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with watching(tmp_path, data, "--demo", "report", "rates", "--watch", "1") as shown:

        def status() -> Ended:
            return run_process("--demo", "--data-dir", str(data), "status", home=tmp_path)

        shown.until(lambda: status().code != 1, "figures that were kept")
        assert "today ~$" in status().out


def test_json_is_a_document_a_line(data: Path, tmp_path: Path) -> None:
    arguments = ("--demo", "report", "breakdown", "--format", "json", "--watch", "1")
    with watching(tmp_path, data, *arguments) as shown:
        shown.until(lambda: shown.out.count("\n") == 2, "a second document")
    one, other = (json.loads(line) for line in shown.out.splitlines()[:2])
    assert one["report"] == other["report"] == "breakdown"
    assert one["rows"] != other["rows"]
    assert one["complete"] is other["complete"] is True


def test_only_one_of_two_collects_and_both_print(data: Path, tmp_path: Path) -> None:
    command = ("--demo", "report", "breakdown", "--watch", "1")
    with watching(tmp_path, data, *command) as first:
        first.until(lambda: first.blocks >= 2, "the collector's table")
        with watching(tmp_path, data, *command) as second:
            second.until(lambda: second.blocks >= 3, "what the other one read")
            collector = holder(data)
            assert collector is not None
            assert collector.pid == first.process.pid
    assert first.err == second.err == ""


def test_offline_it_prints_what_another_session_reads(data: Path, tmp_path: Path) -> None:
    with watching(tmp_path, data, "--demo", "--offline", "report", "breakdown", "--watch", "1") as shown:
        shown.until(lambda: "as of " in shown.out, "the first table")
        read_at = re.search(r"as of (\S+)", shown.out)
        assert read_at
        second = datetime.fromisoformat(read_at[1])
        shown.until(
            lambda: datetime.now(UTC) >= second + timedelta(seconds=1), "the simulation's next figures"
        )
        ended = run_process(
            "--demo", "--data-dir", str(data), "report", "breakdown", "--refresh", home=tmp_path
        )
        assert ended.code == 0
        shown.until(lambda: shown.blocks >= 2, "what was read meanwhile")
        collector = holder(data)
        assert collector is None or collector.pid != shown.process.pid


def test_it_ends_when_nobody_reads_on_without_a_next_print(data: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "meterdeck",
            "--demo",
            "--offline",
            "--data-dir",
            str(data),
            "report",
            "costs",
            "--watch",
        ],
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stdout.readline().endswith(b"costs by workspace\n")
    process.stdout.close()
    assert process.wait(PATIENCE_S) == 0
    assert process.stderr
    assert process.stderr.read() == b""
    process.stderr.close()


class Failing:
    """A server that works until it is told to fail."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.fails = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = Response(status_code=503) if self.fails else self._app
        await app(scope, receive, send)


def test_a_failure_is_said_when_it_begins_and_when_it_is_over(tmp_path: Path) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text("requests_per_hour = 1000\n")
    server = Failing(demo_app(Options(size="small"), clock=lambda: datetime.now(UTC)))
    with serving_app(server) as url:
        arguments = ("--config", str(settings), "--base-url", url, "report", "breakdown", "--watch", "1")
        with watching(tmp_path, tmp_path / "data", *arguments) as shown:
            shown.until(lambda: shown.blocks >= 2, "a server that works")
            assert shown.err == ""
            server.fails = True
            shown.until(lambda: "live failed: " in shown.err, "the failure")
            server.fails = False
            shown.until(lambda: "live: read again." in shown.err, "its end")
            before = shown.blocks
            shown.until(lambda: shown.blocks > before, "figures again")
    said = [line for line in shown.err.splitlines() if "live" in line]
    assert ["live failed: " in line for line in said] == [True, False], "other feeds may be named with it"


def test_a_filter_that_nobody_has_ends_it_before_it_begins(data: Path, tmp_path: Path) -> None:
    arguments = ("report", "breakdown", "--workspace", "nobody", "--watch")
    ended = run_process("--demo", "--data-dir", str(data), *arguments, home=tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert "nobody" in ended.err


KNOWN: dict[str, object] = {"state": "billed", "evidence": None, "lacks": [], "estimated": False}
DOCUMENT: dict[str, Any] = {
    "version": 2,
    "report": "costs",
    "as_of": "2026-11-21T14:00:00Z",
    "complete": True,
    "gaps": [],
    "window": {"start": "2026-11-21T00:00:00Z", "end": "2026-11-22T00:00:00Z"},
    "by": "workspace",
    "total_usd": "2",
    "usd_by_state": {"billed": "2", "allocated": "0", "estimated": "0"},
    "days": [],
    **KNOWN,
    "rows": [{"day": "2026-11-21", "id": None, "name": "Default", "kind": "default", "usd": "2", **KNOWN, "settled": True}],
}  # fmt: skip


def test_rows_of_a_csv_have_one_head_and_the_time_of_their_print() -> None:
    blocks = Blocks(Format.CSV)
    text = blocks.next(DOCUMENT, SATURDAY) + blocks.next(DOCUMENT, SATURDAY.replace(minute=33))
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["printed_at"] for row in rows] == ["2026-11-21T14:32:10Z", "2026-11-21T14:33:10Z"]
    assert {row["usd"] for row in rows} == {"2"}


def test_a_column_that_comes_later_brings_a_head_of_its_own() -> None:
    blocks = Blocks(Format.CSV)
    wider = {**DOCUMENT, "rows": [{**DOCUMENT["rows"][0], "a_new_field": 7}]}
    lines = (blocks.next(DOCUMENT, SATURDAY) + blocks.next(wider, SATURDAY)).splitlines()
    assert [line.startswith("printed_at,") for line in lines] == [True, False, True, False]
    assert lines[2].endswith(",a_new_field")
    assert lines[3].endswith(",7")


def test_a_block_of_markdown_has_its_time_as_a_heading() -> None:
    blocks = Blocks(Format.MARKDOWN)
    first, second = (blocks.next(DOCUMENT, SATURDAY) for _ in range(2))
    assert first.startswith("## 2026-11-21T14:32:10Z costs by workspace\n\n| day |")
    assert second == f"\n{first}"
