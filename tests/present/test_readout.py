from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from meterdeck.present.bars import Bar, merged
from meterdeck.present.charts import Subject
from meterdeck.present.forms import Form, Pen
from meterdeck.present.measures import DOLLARS
from meterdeck.present.parts import place
from meterdeck.present.readout import readout
from meterdeck.store.marks import Mark
from present.stacked import DAY, HOUR, NOW, day_of

NAMES = ("prod-chat", "the-quarterly-evaluation-of-models", "4 others")
BUSY = day_of((61_204_331, 20_000_000, 50_000_000))[0]


def line(bar: Bar, subject: Subject, width: int = 150, pen: Pen | None = None) -> str:
    placed = place(readout(bar, subject, pen or Pen()), [], width, gap=2)
    return "  ".join(part.text for part in placed)


def test_it_says_when_how_much_exactly_and_who_the_largest_are_with_all_others_last() -> None:
    assert line(BUSY, Subject((BUSY,), legend=NAMES)) == (
        "Sat 21 Nov  14:00–15:00Z  131,204,331 tokens  prod-chat 61.2M 47%"
        "  the-quarterly-ev…-models 20.0M 15%  4 others 50.0M 38%"
    )


def test_in_less_room_names_go_before_figures_and_the_smallest_first() -> None:
    subject = Subject((BUSY,), legend=NAMES)
    assert line(BUSY, subject, 80) == (
        "Sat 21 Nov  14:00–15:00Z  131,204,331 tokens  prod-chat 61.2M  the-qu…els 20.0M"
    )
    assert line(BUSY, subject, 70) == ("Sat 21 Nov  14:00–15:00Z  131,204,331 tokens  prod-chat 61.2M 47%")
    assert line(BUSY, subject, 40) == "14:00–15:00Z  131,204,331 tokens"


def test_it_says_in_words_how_sure_a_value_is() -> None:
    settling, running = DAY.bars[-2:]
    assert line(settling, DAY).startswith("Sat 21 Nov  13:00–14:00Z  89 tokens  settling: may still grow  ")
    assert "50 tokens  running: so far" in line(running, DAY)
    assert line(running, DAY, 50).endswith("50 tokens  running")
    assert line(DAY.bars[1], DAY) == "Sat 21 Nov  09:00–10:00Z  not read"
    awaited = replace(DAY.bars[1], state="awaited")
    assert line(awaited, DAY) == "Sat 21 Nov  09:00–10:00Z  not reported yet"
    assert line(DAY.bars[3], DAY) == "Sat 21 Nov  11:00–12:00Z  0 tokens"
    assert " 1 token" in line(Bar(NOW, 1), DAY)


def test_a_merged_bar_says_of_how_many_hours_it_is_the_mean_and_how_many_were_not_read() -> None:
    week = day_of(*[(30, 20, 10), None] * 6, (1, 0, 0), states=("running",))
    _, bars = merged(week, 6)
    subject = Subject(week, legend=NAMES)
    assert line(bars[1], subject).startswith("Sat 21 Nov  03:00–06:00Z  60 tokens  mean of 3 h, 2 not read  ")
    assert "mean" not in line(bars[-1], subject)


def test_what_is_not_reported_yet_is_not_called_unread_and_the_newest_hour_stays_alone_meanwhile() -> None:
    bars = day_of(*[(30, 20, 10)] * 11, None, states=("awaited",))
    _, shown = merged(bars, 6)
    assert (shown[-1].buckets, shown[-1].state) == (1, "awaited")
    minutes = day_of((30, 20, 10), *[None] * 11, states=("awaited",) * 5)
    _, shown = merged(minutes, 6)
    assert [(bar.unread, bar.state) for bar in shown][-2:] == [(0, "awaited"), (0, "awaited")]


@pytest.mark.parametrize("sign", ["", "≈", "~"])
def test_days_have_no_time_and_dollars_say_how_they_are_known(sign: str) -> None:
    day = timedelta(days=1)
    subject = Subject(legend=("a", "b"), measure=DOLLARS, width=day)
    start = datetime(2026, 11, 20, tzinfo=UTC)
    bar = Bar(start, 41_231, parts=(41_200, 31), sign=sign)
    assert line(bar, subject) == f"Fri 20 Nov  {sign}$412.31  a {sign}$412 100%  b {sign}$0.31 <1%"
    assert line(replace(bar, buckets=3), subject).startswith(
        f"Fri 20 Nov – Sun 22 Nov  {sign}$412.31  mean of 3 d  "
    )


def test_times_are_those_of_the_bars_zone_even_where_clocks_change() -> None:
    berlin = datetime(2026, 10, 25, 0, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))
    assert "02:00 CEST–02:00 CET  " in line(Bar(berlin, 5), Subject())
    kolkata = NOW.astimezone(ZoneInfo("Asia/Kolkata"))
    assert "19:30–20:30 IST  " in line(Bar(kolkata, 5), Subject())


def test_a_mark_is_of_its_own_hour_where_the_clock_shows_that_hour_twice() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    summer = datetime(2026, 10, 25, 0, tzinfo=UTC)
    marks = (Mark(1, (summer + HOUR / 2).astimezone(berlin), "T0"),)
    assert "▏T0 02:30" in line(Bar(summer.astimezone(berlin), 5), Subject(marks=marks))
    assert "T0" not in line(Bar((summer + HOUR).astimezone(berlin), 5), Subject(marks=marks))


def test_marks_of_the_bucket_are_named_and_letters_are_those_of_the_chart() -> None:
    marks = (Mark(1, NOW + HOUR / 12, "T0 checkout"), Mark(2, NOW + HOUR, "rollback"))
    said = line(BUSY, Subject((BUSY,), marks, NAMES), pen=Pen(Form.ASCII))
    assert "▏T0 checkout 14:05" in said
    assert "rollback" not in said
    assert "A prod-chat 61.2M" in said
    assert "O 4 others 50.0M" in said


def test_a_marks_name_is_cut_with_an_ellipsis_and_its_time_never() -> None:
    subject = Subject((BUSY,), (Mark(1, NOW + HOUR / 12, "T0 checkout launch"),), NAMES)
    assert "131,204,331 tokens  ▏T0 checkout launch 14:05  prod-chat" in line(BUSY, subject)
    assert line(BUSY, subject, 63).endswith("131,204,331 tokens  ▏T0 che…nch 14:05")
    assert line(BUSY, subject, 58).endswith("131,204,331 tokens  ▏T0 che…nch")
    assert line(BUSY, subject, 50).endswith("131,204,331 tokens")
