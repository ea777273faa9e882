"""The Breakdown pane as text: its title line, its order, its rows in the columns of `breakdown_fields`."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from datetime import UTC, datetime, tzinfo

from meterdeck.domain.dimensions import SERIES_DIMENSIONS, Dimension, Kind
from meterdeck.domain.measure import Measure
from meterdeck.domain.scope import Since
from meterdeck.present.breakdown_fields import Field, Lines, fields, fields_on_whole_screen, most, sum_taken
from meterdeck.present.columns import Column, Row, fitted, lay_out
from meterdeck.present.dollars import left_out_part
from meterdeck.present.forms import Form
from meterdeck.present.members import filter_words, labels
from meterdeck.present.names import cell_width
from meterdeck.present.numbers import share
from meterdeck.present.parts import Part
from meterdeck.present.sorting import Order, with_marks
from meterdeck.present.times import scope_days, scope_length, scope_time
from meterdeck.queries.breakdown import BreakdownPane
from meterdeck.queries.names import Member

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
    *,
    one_scale: bool = False,
) -> tuple[list[Part], list[Part]]:
    """Left and right parts of the pane's title line; ``kept`` are the members that a filter left, if there is one.

    Where all lines have ``one_scale`` it says so: by their look alone nobody could tell.
    """
    scope = pane.breakdown.scope
    time = scope_time(scope, now, zone)
    during = time if isinstance(scope.at, Since) else f"in {time}"
    left = [Part("Breakdown", "accent", 9), Part(f"by {scope.by.title}", "muted", 8)]
    if kept is None:
        count = sum(not row.part.member.is_beside for row in pane.rows)  # money beside them is none of them
        days = scope_days(scope, now, zone)
        # Any time but the usual one must be told here: filters may leave the header no room for it.
        short = "" if scope.at is None else days
        left.append(
            Part(f"{count} {during}", "muted", 2 if scope.is_of_usual_time else 7, short=short, short_at=2)
        )
    else:
        measured = "dollars" if pane.measure is Measure.USD else "tokens"
        of_kept = sum_taken(pane, kept)
        left.append(Part(f"{len(kept)} of {len(pane.rows)}", "", 9))
        left.append(Part(f"{share(of_kept, sum_taken(pane))} of {measured} {during}", "muted", 4))
    right = [Part("one scale", "accent", 6)] if one_scale else []
    if left_out := left_out_part(pane.breakdown.left_out):
        right.append(left_out)
    priced = [row.part.spend for row in pane.rows]
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


def table(  # noqa: PLR0913 - each is one thing that the pane knows
    pane: BreakdownPane,
    now: datetime,
    zone: tzinfo = UTC,
    *,
    known: Iterable[Member] = (),
    cells: int,
    zoomed: bool = False,
    one_scale: bool = False,
    form: Form = Form.BLOCKS,
) -> tuple[list[Column], list[Row]]:
    """Columns and rows; the table leaves out the columns that its width has no room for.

    A time up to now tells how fast members go; one that is past, what they took and how that has changed. Names are
    told apart from those of all that are ``known``. ``cells`` is how many the table has; where the pane is ``zoomed``
    there is more to say. With ``one_scale`` the lines of all rows are measured by the highest
    of them, else each by its own.
    """
    length = scope_length(pane.breakdown.scope, now, zone)
    names = labels(pane.breakdown.scope.by, (row.part.member for row in pane.rows), known)
    top = max((most(row) for row in pane.rows), default=0) if one_scale else None
    lines = Lines(length, top, form)
    made = fields(pane, names, lines, cells=cells)
    if zoomed:
        least = _name_cells(pane, names, made, cells)
        made = fields_on_whole_screen(pane, names, lines, cells=cells, name_cells=least)
    return [field.column for field in made], _rows(pane, made, names)


def no_way_in(by: Dimension, member: Member) -> str | None:
    """Why Enter on a row leads nowhere; None where it leads in."""
    if member.kind is Kind.NOT_ALLOCATED:
        return f"This money has no {by.title}: nothing tells whose it is; Enter on a day of Costs shows its lines."
    if member.kind is Kind.NOT_TOKEN:
        return f"This money has no {by.title}: it is not for tokens; Enter on a day of Costs shows its lines."
    if by not in SERIES_DIMENSIONS:
        return f"A {by.title} can't be entered: no scope keeps one alone; b splits by what can be entered."
    return None


def _rows(pane: BreakdownPane, made: list[Field], names: dict[Member, str]) -> list[Row]:
    return [
        Row(
            row.part.member.key,
            tuple(field.cell(row) for field in made),
            tuple(field.value(row) for field in made),
            filter_words(pane.breakdown.scope.by, row.part.member, names[row.part.member]),
        )
        for row in pane.rows
    ]


def _name_cells(pane: BreakdownPane, names: dict[Member, str], made: list[Field], width: int) -> int:
    """How many cells names have and need among these columns."""
    columns = with_marks([field.column for field in made], order(pane), None)
    places = lay_out(fitted(columns, _rows(pane, made, names)), width)
    needed = max(map(cell_width, [columns[0].title, *names.values()]))
    return min(places[0].width if places else columns[0].least, needed)
