"""`meterdeck store info` and `store verify`: what is there, and whether it is what the API says."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from cli.commands import KEY, SATURDAY
from cli.conftest import Meterdeck
from cli.servers import serving
from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.service.simulated.edition import EDITION
from meterdeck.service.simulated.options import Options
from meterdeck.store import Store, costs, lease, usage
from meterdeck.store.lease import Lease
from values import billed, line, series, used

HOUR = BucketWidth.HOUR
A_DAY = SATURDAY.replace(day=15, hour=0, minute=0, second=0)


@pytest.fixture
def store(demo_copy: Path) -> Path:
    return demo_copy / "demo" / f"{EDITION}.db"


def spoil_everything_old(path: Path) -> None:
    """Put other figures in the place of all hours and bills of one day, read just now."""
    opened = Store(path)
    window = Window(A_DAY - timedelta(days=20), A_DAY)
    with opened.write() as transaction:
        buckets = [used(start, {series(): 4711}) for start in window.starts(HOUR)]
        usage.replace(transaction, HOUR, window, buckets, SATURDAY)
        bills = [billed(day, {line(): "0.5"}) for day in window.starts(BucketWidth.DAY)]
        costs.replace(transaction, window, bills, SATURDAY)
    opened.close()


def test_info_tells_what_there_is_and_how_large_it_is(demo: Meterdeck, demo_data: Path) -> None:
    ended = demo("store", "info")
    assert ended.code == 0
    assert f"store         {demo_data / 'demo' / EDITION}.db" in ended.out
    assert "organisation  Acme" in ended.out
    assert re.search(
        r"^size          [\d.]+ MiB: database [\d.]+ MiB \(.* of it free\), log ", ended.out, re.MULTILINE
    )
    assert re.search(r"^hours +[\d,]+ +758  2026-10-21 00:00Z  2026-11-21 14:00Z$", ended.out, re.MULTILINE)
    assert re.search(r"^days +[\d,]+ +31 ", ended.out, re.MULTILINE)
    assert "gaps          none (last 31 days)" in ended.out
    assert "collects      nobody now" in ended.out


def test_info_as_json_has_the_same(demo: Meterdeck) -> None:
    document = demo("store", "info", "--format", "json").document
    assert document["organization"]["name"] == "Acme"
    assert document["kept"]["hours"]["buckets_read"] == 758
    assert document["kept"]["bill"]["first"] == "2026-10-01T00:00:00Z"
    assert document["gaps"] == []
    assert document["collector_pid"] is None
    assert document["budget"] == {"used": 0, "hourly": 60, "foreign": 0}
    assert document["thinning"]["minutes_kept_hours"] == 48
    assert document["bytes"]["database"] > 0


def test_info_works_beside_a_session_that_collects_and_writes(
    meterdeck: Meterdeck, demo_copy: Path, store: Path
) -> None:
    other = Store(store)
    with other.write() as transaction:
        lease.acquire(transaction, Lease("other", 4711), SATURDAY)
    with other.write():
        ended = meterdeck("--demo", "--data-dir", demo_copy, "store", "info")
    other.close()
    assert ended.code == 0
    assert "collects      process 4711" in ended.out


def test_info_reports_damage_and_leaves_it_as_it_is(
    meterdeck: Meterdeck, demo_copy: Path, store: Path
) -> None:
    damaged = b"no database at all" * 100
    store.write_bytes(damaged)
    ended = meterdeck("--demo", "--data-dir", demo_copy, "store", "info")
    assert (ended.code, ended.out) == (1, "")
    assert (
        "The store is damaged. Start meterdeck again: the store is set aside, kept, and read anew"
        in ended.err
    )
    assert store.read_bytes() == damaged
    assert [file.name for file in store.parent.glob("*damaged*")] == []


def test_info_does_not_bring_an_older_store_up_to_date(
    meterdeck: Meterdeck, demo_copy: Path, store: Path
) -> None:
    opened = Store(store)
    opened._connection.execute("PRAGMA user_version = 1")
    opened.close()
    ended = meterdeck("--demo", "--data-dir", demo_copy, "store", "info")
    assert (ended.code, ended.out) == (1, "")
    assert "was made by an older meterdeck. Open it once" in ended.err


def test_info_makes_no_store_where_there_is_none(meterdeck: Meterdeck, tmp_path: Path) -> None:
    for arguments in (["--demo"], []):
        ended = meterdeck(*arguments, "--data-dir", tmp_path, "store", "info")
        assert (ended.code, ended.out) == (2, "")
    assert not list(tmp_path.rglob("*.db"))


def test_a_store_that_says_what_the_api_says_is_equal(demo: Meterdeck) -> None:
    ended = demo("store", "verify", "--sample", "4", "--seed", "1")
    assert (ended.code, ended.out) == (0, "")
    assert re.search(
        r"\d+ hours and the bill of \d+ days are read again, in [2-8] requests \(--seed 1\)", ended.err
    )
    assert "Equal" in ended.err


def test_differences_are_printed_cell_by_cell_and_left_as_they_are(
    meterdeck: Meterdeck, demo_copy: Path, store: Path
) -> None:
    spoil_everything_old(store)
    arguments = ("--demo", "--data-dir", demo_copy, "store", "verify", "--sample", "8", "--seed", "3")
    ended = meterdeck(*arguments)
    assert ended.code == 3
    assert re.search(
        r"usage  wrkspc_a / claude-opus-5 / apikey_1 / standard / 0-200k / output: "
        r"the store says 4711, the API says no row",
        ended.out,
    )
    assert re.search(r"cost  .*: the store says no row, the API says [\d.]+ cents", ended.out)
    assert "the store was left as it is" in ended.err
    assert meterdeck(*arguments).out == ended.out, "the same sample, and nothing was repaired"
    assert ended.err.splitlines()[-1].endswith("store verify --sample 8 --seed 3 --repair")


def test_repair_stores_what_was_read_again(meterdeck: Meterdeck, demo_copy: Path, store: Path) -> None:
    spoil_everything_old(store)
    arguments = ("--demo", "--data-dir", demo_copy, "store", "verify", "--sample", "8", "--seed", "3")
    repaired = meterdeck(*arguments, "--repair")
    assert repaired.code == 3
    assert "the store now holds what the API says" in repaired.err
    assert meterdeck(*arguments).code == 0


def test_the_sum_of_a_day_that_is_not_that_of_its_hours_is_found_and_added_up_anew(
    meterdeck: Meterdeck, demo_copy: Path, store: Path
) -> None:
    opened = Store(store)
    with opened.write() as transaction:
        transaction.run(
            "UPDATE usage SET output = output + 1000000 WHERE width = 86400 AND start = ?",
            (int(A_DAY.timestamp()),),
        )
    opened.close()
    arguments = ("--demo", "--data-dir", demo_copy, "store", "verify", "--sample", "1", "--seed", "3")
    found = meterdeck(*arguments)
    assert found.code == 3
    assert re.search(
        r"^2026-11-15T00:00:00Z  usage  .* / output: the day's sum says 1\d{6}, its hours say \d+$",
        found.out,
        re.MULTILINE,
    )
    assert meterdeck(*arguments, "--repair").code == 3
    mended = meterdeck(*arguments)
    assert (mended.code, mended.out) == (0, "")
    assert "and the sums of 31 days." in mended.err


def test_a_day_whose_hours_are_thinned_keeps_its_sum_and_is_said_not_to_be_compared(
    meterdeck: Meterdeck, demo_copy: Path, store: Path
) -> None:
    day = int(A_DAY.timestamp())
    opened = Store(store)
    with opened.write() as transaction:
        its_hours = "width = 3600 AND start >= ? AND start < ?"
        transaction.run(f"DELETE FROM usage WHERE {its_hours}", (day, day + 86400))  # noqa: S608
        transaction.run(f"DELETE FROM coverage WHERE {its_hours}", (day, day + 86400))  # noqa: S608
    opened.close()
    ended = meterdeck("--demo", "--data-dir", demo_copy, "store", "verify", "--sample", "1", "--repair")
    assert ended.code == 0
    assert "the sums of 30 days (1 more can't be compared: their hours are thinned)." in ended.err
    opened = Store(store)
    with opened.read() as transaction:
        assert transaction.one(
            "SELECT count(*) > 0 FROM usage WHERE width = 86400 AND start = ?", (day,)
        ) == (1,)
    opened.close()


def test_what_has_not_settled_can_not_be_verified(meterdeck: Meterdeck, tmp_path: Path) -> None:
    Store(tmp_path / "demo" / f"{EDITION}.db").close()
    ended = meterdeck("--demo", "--data-dir", tmp_path, "store", "verify")
    assert (ended.code, ended.out) == (1, "")
    assert "There is nothing to verify" in ended.err


def test_a_server_that_does_not_answer_leaves_it_untold(
    meterdeck: Meterdeck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_ADMIN_KEY", KEY)
    with serving(Options(size="small"), clock=lambda: SATURDAY) as url:
        arguments = ("--base-url", url, "--data-dir", tmp_path)
        assert meterdeck(*arguments, "backfill", "--days", "3").code == 0
        equal = meterdeck(*arguments, "store", "verify", "--sample", "2")
        assert equal.code == 0
    gone = meterdeck(*arguments, "store", "verify", "--sample", "2")
    assert gone.code == 1
    assert "can't be reached" in gone.err
