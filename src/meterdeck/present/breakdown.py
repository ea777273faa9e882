"""The Breakdown pane as text: its title line, its columns, its rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from fractions import Fraction
from typing import NamedTuple

from meterdeck.domain.dimensions import Dimension
from meterdeck.present.columns import Cell, Column, Row, Tone, Value
from meterdeck.present.estimates import estimate_cell, estimate_value
from meterdeck.present.members import labels
from meterdeck.present.numbers import NOTHING, change, share, tokens, unit_for
from meterdeck.present.parts import Part
from meterdeck.present.sparkline import sparkline
from meterdeck.present.times import scope_time
from meterdeck.queries.breakdown import BreakdownPane, BreakdownRow
from meterdeck.queries.pace import Pace

_SPARK_CELLS = 24
_RISE_WARNS = 50
"""A pace this many percent above an hour ago stands out."""
_MORE_THAN_ANY = 10**30
"""Growth from nothing, to sort by."""


STEPS = (
    Dimension.WORKSPACE,
    Dimension.MODEL,
    Dimension.API_KEY,
    Dimension.SERVICE_TIER,
    Dimension.CONTEXT_WINDOW,
    Dimension.TOKEN_TYPE,
)
"""The dimensions in the order in which a user steps through them, and in which Enter goes down."""


def title(pane: BreakdownPane, now: datetime, zone: tzinfo = UTC) -> tuple[list[Part], list[Part]]:
    """Left and right parts of the pane's title line."""
    scope = pane.breakdown.scope
    left = [
        Part("Breakdown", "accent", 9),
        Part(f"by {scope.by.title}", "muted", 8),
        Part(f"{len(pane.rows)} in {scope_time(scope, now, zone)}", "muted", 2),
    ]
    right = []
    priced = [row.part.estimate for row in pane.rows]
    if any(estimate.listed_tokens for estimate in priced):
        all_of_it = all(estimate.listed_tokens == estimate.priced_tokens for estimate in priced)
        right.append(Part("list prices" if all_of_it else "some list prices", "estimate", 7))
    return left, right


def table(pane: BreakdownPane, now: datetime, zone: tzinfo = UTC) -> tuple[list[Column], list[Row]]:
    """Columns and rows; the table leaves out the columns that its width has no room for.

    A time up to now tells how fast members go; one that is past, what they took and how that has changed.
    """
    is_live = pane.breakdown.scope.is_live
    fields = [
        field
        for field in _fields(pane, scope_time(pane.breakdown.scope, now, zone))
        if field.shown in {None, is_live}
    ]
    rows = [
        Row(
            row.part.member.id,
            tuple(field.cell(row) for field in fields),
            tuple(field.value(row) for field in fields),
        )
        for row in pane.rows
    ]
    return [field.column for field in fields], rows


class _Field(NamedTuple):
    """A column, what it shows of a row, and by what it sorts."""

    column: Column
    cell: Callable[[BreakdownRow], Cell]
    value: Callable[[BreakdownRow], Value]
    shown: bool | None = None
    """Only of a time that reaches up to now (True), or only of one that is past (False)."""


