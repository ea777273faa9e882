"""The wire shapes, and their change into our own values: lenient where the API may grow, strict with figures.

Unknown fields and new enum members pass. A missing counter, an amount that is no decimal, another currency or
a page without its ``data`` is a `BadPayload` that names the place. Both wire shapes of api-facts section 4 are
read: nested cache writes first, then the flat names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Generic, NamedTuple, NotRequired, TypeVar, cast

from pydantic import AwareDatetime, BeforeValidator, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from meterdeck.api.errors import BadPayload
from meterdeck.domain.buckets import Window
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.reports import (
    ApiKey,
    CostBucket,
    CostLine,
    CostRow,
    Organization,
    RateLimit,
    UsageBucket,
    UsageRow,
    Workspace,
)
from meterdeck.domain.tokens import TokenCounts

Row = TypeVar("Row")
Bucket = TypeVar("Bucket", bound=UsageBucket | CostBucket)
Named = TypeVar("Named", Workspace, ApiKey)
Shape = TypeVar("Shape")

MOST_TOKENS = 10**15
"""More in one row is no count: it would not fit the store, nor the truth."""

Count = Annotated[int, Field(strict=True, ge=0, le=MOST_TOKENS)]
Text = Annotated[str, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _only_rfc_3339(value: object) -> object:
    """Pydantic would also take numbers, and text that holds one, for seconds since 1970."""
    if not (isinstance(value, str) and _RFC_3339.fullmatch(value)):
        raise ValueError("no RFC 3339 time with an offset")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_only_rfc_3339)]


class CacheCreation(TypedDict):
    """Cache writes in the official, nested shape."""

    ephemeral_5m_input_tokens: NotRequired[Count | None]
    ephemeral_1h_input_tokens: NotRequired[Count | None]


class ServerToolUse(TypedDict):
    """Uses of server tools; code execution is not among them (api-facts 2.5)."""

    web_search_requests: NotRequired[Count | None]


class WireUsageRow(TypedDict):
    """A row of the usage report (api-facts 2.5), with the flat names of section 4 beside the nested ones."""

    uncached_input_tokens: Count
    cache_read_input_tokens: Count
    output_tokens: Count
    cache_creation: NotRequired[CacheCreation | None]
    cache_creation_5m_input_tokens: NotRequired[Count | None]
    cache_creation_1h_input_tokens: NotRequired[Count | None]
    cache_creation_input_tokens: NotRequired[Count | None]
    server_tool_use: NotRequired[ServerToolUse | None]
    workspace_id: NotRequired[Text | None]
    model: NotRequired[Text | None]
    api_key_id: NotRequired[Text | None]
    service_tier: NotRequired[Text | None]
    context_window: NotRequired[Text | None]
    inference_geo: NotRequired[Text | None]
    speed: NotRequired[Text | None]
    account_id: NotRequired[Text | None]
    service_account_id: NotRequired[Text | None]


class WireUsageBucket(TypedDict):
    """A bucket of the usage report."""

    starting_at: Moment
    ending_at: Moment
    results: list[WireUsageRow]


class WireUsagePage(TypedDict):
    """A page of the usage report."""

    data: list[WireUsageBucket]
    has_more: Flag
    next_page: NotRequired[Text | None]


class WireCostRow(TypedDict):
    """A row of the cost report (api-facts 3.2); the amount is text, or a JSON number read as `Decimal`."""

    amount: Any
    currency: NotRequired[Text | None]
    workspace_id: NotRequired[Text | None]
    description: NotRequired[Text | None]
    cost_type: NotRequired[Text | None]
    model: NotRequired[Text | None]
    token_type: NotRequired[Text | None]
    service_tier: NotRequired[Text | None]
    context_window: NotRequired[Text | None]
    inference_geo: NotRequired[Text | None]


class WireCostBucket(TypedDict):
    """A day of the cost report."""

    starting_at: Moment
    ending_at: Moment
    results: list[WireCostRow]


class WireCostPage(TypedDict):
    """A page of the cost report."""

    data: list[WireCostBucket]
    has_more: Flag
    next_page: NotRequired[Text | None]


class WireOrganization(TypedDict):
    """`/v1/organizations/me`."""

    id: Text
    name: Text


class WireWorkspace(TypedDict):
    """A row of the workspaces list."""

    id: Text
    name: Text
    archived_at: NotRequired[Moment | None]


class WireKeyScope(TypedDict):
    """What an API key is bound to."""

    type: Text
    workspace_id: NotRequired[Text | None]


class WireApiKey(TypedDict):
    """A row of the API keys list."""

    id: Text
    name: Text
    status: Text
    partial_key_hint: NotRequired[Text | None]
    workspace_id: NotRequired[Text | None]
    scope: NotRequired[WireKeyScope | None]
    expires_at: NotRequired[Moment | None]


class WireWorkspacePage(TypedDict):
    """A page of the workspaces list: an id cursor (api-facts 6)."""

    data: list[WireWorkspace]
    has_more: Flag
    last_id: NotRequired[Text | None]


class WireApiKeyPage(TypedDict):
    """A page of the API keys list: an id cursor."""

    data: list[WireApiKey]
    has_more: Flag
    last_id: NotRequired[Text | None]


class WireLimit(TypedDict):
    """One limiter of a group; `org_limit` is in workspace overrides alone."""

    type: Text
    value: Count
    org_limit: NotRequired[Count | None]


class WireRateLimit(TypedDict):
    """A row of the configured rate limits, of the organisation or a workspace (api-facts 6.6)."""

    group_type: Text
    models: NotRequired[list[Text] | None]
    limits: list[WireLimit]


class WireRateLimitPage(TypedDict):
    """A page of rate limits: a page token without `has_more`."""

    data: list[WireRateLimit]
    next_page: NotRequired[Text | None]


class WireErrorDetail(TypedDict):
    """The inside of an error answer."""

    type: NotRequired[Text | None]
    message: NotRequired[Text | None]


class WireError(TypedDict):
    """The error envelope (api-facts 1.3)."""

    error: WireErrorDetail
    request_id: NotRequired[Text | None]


_USAGE_PAGE = TypeAdapter(WireUsagePage)
_COST_PAGE = TypeAdapter(WireCostPage)
_ORGANIZATION = TypeAdapter(WireOrganization)
_WORKSPACES = TypeAdapter(WireWorkspacePage)
_WORKSPACE = TypeAdapter(WireWorkspace)
_API_KEYS = TypeAdapter(WireApiKeyPage)
_RATE_LIMITS = TypeAdapter(WireRateLimitPage)
_ERROR = TypeAdapter(WireError)


class ReportPage(NamedTuple, Generic[Bucket]):
    """Buckets of a report and how to go on."""

    buckets: tuple[Bucket, ...]
    has_more: bool
    next_page: str | None


class ListPage(NamedTuple, Generic[Row]):
    """Rows of a list and how to go on: ``next`` is the cursor or token that leads to more."""

    rows: tuple[Row, ...]
    has_more: bool
    next: str | None


def parse_usage_page(body: bytes, group_by: tuple[Dimension, ...]) -> ReportPage[UsageBucket]:
    """Read a page of the usage report; raises `BadPayload`."""
    page = _checked(_USAGE_PAGE, body)
    fields = tuple(dimension.value for dimension in group_by)
    buckets = tuple(
        UsageBucket(
            _window(bucket, f"data.{index}"),
            group_by,
            tuple(
                UsageRow(_members(row, fields), _tokens(row), _web_searches(row)) for row in bucket["results"]
            ),
        )
        for index, bucket in enumerate(page["data"])
    )
    return ReportPage(buckets, page["has_more"], page.get("next_page"))


def parse_cost_page(body: bytes) -> ReportPage[CostBucket]:
    """Read a page of the cost report, every digit of every amount kept; raises `BadPayload`."""
    page = _checked(_COST_PAGE, _document_with_decimals(body))
    buckets = tuple(
        CostBucket(
            _window(bucket, f"data.{index}"),
            tuple(
                CostRow(_cost_line(row), _cents(row, f"data.{index}.results.{place}"))
                for place, row in enumerate(bucket["results"])
            ),
        )
        for index, bucket in enumerate(page["data"])
    )
    return ReportPage(buckets, page["has_more"], page.get("next_page"))


def parse_organization(body: bytes) -> Organization:
    """Read `/me`; raises `BadPayload`."""
    wire = _checked(_ORGANIZATION, body)
    return Organization(wire["id"], wire["name"])


def parse_workspaces(body: bytes) -> ListPage[Workspace]:
    """Read a page of the workspaces list; raises `BadPayload`."""
    page = _checked(_WORKSPACES, body)
    return _id_page(tuple(_workspace(row) for row in page["data"]), page)


def parse_workspace(body: bytes) -> Workspace:
    """Read one workspace; raises `BadPayload`."""
    return _workspace(_checked(_WORKSPACE, body))


def parse_api_keys(body: bytes) -> ListPage[ApiKey]:
    """Read a page of the API keys list; raises `BadPayload`."""
    page = _checked(_API_KEYS, body)
    rows = tuple(
        ApiKey(
            row["id"],
            row["name"],
            row["status"],
            row.get("partial_key_hint"),
            row.get("workspace_id"),
            _bound_workspace(row),
            _utc(row.get("expires_at")),
        )
        for row in page["data"]
    )
    return _id_page(rows, page)


def parse_rate_limits(body: bytes) -> ListPage[RateLimit]:
    """Read a page of configured rate limits; it is the last one if it has no token. Raises `BadPayload`."""
    page = _checked(_RATE_LIMITS, body)
    rows = tuple(_rate_limit(row, f"data.{place}") for place, row in enumerate(page["data"]))
    token = page.get("next_page")
    return ListPage(rows, bool(token), token)


def parse_error(body: bytes) -> tuple[str | None, str | None, str | None]:
    """(type, message, request id) of an error answer; Nones where the body is something else, as edges send."""
    try:
        wire = _ERROR.validate_json(body)
    except ValidationError:
        return None, None, None
    return wire["error"].get("type"), wire["error"].get("message"), wire.get("request_id")


def _checked(adapter: TypeAdapter[Shape], document: bytes | object) -> Shape:
    try:
        if isinstance(document, bytes):
            return adapter.validate_json(document)
        return adapter.validate_python(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the top"
        raise BadPayload(place, first["msg"]) from None


def _document_with_decimals(body: bytes) -> object:
    """JSON whose numbers with a point or exponent keep all their digits, which a float would not."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise BadPayload("the top", f"not JSON ({error})") from None
    except InvalidOperation:
        raise BadPayload("the top", "a number whose exponent is beyond all bounds") from None


