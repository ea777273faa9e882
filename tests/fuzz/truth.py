"""What an accepted answer must have become: read again by the standard library alone, with `Decimal`.

Each function makes the parser's value anew from the document; a difference is a wrong figure. Times, flags and
counts are held to their JSON types: what is none of them must have been refused.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

Plain = Any


def _fraction(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond all bounds, in a field that nobody reads
        return text


def _whole(text: str) -> int | str:
    return int(text) if len(text) < 4000 else text


def read(body: bytes) -> Plain:
    """The document; the last of doubled names counts, as in the standard library."""
    return json.loads(body, parse_float=_fraction, parse_int=_whole)


def is_count(value: object) -> bool:
    """A whole number that can be a count."""
    return type(value) is int and 0 <= value <= 10**15


def is_text(value: object) -> bool:
    """Text that can be written as UTF-8, or nothing."""
    return value is None or (
        isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)
    )


def moment(text: object) -> datetime | None:
    """An RFC 3339 time; the assertion is that it is text with an offset."""
    if text is None:
        return None
    assert isinstance(text, str), f"{text!r} was taken for a time"
    time = datetime.fromisoformat(text.upper())
    assert time.tzinfo is not None, f"{text!r} was taken for a time with an offset"
    return time.astimezone(UTC)


def page_end(page: Plain, token: str) -> tuple[bool, str | None]:
    """Whether more follows, and the way to it."""
    assert is_text(page.get(token))
    has_more = page.get("has_more")
    if has_more is None and token == "next_page":
        return bool(page.get(token)), page.get(token)
    assert type(has_more) is bool, f"{has_more!r} was taken for a flag"
    return has_more, page.get(token)


def _optional(value: object) -> int:
    assert value is None or is_count(value), f"{value!r} was taken for a count"
    return value or 0  # type: ignore[return-value] # just shown


def _writes(row: Plain) -> tuple[int, int]:
    """The first of the three shapes that holds a number."""
    nested = row.get("cache_creation") or {}
    has_new_writes = bool(nested.keys() - {"ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"})
    for five, hour in (
        (nested.get("ephemeral_5m_input_tokens"), nested.get("ephemeral_1h_input_tokens")),
        (row.get("cache_creation_5m_input_tokens"), row.get("cache_creation_1h_input_tokens")),
        (None if has_new_writes else row.get("cache_creation_input_tokens"), None),
    ):
        if five is not None or hour is not None:
            return _optional(five), _optional(hour)
    return 0, 0


def counters(row: Plain) -> tuple[int, int, int, int, int, int]:
    """The five counters of a usage row, and its searches."""
    searches = _optional((row.get("server_tool_use") or {}).get("web_search_requests"))
    return (
        _optional(row.get("uncached_input_tokens")),
        _optional(row.get("cache_read_input_tokens")),
        *_writes(row),
        _optional(row.get("output_tokens")),
        searches,
    )


KNOWN = {
    "": {
        "uncached_input_tokens",
        "cache_read_input_tokens",
        "output_tokens",
        "cache_creation_5m_input_tokens",
        "cache_creation_1h_input_tokens",
        "cache_creation_input_tokens",
    },
    "cache_creation.": {"ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"},
    "server_tool_use.": {"web_search_requests"},
}


def others(row: Plain) -> list[tuple[str, int]]:
    """Every other counter of a usage row that counts anything; one that is no count is in none."""
    found = []
    for place, known in KNOWN.items():
        held = row if not place else row.get(place.rstrip(".")) or {}
        for name, count in held.items():
            is_counter = name.endswith("_tokens") or place == "server_tool_use."
            if is_counter and name not in known and type(count) is int and count:
                assert is_count(count), f"{count!r} was taken for a count"
                if re.fullmatch(r"[A-Za-z0-9_]{1,80}", name):
                    found.append((place + name, count))
    return sorted(found)


def currency(row: Plain) -> str:
    """The currency of a cost row, in capitals; nothing said is USD."""
    said = row.get("currency")
    assert is_text(said)
    code = (said or "").strip().upper() or "USD"
    assert re.fullmatch(r"[A-Z]{3,8}", code), f"{said!r} was taken for a currency"
    return code


def cents(row: Plain) -> Decimal:
    """The amount of a cost row."""
    amount = row["amount"]
    assert type(amount) in {str, int, Decimal}, f"{amount!r} was taken for an amount"
    value = Decimal(amount)
    assert value.is_finite()
    return value
