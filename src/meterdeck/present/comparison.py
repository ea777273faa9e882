"""Two rows of Breakdown beside each other as text: sparklines on one scale, figures, and the difference."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.tokens import TokenType
from meterdeck.present.columns import Cell, Column, Row, Tone
from meterdeck.present.dollars import sign_of, spend_cell, spend_value, tone_of
from meterdeck.present.forms import Form
from meterdeck.present.members import labels
from meterdeck.present.names import cell_width, cut_middle, pad
from meterdeck.present.numbers import MINUS, NOTHING, change, share, tokens, usd_short
from meterdeck.present.parts import Part
from meterdeck.present.rates import amount, sign_of_bar
from meterdeck.present.sparkline import cells_for, sparkline
from meterdeck.present.times import clock, day, scope_length, scope_time
from meterdeck.queries.breakdown import BreakdownRow
from meterdeck.queries.deck import Deck
from meterdeck.queries.spend import Spend

Two = tuple[BreakdownRow, BreakdownRow]
_NAME_CELLS = 24
_NOTHING = Cell(NOTHING, "muted")


def title(deck: Deck) -> tuple[list[Part], list[Part]]:
    """Left and right parts of the title line."""
    time = scope_time(deck.scope, deck.now, deck.question.zone)
    left = [
        Part("Compare", "accent", 9),
        Part(f"two by {deck.scope.by.title}", "muted", 8),
        Part(f"in {time}", "muted", 7),
    ]
    return left, [Part(clock(deck.now, deck.question.zone), "muted", 1)]


def sparks(deck: Deck, two: Two, width: int, form: Form = Form.BLOCKS) -> list[str]:
    """A line for each of the two, on one scale; and their last hour where it is held."""
    names = _names(deck, two)
    cells = max(map(cell_width, names))
    lines = _lines(names, [row.buckets for row in two], width - cells - 2, form)
    if all(row.minutes for row in two):
        lines += _lines(["60 min", ""], [row.minutes for row in two], width - cells - 2, form)
    return [f"{pad(name, cells)}  {line}" for name, line in lines]


def table(deck: Deck, two: Two) -> tuple[list[Column], list[Row]]:
    """A row for each figure: the first, the second, and by how much the first is more than the second."""
    first, second = _names(deck, two)
    columns = [
        Column(
            key="what", title=scope_length(deck.scope, deck.now, deck.question.zone), width=18, priority=9
        ),
        Column(key="first", title=first, width=6, align="right", priority=8),
        Column(key="second", title=second, width=6, align="right", priority=8),
        Column(key="difference", title="difference", width=10, align="right", priority=7),
        Column(key="ratio", title="in %", width=6, align="right", priority=6),
    ]
    lines = [*_figures(deck, two), *_buckets(deck, two)]
    return columns, [Row(line.key or line.what, (Cell(line.what, line.tone), *line.cells)) for line in lines]


class _Line(NamedTuple):
    what: str
    cells: tuple[Cell, Cell, Cell, Cell]
    tone: Tone = ""
    key: object = None


def _figures(deck: Deck, two: Two) -> Iterator[_Line]:
    first, second = two
    if deck.scope.is_live:
        paces = [None if row.pace is None else row.pace.tokens_per_hour for row in two]
        yield _counts("tok/h", paces[0], paces[1])
        yield _money("~$/h", *(None if row.pace is None else row.pace.spend_per_hour for row in two))
        yield _money("~$ this hour", first.this_hour, second.this_hour)
        yield _money("~$ today", first.today, second.today)
    used = [row.part.used for row in two]
    yield _counts("tokens", *(None if tokens is None else tokens.total for tokens in used))
    for of in TokenType:
        yield _counts(f"  {of.words}", *(None if tokens is None else tokens.of(of) for tokens in used))
    yield _money("$", first.part.spend, second.part.spend)
    yield _counts("web searches", *(None if row.part.used is None else row.part.web_searches for row in two))
    whole = sum(row.part.tokens.total for row in deck.breakdown.rows)
    yield _shares(
        "share of tokens", [(row.part.tokens.total, 0 if row.part.used is None else whole) for row in two]
    )
    yield _shares("cache hit", [(row.part.tokens.cache_read, row.part.tokens.input) for row in two])


def _buckets(deck: Deck, two: Two) -> Iterator[_Line]:
    """What both took in each bucket, the newest first."""
    first, second = two
    pane, zone = deck.rates, deck.question.zone
    if not len(first.buckets) == len(second.buckets) == len(pane.bars):
        return
    for bar, a, b in reversed(list(zip(pane.bars, first.buckets, second.buckets, strict=True))):
        time = day(bar.start, zone)
        if pane.width is not BucketWidth.DAY:
            time = f"{time} {clock(bar.start, zone)}"
        texts = (Cell(amount(a, pane.measure, bar.money)), Cell(amount(b, pane.measure, bar.money)))
        difference = _NOTHING
        if a is not None and b is not None:
            size = amount(abs(a - b), pane.measure, bar.money)
            mark = sign_of_bar(bar)
            difference = Cell(mark + _signed(a - b, size.removeprefix(mark)))
        yield _Line(time, (*texts, difference, Cell(change(b, a))), "muted", bar.start)


def _counts(what: str, first: int | None, second: int | None) -> _Line:
    difference = _NOTHING
    if first is not None and second is not None:
        difference = Cell(_signed(first - second, tokens(abs(first - second))))
    return _Line(what, (Cell(tokens(first)), Cell(tokens(second)), difference, Cell(change(second, first))))


def _money(what: str, first: Spend | None, second: Spend | None) -> _Line:
    usd = spend_value(first), spend_value(second)
    difference, ratio = _NOTHING, _NOTHING
    if first is not None and second is not None and usd[0] is not None and usd[1] is not None:
        of = usd[0] - usd[1]
        together = (first + second).dollars  # as sure as the less sure of them
        text = sign_of(together) + _signed(of, usd_short(abs(of)))
        difference, ratio = Cell(text, tone_of(together)), Cell(change(usd[1], usd[0]))
    return _Line(what, (spend_cell(first), spend_cell(second), difference, ratio))


def _shares(what: str, of: list[tuple[int, int]]) -> _Line:
    texts = [Cell(share(part, whole)) for part, whole in of]
    difference = _NOTHING
    if all(whole for _, whole in of):
        (a, of_a), (b, of_b) = of
        points = round(Decimal(a * 100) / of_a) - round(Decimal(b * 100) / of_b)
        difference = Cell(_signed(points, f"{abs(points)} points"))
    return _Line(what, (texts[0], texts[1], difference, Cell("")))


def _signed(value: Decimal | int, size: str) -> str:
    return f"+{size}" if value > 0 else f"{MINUS}{size}" if value < 0 else size


def _names(deck: Deck, two: Two) -> list[str]:
    names = labels(deck.scope.by, (row.part.member for row in deck.breakdown.rows), deck.known)
    return [cut_middle(names[row.part.member], _NAME_CELLS) for row in two]


def _lines(
    names: list[str], series: list[tuple[int | None, ...]], width: int, form: Form
) -> list[tuple[str, str]]:
    """One scale for both: the larger of them reaches the top."""
    longest = max(map(len, series))
    cells = cells_for(longest, max(0, min(width, longest)), form)
    top = max((value for of in series for value in of if value is not None), default=0)
    return [(name, sparkline(of, cells, top=top, form=form)) for name, of in zip(names, series, strict=True)]
