import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from textual.app import App, ComposeResult
from textual.geometry import Region

from meterdeck.app.widgets.chart import RatesChart
from meterdeck.present.bars import Bar

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
