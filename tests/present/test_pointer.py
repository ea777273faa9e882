from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from meterdeck.present.bars import Bar, merged
from meterdeck.present.canvas import Ink
from meterdeck.present.charts import Chart, Subject
from meterdeck.present.forms import PLAIN, Form, Pen
from meterdeck.present.plot import rates_chart
from meterdeck.present.pointer import bar_at, pointed
from meterdeck.present.ticks import Flag, Tick, with_marks, with_pointer
from meterdeck.store.marks import Mark
from present.stacked import HOUR, NAMES, NOW, day_of

HOURS = day_of(*[(60, 30, 10)] * 24)
MARKS = (Mark(1, NOW - 10 * HOUR, "T0 checkout"),)


def chart_of(bars: tuple[Bar, ...] = HOURS, pen: Pen = PLAIN) -> Chart:
    return rates_chart(Subject(bars, MARKS, NAMES), pen, width=76, height=8)


def axis(chart: Chart, index: int) -> str:
    return "".join(cell.char for cell in pointed(chart, index)[-1]).rstrip()


def test_the_time_of_the_bar_stands_under_it_and_what_is_in_its_way_gives_way() -> None:
    chart = chart_of()
    assert axis(chart, 2) == "     15    ▲17:00      21       00       03 ▏T0 checkout 04:00      12"
    assert axis(chart, 11) == "     15       18       21       00    ▲02:00▏T0 checkout 04:00      12"
    assert axis(chart, 14) == "     15       18       21       00       03 ▏T…▲05:00               12"
    assert axis(chart, 17) == "     15       18       21       00       03 ▏T0 checkout▲08:00      12"
    assert axis(chart, 23) == "     15       18       21       00       03 ▏T0 checkout 04:00       14:00▲"
    narrow = rates_chart(Subject(day_of((1, 1, 1), (1, 1, 1))), width=9, height=4)
    assert axis(narrow, 1) == "       ▲"  # a time is never cut
    assert axis(chart_of(pen=Pen(Form.ASCII)), 2).startswith("     15    ^17:00      21")


def test_where_bars_are_of_several_days_or_are_days_it_says_the_day() -> None:
    week = day_of(*[(60, 30, 10)] * 60)
    assert "▲Fri 20 14:00" in axis(chart_of(week), 35)
    days = tuple(Bar(NOW.replace(hour=0) - timedelta(days=9 - n), 5) for n in range(10))
    assert axis(chart_of(days), 4).startswith("     12     13     14     15     ▲Mon 16       18 ")


def test_the_column_is_lit_and_nothing_else_changes() -> None:
    chart = chart_of()
    before, after = chart.rows[:-1], pointed(chart, 3)[:-1]
    changed = {
        (x, y)
        for y, (old, new) in enumerate(zip(before, after, strict=True))
        for x, (a, b) in enumerate(zip(old, new, strict=True))
        if a != b
    }
    assert changed == {(x, y) for x in (14, 15) for y in chart.canvas}
    assert [row[14].ink for row in after[1:3]] == [old[14].ink._replace(lit=True) for old in before[1:3]]
    assert pointed(chart, 3)[-1][14].ink == Ink("pointer", inverse=True)


def test_a_bucket_is_in_the_bar_that_holds_it_and_one_that_is_gone_in_the_nearest() -> None:
    chart = chart_of(day_of(*[(60, 30, 10)] * 168))
    assert chart.per_bar == 3
    for index, bar in enumerate(chart.bars):
        for hour in range(bar.buckets):
            assert bar_at(chart, bar.start + hour * HOUR) == index
    assert bar_at(chart, NOW - 400 * HOUR) == 0
    assert bar_at(chart, NOW + 400 * HOUR) == len(chart.bars) - 1
    assert bar_at(Chart(), NOW) is None


def test_an_hour_that_the_clock_shows_twice_is_two_bars() -> None:
    new_york = ZoneInfo("America/New_York")
    midnight = datetime(2026, 11, 1, 4, tzinfo=UTC)
    starts = [(midnight + n * HOUR).astimezone(new_york) for n in range(25)]
    marks = (Mark(1, starts[1], "T0"),)
    chart = rates_chart(Subject(tuple(Bar(start, 5) for start in starts), marks), width=126, height=8)
    assert [bar_at(chart, start) for start in starts] == list(range(25))
    assert [mark.column for mark in chart.marks] == [chart.places[1].start]


def test_hours_are_merged_alike_on_a_day_that_begins_with_one_that_the_clock_shows_twice() -> None:
    new_york = ZoneInfo("America/New_York")
    hours = [
        Bar((datetime(2026, 11, 1, 5, tzinfo=UTC) + n * HOUR).astimezone(new_york), 5) for n in range(24)
    ]
    _, bars = merged(hours, 10)
    assert bars[0].buckets == 2
    assert [bar.buckets for bar in bars[1:-1]] == [3] * (len(bars) - 2)


@given(
    st.integers(0, 79),
    st.lists(st.tuples(st.integers(0, 79), st.integers(1, 40)), max_size=5, unique_by=lambda mark: mark[0]),
    st.lists(st.integers(0, 77), max_size=8, unique=True),
)
def test_the_sign_is_in_its_column_and_no_label_overlaps_another(
    column: int, marks: list[tuple[int, int]], ticks: list[int]
) -> None:
    times = [Tick(at, "15") for at in sorted(ticks)]
    shown = with_marks(
        times, [Tick(at, "▏", Flag("m" * length, "04:05")) for at, length in sorted(marks)], 80
    )
    pointer, labels = with_pointer(shown, Tick(column, "▲Sat 21 06:00"), 80, whole=times)
    line = [" "] * 80
    for tick in sorted(labels, key=lambda tick: tick.label == "15"):
        for at, char in enumerate(tick.label, tick.column):
            assert line[at] == " " or tick.label == "15"
            line[at] = char
    assert line[column] == "▲"
    assert "".join(line).count("▲") == 1
    assert pointer in labels
