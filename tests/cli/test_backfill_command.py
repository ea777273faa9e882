"""`meterdeck backfill`: reads the past, says how far it is, can be stopped and goes on."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cli.commands import KEY, SATURDAY
from cli.conftest import Clock, Meterdeck
from cli.servers import serving
from meterdeck.cli import backfill
from meterdeck.domain import history
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.service.simulated.edition import EDITION
from meterdeck.service.simulated.options import Options
from meterdeck.store import Store, circumstances, coverage
from meterdeck.store.coverage import Report

DAY = BucketWidth.DAY


def known(path: Path, report: Report, width: BucketWidth, window: Window) -> set[datetime]:
    store = Store(path)
    with store.read() as transaction:
        found = set(coverage.covered(transaction, report, width, window))
    store.close()
    return found


def store_of(data: Path) -> Path:
    (path,) = [*data.glob("live/*.db"), *data.glob(f"demo/{EDITION}.db")]
    return path


def test_it_reads_hours_and_the_bill_of_as_many_days_as_asked_for(
    meterdeck: Meterdeck, tmp_path: Path
) -> None:
    ended = meterdeck("--demo", "--data-dir", tmp_path / "data", "backfill", "--days", "40")
    assert ended.code == 0
    assert ended.out == ""
    assert ended.err.splitlines()[0].startswith("meterdeck: history ▁▁▁▁▁▁▁▁▁▁ 0 %  41 days left, done ")
    assert ended.err.splitlines()[-1] == "meterdeck: All 40 days are read, and their bill."
    hours = history.history(SATURDAY, 40)
    path = store_of(tmp_path / "data")
    assert known(path, Report.USAGE, BucketWidth.HOUR, hours) == set(hours.starts(BucketWidth.HOUR))
    days = history.ended_days(SATURDAY, 40)
    assert known(path, Report.COST, DAY, days) == set(days.starts(DAY))


def test_what_was_read_before_is_not_read_again(demo_copy: Path, meterdeck: Meterdeck) -> None:
    again = meterdeck("--demo", "--data-dir", demo_copy, "backfill")
    assert (again.code, again.err) == (0, "meterdeck: All 31 days are read, and their bill.\n")


def test_stopped_it_says_what_is_kept_and_how_to_go_on(
    meterdeck: Meterdeck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = iter((None, None, KeyboardInterrupt))

    def stop_at_the_third_page(_: backfill._Progress) -> None:
        if error := next(pages):
            raise error

    arguments = ("--demo", "--data-dir", tmp_path / "data", "backfill", "--days", "40")
    with monkeypatch.context() as patch:
        patch.setattr(backfill._Progress, "page_came", stop_at_the_third_page)
        stopped = meterdeck(*arguments)
    assert stopped.code == 130
    assert stopped.err.splitlines()[-1] == (
        "meterdeck: Stopped; what was read is kept: 36 % of 41 days. Go on with: meterdeck --demo backfill --days 40"
    )
    ended = meterdeck(*arguments)
    assert ended.code == 0
    assert "history ▇▇▇▁▁▁▁▁▁▁ 3" in ended.err.splitlines()[0], "it goes on where it was"


@pytest.mark.parametrize("days", ["0", "401", "-1", "many", "1.5"])
def test_a_number_of_days_that_makes_no_sense_is_refused(meterdeck: Meterdeck, days: str) -> None:
    ended = meterdeck("--demo", "backfill", f"--days={days}")
    assert ended.code == 2
    assert "is no number of days from 1 to 400" in ended.err


def test_a_full_disk_ends_it_and_is_not_said_to_be_tried_again(
    meterdeck: Meterdeck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise circumstances.full()

    monkeypatch.setattr("meterdeck.sync.backfilling.Backfilling.run", fail)
    ended = meterdeck("--demo", "--data-dir", tmp_path / "data", "backfill", "--days", "3")
    assert ended.err.splitlines()[-1] == (
        "meterdeck: The disk of the store is full: nothing new can be kept. What was read is kept: 0 % of 4 days. "
        "Make room. Go on with: meterdeck --demo backfill --days 3"
    )


def test_a_server_that_goes_away_leaves_what_was_read_and_says_so(
    meterdeck: Meterdeck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr("meterdeck.sync.retrying.FIRST_RETRY", timedelta())
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    with serving(Options(size="small"), clock=lambda: SATURDAY) as url:
        arguments = ("--base-url", url, "--data-dir", tmp_path, "backfill", "--days")
        assert meterdeck(*arguments, "2").code == 0
    gone = meterdeck(*arguments, "5")
    assert gone.code == 3
    assert "Trying again in 0 s." in gone.err
    assert "What was read is kept: 46 % of 6 days." in gone.err.splitlines()[-1]
    assert gone.err.endswith("Go on with: meterdeck backfill --days 5\n")


def test_a_key_is_needed(meterdeck: Meterdeck) -> None:
    ended = meterdeck("backfill")
    assert ended.code == 2
    assert "There is no Admin key." in ended.err
