"""The turn: one claimant has it, and who dies or sleeps with it loses it."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from meterdeck.store import StoreError, turn
from meterdeck.store.turn import LASTS_S, Turn

TAKES_IT = """
import sys
import time
from pathlib import Path
from meterdeck.store.turn import Turn
print(Turn(Path(sys.argv[1])).take(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds by which the system's clock is put forward: ``later[0] = 7``."""
    ahead = [0.0]
    real = time.monotonic
    monkeypatch.setattr(turn, "monotonic", lambda: real() + ahead[0])
    return ahead


def test_one_claimant_has_it_and_it_is_free_as_soon_as_it_is_given_back(path: Path) -> None:
    mine, other = Turn(path), Turn(path)
    assert mine.take()
    assert not other.take()
    other.release()
    assert not other.take(), "who does not have it can't give it back"
    mine.release()
    assert other.take()
    assert not mine.take()


def test_who_renews_it_keeps_it_and_who_does_not_loses_it(path: Path, later: list[float]) -> None:
    mine, other = Turn(path), Turn(path)
    for _ in range(3):
        assert mine.take()
        later[0] += LASTS_S - 0.5
        assert not other.take()
    later[0] += 1
    assert other.take()
    assert not mine.take(), "one that slept does not take it back from who has it now"
    mine.release()
    assert not mine.take()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_a_process_that_is_killed_or_stopped_keeps_it_no_longer(
    path: Path, later: list[float], end: signal.Signals
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", TAKES_IT, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == "True\n"
        holder.send_signal(end)
        mine = Turn(path)
        assert not mine.take()
        later[0] = LASTS_S
        assert mine.take()
        holder.kill()


def test_one_from_before_a_restart_is_void(path: Path, later: list[float]) -> None:
    later[0] = 1000
    assert Turn(path).take()
    later[0] = 0
    assert Turn(path).take()


@pytest.mark.parametrize("line", [b"", b"\0" * 50, b"half-a-li", b"who when", b"who nan", b"\xff\xfe 1"])
def test_a_line_that_makes_no_sense_is_nobodys(path: Path, line: bytes) -> None:
    (path.parent / "store.db.turn").write_bytes(line)
    assert Turn(path).take()
    assert not Turn(path).take()


def test_its_file_is_its_owners_alone(path: Path) -> None:
    Turn(path).take()
    assert stat.S_IMODE((path.parent / "store.db.turn").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (errno.ENOSPC, "disk full"),
        (errno.EDQUOT, "disk full"),
        (errno.EFBIG, "disk not writable"),
        (errno.EIO, "disk not writable"),
    ],
)
def test_a_disk_that_takes_nothing_more_has_the_sentence_of_the_store(
    path: Path, monkeypatch: pytest.MonkeyPatch, error: int, says: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "pwrite", refuse)
    with pytest.raises(StoreError) as caught:
        Turn(path).take()
    assert caught.value.short == says


def test_a_folder_that_is_gone_is_a_sentence(path: Path) -> None:
    with pytest.raises(StoreError, match=r"store\.db\.turn beside the store can't be used"):
        Turn(path.parent / "gone" / "store.db").take()