def _window(bucket: Mapping[str, Any], place: str) -> Window:
    try:
        return Window(bucket["starting_at"].astimezone(UTC), bucket["ending_at"].astimezone(UTC))
    except (ValueError, OverflowError):
        raise BadPayload(place, "a bucket that ends before it starts") from None


def _members(row: WireUsageRow, fields: tuple[str, ...]) -> tuple[str | None, ...]:
    plain = cast("dict[str, str | None]", row)
    return tuple([plain.get(field) for field in fields])


def _tokens(row: WireUsageRow) -> TokenCounts:
    write_5m, write_1h = _cache_writes(row)
    return TokenCounts(
        row["uncached_input_tokens"], row["cache_read_input_tokens"], write_5m, write_1h, row["output_tokens"]
    )


def _cache_writes(row: WireUsageRow) -> tuple[int, int]:
    """5-minute and 1-hour writes: nested, else flat, else the single old counter as 5-minute writes."""
    nested = row.get("cache_creation") or {}
    write_5m, write_1h = nested.get("ephemeral_5m_input_tokens"), nested.get("ephemeral_1h_input_tokens")
    if write_5m is not None or write_1h is not None:
        return write_5m or 0, write_1h or 0
    flat_5m, flat_1h = row.get("cache_creation_5m_input_tokens"), row.get("cache_creation_1h_input_tokens")
    if flat_5m is None and flat_1h is None:
        return row.get("cache_creation_input_tokens") or 0, 0
    return flat_5m or 0, flat_1h or 0


