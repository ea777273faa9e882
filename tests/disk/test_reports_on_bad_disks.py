"""A report where the disk refuses: it prints what the store has, says why it is no newer, and ends with 3."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from cli.commands import Ended, environment, run_process
from disk.disks import folder_for_anybody, shared_by_machines, without_roots_rights
from meterdeck.cli import main

RATES = ("report", "rates", "--format", "json")
ROOM = 64 * 1024
"""Bytes that a file may have: enough for what SQLite keeps beside a database, too few for an hour of usage."""


def run_without_room(*arguments: str, home: Path) -> Ended:
    """``meterdeck …`` in a process whose files may not grow beyond `ROOM`, as on a disk over its quota."""
    ended = subprocess.run(
        [sys.executable, "-m", "meterdeck", *arguments],
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM)),
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture
def demo(tmp_path: Path) -> tuple[str, ...]:
    """A filled demo, in its own data folder."""
    place = ("--demo", "--data-dir", str(tmp_path / "data"))
    assert run_process(*place, *RATES, home=tmp_path).code == 0
    return place


def closed_hours(report: Ended) -> list[tuple[str, str | None, int]]:
    """The figures of all hours but the newest two, whose minutes come in all the time."""
    rows = report.document["rows"]
    newest = sorted({row["start"] for row in rows})[-2:]
    return [(row["start"], row["id"], row["total_tokens"]) for row in rows if row["start"] not in newest]


def test_a_disk_without_room_leaves_the_figures_and_says_so(demo: tuple[str, ...], tmp_path: Path) -> None:
    before = run_process(*demo, *RATES, "--offline", home=tmp_path)
    month = (*RATES, "--window", "31d")
    ended = run_without_room(*demo, *month, home=tmp_path)
    assert ended.code == 3, ended.err
    assert "disk does not take what is written" in ended.err
    assert "Traceback" not in ended.err
    # A few minutes still fit; the hours of a month, which need more room, do not, and the others are as they were.
    assert closed_hours(ended) == closed_hours(before) != []
    assert run_process(*demo, *month, home=tmp_path).code == 0, "there is room again"


def test_the_doctor_tells_of_a_disk_without_shared_memory(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shared_by_machines(monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path))
    main(["--demo", "--data-dir", str(tmp_path / "data"), "doctor"])
    said = capsys.readouterr().out
    assert "on a disk without shared memory: sessions wait for each other there" in said
    assert "fail     store" not in said


def test_a_read_only_store_is_reported_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with folder_for_anybody() as folder:
        monkeypatch.setenv("HOME", str(folder))
        place = ["--demo", "--data-dir", str(folder / "data")]
        for command in ([*RATES], [*RATES, "--refresh"], ["doctor"]):  # and everything is imported by root
            main([*place, *command])
        for path in (folder / "data" / "demo").iterdir():
            path.chmod(0o400)
        (folder / "data" / "demo").chmod(0o500)
        capsys.readouterr()
        with without_roots_rights(folder):
            assert main([*place, *RATES]) == 3
            assert "nothing new is read or kept" in capsys.readouterr().err
            assert main([*place, *RATES, "--offline"]) == 0
            assert main([*place, "doctor"]) == 2
            assert "fail     store" in capsys.readouterr().out
