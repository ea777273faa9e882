"""The shapes on the wire, as pydantic checks them: unknown fields pass, figures and times must be what they say."""

from __future__ import annotations

import re
from typing import Annotated, Any, NotRequired

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict

MOST_TOKENS = 10**15
"""More in one row is no count: it would not fit the store, nor the truth."""

Count = Annotated[int, Field(strict=True, ge=0, le=MOST_TOKENS)]
Text = Annotated[str, Field(strict=True, min_length=0)]
"""To look at the length, pydantic reads it as UTF-8; a lone surrogate would else pass, and the store can't hold one."""
Id = Annotated[str, Field(strict=True, min_length=1)]
Flag = Annotated[bool, Field(strict=True)]

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _only_rfc_3339(value: object) -> object:
    """Pydantic would also take numbers, and text that holds one, for seconds since 1970."""
    if not (isinstance(value, str) and _RFC_3339.fullmatch(value)):
        raise ValueError("no RFC 3339 time with an offset")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_only_rfc_3339)]


@with_config(ConfigDict(extra="allow"))
class CacheCreation(TypedDict):
    """Cache writes in the official, nested shape; writes of another lifetime are kept, to be noticed."""

    ephemeral_5m_input_tokens: NotRequired[Count | None]
    ephemeral_1h_input_tokens: NotRequired[Count | None]


@with_config(ConfigDict(extra="allow"))
class ServerToolUse(TypedDict):
    """Uses of server tools; code execution is not among them (api-facts 2.5). Those of other tools are kept."""

    web_search_requests: NotRequired[Count | None]


@with_config(ConfigDict(extra="allow"))
class WireUsageRow(TypedDict):
    """A row of the usage report (api-facts 2.5), with the flat names of section 4 beside the nested ones.

    What else stands in it is kept, for new counters are to be noticed.
    """

    uncached_input_tokens: NotRequired[Count | None]
    cache_read_input_tokens: NotRequired[Count | None]
    output_tokens: NotRequired[Count | None]
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
    has_more: NotRequired[Flag | None]
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
    has_more: NotRequired[Flag | None]
    next_page: NotRequired[Text | None]


class WireOrganization(TypedDict):
    """`/v1/organizations/me`."""

    id: Text
    name: NotRequired[Any]


class WireWorkspace(TypedDict):
    """A row of the workspaces list."""

    id: Id
    name: Text
    archived_at: NotRequired[Moment | None]


class WireKeyScope(TypedDict):
    """What an API key is bound to."""

    type: Text
    workspace_id: NotRequired[Text | None]


class WireApiKey(TypedDict):
    """A row of the API keys list."""

    id: Id
    name: Text
    status: Text
    partial_key_hint: NotRequired[Text | None]
    workspace_id: NotRequired[Text | None]
    scope: NotRequired[WireKeyScope | None]
    expires_at: NotRequired[Moment | None]


class WireListed(TypedDict):
    """What every row of these lists must have: of one that is not as it should be, this much is used."""

    id: Id
    name: NotRequired[Any]


class WireListPage(TypedDict):
    """A page of workspaces or API keys: an id cursor (api-facts 6). Each row is looked at by itself."""

    data: list[Any]
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
