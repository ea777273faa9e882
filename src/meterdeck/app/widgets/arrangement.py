"""How the user has arranged a pane's rows: order, filter, marks; each comes back with what it was made for."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from meterdeck.present.columns import Column, Row
from meterdeck.present.row_filter import RowFilter, row_filter
from meterdeck.present.sorting import Order, first_order

MOST_MARKS = 2
"""As many as can be compared."""


@dataclass(slots=True)
class _Sorting:
    """For one kind of columns."""

    order: Order | None = None
    chosen: str | None = None
    """The column that the next sort goes by, once the user has chosen one."""


@dataclass(slots=True)
class _Narrowing:
    """For one listing: the rows of one scope by one dimension."""

    filter: RowFilter | None = None
    marks: tuple[Hashable, ...] = ()


class Arrangement:
    """The order is kept for each kind of columns, a filter and marks for each listing, however rows change."""

    def __init__(self) -> None:
        self._sortings: dict[Hashable, _Sorting] = {}
        self._narrowings: dict[Hashable, _Narrowing] = {}
        self._sorting = _Sorting()
        self._narrowing = _Narrowing()
        self._default = Order("")

    def is_for(self, kind: Hashable, listing: Hashable, default: Order) -> None:
        """Turn to a kind of columns and a listing; ``default`` is the order of who has chosen none."""
        self._sorting = self._sortings.setdefault(kind, _Sorting())
        if self._narrowing == _Narrowing():
            self._narrowings = {key: kept for key, kept in self._narrowings.items() if kept != _Narrowing()}
        self._narrowing = self._narrowings.setdefault(listing, _Narrowing())
        self._default = default

    @property
    def order(self) -> Order:
        """The order that the user has chosen, else the default."""
        return self._sorting.order or self._default

    def order_among(self, columns: Iterable[str]) -> Order:
        """The user's order where its column is among these; a narrower screen may have lost it for a while."""
        if self._sorting.order is not None and self._sorting.order.column in set(columns):
            return self._sorting.order
        return self._default

    @property
    def is_sorted(self) -> bool:
        """Whether the user has chosen the order."""
        return self._sorting.order is not None

    @property
    def chosen(self) -> str | None:
        """The key of the column that the user has chosen, until it is sorted by."""
        return self._sorting.chosen

    @property
    def filter(self) -> RowFilter | None:
        """The filter, if there is one."""
        return self._narrowing.filter

    @property
    def marks(self) -> tuple[Hashable, ...]:
        """The keys of the marked rows, the older mark first."""
        return self._narrowing.marks

    def choose(self, step: int, on_screen: Sequence[str]) -> None:
        """Choose the column so many to the right of the chosen one, or of the one that is sorted by."""
        at = self._sorting.chosen or self.order.column
        index = on_screen.index(at) + step if at in on_screen else 0 if step > 0 else len(on_screen) - 1
        self._sorting.chosen = on_screen[index % len(on_screen)]

    def sort(self, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        """Sort by the chosen column; once more turns its order round."""
        chosen = self._sorting.chosen
        if chosen is None or self.order.column == chosen:
            self.turn_round()
        else:
            self._sorting.order = first_order(columns, rows, chosen)

    def turn_round(self) -> None:
        """Turn the order round."""
        self._sorting.order = self.order.reversed

    def narrow(self, text: str) -> None:
        """Filter by what was typed; nothing takes the filter away."""
        self._narrowing.filter = row_filter(text) if text.strip() else None

    def mark(self, key: Hashable) -> None:
        """Mark or unmark a row; one mark too many takes the place of the oldest."""
        marks = self._narrowing.marks
        if key in marks:
            self._narrowing.marks = tuple(mark for mark in marks if mark != key)
        else:
            self._narrowing.marks = (*marks, key)[-MOST_MARKS:]