def _id_page(rows: tuple[Named, ...], page: WireWorkspacePage | WireApiKeyPage) -> ListPage[Named]:
    """A page whose cursor is its last id; where the page does not say it, the last row does."""
    last_id = page.get("last_id") or (rows[-1].id if rows else None)
    return ListPage(rows, page["has_more"], last_id)


def _workspace(row: WireWorkspace) -> Workspace:
    return Workspace(row["id"], row["name"], _utc(row.get("archived_at")))


def _utc(moment: datetime | None) -> datetime | None:
    try:
        return moment.astimezone(UTC) if moment else None
    except OverflowError:
        raise BadPayload("a time", f"{moment} lies outside the calendar") from None


def _rate_limit(row: WireRateLimit, place: str) -> RateLimit:
    limits = {limit["type"]: limit["value"] for limit in row["limits"]}
    if len(limits) != len(row["limits"]):
        raise BadPayload(f"{place}.limits", "a limiter that has two values")
    org_limits = {limit["type"]: limit["org_limit"] for limit in row["limits"] if "org_limit" in limit}
    models = row.get("models")
    return RateLimit(row["group_type"], None if models is None else tuple(models), limits, org_limits)


def _bound_workspace(row: WireApiKey) -> str | None:
    scope = row.get("scope")
    return scope.get("workspace_id") if scope else None


def _web_searches(row: WireUsageRow) -> int:
    return (row.get("server_tool_use") or {}).get("web_search_requests") or 0


def _cost_line(row: WireCostRow) -> CostLine:
    return CostLine(
        row.get("workspace_id"),
        row.get("description"),
        row.get("cost_type"),
        row.get("model"),
        row.get("token_type"),
        row.get("service_tier"),
        row.get("context_window"),
        row.get("inference_geo"),
    )


_DECIMAL = re.compile(r"[+-]?\d{1,30}(\.\d{0,30})?([eE][+-]?\d{1,2})?", re.ASCII)
_LARGEST_EXPONENT = 30
_MOST_DIGITS = 20
"""Before the point. With at most 30 behind it, any number of amounts adds up exactly in `EXACT`."""


def _cents(row: WireCostRow, place: str) -> Decimal:
    """Cents, exact; text or a JSON number, exponents too (api-facts 3.2, "Amount")."""
    if row.get("currency", "USD") != "USD":
        raise BadPayload(f"{place}.currency", "not USD, and only USD can be added up")
    amount = row["amount"]
    if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
        raise BadPayload(f"{place}.amount", "no decimal")
    text = str(amount)
    if not _DECIMAL.fullmatch(text):
        # Not quoted: what a faulty relay puts here goes to screen and store, and could be the key.
        raise BadPayload(f"{place}.amount", "no decimal")
    cents = Decimal(text)
    exponent = cents.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > _LARGEST_EXPONENT or cents.adjusted() >= _MOST_DIGITS:
        raise BadPayload(f"{place}.amount", f"{text[:40]!r} is no believable amount")
    return cents
