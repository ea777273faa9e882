"""The neighbour lists and their two paging styles: id cursors and page tokens (api-facts 6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from meterdeck.service import paging
from meterdeck.service.errors import bad_request, not_found
from meterdeck.service.parameters import Parameters

Row = dict[str, Any]

CURSOR = ("limit", "after_id", "before_id")
DEFAULT_LIMIT = 20
MOST_ROWS = 1000
GROUP_TYPES = ("model_group", "batch", "token_count", "files", "skills", "web_search")
KEY_STATUSES = ("active", "inactive", "archived", "expired")


def page_by_cursor(rows: Sequence[Row], parameters: Parameters) -> Row:
    """A page after (or before) an id; ``last_id`` is set on the last page too."""
    limit = parameters.number("limit", default=DEFAULT_LIMIT, most=MOST_ROWS)
    after, before = parameters.text("after_id"), parameters.text("before_id")
    if after is not None and before is not None:
        raise bad_request("after_id and before_id can't be given together")
    first, end = 0, len(rows)
    if after is not None:
        first = _place(rows, after, "after_id") + 1
    if before is not None:
        end = _place(rows, before, "before_id")
        first = max(0, end - limit)
        has_more = first > 0
    else:
        has_more = end > first + limit
        end = min(end, first + limit)
    data = list(rows[first:end])
    return {
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": has_more,
    }


def page_by_token(rows: Sequence[Row], parameters: Parameters) -> Row:
    """A page of the rate limits: no ``has_more``, and everything where no limit is given (api-facts 6.6)."""
    limit = parameters.number("limit", default=max(1, len(rows)), most=MOST_ROWS)
    token = parameters.text("page")
    first = 0 if token is None else paging.read_token(token, parameters.fingerprint)
    following = (
        paging.make_token(parameters.fingerprint, first + limit) if first + limit < len(rows) else None
    )
    return {"data": list(rows[first : first + limit]), "next_page": following}


def keys_kept(rows: Sequence[Row], parameters: Parameters) -> list[Row]:
    """The API keys of a status, workspace or creator."""
    status = parameters.text("status")
    if status is not None and status not in KEY_STATUSES:
        raise bad_request(f"status: Input should be one of {', '.join(KEY_STATUSES)}")
    workspace, creator = parameters.text("workspace_id"), parameters.text("created_by_user_id")
    return [
        row
        for row in rows
        if status in {None, row["status"]}
        and workspace in {None, row["workspace_id"], row["scope"].get("workspace_id")}
        and creator in {None, (row["created_by"] or {}).get("id")}
    ]


def limits_kept(rows: Sequence[Row], parameters: Parameters) -> list[Row]:
    """The rate limits of a group type, or of the group that a model is in (404 if none is)."""
    group_type, model = parameters.text("group_type"), parameters.text("model")
    if group_type is not None and group_type not in GROUP_TYPES:
        raise bad_request(f"group_type: Input should be one of {', '.join(GROUP_TYPES)}")
    kept = [row for row in rows if group_type in {None, row["group_type"]}]
    if model is not None:
        kept = [row for row in kept if model in (row["models"] or ())]
        if not kept:
            raise not_found()
    return kept


def _place(rows: Sequence[Row], row_id: str, parameter: str) -> int:
    for place, row in enumerate(rows):
        if row["id"] == row_id:
            return place
    raise bad_request(f"{parameter}: no such row")
