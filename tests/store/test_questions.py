"""Questions and their answers: kept apart from the series, believed for an hour, forgotten after a day."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.questions import Asked, Question
from meterdeck.domain.reports import UsageBucket, UsageRow
from meterdeck.domain.scope import Filter, Since, Span
from meterdeck.domain.tokens import TokenCounts
from meterdeck.store import Store, answers, questions, sums, thinning
from meterdeck.store.answers import Answer

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
START = datetime(2026, 11, 19, 15, tzinfo=UTC)
GEO = Question(Dimension.INFERENCE_GEO)
OF_DEFAULT = Question(
    Dimension.INFERENCE_GEO, (Filter(Dimension.WORKSPACE, frozenset({None, "wrkspc_a"})),), Span.WEEK
)
OF_CONSOLE = Question(Dimension.SPEED, (Filter(Dimension.API_KEY, frozenset({None})),))
OF_MODEL = Question(Dimension.SPEED, (Filter(Dimension.MODEL, frozenset({"claude-opus-5"})),))
ALL = [GEO, OF_DEFAULT, OF_CONSOLE, OF_MODEL]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store.db")
    yield opened
    opened.close()


def hour(question: Question, start: datetime, rows: Mapping[tuple[str | None, ...], int]) -> UsageBucket:
    """An hour of an answer; the numbers are output tokens, each row has a search."""
    return UsageBucket(
        Window(start, start + HOUR),
        question.group_by,
        tuple(UsageRow(members, TokenCounts(output=count), 1) for members, count in rows.items()),
    )


def put(store: Store, question: Question, *buckets: UsageBucket, at: datetime = NOW) -> None:
    with store.write() as transaction:
        answers.put(transaction, question, question.at(at), buckets, at)


def load(store: Store, question: Question = GEO) -> Answer:
    with store.read() as transaction:
        found = answers.load(transaction, question)
    assert found is not None
    return found


def ask(store: Store, question: Question = GEO, at: datetime = NOW) -> bool:
    with store.write() as transaction:
        return questions.ask(transaction, question, at)


def wanted(store: Store, at: datetime = NOW) -> list[Question]:
    with store.read() as transaction:
        return questions.wanted(transaction, at)


def rows_of_all_tables(store: Store) -> dict[str, int]:
    with store.read() as transaction:
        return {
            table: len(transaction.all(f"SELECT 1 FROM {table}"))  # noqa: S608 - of the names below
            for table in ("question", "answer", "answer_bucket", "usage", "series", "mix", "coverage")
        }


@pytest.mark.parametrize(
    "question", ALL, ids=lambda each: f"{each.dimension.name.lower()} {len(each.filters)}"
)
def test_a_question_comes_back_as_it_was_asked(store: Store, question: Question) -> None:
    assert ask(store, question)
    assert wanted(store) == [question]


def test_the_newest_question_comes_first_and_one_too_old_not_at_all(store: Store) -> None:
    for number, question in enumerate(ALL):
        ask(store, question, NOW + number * MINUTE)
    assert wanted(store, NOW + 4 * MINUTE) == ALL[::-1]
    assert wanted(store, NOW + 11 * MINUTE) == ALL[:1:-1]
    with store.read() as transaction:
        assert questions.newest(transaction, NOW) == (NOW + 3 * MINUTE).timestamp()
        assert questions.is_wanted(transaction, GEO, NOW)
        assert not questions.is_wanted(transaction, GEO, NOW + 11 * MINUTE)


def test_a_question_of_a_time_to_come_hides_no_other(store: Store) -> None:
    ask(store, OF_DEFAULT, NOW + timedelta(days=1))
    ask(store, GEO)
    assert wanted(store) == [GEO]
    with store.read() as transaction:
        assert questions.newest(transaction, NOW) == NOW.timestamp()


def test_an_answer_is_kept_by_member_and_what_its_price_depends_on(store: Store) -> None:
    us = ("us", "wrkspc_a", "claude-opus-5", "standard", "0-200k")
    null: tuple[str | None, ...] = (None, None, "claude-opus-5", "standard", "0-200k")
    ask(store)
    put(store, GEO, hour(GEO, START, {us: 5, null: 7}), hour(GEO, START + HOUR, {us: 11}))
    found = load(store)
    assert (found.read_at, found.refusal) == (NOW, None)
    assert found.asked == Asked(Window(START, START + 24 * HOUR), BucketWidth.HOUR)
    assert set(found.totals) == {
        (*us, (0, 0, 0, 0, 16, 2)),
        (*null, (0, 0, 0, 0, 7, 1)),
    }
    assert found.tokens == {"us": {START: 5, START + HOUR: 11}, None: {START: 7}}
    assert found.missing == {START + n * HOUR for n in range(2, 24)}
    assert wanted(store) == []


def test_what_a_filter_pins_is_known_of_every_row(store: Store) -> None:
    assert Dimension.MODEL not in OF_MODEL.group_by
    put(store, OF_MODEL, hour(OF_MODEL, START, {("fast", "wrkspc_a", "standard", "0-200k"): 3}))
    (total,) = load(store, OF_MODEL).totals
    assert total == ("fast", "wrkspc_a", "claude-opus-5", "standard", "0-200k", (0, 0, 0, 0, 3, 1))


def test_rows_that_no_filter_could_keep_out_are_left_out_here(store: Store) -> None:
    tail = ("claude-opus-5", "standard", "0-200k")
    rows: dict[tuple[str | None, ...], int] = {
        (geo, workspace, *tail): count
        for geo, workspace, count in (("us", None, 1), ("us", "wrkspc_a", 2), ("us", "wrkspc_b", 4))
    }
    put(store, OF_DEFAULT, hour(OF_DEFAULT, START, rows))
    assert load(store, OF_DEFAULT).tokens == {"us": {START: 3}}
    put(store, OF_CONSOLE, hour(OF_CONSOLE, START, {("fast", None): 1, ("fast", "apikey_1"): 2}))
    (total,) = load(store, OF_CONSOLE).totals
    assert total == ("fast", None, None, None, None, (0, 0, 0, 0, 1, 1)), "of its price nothing is known"


def test_an_answer_to_another_grouping_is_none(store: Store) -> None:
    with pytest.raises(ValueError, match="groups by"):
        put(store, GEO, hour(OF_CONSOLE, START, {("fast", None): 1}))


def test_another_answer_replaces_all_of_the_one_before_and_no_other_questions(store: Store) -> None:
    us = ("us", "wrkspc_a", "claude-opus-5", "standard", "0-200k")
    put(store, GEO, hour(GEO, START, {us: 5}), hour(GEO, START + HOUR, {us: 5}))
    put(store, OF_DEFAULT, hour(OF_DEFAULT, START, {us: 2}))
    put(store, GEO, hour(GEO, START + HOUR, {("global", *us[1:]): 3}), at=NOW + HOUR)
    assert load(store).tokens == {"global": {START + HOUR: 3}}
    assert load(store, OF_DEFAULT).tokens == {"us": {START: 2}}
    with store.write() as transaction:
        answers.refuse(transaction, GEO, GEO.at(NOW), "No.", NOW + 2 * HOUR)
    refused = load(store)
    assert (refused.refusal, refused.totals, refused.tokens) == ("No.", (), {})


def test_an_answer_is_believed_for_an_hour_and_so_is_a_refusal(store: Store) -> None:
    put(store, GEO)
    with store.write() as transaction:
        answers.refuse(transaction, OF_MODEL, OF_MODEL.at(NOW), "No.", NOW)
    for question in (GEO, OF_MODEL):
        assert not ask(store, question, NOW + HOUR - MINUTE)
    assert wanted(store, NOW + HOUR - MINUTE) == []
    for question in (GEO, OF_MODEL):
        assert ask(store, question, NOW + HOUR)
        assert load(store, question).read_at == NOW, "the old answer stays until there is another"
    assert set(wanted(store, NOW + HOUR)) == {GEO, OF_MODEL}


def test_an_answer_of_a_time_to_come_is_asked_for_again(store: Store) -> None:
    put(store, GEO, at=NOW + HOUR)
    assert ask(store, GEO)


def test_answers_are_in_no_sum_and_change_no_other_table(store: Store) -> None:
    before = rows_of_all_tables(store)
    us = ("us", "wrkspc_a", "claude-opus-5", "standard", "0-200k")
    put(store, GEO, hour(GEO, START, {us: 5}))
    after = rows_of_all_tables(store)
    assert {table for table in after if after[table] != before[table]} == {
        "question",
        "answer",
        "answer_bucket",
    }
    with store.read() as transaction:
        assert sums.by_series(transaction, Window(START, NOW)) == {}


def test_a_day_later_an_answer_is_thinned_with_all_its_rows(store: Store) -> None:
    us = ("us", "wrkspc_a", "claude-opus-5", "standard", "0-200k")
    put(store, GEO, hour(GEO, START, {us: 5}))
    put(store, OF_DEFAULT, hour(OF_DEFAULT, START, {us: 5}), at=NOW + HOUR)
    ask(store, OF_MODEL)
    thinning.thin(store, NOW + 24 * HOUR - MINUTE)
    assert load(store).tokens
    with store.read() as transaction:
        assert questions.find(transaction, OF_MODEL) is None, "nobody waits any more"
    thinning.thin(store, NOW + 24 * HOUR)
    assert rows_of_all_tables(store) == dict.fromkeys(rows_of_all_tables(store), 0) | {
        "question": 1,
        "answer": 1,
        "answer_bucket": 1,
    }
    assert load(store, OF_DEFAULT).tokens == {"us": {START: 5}}


def test_thinning_leaves_a_question_that_somebody_waits_for(store: Store) -> None:
    put(store, GEO)
    later = NOW + 30 * HOUR
    ask(store, GEO, later)
    thinning.thin(store, later + MINUTE)
    assert wanted(store, later + MINUTE) == [GEO]
    assert load(store).read_at == NOW


def test_whoever_looks_is_told_of_a_question_and_of_its_answer(store: Store) -> None:
    seen = [store.revision()]
    ask(store)
    seen.append(store.revision())
    put(store, GEO)
    seen.append(store.revision())
    assert sorted(set(seen)) == seen


def test_questions_of_two_times_are_two_questions(store: Store) -> None:
    day = Window(START, START + 24 * HOUR)
    times = [None, Since(START), day, Window(START, START + HOUR)]
    asked = [Question(Dimension.SPEED, time=time) for time in times]
    for minute, question in enumerate(asked):
        assert ask(store, question, NOW + minute * MINUTE)
    with store.read() as transaction:
        assert questions.wanted(transaction, NOW + 5 * MINUTE) == asked[::-1]
    put(store, asked[2])
    assert not ask(store, asked[2])
    assert load(store, asked[2]).asked.window == day
    with store.read() as transaction:
        assert answers.load(transaction, asked[1]) is None
        assert not questions.is_fresh(transaction, asked[0], NOW)
