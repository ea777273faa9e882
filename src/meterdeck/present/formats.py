"""A report document as text: JSON, CSV, Markdown, or a table for a person. No escape codes in any of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from meterdeck.domain.dollars import State
from meterdeck.present.breakdown_formats import BREAKDOWN_FIELDS, BREAKDOWN_NUMBERS, BREAKDOWN_WORDS
from meterdeck.present.day_lines import token_type_words
from meterdeck.present.documents import Document
from meterdeck.present.dollars import SIGNS
from meterdeck.present.forecast_formats import (
    FORECAST_FIELDS,
    FORECAST_NUMBERS,
    FORECAST_WORDS,
    forecast_foot,
)
from meterdeck.present.members import LABEL, shown_name
from meterdeck.present.names import cell_width, clean
from meterdeck.present.numbers import ESTIMATED, LACKS_PART, NOTHING, UNPRICED, usd_exact
from meterdeck.present.numbers import usd as usd_text
from meterdeck.present.price_formats import NESTED, PRICE_NUMBERS, PRICE_REPORTS, PRICE_WORDS, price_foot

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
    return table + "\n" + "".join(f"{line}  \n" for line in _foot(document))


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
    return "".join(f"{line.rstrip()}\n" for line in [*lines, "", *_foot(document)])


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
                  "largest_bucket_tokens", "largest_bucket_usd", "unpriced_tokens_now_per_hour",
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


def _dollars(row: Document) -> str:
    if row["usd"] is None:
        return UNPRICED if "unpriced" in row["lacks"] else NOTHING
    lacks = set(row["lacks"]) - ({"unmatched"} if row["state"] == State.BILLED else set())
    return f"{SIGNS[State(row['state'])]}{usd_text(Decimal(row['usd']))}{LACKS_PART if lacks else ''}"


def _state(row: Document) -> str:
    words = [word for word in ("running", "settling") if row.get(word)]
    if row.get("settled") is False:
        words.append("may still change")
    if "settled" in row and row["state"] != State.BILLED:
        words.append({"allocated": "part of the bill", "estimated": "estimate"}[row["state"]])
    if "reported_usd" in row:
        words.append(f"billed so far {usd_text(Decimal(row['reported_usd']))}")
    for name, said in (
        ("unpriced_tokens", "tokens unpriced"),
        ("unmatched_tokens", "tokens in no line of the bill"),
    ):
        if name in row:
            words.append(f"{row[name]:,} {said}")
    if row.get("mixed"):
        words.append("mixed")
    return ", ".join(words)


_IN_WORDS: dict[str, Callable[[Document], str]] = {
    "name": shown_name,
    "usd": _dollars,
    "tokens": lambda row: token_type_words(row["token_type"]),
    "exact": lambda row: usd_exact(Decimal(row["usd"])),
    "state": _state,
    "share": lambda row: f"{row['token_share']:.1%}",
}


def _foot(document: Document) -> list[str]:
    """What a reader must know beside the rows."""
    if document["report"] in PRICE_REPORTS:
        return price_foot(document)
    if document["report"] == "forecast":
        return [*forecast_foot(document), *_incomplete(document)]
    window = document["window"]
    by = document["by"].replace("_", " ")
    lines = [document["scope"]] if "scope" in document else []
    lines.append(f"{document['report']} by {by}, {window['start']} to {window['end']}")
    lines.append(f"as of {document['as_of'] or 'never'}")
    lines += _sums(document)
    if "rows_filtered_by" in document:
        lines.append(_filtered(document))
    if "excluded_usd" in document:
        lines.append(f"left out: {usd_text(Decimal(document['excluded_usd']))} that is not for tokens")
    unpriced = sum(row.get("unpriced_tokens", 0) for row in document["rows"])
    if unpriced:
        lines.append(
            f"{unpriced:,} tokens have no price: dollars with a {LACKS_PART} behind them lack their part"
        )
    if "note" in document:
        lines.append(document["note"])
    if document.get("awaited"):
        lines.append(f"not reported yet: {_times(document['awaited'])}")
    return [*lines, *_incomplete(document)]


def _sums(document: Document) -> list[str]:
    if document["report"] == "cost_lines":
        return [f"total of the lines: {usd_exact(Decimal(document['total_usd']))}"]
    lines = _day_sums(document) if "days" in document else []
    if "total_tokens" in document:
        count = document["total_tokens"]
        lines.append(
            "total tokens: not known, nothing was read" if count is None else f"total tokens: {count:,}"
        )
    return lines + _money_sums(document)


def _day_sums(document: Document) -> list[str]:
    """Each day's sum; of the running day what it is foreseen to come to."""
    lines = []
    for day in document["days"]:
        end = day.get("usd_end_middle")
        ahead = f" → {usd_text(Decimal(end), sign=ESTIMATED)}" if end else ""
        words = _state(day)
        lines.append(f"sum of {day['day']}: {_dollars(day)}{ahead}{f' ({words})' if words else ''}")
    return lines


_STATE_WORDS = {"billed": "billed", "allocated": "parts of bills (≈)", "estimated": "estimated (~)"}


def _money_sums(document: Document) -> list[str]:
    """How much is billed, parts of bills, and estimated, and their sum."""
    parts = {name: Decimal(amount) for name, amount in document["usd_by_state"].items()}
    told = [f"{_STATE_WORDS[name]}: {usd_text(amount)}" for name, amount in parts.items() if amount]
    whole = _dollars({**document, "usd": document["total_usd"]})
    return [*(told if len(told) > 1 else ()), f"total: {whole} (JSON and CSV hold every digit)"]


def _filtered(document: Document) -> str:
    shown = len(document["rows"])
    of_all = f"{shown} of {shown + document['rows_left_out']} rows"
    return f"filtered by {document['rows_filtered_by']}: {of_all}; sums are theirs, shares are of all rows"


def _incomplete(document: Document) -> list[str]:
    if document["complete"]:
        return []
    gaps = _times(document["gaps"])
    return [f"incomplete: {f'nothing was read of {gaps}' if gaps else 'not everything could be read now'}"]


def _times(windows: Sequence[Document]) -> str:
    return ", ".join(f"{window['start']} to {window['end']}" for window in windows)


def _is_number(field: str) -> bool:
    return field in _NUMERIC | PRICE_NUMBERS | FORECAST_NUMBERS | BREAKDOWN_NUMBERS | {"share", "exact"}


def _padded(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - cell_width(cell))
    return space + cell if right else cell + space
