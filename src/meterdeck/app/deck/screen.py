"""The deck's screen: how the panes stand at each size, and which keys are live."""

from __future__ import annotations

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container

from meterdeck.app.commands import Command, Where, bindings_of, registry_of
from meterdeck.app.deck.obeying import Obeying
from meterdeck.app.widgets.chart import RatesChart
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.notice import Notice
from meterdeck.app.widgets.panes import BreakdownPane, CostsPane, Pane, RatesPane
from meterdeck.app.widgets.table import LiveTable
from meterdeck.domain import panning
from meterdeck.domain.dimensions import ON_DEMAND_DIMENSIONS
from meterdeck.present.breakdown import no_way_in
from meterdeck.present.header import reading_notice
from meterdeck.present.parts import Part

LOOK_EVERY_S = 1.0
"""How often to look whether another session wrote, and whether an age has changed."""
WIDE = (110, 30)
SMALL = (66, 19)
TINY = (40, 10)
_LINES_BESIDE_ROWS = 2
"""The title, and the titles of the columns."""
_FEWEST_LINES = 8
"""Of Breakdown on a wide screen: a scope of one member does not move all the rest by much."""


class DeckScreen(Obeying):
    """Rates, Breakdown and Costs of the scope on top of a stack."""

    BINDINGS = bindings_of(Where.DECK)
    AUTO_FOCUS = "#breakdown LiveTable"

    def compose(self) -> ComposeResult:
        """Lay out the header, the figures, the panes and the footer."""
        yield StatusLine(id="header")
        yield StatusLine(id="figures", gap=3)
        with Container(id="panes"):
            yield RatesPane(1, id="rates")
            yield BreakdownPane(2, id="breakdown")
            yield CostsPane(3, id="costs")
        yield Notice(id="notice")
        yield KeyFooter(Where.DECK, self.is_live)

    def on_mount(self) -> None:
        """Read the store, and keep looking at it."""
        self.query_one("#header", StatusLine).set_parts(
            [Part("meterdeck", "accent")], [Part("… loading", "muted")]
        )
        self.load()
        self.set_interval(LOOK_EVERY_S, self.look)

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout that was designed for this size."""
        width, height = event.size
        wide = width >= WIDE[0] and height >= WIDE[1]
        tiny = width < TINY[0] or height < TINY[1]
        self.set_class(wide, "-wide")
        self.set_class(not tiny and (width < SMALL[0] or height < SMALL[1]), "-single")
        self.set_class(tiny, "-tiny")
        self.show_header()
        self.show_figures()
        self.query_one(Notice).fit()
        # The grid fills in order: beside Rates stands Costs where there is room, else Breakdown comes second.
        first, second = (self.costs, self.breakdown) if wide else (self.breakdown, self.costs)
        self.query_one("#panes").move_child(second, after=first)
        self.share_lines()
        if not tiny:
            self.call_after_refresh(self.focus_again)

    def share_lines(self) -> None:
        """On a wide screen Breakdown takes no more lines than it has rows; the panes above it have use for the rest."""
        lines = max(_FEWEST_LINES, self.breakdown.row_count + _LINES_BESIDE_ROWS)
        has_few = self.has_class("-wide") and self.deck is not None and lines < self.size.height // 2 - 1
        self.query_one("#panes").styles.grid_rows = f"1fr {lines}" if has_few else None

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Where one pane has room, it is the one with the keyboard."""
        for pane in self.query(Pane):
            pane.set_class(pane.has_focus_within, "-active")
        self.show_keys()

    @on(LiveTable.Highlighted)
    @on(RatesChart.Highlighted)
    def _cursor_moved(self) -> None:
        self.show_keys()

    def action_refresh_now(self) -> None:
        """Ask for the newest figures."""
        if self._cannot_collect is None and self._deck is not None:
            said = reading_notice(self._deck.status, self._clock(), self._feeds.collecting)
            self.show_notice(said)
        self._feeds.refresh_feeds()

    def is_live(self, command: Command) -> bool:
        """Whether a command does anything here and now."""
        conditions: dict[str, Callable[[], bool]] = {
            "deck.back": self._can_go_out,
            "deck.swap": lambda: self.trail.can_swap,
            "deck.enter": self._can_go_in,
            "take.row": lambda: not self.is_in_buckets or self.rates.bucket is not None,
            "time.later": lambda: not self.scope.is_live,
            "time.now": lambda: self.scope.at is not None,
        }
        if command.id in conditions:
            return conditions[command.id]()
        return self.can_arrange(command.id) if command.id.startswith("rows.") else True

    def must_wait(self, key: str) -> bool:
        """Whether a key means rows that are still being read; before the first ones, every key of the deck does."""
        if not self._loading or self.rows_are_there or self._pane_of_rows.is_typing:
            return False
        meant = next(
            (command for command in registry_of(self.app).on(Where.DECK) if key in command.keys), None
        )
        return meant is not None and (meant.needs_rows or self._deck is None)

    def _can_go_out(self) -> bool:
        first = self.trail.depth == 0 and not self.scope.filters and self.scope.at is None
        return self.can_take_away or not first or self.rates.is_read_off

    def _can_go_in(self) -> bool:
        if self.costs.has_focus_within:
            return self.costs.day is not None
        if self.rates.has_focus_within:
            bucket = self.rates.bucket
            if bucket is None:
                return bool(self.rates.chart.subject.bars)
            return panning.narrowed(self.scope, bucket) != self.scope
        if self.scope.by not in ON_DEMAND_DIMENSIONS:
            if self._deck is None:
                return True  # Enter waits for the first rows
            row = self.row_under_cursor
            return row is not None and no_way_in(self.scope.by, row.part.member) is None
        asked = self._deck.on_demand if self._deck is not None else None
        return asked is not None and not asked.is_fresh
