"""What is read on demand, in words."""

from datetime import UTC, datetime, timedelta

import pytest

from meterdeck.domain.buckets import BucketWidth, Window
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS, Dimension, Kind
from meterdeck.domain.questions import Asked, Question
from meterdeck.domain.scope import Scope, Span
from meterdeck.domain.tokens import TokenCounts
from meterdeck.present.breakdown import table
from meterdeck.present.on_demand import announcement, state_words
from meterdeck.queries.breakdown import Breakdown, BreakdownPane, BreakdownRow, Part
from meterdeck.queries.names import Member
from meterdeck.queries.on_demand import OnDemand, State
from meterdeck.queries.prices import Estimate
from meterdeck.queries.usage_window import UsageWindow
from meterdeck.store.hours import HourSources

NOW = datetime(2026, 11, 20, 14, 37, 20, tzinfo=UTC)
SOURCES = HourSources((), (), frozenset(), {}, None)


def pane(span: Span = Span.DAY) -> BreakdownPane:
    scope = Scope(span=span, by=Dimension.INFERENCE_GEO)
    hours = UsageWindow(span.window(BucketWidth.HOUR, NOW), SOURCES, (), NOW)
    part = Part(Member("us", "us", Kind.MEMBER), TokenCounts(output=5), 0, Estimate(unpriced_tokens=5), 1.0)
    row = BreakdownRow(part, None, None, None, None, (1, None, 4))
    return BreakdownPane(Breakdown(scope, hours, (part,)), (row,), span)


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
    for dimension, title in zip(
        ON_DEMAND_DIMENSIONS, ("geo", "speed", "account", "service account"), strict=True
    ):
        said = announcement(Question(dimension), NOW)
        assert said == f"One request of the budget: usage by {title}."


def test_more_requests_than_one_are_said_to_be_more(monkeypatch: pytest.MonkeyPatch) -> None:
    quarter = Asked(Window(NOW - timedelta(days=90), NOW), BucketWidth.DAY)
    monkeypatch.setattr(Question, "at", lambda *_: quarter)
    assert quarter.requests == 3
    assert announcement(Question(Dimension.SPEED), NOW) == "3 requests of the budget: usage by speed."


@pytest.mark.parametrize(
    ("span", "title"),
    [(Span.DAY, "24 h"), (Span.WEEK, "7 d"), (Span.MONTH_OF_DAYS, "31 d"), (Span.CALENDAR_MONTH, "month")],
)
def test_the_pane_shows_an_answer_with_dashes_for_what_is_not_known_of_it(span: Span, title: str) -> None:
    columns, (row,) = table(pane(span))
    texts = dict(zip((column.title for column in columns), (cell.text for cell in row.cells), strict=True))
    assert texts["geo"] == "us"
    assert {texts[name] for name in ("tok/h", "Δ1h", "~$/h", "~hour", "~today")} == {"—"}
    assert (texts["share"], texts["tokens"]) == ("100%", "5")
    assert texts[title] == "▂·█".rjust(24)