def _fields(pane: BreakdownPane, time: str) -> list[_Field]:
    by = pane.breakdown.scope.by
    names = labels(by, (row.part.member for row in pane.rows))
    unit = unit_for([row.pace.tokens_per_hour for row in pane.rows if row.pace])
    total = sum(row.part.tokens.total for row in pane.rows)
    return [
        _Field(
            Column(key="name", title=by.title, width=14, min_width=10, max_width=28, grow=1, priority=10),
            lambda row: Cell(names[row.part.member]),
            lambda row: names[row.part.member].casefold(),
        ),
        _Field(
            Column(key="pace", title="tok/h", width=5, align="right", priority=9),
            lambda row: Cell(tokens(row.pace.tokens_per_hour if row.pace else None, unit)),
            lambda row: row.pace.tokens_per_hour if row.pace else None,
            shown=True,
        ),
        _Field(
            Column(key="change", title="Δ1h", width=5, align="right", priority=6),
            lambda row: _change(_pace(row.pace_before), _pace(row.pace)),
            lambda row: _growth(_pace(row.pace_before), _pace(row.pace)),
            shown=True,
        ),
        _Field(
            Column(key="usd_pace", title="~$/h", width=6, align="right", priority=8),
            lambda row: estimate_cell(row.pace.estimate_per_hour if row.pace else None),
            lambda row: estimate_value(row.pace.estimate_per_hour if row.pace else None),
            shown=True,
        ),
        _Field(
            Column(key="this_hour", title="~hour", width=6, align="right", priority=0),
            lambda row: estimate_cell(row.this_hour),
            lambda row: estimate_value(row.this_hour),
            shown=True,
        ),
        _Field(
            Column(key="today", title="~today", width=6, align="right", priority=5),
            lambda row: estimate_cell(row.today),
            lambda row: estimate_value(row.today),
            shown=True,
        ),
        _Field(
            Column(key="tokens", title="tokens", width=6, align="right", priority=9),
            lambda row: Cell(tokens(row.part.tokens.total)),
            lambda row: row.part.tokens.total,
            shown=False,
        ),
        _Field(
            Column(key="before", title="Δ before", width=8, align="right", priority=6),
            lambda row: _change(row.tokens_before, row.part.tokens.total),
            lambda row: _growth(row.tokens_before, row.part.tokens.total),
            shown=False,
        ),
        _Field(
            Column(key="usd", title="~$", width=6, align="right", priority=8),
            lambda row: estimate_cell(row.part.estimate),
            lambda row: estimate_value(row.part.estimate),
            shown=False,
        ),
        _Field(
            Column(key="share", title="share", width=5, align="right", priority=4),
            lambda row: Cell(share(row.part.tokens.total, total)),
            lambda row: row.part.tokens.total,
        ),
        _Field(
            Column(key="cache", title="cache", width=5, align="right", priority=2),
            lambda row: Cell(_cache(row)),
            lambda row: _ratio(row.part.tokens.cache_read, row.part.tokens.input),
        ),
        _Field(
            Column(key="tokens", title="tokens", width=6, align="right", priority=1),
            lambda row: Cell(tokens(row.part.tokens.total)),
            lambda row: row.part.tokens.total,
            shown=True,
        ),
        _Field(
            Column(key="spark", title=time, width=_SPARK_CELLS, priority=7, drawn=True),
            lambda row: Cell(sparkline(row.buckets, _SPARK_CELLS), "accent"),
            lambda row: row.part.tokens.total,
        ),
        *([_minutes_field()] if any(row.minutes for row in pane.rows) else []),
    ]


def _minutes_field() -> _Field:
    return _Field(
        Column(key="minutes", title="60 min", width=_SPARK_CELLS, priority=0, drawn=True),
        lambda row: Cell(sparkline(row.minutes, _SPARK_CELLS), "accent"),
        lambda row: sum(value or 0 for value in row.minutes),
        shown=True,
    )


def _cache(row: BreakdownRow) -> str:
    of = row.part.tokens
    return share(of.cache_read, of.input) if of.input else NOTHING


def _pace(pace: Pace | None) -> int | None:
    return None if pace is None else pace.tokens_per_hour


def _growth(before: int | None, now: int | None) -> Value:
    """By how much it grew, as a number to sort by; from nothing to something is the most."""
    if before is None or now is None:
        return None
    return _ratio(now, before) if before else (_MORE_THAN_ANY if now else Fraction(1))


def _ratio(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _change(before: int | None, now: int | None) -> Cell:
    if before is None or now is None:
        return Cell(NOTHING, "muted")
    tone: Tone = ""
    if now * 100 > before * (100 + _RISE_WARNS):
        tone = "up"
    elif now * 100 < before * (100 - _RISE_WARNS):
        tone = "down"
    return Cell(change(before, now), tone)
