"""The Breakdown pane as text: its title line, its columns, its rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.measure import Measure
from meterdeck.domain.money import sum_exactly
from meterdeck.domain.scope import Span
from meterdeck.domain.tokens import TokenType
from meterdeck.present.budgets import bar
from meterdeck.present.columns import Cell, Column, Row, Tone, Value, fitted, lay_out
from meterdeck.present.estimates import estimate_cell, estimate_value
from meterdeck.present.members import labels
from meterdeck.present.names import cell_width, clean
from meterdeck.present.numbers import NOTHING, change, share, tokens, unit_for
from meterdeck.present.parts import Part
from meterdeck.present.rates import amount
from meterdeck.present.sorting import Order, with_marks
from meterdeck.present.sparkline import sparkline
from meterdeck.present.times import scope_days, scope_length, scope_time
from meterdeck.queries.breakdown import BreakdownPane, BreakdownRow
from meterdeck.queries.names import Member
from meterdeck.queries.pace import Pace

_SPARK_CELLS = 24
_ZOOMED_SPARKS = ((237, 48, 48), (143, 24, 24), (0, 24, 12))
"""On a screen of its own, from how many cells on the line of the time, and that of the last hour, have how many."""
_BAR_CELLS = 10
_TYPE_TITLES = {
    TokenType.UNCACHED_INPUT: "input",
    TokenType.CACHE_READ: "c.read",
    TokenType.CACHE_WRITE_5M: "c.w 5m",
    TokenType.CACHE_WRITE_1H: "c.w 1h",
    TokenType.OUTPUT: "output",
}
_CHANGE_CELLS = 5
_CHANGE_BEFORE_SHARE = 4
"""On the whole screen the change against the time before takes the room of the share, where there is none for both."""
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


def title(
    pane: BreakdownPane,
    now: datetime,
    zone: tzinfo = UTC,
    kept: Collection[Hashable] | None = None,
) -> tuple[list[Part], list[Part]]:
    """Left and right parts of the pane's title line; ``kept`` are the members that a filter left, if there is one."""
    scope = pane.breakdown.scope
    time = scope_time(scope, now, zone)
    during = f"in {time}" if scope.at is None else time
    left = [Part("Breakdown", "accent", 9), Part(f"by {scope.by.title}", "muted", 8)]
    if kept is None:
        count, days = len(pane.rows), scope_days(scope, now, zone)
        # Any time but the usual one must be told here: filters may leave the header no room for it.
        short = "" if scope.at is None else days
        left.append(
            Part(f"{count} {during}", "muted", 2 if scope.is_of_usual_time else 7, short=short, short_at=2)
        )
    else:
        measured = "dollars" if pane.measure is Measure.USD else "tokens"
        of_kept = _sum(pane, kept)
        left.append(Part(f"{len(kept)} of {len(pane.rows)}", "", 9))
        left.append(Part(f"{share(of_kept, _sum(pane))} of {measured} {during}", "muted", 4))
    right = []
    priced = [row.part.estimate for row in pane.rows]
    if any(estimate.listed_tokens for estimate in priced):
        all_of_it = all(estimate.listed_tokens == estimate.priced_tokens for estimate in priced)
        right.append(Part("list prices" if all_of_it else "some list prices", "estimate", 7))
    return left, right


def order(pane: BreakdownPane) -> Order:
    """The order without the user's choice: as rows come, the fastest (or largest) first; by dollars if asked for."""
    is_live = pane.breakdown.scope.is_live
    if pane.measure is Measure.USD:
        return Order("usd_pace" if is_live else "usd")
    return Order("pace" if is_live and any(row.pace for row in pane.rows) else "tokens")


def table(
    pane: BreakdownPane,
    now: datetime,
    zone: tzinfo = UTC,
    *,
    known: Iterable[Member] = (),
    zoomed_to: int | None = None,
    one_scale: bool = False,
) -> tuple[list[Column], list[Row]]:
    """Columns and rows; the table leaves out the columns that its width has no room for.

    A time up to now tells how fast members go; one that is past, what they took and how that has changed. Names are
    told apart from those of all that are ``known``. ``zoomed_to`` is how many cells the table has where the pane has
    all of the screen: then there is more to say. With ``one_scale`` the lines of all rows are measured by the highest
    of them, else each by its own.
    """
    time = scope_length(pane.breakdown.scope, now, zone)
    names = labels(pane.breakdown.scope.by, (row.part.member for row in pane.rows), known)
    top = max((_most(row) for row in pane.rows), default=0) if one_scale else None
    if zoomed_to is None:
        fields = _shown(pane, _fields(pane, names, time, top=top))
    else:
        fields = _shown(pane, _zoomed(pane, names, time, zoomed_to, top))
    return [field.column for field in fields], _rows(pane, fields, names)


def _shown(pane: BreakdownPane, fields: list[_Field]) -> list[_Field]:
    return [field for field in fields if field.shown in {None, pane.breakdown.scope.is_live}]


def _rows(pane: BreakdownPane, fields: list[_Field], names: dict[Member, str]) -> list[Row]:
    return [
        Row(
            row.part.member.id,
            tuple(field.cell(row) for field in fields),
            tuple(field.value(row) for field in fields),
            (names[row.part.member], clean(row.part.member.name), row.part.member.id or ""),
        )
        for row in pane.rows
    ]


class _Field(NamedTuple):
    """A column, what it shows of a row, and by what it sorts."""

    column: Column
    cell: Callable[[BreakdownRow], Cell]
    value: Callable[[BreakdownRow], Value]
    shown: bool | None = None
    """Only of a time that reaches up to now (True), or only of one that is past (False)."""


