from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.present.bars import Bar, State, merged, spans
from meterdeck.present.charts import Chart, Subject
from meterdeck.present.forms import Form, Pen
from meterdeck.present.names import cell_width
from meterdeck.present.plot import rates_chart
from meterdeck.present.ticks import Flag, Tick, time_ticks, with_marks
from meterdeck.store.marks import Mark

NOW = datetime(2026, 11, 21, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)


def bars_of(values: Sequence[int | None], *, step: timedelta = HOUR, last: State = "running") -> list[Bar]:
    """Bars that end with NOW's."""
    count = len(values)
    return [
        Bar(NOW - (count - 1 - index) * step, value, last if index == count - 1 else "closed")
        for index, value in enumerate(values)
    ]


def chart_of(bars: list[Bar], *, width: int, height: int) -> Chart:
    return rates_chart(Subject(tuple(bars)), width=width, height=height)


def drawn(bars: list[Bar], width: int, height: int) -> str:
    return "\n".join(line.rstrip() for line in chart_of(bars, width=width, height=height).lines)


def test_a_day_of_hours_as_it_looks() -> None:
    values: list[int | None] = [40, 30, 20, None, 10, 0, 1, 50, 60, 70, 80, 90, 100, 120, 131, 60]
    bars = bars_of([None if value is None else value * 1_000_000 for value in values])
    bars[-2] = Bar(bars[-2].start, bars[-2].value, "settling")
    assert drawn(bars, 54, 8) == (
        "    │                                       ▃▃ ▒▒\n"
        "100M┤                                    ▃▃ ██ ▒▒\n"
        "    │                              ▂▂ ▆▆ ██ ██ ▒▒\n"
        "    │                        ▂▂ ▆▆ ██ ██ ██ ██ ▒▒\n"
        " 50M┤▁▁                   ▅▅ ██ ██ ██ ██ ██ ██ ▒▒ ░░\n"
        "    │██ ▅▅ ▁▁             ██ ██ ██ ██ ██ ██ ██ ▒▒ ░░\n"
        "   0┤██ ██ ██ ·· ▄▄    ▁▁ ██ ██ ██ ██ ██ ██ ██ ▒▒ ░░\n"
        "        00       03       06       09       12"
    )


@settings(max_examples=150, deadline=None)
@given(
    values=st.lists(st.none() | st.integers(0, 10**13), max_size=200),
    step=st.sampled_from([timedelta(minutes=1), HOUR, timedelta(days=1)]),
    width=st.integers(-1, 130),
    height=st.integers(-1, 20),
)
def test_a_chart_is_exactly_as_large_as_asked(
    values: list[int | None], step: timedelta, width: int, height: int
) -> None:
    chart = chart_of(bars_of(values, step=step), width=width, height=height)
    assert len(chart.lines) == max(0, height)
    assert {len(line) for line in chart.lines} <= {max(0, width)}


@given(st.integers(1, 400), st.integers(4, 200))
def test_merged_bars_fit_and_stand_apart_in_order(count: int, columns: int) -> None:
    _, bars = merged(bars_of([1] * count), columns)
    assert len(bars) <= columns
    places = spans(len(bars), columns)
    assert all(place.start < place.stop <= columns for place in places)
    assert all(a.stop <= b.start for a, b in pairwise(places))


def test_a_week_of_hours_is_merged_by_the_clock_and_the_running_hour_stays_alone() -> None:
    per_bar, bars = merged(bars_of([30] * 167 + [1]), 75)
    assert per_bar == 3
    assert all(bar.start.hour % 3 == 0 for bar in bars[1:-1])
    assert bars[-1] == Bar(NOW, 1, "running")
    assert {bar.value for bar in bars[:-1]} == {30}


@pytest.mark.parametrize(
    ("count", "columns", "minutes"), [(102, 95, 3), (102, 75, 3), (60, 55, 3), (102, 55, 2)]
)
def test_bars_of_means_fill_most_of_the_width_and_are_equally_wide(
    count: int, columns: int, minutes: int
) -> None:
    for now in range(12):  # whatever the clock says
        step = timedelta(minutes=1)
        shown = [replace(bar, start=bar.start + now * step) for bar in bars_of([1] * count, step=step)]
        per_bar, bars = merged(shown, columns)
        places = spans(len(bars), columns)
        assert per_bar == minutes
        assert len({len(place) for place in places}) == 1
        assert places[-1].stop >= columns * 0.7


