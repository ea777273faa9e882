"""Prices and the back-test as people read them: the words of their table and Markdown."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from meterdeck.present.documents import Document
from meterdeck.present.members import shown_name
from meterdeck.present.names import clean, model_short
from meterdeck.present.numbers import NOTHING
from meterdeck.present.numbers import usd as usd_text

PRICE_REPORTS = frozenset({"prices", "backtest"})
NESTED = frozenset({"workspace", "largest_gap"})
"""Members of a row that are objects of their own, or null: in CSV each of their members is a column."""
PRICE_NUMBERS = frozenset({"usd_per_million", "days", "estimated", "billed", "gap", "gap_%"})


def price_foot(document: Document) -> list[str]:
    """What a reader must know beside the rows."""
    lines = _prices_foot(document) if document["report"] == "prices" else _back_test_foot(document)
    lines.append(f"as of {document['as_of'] or 'never'}")
    if not document["complete"]:
        lines.append("incomplete: not everything could be read now")
    return lines


def _prices_foot(document: Document) -> list[str]:
    days = document["settled_days"]
    lines = ["USD per million tokens, learned from settled days of the bill: cost ÷ tokens"]
    if days:
        lines.append(f"{len(days)} settled days, {days[0]} to {days[-1]}")
    else:
        lines.append("no day of the bill is settled yet")
    listed = document["list"]
    if listed and any(row["origin"] == "list" for row in document["rows"]):
        lines.append(f"list: published prices of {listed['date']}, without discounts ({listed['source']})")
    lines += [
        f"changed on {change['day']}: {_kind(change)} {_short(change['before'])} → {_short(change['after'])}"
        for change in document["changes"]
    ]
    return lines


def _back_test_foot(document: Document) -> list[str]:
    whole = document["settled"]
    lines = ["each day's tokens at prices learned without that day's bill, against the bill of its tokens"]
    if whole is None:
        return [*lines, "no day of the bill is settled yet: there is nothing to hold estimates against"]
    estimated, billed = _usd(whole["estimated_usd"]), _usd(whole["billed_usd"])
    gap = _percent(whole["gap_percent"])
    return [*lines, f"{whole['days']} settled days: estimated ~{estimated}, billed {billed}, {gap}"]


def _kind(row: Document) -> str:
    words = [model_short(row["model"] or "") or "?", row["token_type"].replace("_", " ")]
    words += [
        word
        for word in (row["service_tier"], row["context_window"])
        if word not in {"standard", "0-200k", None}
    ]
    return clean(" ".join(words))


def _short(usd: str | None) -> str:
    """Six significant digits: the JSON has them all."""
    return NOTHING if usd is None else f"{Decimal(usd).normalize():.6g}"


def _spread(row: Document) -> str:
    if row["low"] is None or row["low"] == row["high"]:
        return ""
    low, high = Decimal(row["low"]), Decimal(row["high"])
    if (high - low) * 10_000 < high:
        return ""
    return f"{_short(row['low'])} – {_short(row['high'])}"


def _workspace(row: Document) -> str:
    return shown_name(row["workspace"]) if row["workspace"] else "all"


def _largest(row: Document) -> str:
    worst = row["largest_gap"]
    if worst is None or Decimal(worst["gap_usd"]) == 0:
        return NOTHING
    sign = "" if worst["gap_usd"].startswith("-") else "+"
    return clean(f"{worst['by']} {shown_name(worst)} {sign}{_usd(worst['gap_usd'])}")


def _state(row: Document) -> str:
    words = ["settled" if row["settled"] else "may still change"]
    if row["price_changed"]:
        words.append("price changed")
    if row["unpriced_tokens"]:
        words.append(f"{row['unpriced_tokens']:,} tokens unpriced")
    return ", ".join(words)


def _usd(text: str) -> str:
    amount = Decimal(text)
    return f"−{usd_text(-amount)}" if amount < 0 else usd_text(amount)


def _percent(text: str) -> str:
    sign = "−" if text.startswith("-") else "+" if Decimal(text) else ""
    return f"{sign}{text.lstrip('-')} %"


PRICE_WORDS: dict[str, Callable[[Document], str]] = {
    "model": lambda row: clean(model_short(row["model"] or "") or row["model"] or NOTHING),
    "tier": lambda row: clean(row["service_tier"] or NOTHING),
    "context": lambda row: clean(row["context_window"] or NOTHING),
    "tokens": lambda row: row["token_type"].replace("_", " "),
    "workspace": _workspace,
    "usd_per_million": lambda row: _short(row["usd_per_million"]),
    "spread": _spread,
    "origin": lambda row: f"{row['origin']}, mixed" if row["mixed"] else row["origin"],
    "days": lambda row: str(row["days"]) if row["days"] else "",
    "day": lambda row: str(row["day"]),
    "estimated": lambda row: f"~{_usd(row['estimated_usd'])}",
    "billed": lambda row: _usd(row["billed_usd"]),
    "gap": lambda row: _usd(row["gap_usd"]),
    "gap_%": lambda row: _percent(row["gap_percent"]),
    "state": _state,
    "largest part of the gap": _largest,
}
