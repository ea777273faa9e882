"""From the wire into our own values: lenient where the API may grow, strict with figures.

Unknown fields and new enum members pass, and counters that are new are kept under their own names. What is missing
and can be told or taken for nothing is a `Remark` of its page. A count that is none, an amount that is no decimal, a
row without any counter or a page without its ``data`` is a `BadPayload` that names the place. Both wire shapes of
api-facts section 4 are read: nested cache writes first, then the flat names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, NamedTuple, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from meterdeck.api.errors import BadPayload
from meterdeck.api.shapes import (
    MOST_TOKENS,
    CacheCreation,
    ServerToolUse,
    Text,
    WireApiKey,
    WireCostPage,
    WireCostRow,
    WireError,
    WireListed,
    WireListPage,
    WireOrganization,
    WireRateLimit,
    WireRateLimitPage,
    WireUsagePage,
    WireUsageRow,
    WireWorkspace,
)
from meterdeck.domain.buckets import Window
from meterdeck.domain.counters import CACHE_WRITES, TOOL_USES
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.remarks import Remark, joined
from meterdeck.domain.reports import (
    USD,
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
from meterdeck.domain.tokens import TokenCounts, TokenType

Row = TypeVar("Row")
Bucket = TypeVar("Bucket", bound=UsageBucket | CostBucket)
Named = TypeVar("Named", Workspace, ApiKey)
Shape = TypeVar("Shape")

_USAGE_PAGE = TypeAdapter(WireUsagePage)
_COST_PAGE = TypeAdapter(WireCostPage)
_ORGANIZATION = TypeAdapter(WireOrganization)
_LIST = TypeAdapter(WireListPage)
_LISTED = TypeAdapter(WireListed)
_WORKSPACE = TypeAdapter(WireWorkspace)
_API_KEY = TypeAdapter(WireApiKey)
_RATE_LIMITS = TypeAdapter(WireRateLimitPage)
_ERROR = TypeAdapter(WireError)
_TEXT = TypeAdapter(Text)
_TOP = "the top"
"""The place of a fault in a whole document."""


class ReportPage(NamedTuple, Generic[Bucket]):
    """Buckets of a report and how to go on."""

    buckets: tuple[Bucket, ...]
    has_more: bool
    next_page: str | None
    remarks: tuple[Remark, ...] = ()
    """What was odd about it and read all the same."""


class ListPage(NamedTuple, Generic[Row]):
    """Rows of a list and how to go on: ``next`` is the cursor or token that leads to more."""

    rows: tuple[Row, ...]
    has_more: bool
    next: str | None


def parse_usage_page(body: bytes, group_by: tuple[Dimension, ...]) -> ReportPage[UsageBucket]:
    """Read a page of the usage report; raises `BadPayload`."""
    page = _checked(_USAGE_PAGE, body)
    fields = tuple(dimension.value for dimension in group_by)
    remarks: list[Remark] = []
    buckets = tuple(
        UsageBucket(
            _window(bucket, f"data.{index}"),
            group_by,
            tuple(
                _usage_row(row, fields, f"data.{index}.results.{place}", remarks)
                for place, row in enumerate(bucket["results"])
            ),
        )
        for index, bucket in enumerate(page["data"])
    )
    return _report_page(buckets, page, remarks)


def parse_cost_page(body: bytes) -> ReportPage[CostBucket]:
    """Read a page of the cost report, every digit of every amount kept; raises `BadPayload`."""
    page = _checked(_COST_PAGE, _document_with_decimals(body))
    remarks: list[Remark] = []
    buckets = tuple(
        CostBucket(
            _window(bucket, f"data.{index}"),
            tuple(
                _cost_row(row, f"data.{index}.results.{place}", remarks)
                for place, row in enumerate(bucket["results"])
            ),
        )
        for index, bucket in enumerate(page["data"])
    )
    return _report_page(buckets, page, remarks)


def parse_organization(body: bytes) -> Organization:
    """Read `/me`; raises `BadPayload`."""
    wire = _checked(_ORGANIZATION, body)
    return Organization(wire["id"], _name_of(wire) or wire["id"])


OnBroken = Callable[[BadPayload], None]
"""Is told of a row that is not as it should be: the others are none the worse for it."""


def parse_workspaces(body: bytes, on_broken: OnBroken | None = None) -> ListPage[Workspace]:
    """Read a page of the workspaces list; raises `BadPayload`, for a row only where nobody else is told of it."""

    def read(row: object) -> Workspace:
        return _workspace(_checked(_WORKSPACE, row))

    return _id_page(body, read, lambda row: Workspace(row["id"], _name_of(row)), on_broken)


def parse_workspace(body: bytes) -> Workspace:
    """Read one workspace; raises `BadPayload`."""
    return _workspace(_checked(_WORKSPACE, body))


def parse_api_keys(body: bytes, on_broken: OnBroken | None = None) -> ListPage[ApiKey]:
    """Read a page of the API keys list; raises `BadPayload`, for a row only where nobody else is told of it."""

    def read(row: object) -> ApiKey:
        return _api_key(_checked(_API_KEY, row))

    return _id_page(body, read, lambda row: ApiKey(row["id"], _name_of(row), NO_STATUS), on_broken)


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
        place = ".".join(str(part) for part in first["loc"]) or _TOP
        raise BadPayload(place, first["msg"]) from None


def _document_with_decimals(body: bytes) -> object:
    """JSON whose numbers with a point or exponent keep all their digits, which a float would not."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise BadPayload(_TOP, f"not JSON ({error})") from None
    except InvalidOperation:
        raise BadPayload(_TOP, "a number whose exponent is beyond all bounds") from None


