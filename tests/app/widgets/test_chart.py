import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen

from app.decks import no_demo
from meterdeck.app.app import DeckApp
from meterdeck.app.themes import DARK, LIGHT
from meterdeck.app.widgets.chart import RatesChart
from meterdeck.present.bars import Bar
from meterdeck.present.forms import Form

ANSI = "ansi-dark"

START = datetime(2026, 11, 20, 15, tzinfo=UTC)
WHOLE = Region()


class RecordingChart(RatesChart):
    def __init__(self) -> None:
        super().__init__()
        self.refreshed: list[Region] = []

    def refresh(self, *regions: Region, **options: Any) -> "RecordingChart":
        self.refreshed.extend(regions or [WHOLE])
        return super().refresh(*regions, **options)

    def shown(self) -> list[str]:
        return [self.render_line(y).text for y in range(self.size.height)]


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.chart = RecordingChart()

    def compose(self) -> ComposeResult:
        yield self.chart


def bars(running: int) -> list[Bar]:
    day = [Bar(START + timedelta(hours=hour), 100) for hour in range(23)]
    return [*day, Bar(START + timedelta(hours=23), running, "running")]


async def test_only_the_running_bar_is_repainted_while_it_grows() -> None:
    app = Host()
    async with app.run_test(size=(76, 9)) as pilot:
        app.chart.set_bars(bars(running=40))
        await pilot.pause()
        app.chart.refreshed.clear()
        app.chart.set_bars(bars(running=40))
        assert app.chart.refreshed == []
        app.chart.set_bars(bars(running=52))
        assert app.chart.refreshed == [Region(5 + 23 * 3, 4, 2, 1)]


async def test_it_fills_its_size_and_follows_a_new_one() -> None:
    app = Host()
    async with app.run_test(size=(76, 9)) as pilot:
        assert app.chart.shown() == [" " * 76] * 9
        app.chart.set_bars(bars(running=40))
        await pilot.resize_terminal(120, 12)
        await pilot.pause()
        assert [len(line) for line in app.chart.shown()] == [120] * 12
        assert app.chart.shown()[0].startswith(" 100┤███")


async def test_each_kind_of_bar_has_its_own_colour() -> None:
    app = Host()
    async with app.run_test(size=(76, 9)):
        settling = Bar(START + timedelta(hours=22), 100, "settling")
        app.chart.set_bars([*bars(40)[:22], settling, bars(40)[23]])
        line = app.chart.render_line(app.chart.size.height - 2)
        colours = {
            char: segment.style.color
            for segment in line
            if segment.style
            for char in set(segment.text)
            if char in "┤█▒░"
        }
        assert len(set(colours.values())) == len(colours) == 4


def test_plotext_is_not_loaded_before_there_is_data() -> None:
    check = "import sys, meterdeck.app.widgets.chart; sys.exit('plotext' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


STACK = [
    Bar(START + timedelta(hours=hour), 100, "running" if hour == 23 else "closed", (50, 30, 20))
    for hour in range(24)
]
NAMES = ("prod-chat", "batch-etl", "9 others")


class StackedHost(DeckApp):
    """The deck's own colours and styles, around nothing but a chart."""

    def __init__(self) -> None:
        super().__init__(None, demo=no_demo)
        self.chart = RecordingChart()
        self.told: list[Bar | None] = []

    def get_default_screen(self) -> Screen[None]:
        return Screen()

    def compose(self) -> ComposeResult:
        yield self.chart

    def on_mount(self) -> None:
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = DARK.name

    def on_rates_chart_highlighted(self, message: RatesChart.Highlighted) -> None:
        self.told.append(message.bar)


@asynccontextmanager
async def stacked(size: tuple[int, int] = (76, 9)) -> AsyncIterator[tuple[StackedHost, Pilot[None]]]:
    app = StackedHost()
    async with app.run_test(size=size) as pilot:
        app.chart.set_bars(STACK, legend=NAMES)
        await pilot.pause()
        app.chart.refreshed.clear()
        yield app, pilot


def style(chart: RatesChart, x: int, y: int) -> Style:
    """The style in which a cell is painted."""
    cell = next(iter(chart.render_line(y).crop(x, x + 1)))
    assert cell.style is not None
    return cell.style


async def test_where_two_parts_meet_the_lower_is_the_block_and_the_upper_its_ground() -> None:
    async with stacked() as (app, _):
        chart, variables = app.chart, app.theme_variables
        assert chart.shown()[4][5:7] == "▄▄"
        meeting = style(chart, 5, 4)
        assert meeting.color == Color.parse(variables["series-1"]).rich_color
        assert meeting.bgcolor == Color.parse(variables["series-2"]).rich_color
        assert style(chart, 5, 7).color == style(chart, 5, 7).bgcolor == meeting.color
        assert style(chart, 5, 1).color == Color.parse(variables["series-6"]).rich_color
        legend = [style(chart, chart.shown()[0].index("█") + at, 0).color for at in (0, 13, 26)]
        assert legend == [meeting.color, meeting.bgcolor, style(chart, 5, 1).color]


