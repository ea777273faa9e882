"""Reads in any order, with gaps, restatements, answers that come late, and restarts: the newest read holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.reports import Series
from meterdeck.store import Store, Transaction, coverage, hours, sums, usage
from meterdeck.store.coverage import Report
from store.model import DAY, HOUR, MINUTE, SERIES, Content, Model, Read

START = datetime(2026, 11, 20, tzinfo=UTC)
ALL = Window(START, START + timedelta(days=2))
HOURS = 48
READ_FROM = ALL.end + timedelta(hours=1)
RESTART = "restart"


@st.composite
def reads(draw: st.DrawFn) -> Read:
    """Any answer: whole days, some hours, whole hours by the minute, or minutes out of the middle of hours."""
    of_hours = draw(st.booleans())
    if of_hours:
        whole_days = st.sampled_from([(0, 24), (24, 48), (0, 48)])
        some = st.integers(0, HOURS - 1).flatmap(
            lambda first: st.tuples(st.just(first), st.integers(first + 1, HOURS))
        )
        first, end = draw(whole_days | some)
        window = Window(START + first * HOUR.delta, START + end * HOUR.delta)
    else:
        # Few hours of all, so that minutes and hours, and minutes and minutes, meet often.
        hour = draw(st.sampled_from([0, 1, 23, 24]))
        first, end = draw(st.sampled_from([(0, 60), (0, 120), (0, 30), (30, 60), (15, 75), (59, 61)]))
        window = Window(START + hour * HOUR.delta, START + hour * HOUR.delta + end * MINUTE.delta)
        window = Window(window.start + first * MINUTE.delta, window.end)
    read_at = READ_FROM + timedelta(seconds=draw(st.integers(0, 5)))
    width = HOUR if of_hours else MINUTE
    return Read(width, window, read_at, draw(st.integers(0, 2)), draw(st.integers(0, 4)) == 0)


@contextmanager
def scratch() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder) / "store.db"


@settings(max_examples=60, deadline=None)
@given(st.lists(reads() | st.just(RESTART), min_size=1, max_size=14))
def test_a_store_holds_the_newest_read_of_each_hour_however_reads_come(steps: list[Read | str]) -> None:
    model = Model()
    with scratch() as path:
        store = Store(path)
        for step in steps:
            if isinstance(step, Read):
                model.take(step)
                with store.write() as transaction:
                    usage.replace(transaction, step.width, step.window, step.buckets(), step.read_at)
            else:
                store.close()
                store = Store(path)
        with store.read() as transaction:
            check_hours(transaction, model)
            check_days(transaction, model)
            check_coverage(transaction, model)
        store.close()


@settings(max_examples=40, deadline=None)
@given(st.lists(reads(), min_size=1, max_size=8), st.integers(0, HOURS - 1), st.integers(1, HOURS))
def test_every_window_adds_up_to_what_its_hours_hold(steps: list[Read], first: int, length: int) -> None:
    model = Model()
    window = Window(START + first * HOUR.delta, START + (first + length) * HOUR.delta)
    with scratch() as path:
        store = Store(path)
        for step in steps:
            model.take(step)
            with store.write() as transaction:
                usage.replace(transaction, step.width, step.window, step.buckets(), step.read_at)
        with store.read() as transaction:
            check_window(transaction, model, window)
        store.close()


def test_an_answer_says_the_same_of_a_bucket_whatever_window_it_was_asked_with() -> None:
    one = Read(HOUR, Window(START, START + 3 * HOUR.delta), READ_FROM, 1).answer()
    other = Read(HOUR, ALL, READ_FROM, 1).answer()
    assert one.items() <= other.items()
    assert one != {start: content for start, content in other.items() if start >= START + HOUR.delta}


def check_hours(transaction: Transaction, model: Model) -> None:
    found: dict[datetime, Content] = {}
    for total in sums.totals(transaction, ALL, SERIES_DIMENSIONS, each=HOUR):
        assert total.start is not None
        of = Series(*total.members)
        assert of not in found.setdefault(total.start, {}), "an hour has one row for each series"
        found[total.start][of] = total.tokens.total
    assert found == {hour: held for hour in ALL.starts(HOUR) if (held := model.hour(hour))}
    by_bucket = sums.by_bucket(transaction, HOUR, ALL)
    assert {hour: sum(counters) for hour, counters in by_bucket.items()} == {
        hour: sum(content.values()) for hour, content in found.items()
    }


def check_days(transaction: Transaction, model: Model) -> None:
    whole = {day: held for day in ALL.starts(DAY) if (held := model.day(day)) is not None}
    assert coverage.covered(transaction, Report.USAGE, DAY, ALL).keys() == whole.keys()
    kept = sums.by_bucket(transaction, DAY, ALL)
    assert {day: sum(counters) for day, counters in kept.items()} == {
        day: sum(content.values()) for day, content in whole.items() if content
    }
    by_day: dict[datetime, Content] = {}
    for total in sums.totals(transaction, ALL, SERIES_DIMENSIONS, each=DAY):
        assert total.start is not None
        by_day.setdefault(total.start, {})[Series(*total.members)] = total.tokens.total
    of_days = {day: model.total(Window(day, day + DAY.delta)) for day in ALL.starts(DAY)}
    assert by_day == {day: held for day, held in of_days.items() if held}


def check_coverage(transaction: Transaction, model: Model) -> None:
    for width, known in ((HOUR, model.own), (MINUTE, model.minutes)):
        assert coverage.covered(transaction, Report.USAGE, width, ALL) == {
            start: of.coverage for start, of in sorted(known.items())
        }
    sources = hours.hour_sources(transaction, ALL)
    known_hours = [hour for hour in ALL.starts(HOUR) if model.hour(hour) is not None]
    assert sources.by_hour == tuple(hour for hour in known_hours if hour in model.own)
    assert sources.by_minute == tuple(hour for hour in known_hours if hour not in model.own)
    assert sources.partial == {hour for hour in known_hours if not model.is_whole(hour)}
    assert sources.read_at == {hour: model.read_at(hour) for hour in known_hours}


def check_window(transaction: Transaction, model: Model, window: Window) -> None:
    expected = model.total(window)
    ids = sums.series(transaction)
    assert {ids[of]: sum(c) for of, c in sums.by_series(transaction, window).items()} == expected
    grand = list(sums.totals(transaction, window, ()))
    assert [total.tokens.total for total in grand] == ([sum(expected.values())] if expected else [])
    by_workspace = sums.totals(transaction, window, (Dimension.WORKSPACE,))
    assert {total.members[0]: total.tokens.total for total in by_workspace} == {
        workspace: sum(count for of, count in expected.items() if of.workspace_id == workspace)
        for workspace in {of.workspace_id for of in expected}
    }
    some = [of for of, one in ids.items() if one in SERIES[:2]]
    days: dict[datetime, Content] = {}
    for day, of, counters in sums.days_by_series(transaction, window, some):
        days.setdefault(day, {})[ids[of]] = sum(counters)
    for day in window.starts(DAY):
        part = Window(day, min(day + DAY.delta, window.end))
        held = {of: count for of, count in model.total(part).items() if of in SERIES[:2]}
        assert days.get(day, {}) == held
