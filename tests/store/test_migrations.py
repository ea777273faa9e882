"""A store that an older meterdeck left says the same after it was brought up to the newest schema."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.questions import Question
from meterdeck.store import Store, answers, costs, coverage, directory, glance, hours, mix, questions, sums
from meterdeck.store.coverage import Report
from meterdeck.store.schema import VERSION

OLD = Path(__file__).parent / "old"
DAY = datetime(2026, 11, 20, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)
HOUR = timedelta(hours=1)
BOTH = Window(DAY, NEXT + timedelta(days=1))


@pytest.fixture(params=sorted(file.name for file in OLD.iterdir()))
def migrated(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    connection.executescript((OLD / request.param).read_text())
    connection.close()
    store = Store(path)
    yield store
    store.close()


def output(store: Store, window: Window) -> dict[datetime, int]:
    with store.read() as transaction:
        found = sums.by_bucket(transaction, BucketWidth.HOUR, window)
    return {start: counters[4] for start, counters in found.items()}


def test_there_is_an_old_file_for_every_schema_but_the_newest() -> None:
    assert {file.name for file in OLD.iterdir()} == {f"schema-{number}.sql" for number in range(1, VERSION)}


def test_each_hour_has_the_figures_of_its_newest_read(migrated: Store) -> None:
    assert output(migrated, Window(DAY, NEXT)) == {DAY + n * HOUR: 100 for n in range(24)}
    assert output(migrated, Window(NEXT, BOTH.end)) == {NEXT: 420, NEXT + HOUR: 100, NEXT + 2 * HOUR: 70}
    with migrated.read() as transaction:
        sources = hours.hour_sources(transaction, BOTH)
    assert sources.by_minute == (NEXT, NEXT + 2 * HOUR)
    assert sources.partial == {NEXT + 2 * HOUR}


def test_a_whole_day_is_kept_added_up_and_a_part_of_one_is_not(migrated: Store) -> None:
    with migrated.read() as transaction:
        days = coverage.covered(transaction, Report.USAGE, BucketWidth.DAY, BOTH)
        (whole,) = sums.by_series(transaction, Window(DAY, NEXT)).values()
        rolled = sums.by_bucket(transaction, BucketWidth.DAY, BOTH)
    assert list(days) == [DAY]
    assert whole == (0, 0, 0, 0, 2400, 24)
    assert rolled == {DAY: whole}


def test_minutes_and_nulls_stay_as_they_were(migrated: Store) -> None:
    with migrated.read() as transaction:
        minutes = sums.by_bucket(transaction, BucketWidth.MINUTE, BOTH)
        members = {of.workspace_id for of in sums.series(transaction).values()}
        name = directory.load(transaction).organization
    assert len(minutes) == 60 + 30 + 10
    assert members == {"wrkspc_a", None}
    assert name is not None
    assert name.name == "Acme"


def test_the_bill_keeps_every_line_and_digit(migrated: Store) -> None:
    with migrated.read() as transaction:
        lines = costs.lines(transaction, BOTH)
        texts = [cents for _, _, cents in costs.amounts(transaction, BOTH)]
    assert [(one.day, one.line.description, one.cents) for one in lines] == [
        (DAY, "Output", Decimal("12.3450")),
        (NEXT, "Output", Decimal("1E-7")),
        (NEXT, "Web Search Usage", Decimal("-3.50")),
    ]
    assert sorted(texts) == ["-3.50", "12.3450", "1E-7"]
    assert lines[2].line.workspace_id is None
    assert {one.line.currency for one in lines} == {"USD"}


def test_nothing_is_known_of_the_mix_before_it_was_first_read(migrated: Store) -> None:
    with migrated.read() as transaction:
        assert mix.totals(transaction, BOTH) == []
        assert coverage.covered(transaction, Report.MIX, BucketWidth.HOUR, BOTH) == {}


def test_what_is_shared_out_and_counted_beside_begins_empty(migrated: Store) -> None:
    with migrated.read() as transaction:
        for table in ("allocation", "allocated", "not_allocated", "restatement", "counter", "unnamed"):
            assert transaction.all(f"SELECT * FROM {table}") == []  # noqa: S608 - our own names
        assert transaction.all("PRAGMA foreign_key_check") == []
        assert transaction.one("PRAGMA foreign_keys") == (1,)


def test_no_question_was_asked_and_one_can_be(migrated: Store) -> None:
    question = Question(Dimension.SPEED)
    with migrated.write() as transaction:
        assert questions.wanted(transaction, NEXT) == []
        assert answers.load(transaction, question) is None
        assert questions.ask(transaction, question, NEXT)
        assert questions.wanted(transaction, NEXT) == [question]


@pytest.mark.parametrize("migrated", ["schema-3.sql", "schema-4.sql", "schema-5.sql"], indirect=True)
def test_what_was_read_of_the_mix_stays(migrated: Store) -> None:
    later = Window(BOTH.end, BOTH.end + timedelta(days=1))
    with migrated.read() as transaction:
        (found,) = mix.totals(transaction, later)
        read = coverage.covered(transaction, Report.MIX, BucketWidth.HOUR, later)
    assert (found.served.inference_geo, found.served.speed, found.tokens.output) == ("us", "fast", 9)
    assert list(read) == [BOTH.end]


def test_there_are_no_key_figures_before_they_were_first_kept(
    migrated: Store, request: pytest.FixtureRequest
) -> None:
    with migrated.read() as transaction:
        found = glance.last(transaction)
    if not any(name in request.node.name for name in ("schema-4.sql", "schema-5.sql")):
        assert found is None
        return
    assert found is not None
    assert found.at == NEXT


def test_the_tables_are_those_of_a_new_store(migrated: Store, tmp_path: Path) -> None:
    new = Store(tmp_path / "new.db")

    def tables(store: Store) -> dict[str, list[tuple[object, ...]]]:
        with store.read() as transaction:
            names = [
                name for (name,) in transaction.all("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            return {
                name: transaction.all("SELECT * FROM pragma_table_info(?) ORDER BY cid", (name,))
                for name in names
            }

    assert tables(migrated) == tables(new)
    new.close()
