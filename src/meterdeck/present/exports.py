"""What is exported: the document or picture of what is on show, and the name of its file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Hashable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain

from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.dimensions import Dimension
from meterdeck.present.breakdown_formats import fields_on_show
from meterdeck.present.crumbs import breadcrumb, filtered, owner
from meterdeck.present.documents import Document, breakdown_document, costs_document, rates_document
from meterdeck.present.formats import Format, render
from meterdeck.present.members import label
from meterdeck.present.names import clean
from meterdeck.present.on_demand import note
from meterdeck.present.row_filter import INVERT
from meterdeck.queries.breakdown import BreakdownRow
from meterdeck.queries.deck import Deck
from meterdeck.queries.names import Member
from meterdeck.queries.rates import Rates

_LONGEST_PART, _LONGEST_NAME = 40, 140
"""Characters of one name and of all of them: file systems hold 255 bytes, and a person reads less."""
COSTS, BREAKDOWN = "costs", "breakdown"
"""What an export of the bill is called, and one of the members."""
_MOST_NAMED = 2
_HARMLESS = {"directory", "mix"}
"""Feeds without which figures are whole, as for `meterdeck report`."""
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


class Export(StrEnum):
    """What can be written; the value is the end of the file's name."""

    CSV = "csv"
    JSON = "json"
    MARKDOWN = "md"
    SVG = "svg"


_FORMATS = {Export.CSV: Format.CSV, Export.JSON: Format.JSON, Export.MARKDOWN: Format.MARKDOWN}


def text_of(document: Document, export: Export, columns: Sequence[str] = ()) -> str:
    """The document in the form that is written; ``columns`` are those of the Breakdown that are on show."""
    fields = fields_on_show(columns) if document["report"] == "breakdown" else ()
    return render(document, _FORMATS[export], fields)


def breakdown_export(deck: Deck, rows: Collection[Hashable], filtered_by: str | None = None) -> Document:
    """The Breakdown as it is on show: ``rows`` are the keys of its rows in their order; others are left out.

    ``filtered_by`` is the filter, as it was typed, that left these rows.
    """
    by_id: dict[Hashable, BreakdownRow] = {row.part.member.key: row for row in deck.breakdown.rows}
    shown = [by_id[row] for row in rows if row in by_id]
    of_dollars = note(deck.on_demand) if deck.on_demand is not None else ""
    document = breakdown_document(deck.breakdown, fresh=_is_fresh(deck), note=of_dollars, rows=shown)
    if filtered_by is not None:
        document["rows_filtered_by"] = clean(filtered_by)
    if filtered_by is not None or len(shown) < len(by_id):
        document["rows_left_out"] = len(by_id) - len(shown)
    return _scoped(deck, document)


def costs_export(deck: Deck) -> Document:
    """The bill by day and member, all days that the pane holds."""
    return _scoped(
        deck,
        costs_document(
            deck.costs.costs,
            fresh=_is_fresh(deck),
            end=deck.outlook.today.end,
            today=BucketWidth.DAY.floor(deck.now),
        ),
    )


def rates_export(deck: Deck, rates: Rates) -> Document:
    """The buckets of the chart by member."""
    document = rates_document(rates, fresh=_is_fresh(deck))
    if deck.question.zone is not UTC:
        document["timezone"] = str(deck.question.zone)  # whose days they are
    return _scoped(deck, document)


def picture(svg: str) -> str:
    """A screenshot that loads no font from anywhere: the reader's own monospace font will do."""
    return _FONTS.sub("", svg).replace("Fira Code", "ui-monospace, Menlo, Consolas")


def file_name(deck: Deck, what: str, filtered_by: str | None = None) -> str:
    """``meterdeck-acme-prod-chat-breakdown-by-model-7d-20261121T1432Z``: safe on any file system, without its end.

    It is all that a CSV says of its scope, time and filter: ``…-by-model-filtered-not-haiku-7d-…``.
    """
    members = [_members(dimension, of) for dimension, of in filtered(deck)]
    scope = "-".join(part for part in (_safe(owner(deck)), *members) if part)
    of_bill = what == COSTS
    by = (deck.costs.costs.scope if of_bill else deck.scope).by.word
    time = _days_of_bill(deck) if of_bill else _time(deck, what)
    rows = "" if filtered_by is None else f"-{_filter_words(filtered_by)}"
    return f"meterdeck-{scope[:_LONGEST_NAME].strip('-.')}-{what}-by-{by}{rows}-{time}"


def _scoped(deck: Deck, document: Document) -> Document:
    """The document with its scope in words, behind what report it is."""
    first = {name: document[name] for name in ("version", "report")}
    return {**first, "scope": breadcrumb(deck), **document}


def _is_fresh(deck: Deck) -> bool:
    return not deck.status.failing.keys() - _HARMLESS


def _filter_words(typed: str) -> str:
    negation = "not" if typed.startswith(INVERT) else ""
    return "-".join(part for part in ("filtered", negation, _safe(typed)) if part)


def _time(deck: Deck, what: str) -> str:
    """How long a time it is of, and when it was seen; of one that has a beginning of its own, from when until when."""
    scope = deck.scope
    if scope.at is None:
        return f"{scope.span.value}-{_moment(deck.now)}"
    is_read_on_demand = what == BREAKDOWN and deck.on_demand is not None
    window = deck.breakdown.breakdown.hours.window if is_read_on_demand else deck.question.window(deck.now)
    return f"{_moment(window.start)}-{_moment(min(window.end, deck.now))}"


def _days_of_bill(deck: Deck) -> str:
    """From the first day of the bill that the pane holds: its days do not follow the scope's time."""
    return f"{deck.costs.costs.window.start:%Y%m%d}-{_moment(deck.now)}"


def _moment(of: datetime) -> str:
    return f"{of.astimezone(UTC):%Y%m%dT%H%MZ}"


def _members(dimension: Dimension, members: list[Member]) -> str:
    if len(members) > _MOST_NAMED:
        return _safe(f"{len(members)} {dimension.title}s")
    return "-".join(chain.from_iterable(_part(dimension, member) for member in members))


def _part(dimension: Dimension, member: Member) -> list[str]:
    """A name, or the id where nothing of the name is safe."""
    safe = _safe(label(dimension, member)) or _safe(member.id or "")
    return [safe] if safe else []


def _safe(name: str) -> str:
    """Letters and digits of ASCII, single dots, ``_`` and ``-``; nothing that a path or a shell could mean."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[.-]{2,}", "-", re.sub(r"[^a-z0-9._-]+", "-", plain))[:_LONGEST_PART].strip("-.")
