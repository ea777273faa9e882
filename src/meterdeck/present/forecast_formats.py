"""The outlook as people read it: the words of its table and Markdown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from meterdeck.domain.dollars import State
from meterdeck.present.documents import Document
from meterdeck.present.dollars import SIGNS
from meterdeck.present.members import shown_name
from meterdeck.present.names import clean
from meterdeck.present.numbers import ESTIMATED, LACKS_PART, NOTHING, usd

FORECAST_FIELDS = ("period", "of", "so far", "end low", "end middle", "end high", "budget", "used", "gone")
FORECAST_NUMBERS = frozenset({"so far", "end low", "end middle", "end high", "budget", "used"})


def _so_far(row: Document) -> str:
    if row["usd"] is None:
        return NOTHING
    return SIGNS[State(row["state"])] + usd(Decimal(row["usd"])) + (LACKS_PART if row["lacks"] else "")


def _end(at: str) -> Callable[[Document], str]:
    def words(row: Document) -> str:
        amount = row[f"usd_end_{at}"]
        if amount is None:
            return NOTHING
        return usd(Decimal(amount), sign=ESTIMATED) + (LACKS_PART if row["lacks"] else "")

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
        if row["usd_end_middle"] is None:
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
    "so far": _so_far,
    "end low": _end("low"),
    "end middle": _end("middle"),
    "end high": _end("high"),
    "budget": _budget,
    "used": _used,
    "gone": _gone,
}


def forecast_foot(document: Document) -> list[str]:
    """What a reader must know beside the rows."""
    return [
        f"forecast by the rhythm of past weeks in {document['timezone']}; days, months and budgets are UTC",
        "low to high holds about nine of ten past forecasts over as long a time; ~ is an estimate, ≈ a part of a bill",
        *_confirmed(document),
        *(
            ["no past hours are known that were worth anything: no end can be foreseen yet"]
            if _has_no_end(document)
            else []
        ),
        f"as of {document['as_of'] or 'never'}",
        *(clean(problem) for problem in document["problems"]),
    ]


def _confirmed(document: Document) -> list[str]:
    day = document["prices_confirmed"]
    return (
        [f"prices were last confirmed by the whole bill of {day}"]
        if day
        else ["no bill has confirmed a price yet"]
    )


def _has_no_end(document: Document) -> bool:
    return all(row["usd_end_middle"] is None for row in document["rows"])
