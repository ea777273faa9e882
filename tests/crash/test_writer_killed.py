"""A writer is killed at random moments: the store opens, is whole, and holds the write before or the one after."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from crash import writer
from crash.writer import BY_MINUTE, DAYS, HOUR, content, is_by_minute
from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.dimensions import SERIES_DIMENSIONS
from meterdeck.domain.reports import Series
from meterdeck.store import Store, Transaction, hours, sums

DAY = BucketWidth.DAY
LONGEST_LIFE_S = 0.06
"""After its first word. It writes all the time, some 8 ms each, so nearly all are killed in the middle of a write."""

Held = dict[datetime, dict[Series, int]]


@pytest.mark.parametrize("a_session_watches", [True, False])
def test_a_killed_writer_leaves_the_write_before_or_the_one_after(
    tmp_path: Path, *, a_session_watches: bool
) -> None:
    kill_again_and_again(tmp_path / "store.db", 3, a_session_watches=a_session_watches)


@pytest.mark.soak
@pytest.mark.parametrize("a_session_watches", [True, False])
def test_a_hundred_killed_writers_leave_nothing_wrong(tmp_path: Path, *, a_session_watches: bool) -> None:
    kill_again_and_again(tmp_path / "store.db", 100, a_session_watches=a_session_watches)


def kill_again_and_again(path: Path, kills: int, *, a_session_watches: bool) -> None:
    lots = random.Random(kills)
    store = Store(path)
    writer.write(store, 1)
    watching = [store]
    if not a_session_watches:
        store.close()
        watching.clear()
    held = 1
    for _ in range(kills):
        begun, written = killed_after(path, held + 1, lots.uniform(0, LONGEST_LIFE_S))
        held = check(path, {max(written, held), max(begun, held)})
        for session in watching:
            with session.read() as transaction:
                assert held_by(transaction) == expected(held)
    for session in watching:
        session.close()


def killed_after(path: Path, generation: int, seconds: float) -> tuple[int, int]:
    """Let a writer live for some time after its first word; the newest generation that it began, and wrote."""
    folders = os.pathsep.join(map(str, (Path(writer.__file__).parents[1], os.environ.get("PYTHONPATH", ""))))
    program = [sys.executable, writer.__file__, str(path), str(generation)]
    with subprocess.Popen(
        program, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": folders}
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline()]
        time.sleep(seconds)  # the moment is meant to be any
        process.kill()
        said += process.stdout.readlines()
    newest = {"begins": 0, "wrote": 0}
    for line in said:
        word, _, number = line.partition(" ")
        if number.endswith("\n"):
            newest[word] = int(number)
    assert newest["begins"], "the writer never began"
    return newest["begins"], newest["wrote"]


def check(path: Path, candidates: set[int]) -> int:
    """See that a store is whole and holds one of two generations, and nothing of the other; return which."""
    with closing(Store(path)) as store:
        assert store.notice is None
        with store.read() as transaction:
            assert transaction.all("PRAGMA quick_check") == [("ok",)]
            held = held_by(transaction)
            found = [generation for generation in candidates if expected(generation) == held]
            assert found, (
                f"neither of {candidates}: { ({hour: sum(rows.values()) for hour, rows in held.items()}) }"
            )
            check_days(transaction, held)
            check_the_hour_read_by_minutes(transaction, found[0])
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
    return found[0]


def held_by(transaction: Transaction) -> Held:
    held: Held = {}
    for total in sums.totals(transaction, DAYS, SERIES_DIMENSIONS, each=HOUR):
        assert total.start is not None
        held.setdefault(total.start, {})[Series(*total.members)] = total.tokens.total
    return held


def expected(generation: int) -> Held:
    """All hours of the newest generation that wrote hours, one hour of the newest of all."""
    of_hours = generation - 1 if is_by_minute(generation) else generation
    return {hour: content(generation if hour == BY_MINUTE else of_hours) for hour in DAYS.starts(HOUR)}


def check_days(transaction: Transaction, held: Held) -> None:
    kept = sums.by_bucket(transaction, DAY, DAYS)
    assert {day: sum(counters) for day, counters in kept.items()} == {
        day: sum(sum(held[hour].values()) for hour in held if DAY.floor(hour) == day)
        for day in DAYS.starts(DAY)
    }


def check_the_hour_read_by_minutes(transaction: Transaction, generation: int) -> None:
    sources = hours.hour_sources(transaction, DAYS)
    assert sources.by_minute == ((BY_MINUTE,) if is_by_minute(generation) else ())
    assert not sources.partial
