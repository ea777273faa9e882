"""A day's bill line by line, as text: its title, what is to be known beside it, its columns, its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.dollars import Lack, State
from meterdeck.domain.money import plain
from meterdeck.domain.reports import CostLine
from meterdeck.domain.tokens import TokenType
from meterdeck.present.columns import Cell, Column, Row, fitted, lay_out
from meterdeck.present.dollars import text_of
from meterdeck.present.members import labels
from meterdeck.present.names import clean, model_short
from meterdeck.present.numbers import LACKS_PART, NOTHING, UNPRICED, usd_exact
from meterdeck.present.parts import Part
from meterdeck.queries.day_lines import DayLine, DayLines

TOTAL = "total"
"""The key of the last row."""
_WORDS_OF_ALL = {"Claude", "Usage", "Tokens", "-"}
"""Words of descriptions that tell no line from another."""
_USUAL = {"standard", "0-200k", "global", "not_available"}
"""Tier, context and geo of most lines."""
_WORKSPACE = Column(
    key="workspace", title="workspace", width=14, min_width=9, max_width=28, grow=1, priority=8
)
_DESCRIPTION = Column(
    key="description", title="description", width=24, min_width=14, max_width=60, grow=2, priority=9
)
_USD = Column(key="usd", title="USD", width=3, align="right", priority=10)
_TOKEN_TYPES = {of.value: of.words for of in TokenType}


def title(found: DayLines) -> tuple[list[Part], list[Part]]:
    """Left and right parts of the title line."""
    left = [
        Part(f"Bill of {found.day:%a} {found.day.day} {found.day:%b %Y}, UTC", "accent", 9),
        Part("every line, dearest first", "muted", 1),
    ]
    state = Part("settled", "muted", 4) if found.settled else Part("may still change", "muted", 4)
    right = [
        Part(_count(found.lines), "muted", 3),
        state if found.reported else Part("not complete" if found.lines else "no bill yet", "estimate", 6),
        Part(f"{'' if found.reported else 'so far '}{usd_exact(found.total_usd)}", "accent", 7),
    ]
    return left, right


def notes(found: DayLines) -> list[str]:
    """What the lines do not say by themselves, a sentence each; none for a whole bill without filters."""
    said = []
    if not found.reported:
        said.append(f"{_of_an_open_bill(found)} {_worth(found)}".rstrip())
    elif not found.settled and not found.unknown_to_bill:
        said.append(f"The bill of this day may still rise. {_worth(found)}".rstrip())
    for dimension in found.unknown_to_bill:
        words = f"The bill knows no {dimension.title}s: these are the lines of all of them."
        said.append(words if not found.reported else f"{words} {_worth(found)}".rstrip())
    if found.left_out:
        said.append(f"Left out by the filters: {_count(found.left_out)}, {usd_exact(found.left_out_usd)}.")
    if found.other_currencies:
        sums = ", ".join(f"{clean(of)} {plain(amount)}" for of, amount in found.other_currencies.items())
        said.append(f"Billed in other currencies, and in no sum of dollars: {sums}.")
    return said


def _of_an_open_bill(found: DayLines) -> str:
    if found.lines:
        return "The bill of this day is not complete yet: the lines are what is billed so far."
    return "There is no bill of this day yet: no line of it has come."


def words_for_nothing(found: DayLines) -> str:
    """What to say in the place of an empty table."""
    if not found.reported:
        return "no line of this day's bill is known yet"
    return "no line in this scope" if found.left_out else "nothing was billed on this day"


def table(found: DayLines, cells: int) -> tuple[list[Column], list[Row]]:
    """Columns and rows, the total last; in fewer columns where there is no room for all that tells lines apart.

    ``cells`` is how many the table has.
    """
    columns, rows = _in_full(found)
    shown = {columns[place.index].key for place in lay_out(fitted(columns, rows), cells)}
    return (columns, rows) if shown >= {column.key for column in columns} - {"cost_type"} else _in_few(found)


def _in_few(found: DayLines) -> tuple[list[Column], list[Row]]:
    """Workspace, what was used and what it cost: the rest is named where it is not the usual."""
    columns = [_WORKSPACE, replace(_DESCRIPTION, title="what", width=42), _USD]
    return columns, _rows(found, lambda line: (Cell(in_few_words(line)),))


def _in_full(found: DayLines) -> tuple[list[Column], list[Row]]:
    columns = [
        _WORKSPACE,
        _DESCRIPTION,
        Column(key="cost_type", title="type", width=6, priority=1),
        Column(key="model", title="model", width=5, priority=3),
        Column(key="token_type", title="tokens", width=6, priority=6),
        Column(key="service_tier", title="tier", width=8, max_width=18, grow=1, priority=5),
        Column(key="context_window", title="context", width=7, priority=4),
        Column(key="inference_geo", title="geo", width=3, priority=2),
        _USD,
    ]
    return columns, _rows(
        found,
        lambda line: (
            Cell(clean(line.description or NOTHING)),
            Cell(clean(line.cost_type or NOTHING)),
            Cell(model_short(clean(line.model)) if line.model else NOTHING),
            Cell(token_type_words(line.member(Dimension.TOKEN_TYPE))),
            Cell(clean(line.service_tier or NOTHING)),
            Cell(clean(line.context_window or NOTHING)),
            Cell(clean(line.inference_geo or NOTHING)),
        ),
    )


def _rows(found: DayLines, cells: Callable[[CostLine], tuple[Cell, ...]]) -> list[Row]:
    """A row for each line, ``cells`` between its workspace and its amount; and the total."""
    if not found.lines:
        return []
    amounts = _aligned([*(line.usd for line in found.lines), found.total_usd])
    names = labels(Dimension.WORKSPACE, {line.workspace for line in found.lines})
    rows = [
        Row(
            line.line,
            (Cell(names[line.workspace]), *cells(line.line), Cell(amount)),
        )
        for line, amount in zip(found.lines, amounts, strict=False)
    ]
    blank = [Cell("")] * (len(rows[0].cells) - 2)
    return [*rows, Row(TOTAL, (Cell("total", "accent"), *blank, Cell(amounts[-1], "accent")))]


def in_few_words(line: CostLine) -> str:
    """``Opus 5 Cache Write 1h, batch, 200k-1M``: a description without the words of all, and what is not the usual."""
    said = clean(line.description or NOTHING)
    told = " ".join(word for word in said.replace(",", "").split() if word not in _WORDS_OF_ALL)
    unusual = [
        clean(value)
        for value in (line.service_tier, line.context_window, line.inference_geo)
        if value is not None and value not in _USUAL
    ]
    return ", ".join([told.replace("Input Cache ", "Cache ") or said, *unusual])


def token_type_words(token_type: str | None) -> str:
    """``cache write 5m``: a token type of a line, as reports write it, as a person reads it."""
    return _TOKEN_TYPES.get(token_type, clean(token_type)) if token_type else NOTHING


def _count(lines: Iterable[DayLine]) -> str:
    count = len(list(lines))
    return "1 line" if count == 1 else f"{count:,} lines"


def _worth(found: DayLines) -> str:
    worth = None if found.worth is None else found.worth.dollars
    if worth is None:
        return ""
    if worth.amount is None:
        return f"Its tokens are {UNPRICED}." if Lack.UNPRICED in worth.lacks else ""
    more = " without its unpriced tokens" if Lack.UNPRICED in worth.lacks else ""
    shared = "Its part of the bill is" if worth.state is State.ALLOCATED else "It is worth"
    so_far = "" if found.settled else " so far"
    return f"{shared} {text_of(worth).removesuffix(LACKS_PART)}{so_far}{more}."


def _aligned(amounts: Iterable[Decimal]) -> list[str]:
    """Exact amounts with their points below each other: blanks stand for the digits that did not come."""
    texts = [usd_exact(amount, symbol="") for amount in amounts]
    decimals = [len(text) - text.index(".") if "." in text else 0 for text in texts]
    return [text + " " * (max(decimals) - count) for text, count in zip(texts, decimals, strict=True)]
