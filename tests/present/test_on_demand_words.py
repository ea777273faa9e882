"""What is read on demand, in words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, Dimension, Kind
from meterdeck.domain.questions import Asked, Question
from meterdeck.domain.scope import Scope, Since, Span
from meterdeck.domain.tokens import TokenCounts
from meterdeck.present.on_demand import announcement, state_words, table, time_words, title
from meterdeck.queries.breakdown import Breakdown, BreakdownPane, BreakdownRow, Part
from meterdeck.queries.names import Member
from meterdeck.queries.on_demand import OnDemand, State
from meterdeck.queries.spend import Spend
from meterdeck.queries.usage_window import UsageWindow
from meterdeck.store.hours import HourSources

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
SOURCES = HourSources((), (), frozenset(), {}, None)


def pane(span: Span = Span.DAY) -> BreakdownPane:
    scope = Scope(span=span, by=Dimension.INFERENCE_GEO)
    hours = UsageWindow(span.window(BucketWidth.HOUR, NOW), SOURCES, (), NOW)
    part = Part(Member("us", "us", Kind.MEMBER), TokenCounts(output=5), 0, Spend(unpriced_tokens=5), 1.0)
    row = BreakdownRow(part, (1, None, 4))
    return BreakdownPane(Breakdown(scope, hours, (part,)), (row,))


def found(
    state: State,
    age: timedelta | None = None,
    *,
    refusal: str | None = None,
    trouble: str | None = None,
) -> OnDemand:
    read_at = None if age is None else NOW - age
    question = Question(Dimension.INFERENCE_GEO)
    return OnDemand(question, state, pane(), read_at, age is not None, refusal, trouble)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (found(State.MISSING), "not read yet"),
        (found(State.ASKED), "asked, waiting for the answer"),
        (found(State.ASKED, timedelta(hours=2)), "asked, waiting for the answer"),
        (found(State.ASKED, trouble="The API is\x1b[2J busy."), "waiting: The API is busy."),
        (found(State.THERE, timedelta(seconds=20)), "read 0 min ago"),
        (found(State.THERE, timedelta(minutes=119)), "read 119 min ago"),
        (found(State.THERE, timedelta(minutes=120)), "read 2 h ago"),
        (
            found(State.REFUSED, timedelta(0), refusal="speed:\nnot available"),
            "refused: speed: not available",
        ),
    ],
)
def test_the_state_of_an_answer_is_said_in_a_few_harmless_words(found: OnDemand, said: str) -> None:
    assert state_words(found, NOW) == said


def test_what_asking_costs_is_said_before() -> None:
    for dimension, word in zip(
        ON_DEMAND_DIMENSIONS, ("geo", "speed", "account", "service account"), strict=True
    ):
        said = announcement(Question(dimension), NOW)
        assert said == f"One request of the budget: usage by {word}."


def test_of_a_time_of_its_own_is_said_which_one_is_asked_for_and_which_one_is_told() -> None:
    cut = Window(datetime(2026, 11, 5, 5, 44, tzinfo=UTC), datetime(2026, 11, 15, 11, 44, tzinfo=UTC))
    question = Question(Dimension.SPEED, time=cut)
    widened = "Thu 5 Nov – Sun 15 Nov"
    assert announcement(question, NOW) == f"One request of the budget: usage by speed, {widened}."
    since = Question(Dimension.SPEED, time=Since(datetime(2026, 11, 20, 14, 5, tzinfo=UTC)))
    assert announcement(since, NOW, ZoneInfo("Asia/Tokyo")).endswith(", since Fri 20 Nov 23:05 JST.")
    for window, of_its_own, words in (
        (question.at(NOW).window, False, f"{widened} (whole UTC days)"),
        (Window(cut.start.replace(minute=0), cut.end.replace(hour=12, minute=0)), False, "(whole hours)"),
        (cut, True, "Thu 5 Nov 05:44 – Sun 15 Nov 11:44Z"),
    ):
        hours = UsageWindow(window, SOURCES, (), NOW)
        answer = replace(pane(), breakdown=replace(pane().breakdown, hours=hours))
        asked = OnDemand(question, State.THERE, answer, NOW, is_fresh=True, is_exact=of_its_own)
        assert time_words(asked).endswith(words)
        left, _ = title(asked, NOW)
        assert left[-1].text == f"1 {time_words(asked)}"


def test_more_requests_than_one_are_said_to_be_more(monkeypatch: pytest.MonkeyPatch) -> None:
    quarter = Asked(Window(NOW - timedelta(days=90), NOW), BucketWidth.DAY)
    monkeypatch.setattr(Question, "at", lambda *_: quarter)
    assert quarter.requests == 3
    assert announcement(Question(Dimension.SPEED), NOW) == "3 requests of the budget: usage by speed."


@pytest.mark.parametrize(
    ("span", "drawn"),
    [(Span.DAY, "24 h"), (Span.WEEK, "7 d"), (Span.MONTH_OF_DAYS, "31 d"), (Span.CALENDAR_MONTH, "month")],
)
def test_a_row_tells_what_its_member_took_over_the_whole_window(span: Span, drawn: str) -> None:
    question = Question(Dimension.INFERENCE_GEO, span=span)
    columns, (row,) = table(OnDemand(question, State.THERE, pane(span), NOW, is_fresh=True))
    texts = dict(zip((column.title for column in columns), (cell.text for cell in row.cells), strict=True))
    assert texts["geo"] == "us"
    assert (texts["share"], texts["tokens"], texts["$"], texts["cache"]) == ("100%", "5", "unpriced", "—")
    assert texts[drawn] == "▂·█".rjust(24)


def test_an_age_is_never_cut_and_a_sentence_may_be() -> None:
    there = found(State.THERE, timedelta(minutes=5))
    refused = found(State.REFUSED, timedelta(0), refusal="speed: not available for this organisation")
    for asked, shrinks in ((there, False), (refused, True)):
        _, (state,) = title(asked, NOW)
        assert state.text == state_words(asked, NOW)
        assert (state.shrink_to is not None) is shrinks
