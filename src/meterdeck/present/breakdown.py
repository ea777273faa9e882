"""The Breakdown pane as text: its title line, its columns, its rows."""

from __future__ import annotations

from meterdeck.domain.dimensions import Dimension
from meterdeck.present.columns import Cell, Column, Row, Tone
from meterdeck.present.estimates import estimate_cell
from meterdeck.present.members import labels
from meterdeck.present.numbers import NOTHING, change, share, tokens, unit_for
from meterdeck.present.parts import Part
from meterdeck.present.sparkline import sparkline
from meterdeck.queries.breakdown import BreakdownPane, BreakdownRow

_SPARK_CELLS = 24
_RISE_WARNS = 50
"""A pace this many percent above an hour ago stands out."""


STEPS = (
    Dimension.WORKSPACE,
    Dimension.MODEL,
    Dimension.API_KEY,
    Dimension.SERVICE_TIER,
    Dimension.CONTEXT_WINDOW,
    Dimension.TOKEN_TYPE,
)
"""The dimensions in the order in which a user steps through them, and in which Enter goes down."""


def title(pane: BreakdownPane) -> tuple[list[Part], list[Part]]:
    """Left and right parts of the pane's title line."""
    by = pane.breakdown.scope.by
    left = [
        Part("Breakdown", "accent", 9),
        Part(f"by {by.title}", "muted", 8),
        Part(f"{len(pane.rows)} in the last {pane.breakdown.scope.span.value}", "muted", 2),
    ]
    right = [Part("sorted by tok/h ▼", "muted", 3)]
    priced = [row.part.estimate for row in pane.rows]
    if any(estimate.listed_tokens for estimate in priced):
        all_of_it = all(estimate.listed_tokens == estimate.priced_tokens for estimate in priced)
        right.insert(0, Part("list prices" if all_of_it else "some list prices", "estimate", 7))
    return left, right


def table(pane: BreakdownPane) -> tuple[list[Column], list[Row]]:
    """Columns and rows; the table leaves out the columns that its width has no room for."""
    by = pane.breakdown.scope.by
    columns = [
        Column(key="name", title=by.title, width=14, min_width=10, max_width=28, grow=1, priority=10),
        Column(key="pace", title="tok/h", width=5, align="right", priority=9),
        Column(key="change", title="Δ1h", width=5, align="right", priority=6),
        Column(key="usd_pace", title="~$/h", width=6, align="right", priority=8),
        Column(key="this_hour", title="~hour", width=6, align="right", priority=0),
        Column(key="today", title="~today", width=6, align="right", priority=5),
        Column(key="share", title="share", width=5, align="right", priority=4),
        Column(key="cache", title="cache", width=5, align="right", priority=2),
        Column(key="tokens", title="tokens", width=6, align="right", priority=1),
        Column(key="spark", title="24 h", width=_SPARK_CELLS, priority=7),
    ]
    names = labels(by, (row.part.member for row in pane.rows))
    unit = unit_for([row.pace.tokens_per_hour for row in pane.rows if row.pace])
    total = sum(row.part.tokens.total for row in pane.rows)
    rows = []
    for row in pane.rows:
        pace = row.pace
        before = row.pace_before
        part = row.part
        input_tokens = part.tokens.input
        rows.append(
            Row(
                part.member.id,
                (
                    Cell(names[part.member]),
                    Cell(tokens(pace.tokens_per_hour if pace else None, unit)),
                    _change(row) if pace and before else Cell(NOTHING, "muted"),
                    estimate_cell(pace.estimate_per_hour if pace else None),
                    estimate_cell(row.this_hour),
                    estimate_cell(row.today),
                    Cell(share(part.tokens.total, total)),
                    Cell(share(part.tokens.cache_read, input_tokens) if input_tokens else NOTHING),
                    Cell(tokens(part.tokens.total)),
                    Cell(sparkline(row.hourly, _SPARK_CELLS), "accent"),
                ),
            )
        )
    return columns, rows


def _change(row: BreakdownRow) -> Cell:
    now = row.pace.tokens_per_hour if row.pace else 0
    before = row.pace_before.tokens_per_hour if row.pace_before else 0
    tone: Tone = ""
    if now * 100 > before * (100 + _RISE_WARNS):
        tone = "up"
    elif now * 100 < before * (100 - _RISE_WARNS):
        tone = "down"
    return Cell(change(before, now), tone)
