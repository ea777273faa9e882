"""A report document as text: JSON, CSV, Markdown, or a table for a person. No escape codes in any of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from meterdeck.present.breakdown_formats import BREAKDOWN_FIELDS, BREAKDOWN_NUMBERS, BREAKDOWN_WORDS
from meterdeck.present.day_lines import token_type_words
from meterdeck.present.documents import Document
from meterdeck.present.foot_formats import dollars_words, foot, state_words
from meterdeck.present.forecast_formats import FORECAST_FIELDS, FORECAST_NUMBERS, FORECAST_WORDS
from meterdeck.present.members import LABEL, shown_name
from meterdeck.present.names import cell_width, clean
from meterdeck.present.numbers import NOTHING, usd_exact
from meterdeck.present.price_formats import NESTED, PRICE_NUMBERS, PRICE_WORDS

_NUMERIC = frozenset({"total_tokens", "web_searches", "usd", "reported_usd", "unpriced_tokens"})

_FORMULA_SIGNS = ("=", "+", "-", "@")
"""What a spreadsheet's formula can begin with."""


class Format(StrEnum):
    """How a report is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


def render(document: Document, form: Format, fields: Sequence[str] = ()) -> str:
    """The document as text that ends with a line break; for people in these fields, if not in the usual ones."""
    return _WRITERS[form](document, fields or _READABLE[document["report"]])


def _json(document: Document, _: Sequence[str]) -> str:
    # Escaped to ASCII: a name from outside can't carry control characters through a terminal.
    return json.dumps(document, indent=1).replace("\x7f", "\\u007f") + "\n"


def columns_and_rows(document: Document) -> tuple[list[str], list[Document]]:
    """The columns of a CSV, and its rows as far as they know them."""
    flat = [_flat(row) for row in document["rows"]]
    return _fields(document, flat), [{name: _cell(value) for name, value in row.items()} for row in flat]


def _csv(document: Document, _: Sequence[str]) -> str:
    columns, rows = columns_and_rows(document)
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _markdown(document: Document, fields: Sequence[str]) -> str:
    rows = _readable(document, fields)
    rule = ["---:" if _is_number(field) else "---" for field in fields]
    lines = [list(fields), rule, *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return table + "\n" + "".join(f"{line}  \n" for line in foot(document))


def _table(document: Document, fields: Sequence[str]) -> str:
    rows = _readable(document, fields)
    widths = [max(cell_width(line[i]) for line in [list(fields), *rows]) for i in range(len(fields))]
    lines = [
        "  ".join(
            _padded(cell, width, right=_is_number(field))
            for cell, width, field in zip(line, widths, fields, strict=True)
        )
        for line in [list(fields), *rows]
    ]
    return "".join(f"{line.rstrip()}\n" for line in [*lines, "", *foot(document)])


_WRITERS: dict[Format, Callable[[Document, Sequence[str]], str]] = {
    Format.JSON: _json,
    Format.CSV: _csv,
    Format.MARKDOWN: _markdown,
    Format.TABLE: _table,
}


def _flat(row: Document) -> Document:
    """The token counters as columns of their own."""
    flat: Document = {}
    for name, value in row.items():
        if name == "tokens":
            flat.update(value)
        elif name == LABEL:  # the id stands beside the name
            continue
        elif name in NESTED:
            of_parts = (value or {}).items()
            flat |= {f"{name}_{part}": of_part for part, of_part in of_parts if part != LABEL}
        else:
            flat[name] = value
    return flat


_DOLLARS = ("usd", "state", "evidence", "lacks", "estimated")
"""An amount and how it is known."""


def _dollars_of(time: str) -> list[str]:
    return [f"{name}_{time}" for name in _DOLLARS if name != "estimated"]


_ALWAYS = {
    "rates": ("start", "id", "name", "kind", "running", "settling", "uncached_input", "cache_read", "cache_write_5m",
              "cache_write_1h", "output", "total_tokens", "web_searches", *_DOLLARS, "listed_tokens", "unpriced_tokens",
              "unbilled_tokens"),
    "costs": ("day", "id", "name", "kind", *_DOLLARS, "settled", "reported_usd", "unpriced_tokens"),
    "breakdown": ("id", "name", "kind", "uncached_input", "cache_read", "cache_write_5m", "cache_write_1h", "output",
                  "total_tokens", "web_searches", *_DOLLARS, "listed_tokens", "unpriced_tokens", "unbilled_tokens",
                  *_dollars_of("now_per_hour"), *_dollars_of("this_hour"), *_dollars_of("today"), "token_share",
                  "tokens_per_hour", "tokens_per_hour_before", "cache_read_percent", "compared_tokens", "compared_tokens_before",
                  "largest_bucket_tokens", "largest_bucket_usd", "largest_bucket_state", "unpriced_tokens_now_per_hour",
                  "unpriced_tokens_this_hour", "unpriced_tokens_today"),
    "prices": ("workspace_id", "workspace_name", "model", "service_tier", "context_window", "token_type", "origin",
               "usd_per_million", "low", "high", "mixed", "days", "since"),
    "backtest": ("day", "settled", "estimated_usd", "billed_usd", "gap_usd", "gap_percent", "unpriced_tokens",
                 "price_changed", "largest_gap_by", "largest_gap_id", "largest_gap_name",
                 "largest_gap_estimated_usd", "largest_gap_billed_usd", "largest_gap_gap_usd",
                 "largest_gap_gap_percent"),
    "cost_lines": ("day", "id", "name", "kind", "description", "cost_type", "model", "token_type", "service_tier",
                   "context_window", "inference_geo", "cents", *_DOLLARS),
}  # fmt: skip


_ALWAYS["minutes"] = _ALWAYS["rates"]
_ALWAYS["forecast"] = (
    "figure", "of", "id", "name", "period", "start", "end", *_DOLLARS, "usd_end_low", "usd_end_middle",
    "usd_end_high", "budget_usd", "used_percent", "gone", "gone_at_low", "gone_at_middle", "gone_at_high",
)  # fmt: skip


def _fields(document: Document, flat: Sequence[Document]) -> list[str]:
    known = _ALWAYS[document["report"]]
    return [*known, *sorted({name for row in flat for name in row} - set(known))]


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " ".join(value)
    return _as_text(clean(value)) if isinstance(value, str) else value


def _as_text(text: str) -> str:
    """A name that a spreadsheet would take for a formula, with an apostrophe before it, as OWASP has it.

    Amounts are text too, and may begin with a minus: what is a number stays one. Tabs and line breaks `clean` took away.
    """
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) and not _is_amount(text) else text


def _is_amount(text: str) -> bool:
    try:
        Decimal(text)
    except InvalidOperation:
        return False
    return True


_READABLE = {
    "rates": ("start", "name", "total_tokens", "usd", "web_searches", "state"),
    "costs": ("day", "name", "usd", "state"),
    "breakdown": BREAKDOWN_FIELDS,
    "prices": (
        "model",
        "tier",
        "context",
        "tokens",
        "workspace",
        "usd_per_million",
        "spread",
        "origin",
        "days",
    ),
    "backtest": ("day", "estimated", "billed", "gap", "gap_%", "state", "largest part of the gap"),
    "cost_lines": (
        "name",
        "description",
        "tokens",
        "service_tier",
        "context_window",
        "inference_geo",
        "exact",
    ),
}


_READABLE["minutes"] = _READABLE["rates"]
_READABLE["forecast"] = FORECAST_FIELDS


def _readable(document: Document, fields: Sequence[str]) -> list[list[str]]:
    words = _IN_WORDS | (BREAKDOWN_WORDS if document["report"] == "breakdown" else {})
    return [[_human(row, field, words) for field in fields] for row in document["rows"]]


def _human(row: Document, field: str, words: Mapping[str, Callable[[Document], str]]) -> str:
    if field in PRICE_WORDS and ("origin" in row or "gap_usd" in row):
        return PRICE_WORDS[field](row)
    if field in FORECAST_WORDS and "figure" in row:
        return FORECAST_WORDS[field](row)
    if field in words:
        return words[field](row)
    value = row[field]
    if value is None:
        return NOTHING
    return f"{value:,}" if isinstance(value, int) else clean(value)


_IN_WORDS: dict[str, Callable[[Document], str]] = {
    "name": shown_name,
    "usd": dollars_words,
    "tokens": lambda row: token_type_words(row["token_type"]),
    "exact": lambda row: (
        usd_exact(Decimal(row["usd"])) if row["usd"] else f"{row['cents']} {row['currency']} (its cents)"
    ),
    "state": state_words,
    "share": lambda row: f"{row['token_share']:.1%}",
}


def _is_number(field: str) -> bool:
    return field in _NUMERIC | PRICE_NUMBERS | FORECAST_NUMBERS | BREAKDOWN_NUMBERS | {"share", "exact"}


def _padded(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - cell_width(cell))
    return space + cell if right else cell + space
