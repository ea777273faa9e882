"""The Admin client: both reports and the directory, as typed values, with paging followed to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

import httpx

from meterdeck.api.errors import BadPayload
from meterdeck.api.queries import CostQuery, Parameters, UsageQuery
from meterdeck.api.transport import Body, Pacing, Transport, Unpaced
from meterdeck.api.wire import (
    CostPage,
    ListPage,
    UsagePage,
    parse_api_keys,
    parse_cost_page,
    parse_organization,
    parse_usage_page,
    parse_workspaces,
)
from meterdeck.domain.buckets import Window
from meterdeck.domain.reports import ApiKey, CostBucket, Organization, UsageBucket, Workspace
from meterdeck.domain.secret import Secret

USAGE_PATH = "/v1/organizations/usage_report/messages"
COST_PATH = "/v1/organizations/cost_report"
ME_PATH = "/v1/organizations/me"
WORKSPACES_PATH = "/v1/organizations/workspaces"
API_KEYS_PATH = "/v1/organizations/api_keys"

MOST_PAGES = 1000
LIST_LIMIT = 1000
UNPACED = Unpaced()

Row = TypeVar("Row")
Parsed = TypeVar("Parsed")


class AdminClient:
    """Reads one organisation's reports and directory.

    Every method raises an `ApiError`: `KeyRefused`, `RateLimited`, `ServerFailed`, `Unreachable`, `BadPayload`
    and so on; nothing is retried here. ``via`` replaces the network, for the embedded organisation and tests.
    """

    def __init__(self, base_url: str, key: Secret, *, via: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = Transport(base_url, key, via=via)

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

        def parse(content: bytes) -> UsagePage:
            return parse_usage_page(content, query.group_by)

        buckets: list[UsageBucket] = []
        pages = _Pages()
        while pages.more:
            parameters = pages.parameters(query.parameters)
            page = await self._read(USAGE_PATH, parameters, parse, pacing=pacing, headers=query.headers)
            _check_order([b.window for b in buckets[-1:]] + [b.window for b in page.buckets], query.window)
            for bucket in page.buckets:
                start = bucket.window.start
                if bucket.window.duration != query.width.delta or query.width.floor(start) != start:
                    raise BadPayload(
                        f"the bucket {start:%Y-%m-%dT%H:%M:%SZ}", f"not {query.width.value} wide and aligned"
                    )
            buckets += page.buckets
            pages.follow(has_more=page.has_more, token=page.next_page)
        return tuple(buckets)

    async def costs(self, query: CostQuery, *, pacing: Pacing = UNPACED) -> tuple[CostBucket, ...]:
        """All days of a cost query, oldest first: exact cents, UTC days, whole pages or an error."""
        buckets: list[CostBucket] = []
        pages: _Pages = _Pages()
        while pages.more:
            parameters = pages.parameters(query.parameters)
            page: CostPage = await self._read(COST_PATH, parameters, parse_cost_page, pacing=pacing)
            _check_order([b.window for b in buckets[-1:]] + [b.window for b in page.buckets], query.window)
            buckets += page.buckets
            pages.follow(has_more=page.has_more, token=page.next_page)
        return tuple(buckets)

    async def organization(self, *, pacing: Pacing = UNPACED) -> Organization:
        """Whose key this is: the cheapest check that a key works."""
        return await self._read(ME_PATH, [], parse_organization, pacing=pacing)

    async def workspaces(self, *, pacing: Pacing = UNPACED) -> tuple[Workspace, ...]:
        """All workspaces, archived ones too; the default one is never among them (api-facts 6.2)."""
        archived: Parameters = [("include_archived", "true")]
        return await self._list(WORKSPACES_PATH, archived, parse_workspaces, lambda row: row.id, pacing)

    async def api_keys(self, *, pacing: Pacing = UNPACED) -> tuple[ApiKey, ...]:
        """All API keys of every status, so that old usage keeps its name (api-facts 6.3)."""
        return await self._list(API_KEYS_PATH, [], parse_api_keys, lambda row: row.id, pacing)

    async def _list(
        self,
        path: str,
        extra: Parameters,
        parse: Callable[[bytes], ListPage[Row]],
        id_of: Callable[[Row], str],
        pacing: Pacing,
    ) -> tuple[Row, ...]:
        rows: list[Row] = []
        pages = _Pages(parameter="after_id")
        while pages.more:
            parameters = pages.parameters([*extra, ("limit", str(LIST_LIMIT))])
            page = await self._read(path, parameters, parse, pacing=pacing)
            rows += page.rows
            last = id_of(page.rows[-1]) if page.rows else None
            pages.follow(has_more=page.has_more, token=page.last_id or last)
        return tuple(rows)

    async def _read(
        self,
        path: str,
        parameters: Parameters,
        parse: Callable[[bytes], Parsed],
        *,
        pacing: Pacing,
        headers: dict[str, str] | None = None,
    ) -> Parsed:
        body = await self._transport.get(path, parameters, pacing=pacing, headers=headers)
        return await asyncio.to_thread(_parse, parse, body)


class _Pages:
    """Follows page tokens or id cursors; a missing or repeated one is an error, not an end (api-facts 2.4)."""

    def __init__(self, parameter: str = "page") -> None:
        self.more = True
        self._parameter = parameter
        self._token: str | None = None
        self._seen: set[str] = set()

    def parameters(self, query: Parameters) -> Parameters:
        """The query of the next page: the same parameters and the token."""
        return query if self._token is None else [*query, (self._parameter, self._token)]

    def follow(self, *, has_more: bool, token: str | None) -> None:
        """Take a page's word on how to go on."""
        self.more = has_more
        if not has_more:
            return
        if not token:
            raise BadPayload("next_page", "more pages are promised, but no way to them is given")
        if token in self._seen:
            raise BadPayload("next_page", "the same page is given again")
        if len(self._seen) >= MOST_PAGES:
            raise BadPayload("next_page", f"more than {MOST_PAGES} pages")
        self._seen.add(token)
        self._token = token


def _parse(parse: Callable[[bytes], Parsed], body: Body) -> Parsed:
    try:
        return parse(body.content)
    except BadPayload as error:
        raise BadPayload(error.place, error.reason, request_id=body.request_id) from None


def _check_order(windows: list[Window], asked: Window) -> None:
    """Buckets must ascend, not overlap, and lie inside what was asked for."""
    earliest: datetime = asked.start
    for window in windows:
        if window.start < earliest or window.end > asked.end:
            raise BadPayload(
                f"the bucket {window.start:%Y-%m-%dT%H:%MZ}", "out of order or outside the question"
            )
        earliest = window.end
