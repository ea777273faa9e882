"""The Breakdown as text: what its columns say, and which of them there is room for."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import Dimension, Kind
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Scope, Since, Span
from meterdeck.domain.tokens import TokenCounts
from meterdeck.present.breakdown import order, table, title
from meterdeck.present.columns import Column, Row, fitted, lay_out
from meterdeck.present.parts import Part as TitlePart
from meterdeck.present.parts import place
from meterdeck.present.sorting import with_marks
from meterdeck.queries.breakdown import Breakdown, BreakdownPane, BreakdownRow, Change, Part
from meterdeck.queries.names import Member
from meterdeck.queries.pace import Pace
from meterdeck.queries.spend import UNIT_DECIMALS, Spend
from meterdeck.queries.usage_window import UsageWindow
from meterdeck.store.hours import HourSources

NOW = datetime(2026, 11, 21, 14, 32, tzinfo=UTC)
DAY = Window(NOW.replace(hour=0, minute=0), NOW.replace(day=22, hour=0, minute=0))


def row(name: str, tokens: int, cents: int | None) -> BreakdownRow:
    """A member that took so many tokens, worth so many cents; None: nothing has priced them."""
    spend = Spend(unpriced_tokens=tokens)
    if cents is not None:
        spend = Spend(estimated=cents * 10**UNIT_DECIMALS, priced_tokens=tokens)
    part = Part(Member(f"id_{name}", name, Kind.MEMBER), TokenCounts(tokens), 0, spend, 0.0)
    return BreakdownRow(part, tuple(range(24)), Pace(tokens), Pace(tokens), change=Change(tokens, tokens))


ROWS = (row("chat", 900, 100), row("batch", 100, 300), row("new", 1, None))


def pane(
    scope: Scope | None = None, measure: Measure = Measure.TOKENS, rows: Iterable[BreakdownRow] = ROWS
) -> BreakdownPane:
    scope = scope or Scope()
    hours = UsageWindow(DAY, HourSources((), (), frozenset(), {}, NOW), (), NOW)
    return BreakdownPane(Breakdown(scope, hours, ()), tuple(rows), measure)


def column(key: str, shown: tuple[list[Column], list[Row]]) -> list[str]:
    """The texts of a column, from the first row down."""
    columns, rows = shown
    at = [each.key for each in columns].index(key)
    return [row.cells[at].text for row in rows]


def words(of: BreakdownPane, kept: set[str] | None = None) -> str:
    return "  ".join(part.text for part in title(of, NOW, UTC, kept)[0])


def test_a_share_is_one_of_what_is_measured() -> None:
    assert column("share", table(pane(), NOW, cells=77)) == ["90%", "10%", "<1%"]
    in_dollars = pane(measure=Measure.USD)
    assert column("share", table(in_dollars, NOW, cells=77)) == ["25%", "75%", "—"]
    assert column("bar", table(in_dollars, NOW, cells=200, zoomed=True))[1].count("▇") == 7
    assert "75% of dollars in 24 h" in words(in_dollars, {"id_batch"})
    assert "10% of tokens in 24 h" in words(pane(), {"id_batch"})


WEEK = Window(datetime(2026, 11, 11, 10, tzinfo=UTC), datetime(2026, 11, 18, 10, tzinfo=UTC))


def test_the_line_of_a_past_time_is_titled_by_its_length_so_that_figures_keep_their_room() -> None:
    def titled(scope: Scope) -> str:
        return next(each.title for each in table(pane(scope), NOW, cells=77)[0] if each.key == "spark")

    assert titled(Scope(at=WEEK)) == "7 d"
    assert titled(Scope(at=DAY)) == "24 h"
    assert titled(Scope(at=Window(WEEK.start, WEEK.start + timedelta(hours=1)))) == "1 h"
    assert titled(Scope(at=Since(WEEK.start))) == "since Wed 11"
    assert titled(Scope(span=Span.CALENDAR_MONTH)) == "Nov"
    columns, rows = table(pane(Scope(at=WEEK)), NOW, cells=77)
    shown = {columns[place.index].key for place in lay_out(fitted(columns, rows), 77)}
    assert {"tokens", "before", "usd", "share", "spark"} <= shown


def test_a_time_up_to_now_is_compared_with_the_time_before_by_its_length() -> None:
    def titled(scope: Scope, rows: Iterable[BreakdownRow] = ROWS) -> list[str]:
        return [
            each.title for each in table(pane(scope, rows=rows), NOW, cells=117)[0] if each.key == "before"
        ]

    assert titled(Scope()) == ["Δ24h"]
    assert titled(Scope(span=Span.WEEK)) == ["Δ7d"]
    assert titled(Scope(span=Span.CALENDAR_MONTH)) == ["Δ before"]
    assert titled(Scope(at=Since(WEEK.start))) == ["Δ before"]
    assert titled(Scope(), [replace(each, change=None) for each in ROWS]) == [], "a column that knows nothing"


def test_a_time_that_was_chosen_is_told_before_most_else_in_fewer_words_where_there_is_little_room() -> None:
    parts = title(pane(Scope(at=WEEK, by=Dimension.API_KEY)), NOW)[0]
    assert "Wed 11 Nov 10:00 – Wed 18 Nov 10:00Z" in line(parts, 80)
    assert "Wed 11 – Wed 18 Nov" in line(parts, 50)


@pytest.mark.parametrize("width", range(3, 260, 3))
@pytest.mark.parametrize("scope", [Scope(), Scope(at=WEEK)], ids=["now", "a week"])
def test_on_the_whole_screen_no_name_and_no_line_is_shorter(scope: Scope, width: int) -> None:
    rows = [row("the-quarterly-evaluation-of-models", 5, 5), *ROWS]
    of = pane(scope, rows=rows)

    def widths(shown: tuple[list[Column], list[Row]]) -> dict[str, int]:
        columns = fitted(with_marks(shown[0], order(of), None), shown[1])
        return {columns[place.index].key: place.width for place in lay_out(columns, width)}

    of = replace(of, rows=tuple(with_minutes(rows)))
    plain = widths(table(of, NOW, cells=width))
    zoomed = widths(table(of, NOW, cells=width, zoomed=True))
    assert {key: cells for key, cells in plain.items() if zoomed.get(key, 0) < cells} == {}


@pytest.mark.parametrize("width", [77, 97, 117, 137])
@pytest.mark.parametrize("scope", [Scope(), Scope(at=WEEK)], ids=["now", "a week"])
@pytest.mark.parametrize("zoomed", [False, True])
def test_the_most_stands_beside_the_line_wherever_all_panes_are(
    scope: Scope, width: int, zoomed: bool
) -> None:
    of = pane(scope, rows=with_minutes(ROWS))
    columns, rows = table(of, NOW, cells=width, zoomed=zoomed)
    columns = list(fitted(with_marks(columns, order(of), None), rows))
    shown = {columns[place.index].key for place in lay_out(columns, width)}
    assert {"most", "share", "spark"} <= shown


def with_minutes(rows: Iterable[BreakdownRow]) -> list[BreakdownRow]:
    return [replace(row, minutes=(1,) * 60) for row in rows]


def line(parts: list[TitlePart], width: int) -> str:
    return "  ".join(part.text for part in place(parts, [], width, gap=2))