def _window(bucket: Mapping[str, Any], place: str) -> Window:
    try:
        return Window(bucket["starting_at"].astimezone(UTC), bucket["ending_at"].astimezone(UTC))
    except (ValueError, OverflowError):
        raise BadPayload(place, "a bucket that ends before it starts") from None


def _report_page(
    buckets: tuple[Bucket, ...], page: WireUsagePage | WireCostPage, remarks: list[Remark]
) -> ReportPage[Bucket]:
    """A page and how to go on: where it does not say whether there is more, the way to it does."""
    has_more, next_page = page.get("has_more"), page.get("next_page")
    if has_more is None:
        has_more = bool(next_page)
        more = "there is one, so more is asked for" if has_more else "there is none, so the answer ends here"
        remarks.append(Remark("has_more is missing", f"next_page tells instead: {more}"))
    return ReportPage(buckets, has_more, next_page, joined(remarks))


def _usage_row(row: WireUsageRow, fields: tuple[str, ...], place: str, remarks: list[Remark]) -> UsageRow:
    return UsageRow(
        _members(row, fields),
        _tokens(row, place, remarks),
        _web_searches(row, place, remarks),
        _others(row, place, remarks),
    )


def _members(row: WireUsageRow, fields: tuple[str, ...]) -> tuple[str | None, ...]:
    plain = cast("dict[str, str | None]", row)
    return tuple([plain.get(field) for field in fields])


def _tokens(row: WireUsageRow, place: str, remarks: list[Remark]) -> TokenCounts:
    counts = (
        row.get("uncached_input_tokens"),
        row.get("cache_read_input_tokens"),
        *_cache_writes(row),
        row.get("output_tokens"),
    )
    if None not in counts:
        return TokenCounts(*cast("tuple[int, ...]", counts))
    names = [token_type.in_bill for token_type, count in zip(TokenType, counts, strict=True) if count is None]
    if len(names) == len(counts):
        raise BadPayload(place, "a row without any of its token counters")
    remarks += [Remark(f"{name} is missing", _AS_ZERO, place, 1) for name in names]
    return TokenCounts(*(count or 0 for count in counts))


_AS_ZERO = "it counts as 0"
_NESTED_WRITES = CacheCreation.__annotations__.keys()


def _cache_writes(row: WireUsageRow) -> tuple[int | None, int | None]:
    """5-minute and 1-hour writes: nested, else flat, else the single old counter as 5-minute writes."""
    nested = row.get("cache_creation") or {}
    write_5m, write_1h = nested.get("ephemeral_5m_input_tokens"), nested.get("ephemeral_1h_input_tokens")
    if write_5m is not None or write_1h is not None:
        return write_5m, write_1h
    flat_5m, flat_1h = row.get("cache_creation_5m_input_tokens"), row.get("cache_creation_1h_input_tokens")
    if flat_5m is not None or flat_1h is not None:
        return flat_5m, flat_1h
    every_write = row.get("cache_creation_input_tokens")
    # Beside nested writes of another lifetime it would be a sum that they are in.
    if every_write is None or nested.keys() - _NESTED_WRITES:
        return None, None
    return every_write, 0


_KNOWN_FIELDS = WireUsageRow.__annotations__.keys()
_KNOWN_TOOLS = ServerToolUse.__annotations__.keys()
_A_NAME = re.compile(r"\w{1,80}", re.ASCII)
_LEFT_OUT = "they are left out"


def _others(row: WireUsageRow, place: str, remarks: list[Remark]) -> tuple[tuple[str, int], ...]:
    """Counters that this version does not know, by their names; nearly no row has any."""
    nested, tools = row.get("cache_creation") or {}, row.get("server_tool_use") or {}
    if row.keys() <= _KNOWN_FIELDS and nested.keys() <= _NESTED_WRITES and tools.keys() <= _KNOWN_TOOLS:
        return ()
    held = (
        ("", cast("dict[str, object]", row), _KNOWN_FIELDS),
        (CACHE_WRITES, cast("dict[str, object]", nested), _NESTED_WRITES),
        (TOOL_USES, cast("dict[str, object]", tools), _KNOWN_TOOLS),
    )
    found = {
        outer + name: _new_count(outer, name, fields[name], place, remarks)
        for outer, fields, known in held
        for name in sorted(fields.keys() - known)
    }
    return tuple((name, count) for name, count in sorted(found.items()) if count)


