"""The deck: three panes that answer to one scope, re-read whenever the store says something new."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from datetime import datetime
from typing import cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Static

from meterdeck.app.commands import Command, Where, bindings_of
from meterdeck.app.messages import DeckFailed, DeckLoaded, StoreChanged
from meterdeck.app.screens.day import DayScreen
from meterdeck.app.screens.picker import Picker
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.panes import BreakdownPane, CostsPane, Pane, RatesPane
from meterdeck.app.widgets.table import LiveTable
from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension
from meterdeck.domain.scope import Scope
from meterdeck.present import budgets, prices
from meterdeck.present.backfill import history_line
from meterdeck.present.breakdown import STEPS
from meterdeck.present.costs import STEPS as COST_STEPS
from meterdeck.present.figures import key_figures
from meterdeck.present.header import OFFLINE, Collecting, Trouble, header, notice
from meterdeck.present.parts import Part
from meterdeck.queries.deck import Deck, DeckReader
from meterdeck.store import Store, StoreError

LOOK_EVERY_S = 1.0
"""How often to look whether another session wrote, and whether an age has changed."""
LONGEST_PAINT_S = 0.5
WIDE = (110, 30)
SMALL = (66, 19)
TINY = (40, 10)


class DeckScreen(Screen[None]):
    """Rates, Breakdown and Costs of the scope on top of a stack."""

    BINDINGS = bindings_of(Where.DECK)
    AUTO_FOCUS = "#breakdown LiveTable"

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        reader: DeckReader,
        collecting: Callable[[], Collecting],
        refresh_feeds: Callable[[], None],
    ) -> None:
        super().__init__()
        self._store = store
        self._reader = reader
        self._clock = clock
        self._collecting = collecting
        self._refresh_feeds = refresh_feeds
        self._scopes = [Scope()]
        self._costs_by: Dimension | None = None
        """What the bill is split by, once the user has chosen; until then it follows the scope."""
        self._deck: Deck | None = None
        self._generation = 0
        self._loading = False
        self._load_again = False
        self._version = -1
        self._revision = -1
        self._is_painted = threading.Event()
        """Set when figures are on screen: what makes them better can wait, and would hold up what paints them."""
        self._cannot_collect: str | None = None
        self._trouble: Trouble | None = None

    @property
    def scope(self) -> Scope:
        """The scope that is shown."""
        return self._scopes[-1]

    @property
    def deck(self) -> Deck | None:
        """What is shown; None before the first read."""
        return self._deck

    @property
    def is_loading(self) -> bool:
        """Whether the store is being read."""
        return self._loading

    def compose(self) -> ComposeResult:
        """Lay out the header, the figures, the panes and the footer."""
        yield StatusLine(id="header")
        yield StatusLine(id="figures", gap=3)
        with Container(id="panes"):
            yield RatesPane(1, id="rates")
            yield BreakdownPane(2, id="breakdown")
            yield CostsPane(3, id="costs")
        yield Static("", id="notice", markup=False)
        yield KeyFooter(Where.DECK)

    def on_mount(self) -> None:
        """Read the store, and keep looking at it."""
        self.query_one("#header", StatusLine).set_parts(
            [Part("meterdeck", "accent")], [Part("… loading", "muted")]
        )
        self._load()
        self.set_interval(LOOK_EVERY_S, self._look)

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout that was designed for this size."""
        width, height = event.size
        wide = width >= WIDE[0] and height >= WIDE[1]
        tiny = width < TINY[0] or height < TINY[1]
        self.set_class(wide, "-wide")
        self.set_class(not tiny and (width < SMALL[0] or height < SMALL[1]), "-single")
        self.set_class(tiny, "-tiny")
        # The grid fills in order: beside Rates stands Costs where there is room, else Breakdown comes second.
        costs, breakdown = self.query_one(CostsPane), self.query_one(BreakdownPane)
        first, second = (costs, breakdown) if wide else (breakdown, costs)
        self.query_one("#panes").move_child(second, after=first)
        if not tiny:
            self.call_after_refresh(self._focus_again)

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Where one pane has room, it is the one with the keyboard."""
        for pane in self.query(Pane):
            pane.set_class(pane.has_focus_within, "-active")
        self._show_keys()

    @on(LiveTable.Highlighted)
    def _show_keys(self) -> None:
        """Show in the footer what the keys do here and now."""
        self.query_one(KeyFooter).show(self._is_live)

    def on_store_changed(self, _: StoreChanged) -> None:
        """Read the store again."""
        self._load()

    def on_deck_loaded(self, message: DeckLoaded) -> None:
        """Show what was read, unless a newer question is on its way."""
        self._loading = message.more
        if message.generation == self._generation:
            if self._deck is None:
                gc.freeze()  # modules and screens stay to the end: a pass over them delays keys by 20 ms and more
            self._deck = message.deck
            with self.app.batch_update():
                self._show_header()
                self._show_notice(self._standing_notice())
                self.query_one("#figures", StatusLine).set_parts(*key_figures(message.deck))
                for pane in self.query(Pane):
                    pane.show(message.deck)
                self._show_keys()
            self.call_after_refresh(self._is_painted.set)
            if isinstance(self.app.screen, DayScreen):
                self.app.screen.read_again()
        if not message.more:
            self._load_if_asked()

    def on_deck_failed(self, message: DeckFailed) -> None:
        """Keep what is on screen, and say why it is not newer."""
        self._loading = False
        if message.generation == self._generation:
            self._show_notice(f"✕ {message.sentence}")
        self._load_if_asked()

    def cannot_collect(self, sentence: str) -> None:
        """Say, for as long as the screen is open, why nothing new is read."""
        self._cannot_collect = f"{OFFLINE if self._collecting().is_offline else '✕'} {sentence}"
        self._show_notice(self._cannot_collect)

    def action_refresh_now(self) -> None:
        """Ask for the newest figures."""
        if self._cannot_collect is None:
            self._show_notice("… reading the newest figures")
        self._refresh_feeds()

    def action_next_dimension(self) -> None:
        """Break down by the next dimension; Costs, when it has the keyboard, by its own one, in any scope."""
        if self.query_one(CostsPane).has_focus_within:
            self._split_costs_anew()
            return
        by = STEPS[(STEPS.index(self.scope.by) + 1) % len(STEPS)]
        self._replace_scope(Scope(self.scope.filters, self.scope.span, by))

    def action_narrow(self) -> None:
        """Narrow to the row under the Breakdown's cursor, and break it down further; in Costs open the day."""
        if self.query_one(CostsPane).has_focus_within:
            self._open_day()
            return
        table = self.query_one(BreakdownPane).table
        by = self.scope.by
        if not table.rows or by not in SERIES_DIMENSIONS:
            return
        narrowed = self.scope.filtered(by, {cast("str | None", table.cursor_key)})
        filtered = {f.dimension for f in narrowed.filters}
        following = next((d for d in STEPS[STEPS.index(by) + 1 :] if d not in filtered), Dimension.TOKEN_TYPE)
        self._scopes.append(Scope(narrowed.filters, narrowed.span, following))
        table.action_cursor_home()
        self._load(ask_anew=True)

    def _split_costs_anew(self) -> None:
        """Split the bill by the dimension after the one on show."""
        if self._costs_by is None and self._deck is not None:
            self._costs_by = self._deck.costs.costs.scope.by
        if self._costs_by is not None:
            self._costs_by = COST_STEPS[(COST_STEPS.index(self._costs_by) + 1) % len(COST_STEPS)]
            self._load(ask_anew=True)

    def _open_day(self) -> None:
        """Show every line of the bill of the day under the cursor."""
        day = self.query_one(CostsPane).day
        if day is not None:
            scope = self.scope
            self.app.push_screen(DayScreen(lambda: self._reader.day(scope, day, self._clock())))

    def action_widen(self) -> None:
        """Go back to the scope before; from the first one, take its filters away."""
        if len(self._scopes) > 1:
            self._scopes.pop()
            self._load(ask_anew=True)
        elif self.scope.filters:
            self._replace_scope(Scope((), self.scope.span, self.scope.by))

    def action_pick(self, field: str) -> None:
        """Choose members of a dimension."""
        dimension = Dimension(field)
        if self._deck is None:
            return

        def chosen(members: frozenset[str | None] | None) -> None:
            if members is not None:
                self._replace_scope(self.scope.filtered(dimension, members))

        picker = Picker(
            dimension, self._deck.choices[dimension], self.scope.members(dimension) or frozenset()
        )
        self.app.push_screen(picker, chosen)

    def action_next_pane(self) -> None:
        """Give the keyboard to the next pane."""
        self._focus_pane(1)

    def action_previous_pane(self) -> None:
        """Give the keyboard to the pane before."""
        self._focus_pane(-1)

    def action_focus_pane(self, name: str) -> None:
        """Give the keyboard to a pane."""
        pane = self.query_one(f"#{name}", Pane)
        pane.add_class("-active")  # a hidden pane could not take the keyboard
        pane.focus_content()

    def action_cursor_down(self) -> None:
        """Move the cursor of the pane that has the keyboard."""
        self._move(LiveTable.action_cursor_down)

    def action_cursor_up(self) -> None:
        """Move the cursor up."""
        self._move(LiveTable.action_cursor_up)

    def action_cursor_page_down(self) -> None:
        """Move the cursor a page down."""
        self._move(LiveTable.action_cursor_page_down)

    def action_cursor_page_up(self) -> None:
        """Move the cursor a page up."""
        self._move(LiveTable.action_cursor_page_up)

    def action_cursor_home(self) -> None:
        """Move the cursor to the first row."""
        self._move(LiveTable.action_cursor_home)

    def action_cursor_end(self) -> None:
        """Move the cursor to the last row."""
        self._move(LiveTable.action_cursor_end)

    def _move(self, action: Callable[[LiveTable], None]) -> None:
        table = self.focused if isinstance(self.focused, LiveTable) else self.query_one(BreakdownPane).table
        action(table)

    def _focus_pane(self, step: int) -> None:
        panes = list(self.query(Pane))
        active = next((i for i, pane in enumerate(panes) if pane.has_focus_within), 0)
        name = panes[(active + step) % len(panes)].id
        if name:
            self.action_focus_pane(name)

    def _focus_again(self) -> None:
        """Give the keyboard back to the pane that lost it when no pane was shown."""
        active = next((pane.id for pane in self.query(Pane) if pane.has_class("-active")), None)
        if self.focused is None and active:
            self.action_focus_pane(active)

    def _replace_scope(self, scope: Scope) -> None:
        self._scopes[-1] = scope
        self._load(ask_anew=True)

    def _is_live(self, command: Command) -> bool:
        if command.id == "deck.back":
            return len(self._scopes) > 1 or bool(self.scope.filters)
        if command.id == "deck.enter":
            costs = self.query_one(CostsPane)
            return costs.day is not None if costs.has_focus_within else self.scope.by in SERIES_DIMENSIONS
        return True

    def _look(self) -> None:
        """Notice what another session wrote; let ages step."""
        try:
            if not self._loading and (version := self._store.data_version()) != self._version:
                self._version = version
                if self._store.revision() != self._revision:
                    self._load()
        except StoreError as error:
            self._trouble = Trouble(error.short, str(error))
            self._show_notice(f"✕ {error}")
        else:
            self._notice_trouble()
        self._show_header()

    def _notice_trouble(self) -> None:
        """Say what keeps this session from reading, and that it is over: the store tells neither."""
        trouble = self._collecting().trouble
        if trouble != self._trouble:
            self._trouble = trouble
            self._show_notice(self._standing_notice())

    def _standing_notice(self) -> str | None:
        """What is to be said for as long as it is true."""
        if self._cannot_collect is not None or self._deck is None:
            return self._cannot_collect
        return (
            notice(self._deck.status, self._collecting())
            or history_line(self._deck)
            or budgets.warning(self._deck.outlook, self.scope.filters, self._deck.status.organization)
            or prices.notice(self._deck)
        )

    def _show_header(self) -> None:
        if self._deck is not None:
            parts = header(self._deck, self._clock(), self._collecting())
            self.query_one("#header", StatusLine).set_parts(*parts)

    def _show_notice(self, words: str | None) -> None:
        """Take the line above the footer for as long as there is something to say."""
        label = self.query_one("#notice", Static)
        label.set_class(words is not None, "-shown")
        if words is not None and label.content != words:
            label.update(words)

    def _load(self, *, ask_anew: bool = False) -> None:
        """Read the deck in a thread. One read at a time; a changed scope does not wait for the read before."""
        if ask_anew:
            self._generation += 1
            self._store.interrupt()
        if self._loading:
            self._load_again = True
            return
        self._loading = True
        self.run_worker(
            self._read, group="deck.read", thread=True, exit_on_error=False, description="Reading the store"
        )

    def _load_if_asked(self) -> None:
        if self._load_again:
            self._load_again = False
            self._load()

    def _read(self) -> None:
        generation = self._generation
        try:
            self._revision = self._store.revision()
            found = self._reader.load(self.scope, self._clock(), self._costs_by)
            if (
                found.outlook_is_late
            ):  # a whole organisation's past hours can take seconds: nobody waits for them
                self.post_message(DeckLoaded(found, generation, more=True))
                self._is_painted.wait(LONGEST_PAINT_S)
                found = self._reader.look_ahead(found, lambda: generation == self._generation)
        except StoreError as error:
            self.post_message(DeckFailed(str(error), generation))
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not stop every later read
            self.post_message(DeckFailed(f"Reading the store failed by a mistake: {error!r}.", generation))
        else:
            self.post_message(DeckLoaded(found, generation))
