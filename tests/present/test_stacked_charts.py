"""Charts of stacked bars in each form, character by character, and in the colours of their parts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterdeck.present.bars import Bar, State, merged
from meterdeck.present.canvas import SERIES, Ink
from meterdeck.present.charts import Chart, Subject
from meterdeck.present.forms import Form, Pen
from meterdeck.present.heights import BLOCKS, eighths
from meterdeck.present.measures import DOLLARS
from meterdeck.present.names import cell_width
from meterdeck.present.plot import rates_chart
from meterdeck.store.marks import Mark
from present.stacked import DAY, HOUR, NAMES, NOW, day_of

BRAILLE, ASCII, LETTERS = Pen(Form.BRAILLE), Pen(Form.ASCII), Pen(letters=True)
PENS = st.builds(Pen, st.sampled_from(Form), st.booleans())


def text(chart: Chart) -> str:
    return "\n".join(line.rstrip() for line in chart.lines)


def ink(chart: Chart, bar: int, row: int) -> Ink:
    """The ink of a bar's first column, rows counted from the bottom of the canvas."""
    return chart.rows[chart.canvas.stop - 1 - row][chart.left + chart.places[bar].start].ink


def test_in_blocks() -> None:
    assert text(rates_chart(DAY, width=46, height=9)) == (
        "tok/h █ prod-chat  █ batch-etl  █ 4 others\n"
        " 100┤                        █████\n"
        "    │▅▅▅▅▅                   ▅▅▅▅▅ ▒▒▒▒▒\n"
        "    │▇▇▇▇▇                   █████ ▒▒▒▒▒\n"
        "  50┤█████                   █████ ▒▒▒▒▒ ░░░░░\n"
        "    │▇▇▇▇▇                   ▁▁▁▁▁ ▒▒▒▒▒ ░░░░░\n"
        "    │█████       ▃▃▃▃▃       █████ ▒▒▒▒▒ ░░░░░\n"
        "   0┤█████ ····· █████       █████ ▒▒▒▒▒ ░░░░░\n"
        "     08    09    10    11    12    13    14"
    )


def test_in_ascii_and_without_colours_parts_are_letters_small_ones_where_they_may_change() -> None:
    assert text(rates_chart(DAY, ASCII, width=46, height=9)) == (
        "tok/h A prod-chat  B batch-etl  O 4 others\n"
        " 100|                        OOOOO\n"
        "    |+++++                   BBBBB ooooo\n"
        "    |BBBBB                   BBBBB bbbbb\n"
        "  50|BBBBB                   BBBBB aaaaa :o:o:\n"
        "    |AAAAA                   BBBBB aaaaa b:b:b\n"
        "    |AAAAA       -----       AAAAA aaaaa :a:a:\n"
        "   0|AAAAA ..... AAAAA       AAAAA aaaaa a:a:a\n"
        "     08    09    10    11    12    13    14"
    )
    lettered = text(rates_chart(DAY, LETTERS, width=46, height=9))
    assert lettered.splitlines()[5] == "    │AAAAA                   BBBBB aaaaa b░b░b"


def test_in_braille_a_settling_bar_lacks_rows_and_a_running_one_is_chequered() -> None:
    assert text(rates_chart(DAY, BRAILLE, width=36, height=6)) == (
        "tok/h ⣿ prod-chat  +1  ⣿ 4 others\n"
        " 100┤⣀⣀⣀⣀              ⣿⣿⣿⣿⢀⣀⣀⣀⡀\n"
        "    │⣿⣿⣿⣿              ⣿⣿⣿⣿⢐⣒⣒⣒⡂\n"
        "  50┤⣿⣿⣿⣿              ⣿⣿⣿⣿⢐⣒⣒⣒⡂⡪⡪⡪⡪\n"
        "   0┤⣿⣿⣿⣿·····⣶⣶⣶⣶     ⣿⣿⣿⣿⢐⣒⣒⣒⡂⡪⡪⡪⡪\n"
        "         09            12"
    )


def test_dots_without_colours_show_the_whole_alone() -> None:
    chart = rates_chart(DAY, Pen(Form.BRAILLE, letters=True), width=46, height=9)
    assert "prod-chat" not in text(chart)
    assert ink(chart, 0, 0) == Ink("bar")


