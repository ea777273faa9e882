"""What stands below the rows of a report, for a person: which time it is of, what its signs mean, what it adds up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from meterdeck.domain.dollars import State
from meterdeck.present.documents import Document
from meterdeck.present.dollars import SIGNS
from meterdeck.present.forecast_formats import forecast_foot
from meterdeck.present.names import clean
from meterdeck.present.numbers import ESTIMATED, LACKS_PART, NOTHING, SHARED, UNPRICED, usd, usd_exact
from meterdeck.present.price_formats import PRICE_REPORTS, price_foot

_MEANINGS = {
    SHARED: "allocated: a part of a settled bill, shared out by tokens or searches",
    ESTIMATED: "estimated",
    LACKS_PART: "behind an amount: it lacks a part",
}
"""What stands before or behind dollars means."""
_STATE_WORDS = {
    State.BILLED: "billed",
    State.ALLOCATED: f"allocated ({SHARED})",
    State.ESTIMATED: f"estimated ({ESTIMATED})",
}


def foot(document: Document) -> list[str]:
    """What a reader must know beside the rows. The sums stand last."""
    if document["report"] in PRICE_REPORTS:
        return price_foot(document)
    if document["report"] == "forecast":
        return [*forecast_foot(document), *_incomplete(document)]
    window = document["window"]
    by = document["by"].replace("_", " ")
    lines = [document["scope"]] if "scope" in document else []
    lines.append(f"{document['report']} by {by}, {window['start']} to {window['end']}")
    lines += _signs(document)
    lines.append(f"as of {document['as_of'] or 'never'}")
    if "rows_filtered_by" in document:
        lines.append(_filtered(document))
    lines += _left_out(document)
    unpriced = sum(row.get("unpriced_tokens", 0) for row in document["rows"])
    if unpriced:
        lines.append(
            f"{unpriced:,} tokens have no price: dollars with a {LACKS_PART} behind them lack their part"
        )
    if "note" in document:
        lines.append(document["note"])
    if document.get("awaited"):
        lines.append(f"not reported yet: {_times(document['awaited'])}")
    return [*lines, *_incomplete(document), *_sums(document)]


def dollars_words(row: Document) -> str:
    """The amount of a row or a sum, with the signs of how it is known."""
    if row["usd"] is None:
        return UNPRICED if "unpriced" in row["lacks"] else NOTHING
    lacks = set(row["lacks"]) - ({"unmatched"} if row["state"] == State.BILLED else set())
    return f"{SIGNS[State(row['state'])]}{usd(Decimal(row['usd']))}{LACKS_PART if lacks else ''}"


def state_words(row: Document) -> str:
    """What else must be known of a row: ``may still change, estimate, billed so far $4,940.31``."""
    words = [word for word in ("running", "settling") if row.get(word)]
    if row.get("settled") is False and not row.get("running"):
        words.append("may still change")
    if "settled" in row and row["state"] != State.BILLED:
        words.append({"allocated": "part of the bill", "estimated": "estimate"}[row["state"]])
    if "reported_usd" in row:
        words.append(f"billed so far {usd(Decimal(row['reported_usd']))}")
    for name, said in (
        ("unpriced_tokens", "tokens unpriced"),
        ("unmatched_tokens", "tokens in no line of the bill"),
    ):
        if name in row:
            words.append(f"{row[name]:,} {said}")
    if row.get("mixed"):
        words.append("mixed")
    return ", ".join(words)


def _signs(document: Document) -> list[str]:
    """What the signs beside the dollars mean, as far as there are any."""
    if document["report"] == "cost_lines":  # whole lines have none
        return []
    shown = "".join(_shown_dollars(document))
    told = [f"{sign} {meaning}" for sign, meaning in _MEANINGS.items() if sign in shown]
    return ["; ".join(told)] if told else []


def _shown_dollars(document: Document) -> Iterator[str]:
    for row in [*document["rows"], *document.get("days", ())]:
        yield dollars_words(row)
    yield _total(document)


def _left_out(document: Document) -> Iterator[str]:
    """Money that is in none of the rows and sums."""
    if "excluded_usd" in document:
        amount = usd(Decimal(document["excluded_usd"]))
        what = "no API key can be given" if "api_key" in document["filters"] else "is not for tokens"
        yield f"left out: {amount} that {what}"
    for currency, amount in document.get("other_currencies", {}).items():
        yield f"in no dollars here: {clean(currency)} {amount}"


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
        ahead = f" → {usd(Decimal(end), sign=ESTIMATED)} at its end" if end else ""
        words = state_words(day)
        lines.append(f"sum of {day['day']}: {dollars_words(day)}{ahead}{f' ({words})' if words else ''}")
    return lines


def _money_sums(document: Document) -> list[str]:
    """How much is billed, allocated and estimated, and their sum."""
    parts = {State(name): Decimal(amount) for name, amount in document["usd_by_state"].items()}
    told = [f"{_STATE_WORDS[state]}: {usd(amount)}" for state, amount in parts.items()]
    is_all_of_one = len([amount for amount in parts.values() if amount]) < 2
    if is_all_of_one and document["report"] != "costs":
        told = []
    return [*told, f"total: {_total(document)} (JSON and CSV hold every digit)"]


def _total(document: Document) -> str:
    return dollars_words({**document, "usd": document["total_usd"]})


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
