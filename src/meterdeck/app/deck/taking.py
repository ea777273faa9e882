"""Taking it with you: a row or the scope as a line, the pane as a file, views under a name, and the last one again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import TypeVar

from meterdeck.app import clipboard
from meterdeck.app.clipboard import Way
from meterdeck.app.commands import registry_of
from meterdeck.app.deck.tables import Tables
from meterdeck.app.desk import Desk, Labels, SavedViews, keep_last, last_view
from meterdeck.app.messages import ViewFound
from meterdeck.app.screens.export import ExportScreen
from meterdeck.app.widgets.notice import Words
from meterdeck.app.widgets.panes import Pane
from meterdeck.app.widgets.table import NO_ROW
from meterdeck.config.views import DEFAULT_PANE, View, words_of
from meterdeck.domain.errors import MeterdeckError
from meterdeck.domain.scope import Scope
from meterdeck.present import exports, incident
from meterdeck.present.crumbs import STEP, filtered
from meterdeck.present.documents import Document
from meterdeck.present.exports import Export
from meterdeck.present.members import label
from meterdeck.present.names import clean, cut_middle
from meterdeck.present.times import scope_time
from meterdeck.present.wrapping import shortened
from meterdeck.queries.deck import Deck, DeckReader
from meterdeck.queries.names import UnknownName
from meterdeck.queries.rates import Rates
from meterdeck.store import Store, private

Found = TypeVar("Found")

SAID_FOR_S = 10.0
"""How long it is said that something was copied or written."""
_SHOWN_CELLS = 150
"""Of what was copied, in what is said of it."""
_WORDS_CELLS = 30
"""Of one filter, where it is said what was on show the last time."""


class Taking(Tables):
    """Copies, exports, keeps and resumes what is on show."""

    _desk: Desk | None = None
    _last: Path | None = None
    _last_export = Export.CSV
    _pane_to_open = DEFAULT_PANE
    _way_back: str | None = None
    """What was left the last time, while a key leads there and it is news."""

    def take_up(self, desk: Desk, last: Path) -> str | None:
        """Begin with what a user comes back to; returns a sentence about it, if there is one to say.

        Reads the store, and is called before the screen is shown.
        """
        self._desk, self._last = desk, last
        before = last_view(last)
        try:
            if desk.view is not None:
                return self._begin_with(desk.views, desk.view)
            if desk.resume and before is None:
                return "There is no view to resume yet: it is kept when you quit."
            if before is not None:
                return self._bring_back(before, at_once=desk.resume)
        except MeterdeckError as error:
            return str(error) if desk.view is not None or desk.resume else None
        return None

    def _begin_with(self, views: SavedViews, name: str) -> str | None:
        view = views.find(name)
        try:
            self._take_over(view, view.scope(self._reader.find))
        except MeterdeckError as error:
            return f"The view {name} ({views.place(name)}): {error}"
        return None

    def action_copy_row(self) -> None:
        """Copy the row under the cursor as one line."""
        if self._deck is None:
            return
        key = self.table.cursor_key if self.table.has_cursor else NO_ROW
        if self.is_in_buckets:
            line = incident.bucket_row(self._deck, key)
        elif self.costs.has_focus_within:
            line = incident.cost_row(self._deck, key)
        else:
            line = incident.breakdown_row(self._deck, key)
        if line is None:
            self._tell("There is no row to copy here.", amiss=True)
        else:
            self._copy(line)

    def action_copy_incident(self) -> None:
        """Copy the state of the scope as one line."""
        if self._deck is not None:
            self._copy(incident.incident(self._deck))

    def action_export(self) -> None:
        """Write what the pane with the keyboard shows to a file."""
        deck, pane = self._deck, self._pane_name
        if deck is None:
            return
        rows = [row.key for row in self.breakdown.table.rows]
        columns = self.breakdown.table.column_keys
        filtered_by = self.breakdown.filtered_by if pane == "breakdown" else None

        def chosen(form: Export | None) -> None:
            if form is None:
                return
            self._last_export = form
            if form is Export.SVG:
                self.app.clear_notifications()
                self.call_after_refresh(self._clear_picture)
                return
            makers: dict[str, Callable[[], Document]] = {
                "rates": lambda: exports.rates_export(deck, self._read_rates(deck)),
                "breakdown": lambda: exports.breakdown_export(deck, rows, filtered_by),
                "costs": lambda: exports.costs_export(deck),
            }
            name = exports.file_name(deck, pane, filtered_by)
            is_bare = pane == "breakdown" and not rows
            remark = ", without a row: none is on show." if is_bare else ""
            self._write(name, form, lambda: exports.text_of(makers[pane](), form, columns), remark)

        self.app.push_screen(ExportScreen(pane, self._last_export), chosen)

    def save_view(self, name: str) -> None:
        """Keep what is on show under a name that no other view has; raises `UsageError` where that can't be."""
        self._save_view(name, over=False)

    def save_view_over(self, name: str) -> None:
        """Keep what is on show under a name, in the place of a view that has it; raises `UsageError`."""
        self._save_view(name, over=True)

    def _save_view(self, name: str, *, over: bool) -> None:
        if self._desk is None:
            return
        self._desk.views.save(name, self._view(), self._labels(), over=over)
        self._tell(f"Saved as {name}: meterdeck --view {name} opens it. It lies in {self._desk.views.file}.")

    def open_view(self, name: str) -> None:
        """Show what was kept under a name; `-` leads back. Raises `UsageError` where there is none."""
        if self._desk is not None:
            self._look_up(self._desk.views.find(name), f"The view {name} ({self._desk.views.place(name)}): ")

    @property
    def view_names(self) -> tuple[str, ...]:
        """The saved views; raises `UsageError` where their file can't be read."""
        return tuple(self._desk.views.names()) if self._desk is not None else ()

    def action_resume_last(self) -> None:
        """Show what was on show when it was last left."""
        self.resume()

    def resume(self) -> None:
        """Show what was on show when a deck over this store was last left."""
        view = last_view(self._last) if self._last is not None else None
        if view is None:
            self._tell("There is no view to resume yet: it is kept when you quit.", amiss=True)
        else:
            self._look_up(view)

    def on_view_found(self, message: ViewFound) -> None:
        """Show a view whose members were found."""
        self._take_over(message.view, message.scope)
        self.ask_anew()
        self.show_keys()
        self.action_focus_pane(message.view.pane)

    def on_mount(self) -> None:
        """Give the keyboard to the pane of the view that was opened."""
        if self._pane_to_open != DEFAULT_PANE:
            self.call_after_refresh(self.action_focus_pane, self._pane_to_open)
        if self._way_back is not None:
            self.set_timer(SAID_FOR_S, self._forget_way_back)

    def standing_notice(self) -> Words | None:
        """What is to be said for as long as it is true; where there is nothing, what was left the last time."""
        said = super().standing_notice()
        if said is not None or self._way_back is None or self._deck is None:
            return said
        key = registry_of(self.app).of("deck.swap").key_label
        return f'Press "{key}" for what was left: {self._way_back}'

    def ask_anew(self) -> None:
        """Whoever has gone somewhere is not told any more where to go."""
        self._forget_way_back()
        super().ask_anew()

    def last_to_keep(self) -> Callable[[], None]:
        """What keeps what is on show for the next time, to be run in a thread.

        What every session begins with is not kept: it takes nobody back to where they were.
        """
        view, labels, last = self._view(), self._labels(), self._last
        if last is None or view == View(pane=view.pane):
            return lambda: None
        return lambda: keep_last(last, view, labels)

    @property
    def _pane_name(self) -> str:
        return next((pane.id for pane in self.query(Pane) if pane.has_focus_within and pane.id), DEFAULT_PANE)

    def _bring_back(self, view: View, *, at_once: bool) -> str | None:
        """Put the last view behind `-`, or on show."""
        scope = view.scope(self._reader.find)
        if at_once:
            self._take_over(view, scope)
            return None
        if scope == self.scope:
            return None
        self.trail.remember(scope)
        self._way_back = self._words_of(scope, view)
        return None

    def _words_of(self, scope: Scope, view: View) -> str:
        """``prod-chat ▸ 7 d ▸ by model``: filters, time, and a dimension where it is another one than is on show."""
        names = self._reader.filter_names(scope)
        filters = [
            ", ".join(sorted(label(f.dimension, names[f.dimension, member]) for member in f.members))
            for f in scope.filters
        ]
        now, zone = self._clock(), self._local() if view.local_time else UTC
        by = [] if scope.by is self.scope.by else [f"by {scope.by.title}"]
        return STEP.join(
            [*(cut_middle(filter_, _WORDS_CELLS) for filter_ in filters), scope_time(scope, now, zone), *by]
        )

    def _take_over(self, view: View, scope: Scope) -> None:
        self.trail.start_anew(scope)
        self._costs_by, self._measure = view.costs_by, view.measure
        self._zone = self._local() if view.local_time else UTC
        self._pane_to_open = view.pane

    def _forget_way_back(self) -> None:
        if self._way_back is not None:
            self._way_back = None
            self.show_notice(self.standing_notice())

    def _view(self) -> View:
        scope, pane = self.scope, next((p.id for p in self.query(Pane) if p.has_class("-active")), None)
        return View(
            words_of(scope),
            scope.span,
            scope.at,
            scope.by,
            self._costs_by,
            self._measure,
            pane or DEFAULT_PANE,
            self._zone is not UTC,
        )

    def _labels(self) -> Labels:
        if self._deck is None:
            return {}
        return {
            (dimension, member.id): clean(member.name)
            for dimension, members in filtered(self._deck)
            for member in members
            if member.id is not None
        }

    def _look_up(self, view: View, named: str = "") -> None:
        async def find() -> None:
            try:
                scope = await self.by_newer_names(lambda: view.scope(self._reader.find))
            except MeterdeckError as error:
                self._tell(f"{named}{error}", amiss=True)
            else:
                self.post_message(ViewFound(view, scope))

        self.run_worker(find(), group="view", exit_on_error=False, description="Opening a view")

    async def by_newer_names(self, find: Callable[[], Found]) -> Found:
        """What is found in the store, in a thread; where nobody has a name, once more when the names were read again."""
        try:
            return await asyncio.to_thread(find)
        except UnknownName as unknown:
            try:
                if not await self._feeds.read_names():
                    raise
            except UnknownName:
                raise
            except MeterdeckError as error:
                raise UnknownName(
                    str(unknown), next=f"The names could not be read again: {error.what}"
                ) from None
        return await asyncio.to_thread(find)

    def _copy(self, line: str) -> None:
        shown = shortened(line, _SHOWN_CELLS)
        how = clipboard.way(os.environ)
        if how is Way.NONE:
            terminal = os.environ.get("TERM_PROGRAM") or f"TERM={os.environ.get('TERM', '')}"
            self._tell(f"This terminal ({terminal}) takes no copy. e writes a file instead.", amiss=True)
            return
        self.app.copy_to_clipboard(line)
        if how is Way.TERMINAL:
            self._tell(f"Copied, if your terminal allows it: {shown}")
            return

        def give() -> None:
            if clipboard.give_to_tmux(line, os.environ):
                self._tell(f"Copied to tmux, and to your terminal's clipboard if it allows it: {shown}")
            else:
                self._tell(
                    "tmux took no copy; it may still pass it on to your terminal (set -g set-clipboard on)."
                    " e writes a file instead.",
                    amiss=True,
                )

        self.run_worker(give, group="copy", thread=True, exit_on_error=False, description="Copying to tmux")

    def _read_rates(self, deck: Deck) -> Rates:
        """Read what its bars are made of, by a connection that no key breaks off, as it does what the deck reads."""
        with closing(Store(self._store.path)) as store:
            return DeckReader(store).rates(deck.question, deck.now)

    async def _clear_picture(self) -> None:
        """A picture is of the deck: what was said before lies over it until its widget has gone."""
        await self.query("Toast").remove()
        self.call_after_refresh(self._export_picture)

    def _export_picture(self) -> None:
        deck = self._deck
        if deck is None:
            return
        svg = self.app.export_screenshot(title=f"meterdeck {incident.stamp(deck)}")
        self._write(exports.file_name(deck, "screen"), Export.SVG, lambda: exports.picture(svg))

    def _write(self, name: str, form: Export, make: Callable[[], str], remark: str = "") -> None:
        """Write a file in a thread: the disk may be slow, and the store may have to be read."""
        folder = self._desk.export_folder if self._desk is not None else Path()

        def write() -> None:
            try:
                private.make_folder(folder.absolute())
                path = private.write_new(folder.absolute(), name, f".{form.value}", make().encode())
            except OSError as error:
                reason = error.strerror or type(error).__name__
                self._tell(
                    f"Nothing was exported: the folder {folder} can't be written to ({reason}).", amiss=True
                )
            except MeterdeckError as error:
                self._tell(f"Nothing was exported: {error}", amiss=True)
            else:
                self._tell(f"Wrote {path}{remark}")

        self.run_worker(write, group="export", thread=True, exit_on_error=False, description="The export")

    def _tell(self, sentence: str, *, amiss: bool = False) -> None:
        """Say something for a while; from any thread."""
        self.app.notify(
            clean(sentence), severity="warning" if amiss else "information", timeout=SAID_FOR_S, markup=False
        )