def test_no_bar_is_of_more_buckets_for_a_little_more_of_the_width() -> None:
    assert merged(bars_of([1] * 168), 115)[0] == 2
    assert merged(bars_of([1] * 168), 80)[0] == 3


def test_columns_of_dots_are_filled_by_the_most_bars_that_fit() -> None:
    assert merged(bars_of([1] * 102, step=timedelta(minutes=1)), 95, even=False)[0] == 2


def test_a_merged_bar_of_gaps_is_a_gap_and_known_hours_are_averaged_without_the_gaps() -> None:
    _, bars = merged(bars_of([*[None] * 24, *[10, None] * 12], last="closed"), 10)
    assert {bar.value for bar in bars} == {None, 10}


@pytest.mark.parametrize("values", [[], [None] * 24, [0] * 24, [5]])
def test_nothing_zero_and_a_single_bar_are_drawn_from_a_zero_line(values: list[int | None]) -> None:
    for height in (3, 7, 12):
        lines = chart_of(bars_of(values), width=80, height=height).lines
        assert lines[-2].startswith("   0┤")


def test_a_gap_is_a_dot_on_the_zero_line_and_zero_is_empty() -> None:
    lines = chart_of(bars_of([None, 0, 9, 9], last="closed"), width=60, height=5).lines
    assert lines[-2].split("┤")[1].startswith("········          ████████ ████████")


def test_more_than_zero_always_shows() -> None:
    lines = chart_of(bars_of([1, 10**9], last="closed"), width=40, height=5).lines
    assert "▁" in lines[-2]
    lines = chart_of(bars_of([10**9, 1]), width=40, height=5).lines
    assert "░" in lines[-2]


def test_the_scale_names_round_values_and_zero_with_one_unit() -> None:
    lines = chart_of(bars_of([1_940_000] * 24), width=80, height=8).lines
    assert [line[:5] for line in lines if "┤" in line] == ["1.5M┤", "1.0M┤", "0.5M┤", "   0┤"]


def test_hours_are_labelled_under_the_left_edge_of_their_bars() -> None:
    lines = chart_of(bars_of([7] * 24), width=76, height=6).lines
    assert lines[-1].split() == ["15", "18", "21", "00", "03", "06", "09", "12"]
    assert lines[-1].index("18") == 5 + 3 * 3


def ticks(starts: list[datetime], columns: int) -> list[str]:
    lefts = [place.start for place in spans(len(starts), columns)]
    return [tick.label for tick in time_ticks(starts, lefts, columns)]


def test_a_week_is_labelled_by_days_and_a_month_by_mondays() -> None:
    week = [NOW - n * 3 * HOUR for n in range(55, -1, -1)]
    assert ticks(week, 112)[:2] == ["Sun 15", "Mon 16"]
    month = [NOW.replace(hour=0) - timedelta(days=n) for n in range(30, -1, -1)]
    assert ticks(month, 71) == ["Mon 26", "Mon 2", "Mon 9", "Mon 16"]


@given(days=st.integers(28, 62), first=st.integers(0, 27), columns=st.integers(31, 90))
def test_a_month_has_labels_where_not_every_monday_has_room(days: int, first: int, columns: int) -> None:
    start = NOW.replace(hour=0) - timedelta(days=first)
    _, bars = merged([Bar(start + timedelta(days=n), 1) for n in range(days)], columns)
    assert ticks([bar.start for bar in bars], columns)


def test_labels_follow_the_clock_of_the_zone_even_with_half_hours_and_a_day_of_25_hours() -> None:
    kolkata = [(NOW + n * HOUR).astimezone(ZoneInfo("Asia/Kolkata")) for n in range(24)]
    assert ticks(kolkata, 71)[:3] == ["21", "00", "03"]
    autumn = datetime(2026, 10, 24, 22, tzinfo=UTC)
    berlin = [(autumn + n * HOUR).astimezone(ZoneInfo("Europe/Berlin")) for n in range(25)]
    assert ticks(berlin, 74) == ["00", "03", "06", "09", "12", "15", "18", "21"]


def axis(bars: list[Bar], *marks: Mark) -> str:
    return rates_chart(Subject(tuple(bars), marks), width=76, height=6).lines[-1].rstrip()