def test_the_colour_of_the_lower_part_stands_before_that_of_the_upper_one() -> None:
    chart = rates_chart(DAY, width=46, height=9)
    assert ink(chart, 0, 0) == Ink("series-1", "series-1")
    assert ink(chart, 0, 2) == Ink("series-1", "series-2")
    assert ink(chart, 0, 4) == Ink("series-2", "series-6")
    assert ink(chart, 0, 5) == Ink("series-6")
    settling, running = ([ink(chart, bar, row) for row in range(6)] for bar in (5, 6))
    assert settling == [*[Ink("series-1")] * 4, Ink("series-2"), Ink("series-6")]
    assert running[:4] == [Ink("series-1"), Ink("series-1"), Ink("series-2"), Ink("series-6")]


def test_letters_stand_on_the_ground_of_their_colour_once_nothing_changes_any_more() -> None:
    chart = rates_chart(DAY, LETTERS, width=46, height=9)
    assert ink(chart, 0, 0) == Ink("series-1", inverse=True)
    assert ink(chart, 5, 0) == Ink("series-1")


def test_all_others_have_the_last_colour_and_a_part_that_nobody_sees_no_name() -> None:
    alone = Subject(day_of((5, 5, 0), (3, 0, 0)), legend=NAMES)
    head = rates_chart(alone, width=60, height=9).rows[0]
    assert "".join(cell.char for cell in head).split() == ["tok/h", "█", "prod-chat", "█", "batch-etl"]
    assert [cell.ink.front for cell in head if cell.char == "█"] == ["series-1", "series-2"]
    head = rates_chart(DAY, width=60, height=9).rows[0]
    assert [cell.ink.front for cell in head if cell.char == "█"] == ["series-1", "series-2", "series-6"]


def test_where_there_is_no_line_for_the_legend_it_takes_what_is_free_of_the_highest_row() -> None:
    low, high = (1, 1, 1), (40, 30, 30)
    chart = rates_chart(Subject(day_of(high, *[low] * 20, high), legend=NAMES), width=76, height=5)
    assert chart.lines[0] == " 100┤██ █ prod-chat  █ batch-etl  █ 4 others                        ██".ljust(
        76
    )
    full = rates_chart(Subject(day_of(*[high] * 22), legend=NAMES), width=76, height=5)
    assert "prod" not in text(full)


def test_a_large_canvas_has_a_faint_line_at_each_label_and_a_small_one_none() -> None:
    large = rates_chart(DAY, width=76, height=12)
    labelled = [row for row in large.rows if row[4].char == "┤"]
    assert len(labelled) == 3
    assert [any(cell.ink.front == "grid" for cell in row) for row in labelled] == [True, True, False]
    assert not any(
        cell.ink.front == "grid" for row in rates_chart(DAY, width=40, height=8).rows for cell in row
    )


def test_a_mark_runs_through_the_canvas_and_leaves_a_bar_its_colours() -> None:
    marked = Subject(DAY.bars, (Mark(1, NOW - 2 * HOUR, "T0"), Mark(2, NOW - 4 * HOUR, "T1")), NAMES)
    chart, plain = (rates_chart(subject, width=46, height=9) for subject in (marked, DAY))
    for at in (2, 4):
        column = chart.left + chart.places[at].start
        line = [chart.rows[y][column] for y in chart.canvas]
        assert {(cell.char, cell.ink.front) for cell in line} == {("▏", "mark")}
        assert [cell.ink.behind for cell in line] == [plain.rows[y][column].ink.behind for y in chart.canvas]


def test_dollars_are_estimates_on_the_scale_and_in_the_unit() -> None:
    subject = Subject(day_of((30000, 11200)), legend=("a", "b"), measure=DOLLARS, width=timedelta(days=1))
    lines = rates_chart(subject, width=60, height=9).lines
    assert lines[0].split() == ["~$/d", "█", "a", "█", "b"]
    assert [line[:7] for line in lines if "┤" in line] == [" ~$400┤", " ~$200┤", "     0┤"]


