"""The rows of both reports: facts filtered, grouped, added up, and worded in one of the two wire shapes."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Any

from meterdeck.domain.money import EXACT
from meterdeck.service.parameters import ReportQuery
from meterdeck.service.source import CostFact, Counters, UsageFact, UsageMembers

Row = dict[str, Any]

_USAGE_FIELDS = UsageMembers._fields
_COST_FIELDS = CostFact._fields[:8]
_FILLED_BY_DESCRIPTION = tuple(name for name in _COST_FIELDS if name != "workspace_id")
_FLAT_LACKS = ("account_id", "service_account_id", "inference_geo")


class Shape(StrEnum):
    """How answers are worded: the official nested shape, or the flat one of an older description (api-facts 4)."""

    NESTED = "nested"
    FLAT = "flat"


def usage_rows(facts: Iterable[UsageFact], query: ReportQuery, shape: Shape) -> list[Row]:
    """One row for each combination of the grouped dimensions; one in all where nothing is grouped."""
    grouped = [_USAGE_FIELDS.index(name) for name in query.group_by]
    wanted = [(_USAGE_FIELDS.index(name), values) for name, values in query.filters.items()]
    sums: dict[tuple[str | None, ...], Counters] = {}
    for members, counters in facts:
        if any(members[place] not in values for place, values in wanted):
            continue
        key = tuple([members[place] for place in grouped])
        have = sums.get(key)
        sums[key] = counters if have is None else Counters._make(map(operator.add, have, counters))
    word = _nested_row if shape is Shape.NESTED else _flat_row
    return [word(dict(zip(query.group_by, key, strict=True)), counters) for key, counters in sums.items()]


def _nested_row(members: dict[str, str | None], counters: Counters) -> Row:
    row: Row = {name: members.get(name) for name in _USAGE_FIELDS if name != "speed"}
    if "speed" in members:
        row["speed"] = members["speed"]
    row["uncached_input_tokens"] = counters.uncached_input
    row["cache_read_input_tokens"] = counters.cache_read
    row["cache_creation"] = {
        "ephemeral_5m_input_tokens": counters.cache_write_5m,
        "ephemeral_1h_input_tokens": counters.cache_write_1h,
    }
    row["output_tokens"] = counters.output
    row["server_tool_use"] = {"web_search_requests": counters.web_searches}
    return row


def _flat_row(members: dict[str, str | None], counters: Counters) -> Row:
    row = _nested_row(members, counters)
    creation = row.pop("cache_creation")
    row["cache_creation_5m_input_tokens"] = creation["ephemeral_5m_input_tokens"]
    row["cache_creation_1h_input_tokens"] = creation["ephemeral_1h_input_tokens"]
    row["server_tool_use"] = {}
    for name in _FLAT_LACKS:
        row.pop(name)
    return row


def cost_rows(lines: Iterable[CostFact], query: ReportQuery, shape: Shape) -> list[Row]:
    """One row for each combination of what the grouping fills (api-facts 3.2)."""
    filled = _FILLED_BY_DESCRIPTION if "description" in query.group_by else ()
    filled = (*filled, "workspace_id") if "workspace_id" in query.group_by else filled
    sums: dict[tuple[str | None, ...], Decimal] = {}
    for line in lines:
        key = tuple([getattr(line, name) for name in filled])
        sums[key] = EXACT.add(sums.get(key, Decimal(0)), line.cents)
    rows: list[Row] = []
    for key, cents in sums.items():
        row: Row = dict.fromkeys(_COST_FIELDS) | dict(zip(filled, key, strict=True))
        row |= {"currency": "USD", "amount": _amount(cents)}
        if shape is Shape.FLAT:
            del row["inference_geo"]
        rows.append(row)
    return rows


def _amount(cents: Decimal) -> str:
    """Cents with as many decimals as it takes, and sometimes a zero more: live values vary (api-facts 3.2)."""
    text = f"{cents.normalize():f}"
    return text + "0" if "." in text and len(text) % 5 == 0 else text
