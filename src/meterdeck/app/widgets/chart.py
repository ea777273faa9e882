"""The large chart of rates: redrawn when its data or size changes, repainted where a line differs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from meterdeck.present.bars import Bar
    from meterdeck.store.marks import Mark

_CLASS_OF_CHARACTER = {
    **dict.fromkeys("▁▂▃▄▅▆▇█", "rateschart--bar"),
    "░": "rateschart--running",
    "▒": "rateschart--settling",
}


class RatesChart(Widget):
    """Bars over time with a scale and clock times, in all of the widget's cells."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rateschart--bar",
        "rateschart--running",
        "rateschart--settling",
        "rateschart--axis",
    }

    DEFAULT_CSS = """
    RatesChart { height: 1fr; }
    RatesChart > .rateschart--bar { color: $primary; }
    RatesChart > .rateschart--running { color: $accent; }
    RatesChart > .rateschart--settling { color: $secondary; }
    RatesChart > .rateschart--axis { color: $text-muted; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's names
        super().__init__(id=id, classes=classes)
        self._bars: tuple[Bar, ...] = ()
        self._marks: tuple[Mark, ...] = ()
        self._lines: tuple[str, ...] = ()
        self._drawn_size = Size(0, 0)
        self._buckets_per_bar = 1

    @property
    def buckets_per_bar(self) -> int:
        """How many buckets one bar stands for: more than one when there are more buckets than columns."""
        return self._buckets_per_bar

    def set_bars(self, bars: Sequence[Bar], marks: Sequence[Mark] = ()) -> None:
        """Show these bars and marks, oldest first; nothing happens if they are the same as before."""
        if (tuple(bars), tuple(marks)) == (self._bars, self._marks):
            return
        self._bars, self._marks = tuple(bars), tuple(marks)
        before, size_before = self._lines, self._drawn_size
        self._draw()
        if size_before != self.size:
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            changed = [x for x, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
            if changed:
                self.refresh(Region(changed[0], y, changed[-1] - changed[0] + 1, 1))

    def render_line(self, y: int) -> Strip:
        """Paint one line of the chart, each character in the colour of what it means."""
        if self._bars and self._drawn_size != self.size:
            self._draw()
        line = self._lines[y] if y < len(self._lines) else ""
        segments = [
            Segment("".join(run), self.get_component_rich_style(name))
            for name, run in groupby(line, lambda char: _CLASS_OF_CHARACTER.get(char, "rateschart--axis"))
        ]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _draw(self) -> None:
        from meterdeck.present.plot import rates_chart  # plotext stays unloaded until there is data

        chart = rates_chart(self._bars, self._marks, width=self.size.width, height=self.size.height)
        self._drawn_size = self.size
        self._lines, self._buckets_per_bar = chart.lines, chart.per_bar
