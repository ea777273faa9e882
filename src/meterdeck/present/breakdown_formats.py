"""A breakdown as people read it: the words of its table and Markdown, for each column of the pane."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from meterdeck.domain.dollars import State
from meterdeck.domain.tokens import TokenType
from meterdeck.present.documents import Document
from meterdeck.present.dollars import SIGNS
from meterdeck.present.numbers import LACKS_PART, NOTHING, UNPRICED, change, usd

BREAKDOWN_FIELDS = ("name", "total_tokens", "share", "usd", "web_searches")
_OF_COLUMN = {
    "name": "name",
    "pace": "tok/h",
    "change": "Δ1h",
    "before": "Δ before",
    "tokens": "total_tokens",
    "usd_pace": "~$/h",
    "this_hour": "~hour",
    "today": "~today",
    "usd": "usd",
    "share": "share",
    "cache": "cache",
    "most": "max",
    "searches": "web_searches",
    **{of.value: of.value for of in TokenType},
}
"""What tells in a file what a column of the pane tells; drawings are left out."""


def fields_on_show(columns: Iterable[str]) -> tuple[str, ...]:
    """The fields for the columns that are on show, by their keys, and behind them what is told in any case."""
    shown = [_OF_COLUMN[column] for column in columns if column in _OF_COLUMN]
    return tuple(dict.fromkeys([*shown, *BREAKDOWN_FIELDS]))


def _dollars(of: str) -> Callable[[Document], str]:
    def words(row: Document) -> str:
        amount, lacks = row[f"usd_{of}"], row[f"lacks_{of}"]
        if amount is None:
            return UNPRICED if "unpriced" in lacks else NOTHING
        return SIGNS[State(row[f"state_{of}"])] + usd(Decimal(amount)) + (LACKS_PART if lacks else "")

    return words


def _change(after: str, before: str) -> Callable[[Document], str]:
    return lambda row: change(row.get(before), row.get(after))


def _count(field: str) -> Callable[[Document], str]:
    return lambda row: NOTHING if row.get(field) is None else f"{row[field]:,}"


def _cache(row: Document) -> str:
    percent = row["cache_read_percent"]
    return NOTHING if percent is None else f"{Decimal(percent):.1f}%"


def _most(row: Document) -> str:
    amount = row.get("largest_bucket_usd")
    if amount is None:
        return _count("largest_bucket_tokens")(row)
    return usd(Decimal(amount), sign=SIGNS[State(row["largest_bucket_state"])])


def _of_type(counter: str) -> Callable[[Document], str]:
    return lambda row: f"{row['tokens'][counter]:,}"


BREAKDOWN_WORDS: dict[str, Callable[[Document], str]] = {
    "tok/h": _count("tokens_per_hour"),
    "Δ1h": _change("tokens_per_hour", "tokens_per_hour_before"),
    "Δ before": _change("compared_tokens", "compared_tokens_before"),
    "~$/h": _dollars("now_per_hour"),
    "~hour": _dollars("this_hour"),
    "~today": _dollars("today"),
    "cache": _cache,
    "max": _most,
    **{of.value: _of_type(of.value) for of in TokenType},
}
BREAKDOWN_NUMBERS = frozenset(BREAKDOWN_WORDS)
