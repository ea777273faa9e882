"""The columns of a breakdown: what each says of a member, and by what it sorts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from meterdeck.domain.dollars import State
from meterdeck.domain.measure import Measure
from meterdeck.domain.money import sum_exactly
from meterdeck.domain.scope import Span
from meterdeck.domain.tokens import TokenType
from meterdeck.present.budgets import bar
from meterdeck.present.columns import Cell, Column, Tone, Value
from meterdeck.present.dollars import spend_cell, spend_value
from meterdeck.present.forms import Form
from meterdeck.present.numbers import NOTHING, change, share, tokens, unit_for
from meterdeck.present.rates import amount
from meterdeck.present.sparkline import cells_for, sparkline
from meterdeck.queries.breakdown import BreakdownPane, BreakdownRow
from meterdeck.queries.names import Member
from meterdeck.queries.pace import Pace

_BAR_CELLS = 10
_CHANGE_CELLS = 5
_MINUTES = 60
_TYPE_TITLES = {
    TokenType.UNCACHED_INPUT: "input",
    TokenType.CACHE_READ: "c.read",
    TokenType.CACHE_WRITE_5M: "c.w 5m",
    TokenType.CACHE_WRITE_1H: "c.w 1h",
    TokenType.OUTPUT: "output",
}
_RISE_WARNS = 50
"""A pace this many percent above an hour ago stands out."""
_MORE_THAN_ANY = 10**30
"""Growth from nothing, to sort by."""


class Room(NamedTuple):
    """What a place for a breakdown has room for."""

    sparks: int
    """Cells of the line of the time."""
    minutes: int = 0
    """Cells of the line of the last hour; 0 where there is none."""
    longest: int = 0
    """Cells of the line of the time where it has as many buckets."""
    minutes_at: int = -2
    """The priority of the last hour; below are the dollars of the time (-3), types of token (-5) and a bar (-6)."""
    change_at: int | None = 2
    """The priority of the change against the time before; above are the share (4) and the most (3). None: no change."""


class Lines(NamedTuple):
    """How the lines are drawn."""

    title: str
    """Of the column: their time."""
    top: int | None = None
    """The scale of all of them; None where each has its own."""
    form: Form = Form.BLOCKS


_BESIDE = (
    (137, Room(24, 20)),
    (124, Room(24)),
    (107, Room(18)),
    (83, Room(18, change_at=None)),
    (0, Room(16, change_at=None)),
)
"""Beside the other panes, from how many cells on: a shorter line leaves room for its maximum."""
_ON_WHOLE_SCREEN = (
    (237, Room(24, 48, longest=48)),
    (168, Room(24, 24)),
    (137, Room(24, 20)),
    (124, Room(24, 12, minutes_at=-4)),
    (107, Room(18, 12, minutes_at=-4)),
    (83, Room(18, 12, minutes_at=-4, change_at=-4)),
    (0, Room(16, 12, minutes_at=-4, change_at=-4)),
)
"""On a screen of its own: what is not shown beside the other panes takes no room from what is."""


class Field(NamedTuple):
    """A column, what it shows of a row, and by what it sorts."""

    column: Column
    cell: Callable[[BreakdownRow], Cell]
    value: Callable[[BreakdownRow], Value]
    shown: bool | None = None
    """Only of a time that reaches up to now (True), or only of one that is past (False)."""


def fields(pane: BreakdownPane, names: dict[Member, str], lines: Lines, *, cells: int) -> list[Field]:
    """The columns of a breakdown, the name first; ``cells`` is how many the table has."""
    return _fields(pane, names, lines, _room(_BESIDE, cells))


def _room(rooms: Iterable[tuple[int, Room]], cells: int) -> Room:
    return next(room for least, room in rooms if cells >= least)


def _fields(pane: BreakdownPane, names: dict[Member, str], lines: Lines, room: Room) -> list[Field]:
    scope = pane.breakdown.scope
    buckets = max((len(row.buckets) for row in pane.rows), default=0)
    spark_cells = cells_for(buckets, max(room.sparks, min(room.longest, buckets)), lines.form)
    unit = unit_for([row.pace.tokens_per_hour for row in pane.rows if row.pace])
    total = sum_taken(pane)
    made = [
        Field(
            Column(
                key="name", title=scope.by.title, width=14, min_width=12, max_width=28, grow=1, priority=10
            ),
            lambda row: Cell(names[row.part.member]),
            lambda row: names[row.part.member].casefold(),
        ),
        Field(
            Column(key="pace", title="tok/h", width=5, align="right", priority=9),
            lambda row: Cell(tokens(row.pace.tokens_per_hour if row.pace else None, unit)),
            lambda row: row.pace.tokens_per_hour if row.pace else None,
            shown=True,
        ),
        Field(
            Column(key="change", title="Δ1h", width=5, align="right", priority=6),
            lambda row: _change(_pace(row.pace_before), _pace(row.pace)),
            lambda row: _growth(_pace(row.pace_before), _pace(row.pace)),
            shown=True,
        ),
        Field(
            Column(key="tokens", title="tokens", width=6, align="right", priority=9),
            lambda row: Cell(tokens(_tokens(row))),
            _tokens,
            shown=False,
        ),
        _against_before(pane, room),
        Field(
            Column(key="usd_pace", title="~$/h", width=6, align="right", priority=8),
            lambda row: spend_cell(row.pace.spend_per_hour if row.pace else None),
            lambda row: spend_value(row.pace.spend_per_hour if row.pace else None),
            shown=True,
        ),
        Field(
            Column(key="this_hour", title="~hour", width=6, align="right", priority=-1),
            lambda row: spend_cell(row.this_hour),
            lambda row: spend_value(row.this_hour),
            shown=True,
        ),
        Field(
            Column(key="today", title="~today", width=6, align="right", priority=5),
            lambda row: spend_cell(row.today),
            lambda row: spend_value(row.today),
            shown=True,
        ),
        Field(
            Column(key="usd", title="$", width=6, align="right", priority=-3 if scope.at is None else 8),
            lambda row: spend_cell(row.part.spend),
            lambda row: spend_value(row.part.spend),
        ),
        Field(
            Column(key="share", title="share", width=5, align="right", priority=4),
            lambda row: Cell(share(taken(row, pane.measure), total)),
            lambda row: taken(row, pane.measure),
        ),
        Field(
            Column(key="cache", title="cache", width=5, align="right", priority=1),
            lambda row: Cell(_cache(row)),
            lambda row: _ratio(row.part.tokens.cache_read, row.part.tokens.input),
        ),
        Field(
            Column(key="tokens", title="tokens", width=6, align="right", priority=0),
            lambda row: Cell(tokens(_tokens(row))),
            _tokens,
            shown=True,
        ),
        Field(
            Column(key="most", title="max", width=6, align="right", priority=3),
            lambda row: Cell(_most(pane, row), "muted"),
            most,
        ),
        Field(
            Column(key="spark", title=lines.title, width=spark_cells, priority=7, drawn=True),
            lambda row: Cell(sparkline(row.buckets, spark_cells, top=lines.top, form=lines.form), "accent"),
            _tokens,
        ),
        *(
            [_minutes_field(room, lines.form)]
            if room.minutes and any(row.minutes for row in pane.rows)
            else []
        ),
    ]
    return [field for field in made if field.shown in {None, scope.is_live}]


def fields_on_whole_screen(
    pane: BreakdownPane,
    names: dict[Member, str],
    lines: Lines,
    *,
    cells: int,
    name_cells: int,
) -> list[Field]:
    """The same columns and, as far as there is room, the types of token and a bar for the share.

    A name is no narrower than ``name_cells``.
    """
    name, *others = _fields(pane, names, lines, _room(_ON_WHOLE_SCREEN, cells))
    made = [name._replace(column=replace(name.column, min_width=name_cells)), *others]
    after_share = next(i for i, field in enumerate(made, 1) if field.column.key == "share")
    before_sparks = next(i for i, field in enumerate(made) if field.column.key == "spark")
    return [
        *made[:after_share],
        _share_bar(pane),
        *made[after_share:before_sparks],
        *(_type_field(of) for of in TokenType),
        *made[before_sparks:],
    ]


def taken(row: BreakdownRow, measure: Measure) -> Decimal | None:
    """What it took in all, in the measure on show; None where nothing of it has a price, or it has no usage."""
    if measure is Measure.USD:
        return spend_value(row.part.spend)
    used = row.part.used
    return None if used is None else Decimal(used.total)


def sum_taken(pane: BreakdownPane, of: Collection[Hashable] | None = None) -> Decimal:
    """What all rows took in the measure on show, or those of some members."""
    rows = [row for row in pane.rows if of is None or row.part.member.key in of]
    return sum_exactly(taken(row, pane.measure) or Decimal() for row in rows)


def most(row: BreakdownRow) -> int:
    """The highest of its buckets."""
    return max((amount for amount in row.buckets if amount is not None), default=0)


def money_of_most(pane: BreakdownPane, row: BreakdownRow) -> State | None:
    """How the dollars of its highest bucket are known: of several as high, of the oldest."""
    amounts = [value or 0 for value in row.buckets]
    return pane.money[amounts.index(max(amounts))] if amounts and pane.money else None


def _most(pane: BreakdownPane, row: BreakdownRow) -> str:
    return amount(most(row), pane.measure, money_of_most(pane, row)) if row.buckets else NOTHING


def _against_before(pane: BreakdownPane, room: Room) -> Field:
    """A time up to now has it where it is known, titled by its length: ``Δ24h``, beside ``Δ1h``."""
    scope = pane.breakdown.scope
    has_length = scope.at is None and scope.span is not Span.CALENDAR_MONTH
    title = f"Δ{scope.span.value}" if has_length else "Δ before"
    return Field(
        Column(
            key="before",
            title=title,
            width=max(len(title), _CHANGE_CELLS),
            align="right",
            priority=(room.change_at or 0) if scope.is_live else 6,
        ),
        lambda row: _change(*(row.change or (None, None))),
        lambda row: _growth(*(row.change or (None, None))),
        shown=None if room.change_at is not None and any(row.change for row in pane.rows) else False,
    )


def _share_bar(pane: BreakdownPane) -> Field:
    total = sum_taken(pane)
    return Field(
        Column(key="bar", title="of all", width=_BAR_CELLS, priority=-6),
        lambda row: Cell(
            bar(taken(row, pane.measure) or Decimal(), total, _BAR_CELLS) if total else "", "accent"
        ),
        lambda row: taken(row, pane.measure),
    )


def _type_field(of: TokenType) -> Field:
    return Field(
        Column(key=of.value, title=_TYPE_TITLES[of], width=6, align="right", priority=-5),
        lambda row: Cell(tokens(_tokens(row, of))),
        lambda row: _tokens(row, of),
    )


def _minutes_field(room: Room, form: Form) -> Field:
    cells = cells_for(_MINUTES, room.minutes, form)
    return Field(
        Column(key="minutes", title="60 min", width=cells, priority=room.minutes_at, drawn=True),
        lambda row: Cell(sparkline(row.minutes, cells, form=form), "accent"),
        lambda row: sum(value or 0 for value in row.minutes),
        shown=True,
    )


def _tokens(row: BreakdownRow, of: TokenType | None = None) -> int | None:
    """All its tokens, or those of a type; None of money that has no usage."""
    used = row.part.used
    if used is None:
        return None
    return used.total if of is None else used.of(of)


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
