"""The pane of days."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

from meterdeck.app.widgets.panes.rows import TABLE_MARGIN, TablePane
from meterdeck.present import costs
from meterdeck.present.columns import Column, Row
from meterdeck.present.parts import Part
from meterdeck.present.sorting import Order
from meterdeck.present.times import scope_days
from meterdeck.queries.deck import Deck


class CostsPane(TablePane):
    """The bill by day, and estimates where it is not in."""

    name_shown = "Costs"

    @property
    def day(self) -> datetime | None:
        """The day under the cursor; None on the subtotal of a month, and in an empty table."""
        key = self.table.cursor_key
        return key if isinstance(key, datetime) else None

    def make(self, deck: Deck) -> tuple[list[Column], list[Row]]:
        """The days, with as many members as there is room for; the sign of an order may need a cell."""
        return costs.table(deck.costs, self.size.width - TABLE_MARGIN - self.is_sorted)

    def kind_and_listing(self, deck: Deck) -> tuple[Hashable, Hashable]:
        """Members are columns here; days are listed anew for each scope."""
        return deck.costs.costs.scope.by, deck.scope.filters

    def default_order(self, _: Deck) -> Order:
        """The newest day first."""
        return costs.ORDER

    def title_of(self, deck: Deck, left: list[Row] | None) -> tuple[list[Part], list[Part]]:
        """What it is by, what is amiss, and how many days the filter left."""
        days = None if left is None else sum(not row.is_sum for row in left)
        return costs.title(deck.costs, deck.prices, deck.back_test, days, self._elsewhere(deck))

    def _elsewhere(self, deck: Deck) -> str | None:
        """The time of the other panes, where filters may leave the header no room for it."""
        if not deck.scope.filters or deck.scope.is_of_usual_time:
            return None
        return scope_days(deck.scope, deck.now, deck.question.zone)