def test_a_mark_stands_on_the_axis_with_its_name_and_time() -> None:
    day = bars_of([100] * 24)
    at = NOW - timedelta(hours=10, minutes=-5)
    assert axis(day, Mark(1, at, "T0 checkout")) == (
        "     15       18       21       00       03 ▏T0 checkout 04:05      12"
    )
    near_the_end = Mark(2, NOW - timedelta(minutes=55), "rollback")
    assert (
        axis(day, near_the_end) == "     15       18       21       00       03       06     rollback 13:05▏"
    )
    wide = Mark(4, at, "発売 e\u0301")
    assert "▏発売 é 04:05 " in axis(day, wide)
    assert cell_width(axis(day, wide)) == cell_width(axis(day))
    long_ago = Mark(3, NOW - timedelta(hours=40), "before")
    assert axis(day, long_ago) == axis(day)


def flagged(marks: Sequence[tuple[int, int]]) -> list[Tick]:
    """Marks in columns, with names of so many characters."""
    return [Tick(column, "▏", Flag("m" * length, "04:05")) for column, length in sorted(marks)]


def test_where_marks_stand_close_names_are_cut_with_an_ellipsis_and_times_never() -> None:
    day = bars_of([100] * 24)
    launch = Mark(1, NOW - timedelta(minutes=55), "T0 checkout launch")
    rollback = Mark(2, NOW, "rollback of the launch")
    assert axis(day, launch, rollback).endswith("T0 checkout launch 13:05▏  ▏")
    early = Mark(3, NOW - timedelta(hours=4), "T0 checkout launch")
    assert axis(day, early, rollback).endswith("00    T0 checkout launch 10:00▏ rollba…nch▏")
    assert [Flag("rollback", "14:20").words(room) for room in (14, 13, 12, 11, 8, 5, 1, 0)] == [
        "rollback 14:20", "roll…ck 14:20", "roll…k 14:20", "rollback", "rollback", "rol…k", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(("step", "count"), [(HOUR, 24), (timedelta(minutes=1), 60), (HOUR, 168)])
def test_a_marks_line_is_seen_through_bars_and_the_tops_of_narrow_ones_are_too(
    form: Form, step: timedelta, count: int
) -> None:
    bars = tuple(bars_of([100] * (count // 2) + [60] * (count // 2), step=step))
    marks = (Mark(1, bars[3].start, "early"), Mark(2, bars[-4].start, "late"))
    chart = rates_chart(Subject(bars, marks), Pen(form), width=76, height=8)
    for mark in chart.marks:
        column = [chart.lines[y][chart.left + mark.column] for y in chart.canvas]
        line = "|" if form is Form.ASCII else "▏"
        assert column.count(line) >= len(column) - 1
        narrow = len(chart.places[0]) == 1
        assert any(char not in {line, " "} for char in column) == narrow


def test_two_marks_of_one_bar_are_counted() -> None:
    day = bars_of([100] * 24)
    first, second = (Mark(minute, NOW - HOUR * 5 + HOUR * minute / 60, f"at {minute}") for minute in (5, 20))
    assert "▏at 20 09:20 +1" in axis(day, first, second)
    assert axis(day, second, first) == axis(day, first, second)


@given(
    st.lists(st.tuples(st.integers(0, 79), st.integers(1, 90)), max_size=6, unique_by=lambda mark: mark[0]),
    st.lists(st.integers(0, 77), max_size=8, unique=True),
)
def test_marks_and_ticks_never_overlap_and_each_column_with_a_mark_has_its_sign(
    marks: list[tuple[int, int]], ticks: list[int]
) -> None:
    placed = flagged(marks)
    shown = with_marks([Tick(column, "15") for column in sorted(ticks)], placed, 80)
    line = [" "] * 80
    for tick in shown:
        for column, char in enumerate(tick.label, tick.column):
            assert line[column] == " " or tick.label == "15"
            line[column] = char
    assert {column for column, char in enumerate(line) if char == "▏"} == {column for column, _ in marks}


def test_a_bucket_that_is_cut_stays_alone_and_the_others_are_merged_by_the_clock() -> None:
    whole = [Bar(NOW.replace(hour=0) + timedelta(hours=n), 6) for n in range(48)]
    cut = [
        replace(whole[0], start=whole[0].start + timedelta(minutes=35), value=1, is_cut=True),
        *whole[1:-1],
        replace(whole[-1], value=2, is_cut=True),
    ]
    for columns in range(4, 48):
        per_bar, bars = merged(cut, columns)
        assert len(bars) <= columns
        assert [bars[0], bars[-1]] == [cut[0], cut[-1]]
        assert {bar.value for bar in bars[1:-1]} == {6}
        assert all(bar.start.hour % per_bar == 0 for bar in bars[2:-1] if 24 % per_bar == 0)
