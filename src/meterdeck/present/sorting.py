"""The order of rows: by the values of one column, as the user chose or as they come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from meterdeck.present.columns import Column, Row, groups_of

DOWN, UP = "▼", "▲"


@dataclass(frozen=True, slots=True)
class Order:
    """A column by its key, and whether the largest comes first."""

    column: str
    descending: bool = True

    @property
    def mark(self) -> str:
        """``▼`` from the largest down, ``▲`` from the smallest up."""
        return DOWN if self.descending else UP

    @property
    def reversed(self) -> Order:
        """By the same column the other way round."""
        return replace(self, descending=not self.descending)


def first_order(columns: Sequence[Column], rows: Iterable[Row], key: str) -> Order:
    """How a column is sorted at first: words from A, figures and days from the largest."""
    index = _index(columns, key)
    known = (row.values[index] for row in rows if index is not None and row.values)
    sample = next((value for value in known if value is not None), None)
    return Order(key, descending=not isinstance(sample, str))


def ordered(columns: Sequence[Column], rows: Sequence[Row], order: Order) -> list[Row]:
    """The rows in an order; what has no value comes last in both directions, ties stay as they came.

    Sums stay below the rows that they add up where the column keeps these together; else they all go to the
    bottom, as they came. A column that there is not (a narrower screen has fewer) changes nothing.
    """
    index = _index(columns, order.column)
    if index is None:
        return list(rows)
    groups = groups_of(rows)
    sums = [total for _, total in groups if total is not None]
    if not columns[index].keeps_groups:
        return [*_sorted([row for of, _ in groups for row in of], index, order), *sums]
    sorted_groups = [(_sorted(of, index, order), total) for of, total in groups]
    in_order = _sorted([of[0] for of, _ in sorted_groups if of], index, order)
    at = {row.key: place for place, row in enumerate(in_order)}
    sorted_groups.sort(key=lambda group: at[group[0][0].key] if group[0] else len(at))
    return [row for of, total in sorted_groups for row in (*of, *([] if total is None else [total]))]


def with_marks(columns: Iterable[Column], order: Order | None, chosen: str | None) -> list[Column]:
    """The columns with the order's sign at its column, and the one that the user has chosen."""
    return [
        replace(
            column,
            mark=order.mark if order is not None and column.key == order.column else "",
            is_chosen=column.key == chosen,
        )
        for column in columns
    ]


def _sorted(rows: Sequence[Row], index: int, order: Order) -> list[Row]:
    known = [row for row in rows if row.values and row.values[index] is not None]
    unknown = [row for row in rows if not row.values or row.values[index] is None]
    # Python keeps ties as they came in both directions.
    known.sort(key=lambda row: cast("Any", row.values[index]), reverse=order.descending)
    return [*known, *unknown]


def _index(columns: Sequence[Column], key: str) -> int | None:
    return next((index for index, column in enumerate(columns) if column.key == key), None)