@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name, ANSI])
async def test_every_part_has_a_colour_of_its_own_in_every_theme(theme: str) -> None:
    async with stacked() as (app, _):
        app.theme = theme
        colours = {app.theme_variables[f"series-{number}"] for number in range(1, 7)}
        assert len(colours) == 6


async def test_in_sixteen_colours_parts_are_letters() -> None:
    async with stacked() as (app, pilot):
        app.theme = ANSI
        await pilot.pause()
        assert app.chart.shown()[7].startswith("   0┤AA AA")
        assert style(app.chart, 5, 7).reverse
        app.theme = DARK.name
        await pilot.pause()
        assert app.chart.shown()[7].startswith("   0┤██ ██")


async def test_a_growing_part_repaints_only_the_cells_of_its_own_bar() -> None:
    async with stacked() as (app, _):
        running = replace(STACK[-1], value=90, parts=(40, 30, 20))
        app.chart.set_bars([*STACK[:-1], running], legend=NAMES)
        assert app.chart.refreshed
        assert all(region.x == 5 + 23 * 3 and region.width == 2 for region in app.chart.refreshed)


async def test_another_form_is_drawn_at_once() -> None:
    async with stacked() as (app, _):
        app.chart.form = Form.ASCII
        assert app.chart.refreshed == [WHOLE]
        assert all(line.isascii() for line in app.chart.shown())
        app.chart.refreshed.clear()
        app.chart.form = Form.ASCII
        assert app.chart.refreshed == []


async def test_the_cursor_starts_at_the_newest_bar_moves_to_both_ends_and_goes() -> None:
    async with stacked() as (app, pilot):
        chart = app.chart
        assert chart.cursor is None
        chart.action_cursor_left()
        assert chart.cursor == STACK[-1].start
        chart.action_cursor_right()
        assert chart.cursor == STACK[-1].start
        chart.action_cursor_left()
        assert chart.cursor == STACK[-2].start
        chart.action_cursor_home()
        chart.action_cursor_left()
        assert chart.cursor == STACK[0].start
        assert "▲15:00" in chart.shown()[-1]
        chart.action_cursor_end()
        chart.clear_cursor()
        assert chart.cursor is None
        assert "▲" not in "".join(chart.shown())
        await pilot.pause()
        assert app.told == [STACK[-1], STACK[-2], STACK[0], STACK[-1], None]


async def test_moving_the_cursor_repaints_two_columns_and_what_changes_on_the_axis() -> None:
    async with stacked() as (app, _):
        chart = app.chart
        chart.set_bars(
            [replace(bar, value=bar.value and bar.value // (1 + bar.start.hour % 2)) for bar in STACK]
        )
        for _ in range(6):
            chart.action_cursor_left()
        chart.refreshed.clear()
        chart.action_cursor_left()
        *_, axis = range(chart.size.height)
        columns = {x for region in chart.refreshed if region.y != axis for x in range(region.x, region.right)}
        assert columns <= {5 + bar * 3 + x for bar in (17, 18) for x in (0, 1)}
        assert {region.y for region in chart.refreshed} >= {axis}
        assert WHOLE not in chart.refreshed


async def test_the_cursor_stays_on_its_hour_through_new_data_and_another_size() -> None:
    async with stacked() as (app, pilot):
        chart = app.chart
        for _ in range(4):
            chart.action_cursor_left()
        hour = chart.cursor
        assert hour == STACK[-4].start
        later = [replace(bar, state="closed") for bar in STACK[1:]]
        chart.set_bars([*later, Bar(START + timedelta(hours=24), 10, "running", (10, 0, 0))], legend=NAMES)
        assert chart.cursor == hour
        assert "▲11:00" in chart.shown()[-1]
        await pilot.resize_terminal(20, 9)
        await pilot.pause()
        assert chart.buckets_per_bar > 1
        assert chart.cursor == hour
        assert chart.bar is not None
        assert chart.bar.start <= hour < chart.bar.start + timedelta(hours=chart.bar.buckets)
        await pilot.resize_terminal(76, 9)
        await pilot.pause()
        assert "▲11:00" in chart.shown()[-1]


async def test_a_cursor_whose_hour_has_gone_stands_on_the_oldest_and_new_figures_are_told() -> None:
    async with stacked() as (app, pilot):
        chart = app.chart
        chart.action_cursor_home()
        chart.set_bars(STACK[2:], legend=NAMES)
        assert chart.cursor == STACK[2].start
        chart.action_cursor_end()
        grown = replace(STACK[-1], value=110, parts=(60, 30, 20))
        chart.set_bars([*STACK[2:-1], grown], legend=NAMES)
        await pilot.pause()
        assert app.told == [STACK[0], STACK[2], STACK[-1], grown]


async def test_an_empty_chart_has_no_bar_for_a_cursor() -> None:
    app = Host()
    async with app.run_test(size=(76, 9)):
        app.chart.action_cursor_left()
        app.chart.action_cursor_home()
        app.chart.action_cursor_end()
        assert app.chart.cursor is None