def _fields(
    pane: BreakdownPane,
    names: dict[Member, str],
    time: str,
    sparks: int = _SPARK_CELLS,
    minutes: int = _SPARK_CELLS,
    top: int | None = None,
) -> list[_Field]:
    by = pane.breakdown.scope.by
    buckets = max((len(row.buckets) for row in pane.rows), default=0)
    spark_cells = sparks if sparks <= _SPARK_CELLS else max(_SPARK_CELLS, min(sparks, buckets))
    unit = unit_for([row.pace.tokens_per_hour for row in pane.rows if row.pace])
    total = _sum(pane)
    scope = pane.breakdown.scope
    is_live = scope.is_live
    has_length = scope.at is None and scope.span is not Span.CALENDAR_MONTH
    before = f"Δ{scope.span.value}" if has_length else "Δ before"
    against_before = _Field(
        Column(
            key="before",
            title=before,
            width=max(len(before), _CHANGE_CELLS),
            align="right",
            priority=3 if is_live else 6,
        ),
        lambda row: _change(*(row.change or (None, None))),
        lambda row: _growth(*(row.change or (None, None))),
    )
    return [
        _Field(
            Column(key="name", title=by.title, width=14, min_width=12, max_width=28, grow=1, priority=10),
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
        *([against_before] if is_live and any(row.change for row in pane.rows) else []),
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
        *([] if is_live else [against_before]),
        _Field(
            Column(key="usd", title="~$", width=6, align="right", priority=8),
            lambda row: estimate_cell(row.part.estimate),
            lambda row: estimate_value(row.part.estimate),
            shown=False,
        ),
        _Field(
            Column(key="share", title="share", width=5, align="right", priority=4),
            lambda row: Cell(share(_taken(row, pane.measure), total)),
            lambda row: _taken(row, pane.measure),
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
            Column(key="most", title="max", width=6, align="right", priority=-1),
            lambda row: Cell(amount(_most(row), pane.measure) if row.buckets else NOTHING, "muted"),
            _most,
        ),
        _Field(
            Column(key="spark", title=time, width=spark_cells, priority=7, drawn=True),
            lambda row: Cell(sparkline(row.buckets, spark_cells, top=top), "accent"),
            lambda row: row.part.tokens.total,
        ),
        *([_minutes_field(minutes)] if any(row.minutes for row in pane.rows) else []),
    ]


def _zoomed(
    pane: BreakdownPane, names: dict[Member, str], time: str, width: int, top: int | None
) -> list[_Field]:
    """The same columns, a name no narrower, and as far as there is room the types of token and a bar for the share."""
    sparks, minutes = next((of, hour) for least, of, hour in _ZOOMED_SPARKS if width >= least)
    least = _name_cells(pane, names, _fields(pane, names, time, top=top), width)
    name, *others = _fields(pane, names, time, sparks, minutes, top=top)
    others = [
        field._replace(
            column=replace(field.column, priority=max(field.column.priority, _CHANGE_BEFORE_SHARE))
        )
        if field.column.key == "before"
        else field
        for field in others
    ]
    fields = [name._replace(column=replace(name.column, min_width=least)), *others]
    total = _sum(pane)
    share_bar = _Field(
        Column(key="bar", title="of all", width=_BAR_CELLS, priority=-3),
        lambda row: Cell(
            bar(_taken(row, pane.measure) or Decimal(), total, _BAR_CELLS) if total else "", "accent"
        ),
        lambda row: _taken(row, pane.measure),
    )
    after_share = next(i for i, field in enumerate(fields, 1) if field.column.key == "share")
    before_sparks = next(i for i, field in enumerate(fields) if field.column.key == "spark")
    return [
        *fields[:after_share],
        share_bar,
        *fields[after_share:before_sparks],
        *(_type_field(of) for of in TokenType),
        *fields[before_sparks:],
    ]


def _name_cells(pane: BreakdownPane, names: dict[Member, str], fields: list[_Field], width: int) -> int:
    """How many cells names have and need among these columns, without the line of minutes."""
    fields = [field for field in _shown(pane, fields) if field.column.key != "minutes"]
    columns = with_marks([field.column for field in fields], order(pane), None)
    places = lay_out(fitted(columns, _rows(pane, fields, names)), width)
    needed = max(map(cell_width, [columns[0].title, *names.values()]))
    return min(places[0].width if places else columns[0].least, needed)


def _type_field(of: TokenType) -> _Field:
    return _Field(
        Column(key=of.counter, title=_TYPE_TITLES[of], width=6, align="right", priority=-2),
        lambda row: Cell(tokens(row.part.tokens.of(of))),
        lambda row: row.part.tokens.of(of),
    )


def _minutes_field(sparks: int) -> _Field:
    return _Field(
        Column(key="minutes", title="60 min", width=sparks, priority=0, drawn=True),
        lambda row: Cell(sparkline(row.minutes, sparks), "accent"),
        lambda row: sum(value or 0 for value in row.minutes),
        shown=True,
    )


def _taken(row: BreakdownRow, measure: Measure) -> Decimal | None:
    """What it took in all, in the measure on show; None where nothing of it has a price."""
    if measure is Measure.USD:
        return estimate_value(row.part.estimate)
    return Decimal(row.part.tokens.total)


def _sum(pane: BreakdownPane, of: Collection[Hashable] | None = None) -> Decimal:
    """What all rows took in the measure on show, or those of some members."""
    rows = [row for row in pane.rows if of is None or row.part.member.id in of]
    return sum_exactly(_taken(row, pane.measure) or Decimal() for row in rows)


def _most(row: BreakdownRow) -> int:
    """The highest of its buckets."""
    return max((amount for amount in row.buckets if amount is not None), default=0)


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
