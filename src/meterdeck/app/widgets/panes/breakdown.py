"""The pane of members."""

from __future__ import annotations

from collections.abc import Hashable

from meterdeck.app.widgets.panes.rows import TABLE_MARGIN, TablePane
from meterdeck.app.widgets.spelling import form_of
from meterdeck.domain.dimensions import Dimension
from meterdeck.present import breakdown, on_demand
from meterdeck.present.columns import Column, Row
from meterdeck.present.empty import why_empty
from meterdeck.present.parts import Part
from meterdeck.present.sorting import Order
from meterdeck.queries.deck import Deck
from meterdeck.queries.on_demand import State

ROOMY = 180
"""Columns from which on there is room for all that can be told of a member, beside its name and its lines."""


class BreakdownPane(TablePane):
    """Members ranked by pace."""

    name_shown = "Breakdown"

    def make(self, deck: Deck) -> tuple[list[Column], list[Row]]:
        """The members."""
        if deck.on_demand is not None:
            return on_demand.table(deck.on_demand, form_of(self))
        return breakdown.table(
            deck.breakdown,
            deck.now,
            deck.question.zone,
            known=deck.known,
            cells=max(0, self.size.width - TABLE_MARGIN),
            zoomed=self.is_zoomed or self.size.width >= ROOMY,
            one_scale=self.one_scale,
            form=form_of(self),
        )

    def kind_and_listing(self, deck: Deck) -> tuple[Hashable, Hashable]:
        """A time up to now has other columns than one that is past; a listing is of a scope by a dimension."""
        return (deck.scope.is_live, deck.on_demand is None), (deck.scope.filters, deck.scope.by)

    def default_order(self, deck: Deck) -> Order:
        """The fastest first; of what was read on demand, who took most."""
        return on_demand.ORDER if deck.on_demand is not None else breakdown.order(deck.breakdown)

    def title_of(self, deck: Deck, left: list[Row] | None) -> tuple[list[Part], list[Part]]:
        """What it is by, how many there are, and how much of all the filter left."""
        if deck.on_demand is not None:
            return on_demand.title(deck.on_demand, deck.now, deck.question.zone)
        kept = None if left is None else {row.key for row in left}
        return breakdown.title(deck.breakdown, deck.now, deck.question.zone, kept, one_scale=self.one_scale)

    def announce(self, by: Dimension) -> None:
        """Say what was asked for, before its rows are there."""
        if self._deck is not None and self._deck.scope.by is not by:
            self.set_title(
                [Part(self.name_shown, "accent", 9), Part(f"by {by.title}", "muted", 8)], [Part("…", "muted")]
            )

    def why_empty(self, deck: Deck) -> str:
        """Of what is read on demand: how far the answer is."""
        asked = deck.on_demand
        if asked is None or asked.state is State.THERE:
            return why_empty(deck)
        return on_demand.words(asked, deck.now, deck.question.zone)
