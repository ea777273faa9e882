"""The outlook as people read it: the words of its table and Markdown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from meterdeck.present.documents import Document
from meterdeck.present.members import shown_name
from meterdeck.present.names import clean
from meterdeck.present.numbers import NOTHING, usd

FORECAST_FIELDS = ("period", "of", "so far", "end low", "end middle", "end high", "budget", "used", "gone")
FORECAST_NUMBERS = frozenset({"so far", "end low", "end middle", "end high", "budget", "used"})


def _estimate(field: str) -> Callable[[Document], str]:
    def words(row: Document) -> str:
        if row[field] is None:
            return NOTHING
        return usd(Decimal(row[field]), estimated=True) + ("+" if row.get("lacks_part") else "")

    return words


def _owner(row: Document) -> str:
    name = shown_name(row)
    if row["of"] == "filters":
        return "what the filters keep"
    return (name or "organisation") if row["of"] == "organization" else f"{row['of']} {name}"


def _budget(row: Document) -> str:
    return usd(Decimal(row["budget_usd"])) if "budget_usd" in row else ""


def _used(row: Document) -> str:
    if "budget_usd" not in row:
        return ""
    return NOTHING if row["used_percent"] is None else f"{row['used_percent']}%"


def _gone(row: Document) -> str:
    """When all of a budget is gone: the earliest and the latest minute, in UTC."""
    if "budget_usd" not in row:
        return ""
    if row["gone"]:
        return "all of it"
    early, middle, late = (_moment(row[f"gone_at_{at}"]) for at in ("low", "middle", "high"))
    if middle is None:
        if row["usd_middle"] is None:
            return NOTHING
        return f"not this {row['period']}" if early is None else f"{early} at the earliest"
    if early is None or late is None:
        return middle if early is None else f"{early} or later"
    return middle if early == late else f"{early} to {late}"


def _moment(text: str | None) -> str | None:
    return None if text is None else f"{datetime.fromisoformat(text):%Y-%m-%d %H:%MZ}"


FORECAST_WORDS: dict[str, Callable[[Document], str]] = {
    "period": lambda row: row["period"],
    "of": _owner,
    "so far": _estimate("usd"),
    "end low": _estimate("usd_low"),
    "end middle": _estimate("usd_middle"),
    "end high": _estimate("usd_high"),
    "budget": _budget,
    "used": _used,
    "gone": _gone,
}


def forecast_foot(document: Document) -> list[str]:
    """What a reader must know beside the rows."""
    return [
        f"forecast by the rhythm of past weeks in {document['timezone']}; days, months and budgets are UTC",
        "every figure is an estimate; low to high holds about nine of ten past forecasts over as long a time",
        f"as of {document['as_of'] or 'never'}",
        *(clean(problem) for problem in document["problems"]),
    ]
