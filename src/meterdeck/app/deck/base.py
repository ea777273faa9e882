"""What every part of the deck works with: the question on show, reading its answer, showing it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from time import monotonic
from typing import Protocol

from textual import events
from textual.screen import Screen
from textual.timer import Timer

from meterdeck.app.deck.trail import Trail
from meterdeck.app.messages import DeckFailed, DeckLoaded, StoreChanged
from meterdeck.app.screens.day import DayScreen
from meterdeck.app.widgets.footer import KeyFooter
from meterdeck.app.widgets.line import StatusLine
from meterdeck.app.widgets.notice import Notice, Words
from meterdeck.app.widgets.panes import BreakdownPane, CostsPane, Pane, RatesPane
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.measure import Measure
from meterdeck.domain.questions import Question as OnDemandQuestion
from meterdeck.domain.scope import Scope
from meterdeck.present import budgets, prices
from meterdeck.present.backfill import history_line
from meterdeck.present.counters import unknown_words
from meterdeck.present.figures import key_figures
from meterdeck.present.header import header, names_notice, notice
from meterdeck.present.one_line import one_line
from meterdeck.present.parts import Part
from meterdeck.present.state import OFFLINE, Collecting, Trouble
from meterdeck.present.wrapping import briefly
from meterdeck.queries.deck import Deck, DeckReader
from meterdeck.queries.figures import unread_before
from meterdeck.queries.question import Question
from meterdeck.queries.rates import unread_hours
from meterdeck.store import Store, StoreError

LONGEST_PAINT_S = 0.5
HURRIED_FOR_S = 0.12
"""How long after a key what it changes is painted at once."""
DIMMED_AFTER_S = 0.04
"""How long rows of another scope may look as if they were of the one that is asked for."""
MINUTES_FROM = 140
"""Columns from which on there is room for the last hour of each member."""
CHANGE_FROM = 110
"""And from which on for its time against as long a time before."""

Noted = tuple[Trouble | None, int | None]
"""What keeps this session from reading; which other one collects while it is paused."""


class Feeds(Protocol):
    """Whoever keeps the store current."""

    @property
    def collecting(self) -> Collecting:
        """Who reads from the API."""

    def refresh_feeds(self) -> None:
        """Read the newest figures now."""

    def want_minutes(self, hour: datetime) -> bool:
        """Read the minutes of an hour (its start); False where there is nobody yet to ask for them."""

    def want_answer(self, question: OnDemandQuestion) -> None:
        """Ask what the series leave out."""

    async def read_names(self) -> bool:
        """Read the names for one that nobody has; False where that may not be now. Raises `MeterdeckError`."""


class DeckBase(Screen[None]):
    """Reads the store for the question on show, in a thread, and shows the answer."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        reader: DeckReader,
        feeds: Feeds,
        local: Callable[[], tzinfo] = lambda: UTC,
        scope: Scope | None = None,
    ) -> None:
        super().__init__()
        self._store = store
        self._reader = reader
        self._clock = clock
        self._feeds = feeds
        self._local = local
        """Tells the zone that local time means."""
        self.trail = Trail(scope)
        self._costs_by: Dimension | None = None
        """What the bill is split by, once the user has chosen; until then it follows the scope."""
        self._measure = Measure.TOKENS
        self._zone: tzinfo = UTC
        self._deck: Deck | None = None
        self._generation = 0
        self._loading = False
        self._load_again = False
        self._version = -1
        self._revision = -1
        self._is_painted = threading.Event()
        """Set when figures are on screen: what makes them better can wait, and would hold up what paints them."""
        self._cannot_collect: Words | None = None
        self._noted: Noted = None, None
        """What was last seen of this session that a notice tells and the store does not."""
        self._wished: set[datetime] = set()
        """Hours whose minutes were asked for."""
        self._dimming: Timer | None = None
        self._hurried_until = 0.0

    def hurry(self) -> None:
        """Paint what changes from now on for a moment without a wait for the next frame: a person waits for it."""
        self._hurried_until = monotonic() + HURRIED_FOR_S

    async def _on_idle(self, _: events.Idle) -> None:
        # Textual's own handler, which comes after this one, would let a timer of 15 frames a second do it.
        if (
            monotonic() < self._hurried_until
            and self.is_current
            and (self._dirty_widgets or self._layout_required)
        ):
            self._on_timer_update()

    @property
    def scope(self) -> Scope:
        """The scope that is shown, or on its way."""
        return self.trail.scope

    @property
    def question(self) -> Question:
        """What is asked of the store."""
        return Question(
            self.scope,
            self._costs_by,
            self._measure,
            self._zone,
            minutes=self.size.width >= MINUTES_FROM,
            change=self.size.width >= CHANGE_FROM,
        )

    @property
    def deck(self) -> Deck | None:
        """What is shown; None before the first read."""
        return self._deck

    @property
    def rows_are_there(self) -> bool:
        """Whether what is shown is of the scope that is asked for."""
        return self._deck is not None and self._deck.scope == self.scope

    @property
    def is_loading(self) -> bool:
        """Whether the store is being read."""
        return self._loading

    @property
    def breakdown(self) -> BreakdownPane:
        """The pane of members."""
        return self.query_one(BreakdownPane)

    @property
    def costs(self) -> CostsPane:
        """The pane of days."""
        return self.query_one(CostsPane)

    @property
    def rates(self) -> RatesPane:
        """The pane of the chart."""
        return self.query_one(RatesPane)

    def on_store_changed(self, _: StoreChanged) -> None:
        """Read the store again."""
        self.load()

    def on_deck_loaded(self, message: DeckLoaded) -> None:
        """Show what was read, unless a newer question is on its way."""
        self._loading = message.more
        if message.generation == self._generation:
            if self._deck is None:
                gc.freeze()  # modules and screens stay to the end: a pass over them delays keys by 20 ms and more
            if self._deck is not None and self._deck.question != message.deck.question:
                self.hurry()
            self._deck = message.deck
            with self.app.batch_update():
                self._undim()
                self.show_header()
                self.show_figures()
                self.show_notice(self.standing_notice())
                for pane in self.query(Pane):
                    pane.show(message.deck)
                self.share_lines()
                self.show_keys()
            self.call_after_refresh(self._is_painted.set)
            if isinstance(self.app.screen, DayScreen):
                self.app.screen.read_again()
            self._ask_for_minutes(message.deck)
        if not message.more:
            self._load_if_asked()

    def on_deck_failed(self, message: DeckFailed) -> None:
        """Keep what is on screen, and say why it is not newer."""
        self._loading = False
        if message.generation == self._generation:
            self._undim()
            self.show_notice(briefly(f"✕ {message.sentence}"))
        self._load_if_asked()

    def cannot_collect(self, sentence: str) -> None:
        """Say, for as long as the screen is open, why nothing new is read."""
        self._cannot_collect = briefly(f"{OFFLINE if self._feeds.collecting.is_offline else '✕'} {sentence}")
        self.show_notice(self._cannot_collect)

    def look(self) -> None:
        """Notice what another session wrote; let ages step."""
        try:
            if not self._loading and (version := self._store.data_version()) != self._version:
                self._version = version
                if self._store.revision() != self._revision:
                    self.load()
        except StoreError as error:
            self._noted = Trouble(error.short, str(error)), None
            self.show_notice(briefly(f"✕ {error}"))
        else:
            self._note()
        self.show_header()

    def ask_anew(self) -> None:
        """The question is another one: say so at once, and read its answer."""
        self._generation += 1
        self._store.interrupt()
        self.hurry()
        self.show_header()
        self.breakdown.announce(self.scope.by)
        if self._dimming is None:
            self._dimming = self.set_timer(DIMMED_AFTER_S, self._dim)
        self.load()

    def load(self) -> None:
        """Read the deck in a thread. One read at a time; a changed question does not wait for the read before."""
        if self._loading:
            self._load_again = True
            return
        self._loading = True
        self.run_worker(
            self._read, group="deck.read", thread=True, exit_on_error=False, description="Reading the store"
        )

    def standing_notice(self) -> Words | None:
        """What is to be said for as long as it is true."""
        if self._cannot_collect is not None or self._deck is None:
            return self._cannot_collect
        amiss = notice(self._deck.status, self._feeds.collecting, self._clock())
        return (
            (briefly(amiss) if amiss else None)
            or history_line(self._deck)
            or budgets.warning(self._deck.outlook, self.scope.filters, self._deck.status.organization)
            or self._of_prices_and_counters(self._deck)
            or (briefly(unread) if (unread := names_notice(self._deck.status)) else None)
        )

    @staticmethod
    def _of_prices_and_counters(deck: Deck) -> str | None:
        """What holds for weeks or longer: neither may keep the other from being said."""
        unknown = unknown_words(deck.unknown_counters)
        said = [words for words in (prices.notice(deck), f"! {unknown}" if unknown else None) if words]
        return " ".join(said) or None

    def show_header(self) -> None:
        """Show where we are and how old the data is: at once where we will be, before its figures are read."""
        if self._deck is not None:
            known = self._deck
            if known.scope != self.scope:
                by = known.scope.by
                rows = (row.part.member for row in known.breakdown.rows)
                names = {(by, member.id): member for member in rows if not member.is_beside}
                known = replace(known, question=self.question, filter_names={**names, **known.filter_names})
            parts = header(known, self._clock(), self._feeds.collecting)
            self.query_one("#header", StatusLine).set_parts(*parts)
            if self.has_class("-tiny"):  # the only line there is tells both
                self._set_figures(one_line(parts, key_figures(self._deck)), gap=2)

    def show_figures(self) -> None:
        """Show the key figures, where they have a line of their own."""
        if self._deck is not None and not self.has_class("-tiny"):
            self._set_figures(key_figures(self._deck), gap=3)

    def _set_figures(self, parts: tuple[list[Part], list[Part]], *, gap: int) -> None:
        figures = self.query_one("#figures", StatusLine)
        figures.gap = gap
        figures.set_parts(*parts)

    def share_lines(self) -> None:
        """Give the panes the lines that they have something for."""

    def show_notice(self, words: Words | None) -> None:
        """Take the line above the footer for as long as there is something to say."""
        self.query_one(Notice).say(words)

    def show_keys(self) -> None:
        """Show in the footer what the keys do here and now."""
        self.query_one(KeyFooter).refresh_keys()

    def _note(self) -> None:
        """Say what keeps this session from reading, that it is over, and who collects while it is paused."""
        collecting = self._feeds.collecting
        noted = collecting.trouble, collecting.elsewhere_pid if collecting.paused_at else None
        if noted != self._noted:
            self._noted = noted
            self.show_notice(self.standing_notice())

    def _dim(self) -> None:
        self._dimming = None
        if self._deck is not None and self._deck.question != self.question:
            self.add_class("-waiting")

    def _undim(self) -> None:
        if self._dimming is not None:
            self._dimming.stop()
            self._dimming = None
        self.remove_class("-waiting")

    def _ask_for_minutes(self, deck: Deck) -> None:
        """Ask for the minutes that the time on show lacks, and for those of an hour ago to compare with.

        Once, and again where they came and went: what was read on demand goes with the next thinning.
        """
        hours = unread_hours(deck.rates, deck.now) | unread_before(deck.figures, deck.now)
        self._wished &= hours
        self._wished |= {hour for hour in sorted(hours - self._wished) if self._feeds.want_minutes(hour)}

    def _load_if_asked(self) -> None:
        if self._load_again:
            self._load_again = False
            self.load()

    def _read(self) -> None:
        generation = self._generation
        try:
            self._revision = self._store.revision()
            found = self._reader.load(self.question, self._clock())
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
