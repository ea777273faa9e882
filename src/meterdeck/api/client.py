"""The Admin client: both reports and the directory, as typed values, with paging followed to its end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx

from meterdeck.api.paging import Content, Digest, Page, Pages, PagesOf, Trail, naming
from meterdeck.api.queries import CostQuery, Parameters, UsageQuery, check_text
from meterdeck.api.transport import Body, Pacing, Transport, Unpaced
from meterdeck.api.wire import (
    Bucket,
    ListPage,
    OnBroken,
    ReportPage,
    parse_api_keys,
    parse_cost_page,
    parse_organization,
    parse_rate_limits,
    parse_usage_page,
    parse_workspace,
    parse_workspaces,
)
from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.errors import NotAllowed
from meterdeck.domain.reports import ApiKey, CostBucket, Organization, RateLimit, UsageBucket, Workspace
from meterdeck.domain.secret import Secret

USAGE_PATH = "/v1/organizations/usage_report/messages"
COST_PATH = "/v1/organizations/cost_report"
ME_PATH = "/v1/organizations/me"
WORKSPACES_PATH = "/v1/organizations/workspaces"
API_KEYS_PATH = "/v1/organizations/api_keys"
RATE_LIMITS_PATH = "/v1/organizations/rate_limits"

LIST_LIMIT = 1000
UNPACED = Unpaced()
_ID = re.compile(r"[A-Za-z0-9_-]+")

Row = TypeVar("Row")
Parsed = TypeVar("Parsed")


class AdminClient:
    """Reads one organisation's reports and directory; use it as ``async with AdminClient(url, key) as client``.

    A failed request raises an `ApiError`: `KeyRefused` (401, 403), `PaymentRequired` (402), `RateLimited` (429),
    `DateRangeRefused` and `RequestRefused` (other 4xx), `ServerFailed` (5xx), `Unreachable` (no answer) or `BadPayload` (an answer that
    can't be believed). What the API would refuse raises `NotAllowed` before anything is sent. Nothing is retried
    here, and nothing waits: pass a `Pacing` to keep to a pace, for an organisation may have as few as 90
    requests an hour (api-facts 5). Times are aware and UTC. ``ca_bundle`` is a PEM file of certificate authorities to believe
    instead of the public ones (or those of ``SSL_CERT_FILE``). ``via`` replaces the network, for the embedded
    organisation and tests.
    """

    def __init__(
        self,
        base_url: str,
        key: Secret,
        *,
        ca_bundle: Path | None = None,
        via: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._transport = Transport(base_url, key, ca_bundle=ca_bundle, via=via)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def usage(self, query: UsageQuery, *, pacing: Pacing = UNPACED) -> tuple[UsageBucket, ...]:
        """All buckets of a usage query, oldest first: integer tokens, UTC windows, whole pages or an error."""
        return tuple([bucket async for page in self.usage_pages(query, pacing=pacing) for bucket in page])

    async def costs(self, query: CostQuery, *, pacing: Pacing = UNPACED) -> tuple[CostBucket, ...]:
        """All days of a cost query, oldest first: exact cents, UTC days, whole pages or an error.

        Cents, not dollars: `meterdeck.api.cents_to_usd` divides (api-facts 3.2). A range that the API refuses
        because it includes today raises `DateRangeRefused` (api-facts 3.3).
        """
        return tuple([bucket async for page in self.cost_pages(query, pacing=pacing) for bucket in page])

    def usage_pages(self, query: UsageQuery, *, pacing: Pacing = UNPACED) -> Pages[UsageBucket]:
        """The same buckets page by page, for answers too large to hold; what came before an error is partial."""
        parse = partial(parse_usage_page, group_by=query.group_by)
        ask = self._asking(USAGE_PATH, pacing, query.headers)
        return Pages(ask, _parsing(parse), query.parameters, query.window, query.width)

    def cost_pages(self, query: CostQuery, *, pacing: Pacing = UNPACED) -> Pages[CostBucket]:
        """The same days page by page; what came before an error is partial."""
        ask = self._asking(COST_PATH, pacing, query.headers)
        return Pages(ask, _parsing(parse_cost_page), query.parameters, query.window)

    def usage_digests(
        self, query: UsageQuery, digest: Digest[Content], *, pacing: Pacing = UNPACED
    ) -> PagesOf[Content]:
        """The pages of a usage query, read by ``digest`` instead of here: for one who keeps them in another form."""
        ask = self._asking(USAGE_PATH, pacing, query.headers)
        return PagesOf(ask, digest, query.parameters, query.window, query.width)

    def cost_digests(
        self,
        query: CostQuery,
        digest: Digest[Content],
        *,
        width: BucketWidth | None = None,
        pacing: Pacing = UNPACED,
    ) -> PagesOf[Content]:
        """The pages of a cost query, read by ``digest``.

        A bucket may have any width (api-facts 4), unless ``width`` says that another than its own can't be used.
        """
        ask = self._asking(COST_PATH, pacing, query.headers)
        return PagesOf(ask, digest, query.parameters, query.window, width)

    async def organization(self, *, pacing: Pacing = UNPACED) -> Organization:
        """Whose key this is: the cheapest check that a key works (api-facts 1.2).

        Raises `KeyRefused` where the key must belong to another one (`Key.organization`).
        """
        found = await self._read(ME_PATH, [], parse_organization, pacing=pacing)
        self._transport.belongs_to(found.id)
        return found

    async def workspaces(
        self,
        *,
        include_archived: bool = True,
        pacing: Pacing = UNPACED,
        on_broken: OnBroken | None = None,
    ) -> tuple[Workspace, ...]:
        """All workspaces, archived ones too unless told otherwise, for they name old usage.

        The default workspace is never among them; the reports call it null (api-facts 6.2). With ``on_broken`` a row
        that can't be read costs itself alone, or its name where it has an id; without, all of them.
        """
        archived: Parameters = [("include_archived", "true")] if include_archived else []
        return await self._list(
            WORKSPACES_PATH, archived, partial(parse_workspaces, on_broken=on_broken), pacing
        )

    async def workspace(self, workspace_id: str, *, pacing: Pacing = UNPACED) -> Workspace:
        """One workspace; the default one too, whose id bound keys tell (`ApiKey.scope_workspace_id`).

        Raises `RequestRefused` (404) for an unknown id (api-facts 6.2).
        """
        path = f"{WORKSPACES_PATH}/{_check_id(workspace_id)}"
        return await self._read(path, [], parse_workspace, pacing=pacing)

    async def api_keys(
        self,
        *,
        status: str | None = None,
        workspace_id: str | None = None,
        created_by: str | None = None,
        pacing: Pacing = UNPACED,
        on_broken: OnBroken | None = None,
    ) -> tuple[ApiKey, ...]:
        """All API keys, of every status unless one is given, so that old usage keeps its name (api-facts 6.3).

        ``status`` is ``active``, ``inactive``, ``archived`` or ``expired``; ``created_by`` a ``user_…`` id.
        ``on_broken`` is as for `workspaces`.
        """
        kept = _given(status=status, workspace_id=workspace_id, created_by_user_id=created_by)
        return await self._list(API_KEYS_PATH, kept, partial(parse_api_keys, on_broken=on_broken), pacing)

    async def rate_limits(
        self, *, group_type: str | None = None, model: str | None = None, pacing: Pacing = UNPACED
    ) -> tuple[RateLimit, ...]:
        """The organisation's configured limits: requests, tokens, queued batch requests (api-facts 6.6).

        ``group_type`` is ``model_group``, ``batch``, ``token_count``, ``files``, ``skills`` or ``web_search``;
        ``model`` an id or alias. Raises `RequestRefused` (404) for a model that the API does not know.
        """
        kept = _given(group_type=group_type, model=model)
        return await self._follow(RATE_LIMITS_PATH, kept, parse_rate_limits, pacing, by="page")

    async def workspace_rate_limits(
        self, workspace_id: str, *, group_type: str | None = None, pacing: Pacing = UNPACED
    ) -> tuple[RateLimit, ...]:
        """A workspace's overrides alone: what is absent is inherited; the default workspace has none.

        `RateLimit.org_limits` holds the organisation's value beside each (api-facts 6.6).
        """
        path = f"{WORKSPACES_PATH}/{_check_id(workspace_id)}/rate_limits"
        kept = _given(group_type=group_type)
        return await self._follow(path, kept, parse_rate_limits, pacing, by="page")

    async def _list(
        self, path: str, kept: Parameters, parse: Callable[[bytes], ListPage[Row]], pacing: Pacing
    ) -> tuple[Row, ...]:
        """Follow a list of id cursors, as many rows a page as there can be."""
        limited: Parameters = [*kept, ("limit", str(LIST_LIMIT))]
        return await self._follow(path, limited, parse, pacing, by="after_id")

    async def _follow(
        self,
        path: str,
        parameters: Parameters,
        parse: Callable[[bytes], ListPage[Row]],
        pacing: Pacing,
        *,
        by: str,
    ) -> tuple[Row, ...]:
        rows: list[Row] = []
        trail = Trail(parameters, by)
        while trail.more:
            page = await self._read(path, trail.parameters, parse, pacing=pacing)
            rows += page.rows
            trail.follow(has_more=page.has_more, token=page.next)
        return tuple(rows)

    async def _read(
        self, path: str, parameters: Parameters, parse: Callable[[bytes], Parsed], *, pacing: Pacing
    ) -> Parsed:
        body = await self._transport.get(path, parameters, pacing=pacing)
        with naming(body.request_id):
            return await asyncio.to_thread(parse, body.content)

    def _asking(
        self, path: str, pacing: Pacing, headers: Mapping[str, str] | None = None
    ) -> Callable[[Parameters], Awaitable[Body]]:
        """How to ask for one page of a report."""
        return lambda parameters: self._transport.get(path, parameters, pacing=pacing, headers=headers)


def _parsing(parse: Callable[[bytes], ReportPage[Bucket]]) -> Digest[tuple[Bucket, ...]]:
    """The usual way to read a page: into our own values, in a thread."""

    async def digest(body: bytes) -> Page[tuple[Bucket, ...]]:
        page = await asyncio.to_thread(parse, body)
        windows = [bucket.window for bucket in page.buckets]
        return Page(page.buckets, windows, page.has_more, page.next_page, page.remarks)

    return digest


def _given(**values: str | None) -> Parameters:
    """The parameters that have a value, checked."""
    return [(name, check_text(name, value)) for name, value in values.items() if value is not None]


def _check_id(workspace_id: str) -> str:
    """Return an id that can stand in a path; raises `NotAllowed` for anything else."""
    if not _ID.fullmatch(workspace_id):
        raise NotAllowed(f"{workspace_id!a} is no workspace id.", next="It starts with wrkspc_.")
    return workspace_id