def _new_count(outer: str, name: str, value: object, place: str, remarks: list[Remark]) -> int:
    """How much a new counter counts; 0 of what is none. It stands in an object of the row, or in none."""
    is_tokens = name.endswith("_tokens")
    if value is None or (not outer and not is_tokens) or (type(value) is int and value == 0):
        return 0
    if not _A_NAME.fullmatch(name):
        # Not quoted, and not kept: what a faulty relay puts here goes to screen and store, and could be the key.
        remarks.append(Remark("counters with a name that can't be kept", _LEFT_OUT, place, 1))
        return 0
    is_counter = is_tokens or outer == TOOL_USES
    if is_counter and type(value) is int:
        if 0 < value <= MOST_TOKENS:
            return value
        raise BadPayload(f"{place}.{outer}{name}", "no count")
    if is_counter and outer == CACHE_WRITES:
        raise BadPayload(f"{place}.{outer}{name}", "no count, and cache writes belong into the totals")
    remarks.append(Remark(f"{outer}{name} holds values that are no counts", _LEFT_OUT, place, 1))
    return 0


def _id_page(
    body: bytes,
    read: Callable[[object], Named],
    read_part: Callable[[WireListed], Named],
    on_broken: OnBroken | None,
) -> ListPage[Named]:
    """A page whose cursor is its last id; where the page does not say it, the last row does.

    A row that can't be read gives what ``read_part`` makes of it if it has an id, and no row else.
    """
    page = _checked(_LIST, _document_with_decimals(body))
    rows = []
    for place, row in enumerate(page["data"]):
        try:
            rows.append(read(row))
        except BadPayload as error:
            broken = BadPayload(f"data.{place}.{error.place}".removesuffix(f".{_TOP}"), error.reason)
            if on_broken is None:
                raise broken from None
            on_broken(broken)
            with suppress(BadPayload):
                rows.append(read_part(_checked(_LISTED, row)))
    last_id = page.get("last_id") or (rows[-1].id if rows else None)
    return ListPage(tuple(rows), page["has_more"], last_id)


NO_STATUS = "unknown"
"""Of a key whose row says nothing of it that can be read."""


def _name_of(row: WireListed | WireOrganization) -> str:
    """The name, if it is one that can be read; empty else."""
    try:
        return _TEXT.validate_python(row.get("name"))
    except ValidationError:
        return ""


def _api_key(row: WireApiKey) -> ApiKey:
    return ApiKey(
        row["id"],
        row["name"],
        row["status"],
        row.get("partial_key_hint"),
        row.get("workspace_id"),
        _bound_workspace(row),
        _utc(row.get("expires_at")),
    )


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


def _web_searches(row: WireUsageRow, place: str, remarks: list[Remark]) -> int:
    """Where no tool was used, its object or its member may be missing (api-facts 2.5); null is said."""
    tools = row.get("server_tool_use")
    if not tools:
        return 0
    count = tools.get("web_search_requests", 0)
    if count is None:
        remarks.append(Remark("server_tool_use.web_search_requests is null", _AS_ZERO, place, 1))
    return count or 0


def _cost_row(row: WireCostRow, place: str, remarks: list[Remark]) -> CostRow:
    return CostRow(_cost_line(row, place, remarks), _cents(row, place))


def _cost_line(row: WireCostRow, place: str, remarks: list[Remark]) -> CostLine:
    return CostLine(
        row.get("workspace_id"),
        row.get("description"),
        row.get("cost_type"),
        row.get("model"),
        row.get("token_type"),
        row.get("service_tier"),
        row.get("context_window"),
        row.get("inference_geo"),
        _currency(row, place, remarks),
    )


_A_CURRENCY = re.compile(r"[A-Z]{3,8}", re.ASCII)


def _currency(row: WireCostRow, place: str, remarks: list[Remark]) -> str:
    """In capital letters, whatever they are; where nothing is said it is USD (api-facts 4), and null is told of."""
    said = row.get("currency", USD)
    if said == USD:
        return USD
    currency = (said or "").strip().upper()
    if not currency:
        remarks.append(Remark("currency is null or empty", "it is read as USD", place, 1))
        return USD
    if not _A_CURRENCY.fullmatch(currency):
        # Not quoted: what a faulty relay puts here goes to screen and store, and could be the key.
        raise BadPayload(f"{place}.currency", "no code of a currency")
    return currency


_DECIMAL = re.compile(r"[+-]?\d{1,30}(\.\d{0,30})?([eE][+-]?\d{1,2})?", re.ASCII)
_LARGEST_EXPONENT = 30
_MOST_DIGITS = 20
"""Before the point. With at most 30 behind it, any number of amounts adds up exactly in `EXACT`."""


def _cents(row: WireCostRow, place: str) -> Decimal:
    """Cents, exact; text or a JSON number, exponents too (api-facts 3.2, "Amount")."""
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