PARTS = st.none() | st.tuples(*[st.integers(0, 10**12)] * 4)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(PARTS, min_size=1, max_size=40), PENS, st.integers(0, 100), st.integers(0, 24), st.integers(0, 2)
)
def test_a_chart_has_the_size_asked_for_and_only_characters_of_its_form(
    parts: list[tuple[int, ...] | None], pen: Pen, width: int, height: int, changing: int
) -> None:
    states: tuple[State, ...] = ("settling", "running")
    bars = day_of(*parts, states=states[: min(changing, len(parts))])
    names = ("プロダクション", "b" * 40, "evals", "11 others")
    chart = rates_chart(Subject(bars, legend=names), pen, width=width, height=height)
    assert len(chart.lines) == height
    assert {cell_width(line) for line in chart.lines} <= {width}
    assert {len(row) for row in chart.rows} <= {width}
    assert pen.form is not Form.ASCII or all(line.isascii() for line in chart.lines)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 10**12)] * 4), min_size=1, max_size=20), st.integers(3, 30))
def test_the_heights_of_the_parts_add_up_to_the_height_of_their_bar(
    parts: list[tuple[int, ...]], height: int
) -> None:
    chart = rates_chart(Subject(day_of(*parts)), width=100, height=height)
    rows = len(chart.canvas)
    top = max(sum(of) for of in parts)
    for bar, place in zip(chart.bars, chart.places, strict=True):
        drawn = dict.fromkeys(SERIES, 0)
        for y in chart.canvas:
            cell = chart.rows[y][chart.left + place.stop - 1]
            if cell.ink.front not in SERIES or cell.char not in BLOCKS:
                continue
            fraction = BLOCKS.index(cell.char)
            drawn[cell.ink.front] += fraction
            if cell.ink.behind in SERIES:
                drawn[cell.ink.behind] += 8 - fraction
        assert bar.value is not None
        assert sum(drawn.values()) == eighths(bar.value, top, cells=rows)
        assert all(not drawn[SERIES[part]] for part in range(3) if not bar.parts[part])


@given(st.lists(PARTS, min_size=1, max_size=80), st.integers(4, 30))
def test_the_parts_of_merged_bars_add_up_to_their_mean(
    parts: list[tuple[int, ...] | None], columns: int
) -> None:
    bars = day_of(*parts)
    _, shown = merged(bars, columns)
    assert sum(bar.buckets for bar in shown) == len(bars)
    unread = sum(bar.unread if bar.buckets > 1 else bar.value is None for bar in shown)
    assert unread == parts.count(None)
    for bar in shown:
        assert sum(bar.parts) == (bar.value or 0)


def test_bars_of_letters_stand_apart_where_colours_would_touch() -> None:
    bars: tuple[Bar, ...] = day_of(*[(6, 2, 2)] * 24)
    row = rates_chart(Subject(bars, legend=NAMES), LETTERS, width=60, height=9).lines[-2]
    assert row.startswith("   0┤A A A ")
    row = rates_chart(Subject(bars, legend=NAMES), width=60, height=9).lines[-2]
    assert row.startswith("   0┤██████")


@pytest.mark.parametrize("legend", [NAMES, ()])
def test_where_bars_are_means_it_is_said_beside_the_names(legend: tuple[str, ...]) -> None:
    bars = day_of(*[(60, 30, 10)] * 168)
    week = Subject(bars if legend else tuple(replace(bar, parts=()) for bar in bars), legend=legend)
    head = rates_chart(week, width=76, height=8).lines[0]
    assert head.rstrip().endswith("bars: mean of 3 h")
    assert all(name in head for name in legend)
    assert "mean" not in rates_chart(DAY, width=76, height=8).lines[0]
    assert "mean" not in rates_chart(replace(week, bars=week.bars[:50]), width=76, height=8).lines[0]


def test_the_names_of_parts_need_their_room_more_than_that_a_bar_is_a_mean() -> None:
    week = Subject(day_of(*[(60, 30, 10)] * 168), legend=NAMES)
    heads = [rates_chart(week, width=width, height=8).lines[0].rstrip() for width in (50, 34)]
    assert heads == ["tok/h █ prod-chat  +1  █ 4 others  mean of 4 h", "tok/h █ prod-chat  +1  █ 4 others"]
