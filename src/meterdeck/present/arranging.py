"""How rows are arranged, as parts of a pane's title: the filter, the order, the marks."""

from __future__ import annotations

from dataclasses import dataclass

from meterdeck.present.names import clean
from meterdeck.present.parts import Part
from meterdeck.present.row_filter import RowFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """What the user has arranged."""

    typed: RowFilter | None
    field_cells: int
    """How wide the field is that a filter is being typed into; 0 where it is closed."""
    sorted_by: str
    """``~$/h ▼``."""
    is_sorted: bool
    """Whether the user has chosen the order."""
    chosen: str | None
    """The title of the column that the next sort goes by, where it is another."""
    marks: int


def too_slow(typed: RowFilter) -> list[Part]:
    """What a title says of an expression that takes too long, if it does."""
    if not typed.is_too_slow:
        return []
    return [Part("too slow: every row is shown", "warn", 98, short="too slow: all shown", short_at=5)]


def title(left: list[Part], right: list[Part], arranged: Arranged) -> tuple[list[Part], list[Part]]:
    """The title's parts with those that say what is active; while a filter is typed its field takes the right end."""
    typed = arranged.typed
    if typed is not None and typed.trouble is not None:
        left = [*left, Part(f"no expression: {typed.trouble}", "warn", 98, short=typed.trouble, short_at=5)]
    if typed is not None:
        left = [*left, *too_slow(typed)]
    if arranged.field_cells:
        return left, [Part("/" + " " * arranged.field_cells, "accent", 99)]
    active = [] if typed is None else [Part(f"/ {clean(typed.text)}", "accent", 9, shrink_to=6)]
    if arranged.marks == 1:
        active.append(Part("✓ 1 marked", "", 5))
    elif arranged.marks:
        active.append(Part(f"✓ {arranged.marks} marked, c compares", "", 6, short="✓ c compares", short_at=4))
    if arranged.chosen is not None:
        active.append(Part(f"s sorts by {arranged.chosen}", "accent", 9))
    else:
        active.append(Part(f"s sort: {arranged.sorted_by}", "muted", 8 if arranged.is_sorted else 1))
    return left, [*active, *right]
