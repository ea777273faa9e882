"""The ASGI app: the paths of the Admin API over a source. Plain functions run in threads, off the event loop."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from meterdeck.domain.buckets import rfc3339
from meterdeck.service import lists, paging
from meterdeck.service.errors import Refused, answer_refused, bad_request, not_found
from meterdeck.service.parameters import (
    BAD_DATE_RANGE,
    Parameters,
    ReportQuery,
    check_headers,
    cost_query,
    first_bucket,
    usage_query,
)
from meterdeck.service.rows import Row, Shape, cost_rows, usage_rows
from meterdeck.service.source import Source

Clock = Callable[[], datetime]
PREFIX = "/v1/organizations"


def create_app(
    source: Source, clock: Clock, *, shape: Shape = Shape.NESTED, accepted_key: str | None = None
) -> Starlette:
    """An app that answers for a source; ``accepted_key`` None accepts any credential."""
    service = _Service(source, clock, shape, accepted_key)
    endpoints: dict[str, Callable[[Request], Response]] = {
        "/usage_report/messages": service.usage_report,
        "/cost_report": service.cost_report,
        "/me": service.me,
        "/workspaces": service.workspaces,
        "/workspaces/{workspace_id}": service.workspace,
        "/workspaces/{workspace_id}/rate_limits": service.workspace_rate_limits,
        "/api_keys": service.api_keys,
        "/rate_limits": service.rate_limits,
    }
    app = Starlette(
        routes=[Route(PREFIX + path, endpoint, methods=["GET"]) for path, endpoint in endpoints.items()],
        middleware=[Middleware(_Identified, organization_id=source.organization["id"])],
        exception_handlers={
            Refused: answer_refused,
            HTTPException: answer_refused,
            Exception: answer_refused,
        },
    )
    app.router.redirect_slashes = False  # a path with a slash too many is an unknown one
    return app


class _Identified(BaseHTTPMiddleware):
    """Gives each request an id and says it in every answer's headers (api-facts 1.3)."""

    def __init__(self, app: Any, organization_id: str) -> None:
        super().__init__(app)
        self._organization_id = organization_id

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        request.state.request_id = f"req_01{secrets.token_hex(11)}"
        response = await call_next(request)
        response.headers["request-id"] = request.state.request_id
        response.headers["anthropic-organization-id"] = self._organization_id
        return response


class _Service:
    def __init__(self, source: Source, clock: Clock, shape: Shape, accepted_key: str | None) -> None:
        self._source = source
        self._clock = clock
        self._shape = shape
        self._accepted_key = accepted_key

    def usage_report(self, request: Request) -> Response:
        now = self._now(request)
        query = usage_query(request, now)

        def rows(start: datetime) -> list[Row]:
            return usage_rows(self._source.usage(start, query.width, now), query, self._shape)

        return _report(request, query, rows, min(query.end, query.width.after(now)))

    def cost_report(self, request: Request) -> Response:
        now = self._now(request)
        query = cost_query(request, now)
        if query.end > self._source.bill_end(now):
            raise bad_request(BAD_DATE_RANGE)

        def rows(day: datetime) -> list[Row] | None:
            lines = self._source.bill(day, now)
            return None if lines is None else cost_rows(lines, query, self._shape)

        return _report(request, query, rows, min(query.end, query.width.after(now)))

    def me(self, request: Request) -> Response:
        self._now(request)
        Parameters(request, single=())
        return _json(self._source.organization)

    def workspaces(self, request: Request) -> Response:
        self._now(request)
        parameters = Parameters(request, single=(*lists.CURSOR, "include_archived"))
        everything = parameters.flag("include_archived")
        kept = [row for row in self._source.workspaces if everything or row["archived_at"] is None]
        return _json(lists.page_by_cursor(kept, parameters))

    def workspace(self, request: Request) -> Response:
        self._now(request)
        Parameters(request, single=())
        return _json(self._workspace(request))

    def api_keys(self, request: Request) -> Response:
        self._now(request)
        filters = ("status", "workspace_id", "created_by_user_id")
        parameters = Parameters(request, single=(*lists.CURSOR, *filters))
        return _json(lists.page_by_cursor(lists.keys_kept(self._source.api_keys, parameters), parameters))

    def rate_limits(self, request: Request) -> Response:
        self._now(request)
        parameters = Parameters(request, single=("group_type", "model", "limit", "page"))
        limits = lists.limits_kept(self._source.rate_limits, parameters)
        return _json(lists.page_by_token(limits, parameters))

    def workspace_rate_limits(self, request: Request) -> Response:
        self._now(request)
        parameters = Parameters(request, single=("group_type", "limit", "page"))
        overrides = self._source.workspace_limits(self._workspace(request)["id"])
        return _json(lists.page_by_token(lists.limits_kept(overrides, parameters), parameters))

    def _workspace(self, request: Request) -> Row:
        wanted = request.path_params["workspace_id"]
        for row in (*self._source.workspaces, self._source.default_workspace):
            if row["id"] == wanted:
                return row
        raise not_found()

    def _now(self, request: Request) -> datetime:
        check_headers(request, self._accepted_key)
        return self._clock()


def _report(
    request: Request, query: ReportQuery, rows: Callable[[datetime], list[Row] | None], end: datetime
) -> Response:
    """A page of buckets, oldest first, empty ones present; buckets that have not begun are left out."""
    start = first_bucket(request, query)
    data: list[Row] = []
    while start < end and len(data) < query.limit:
        results = rows(start)
        if results is not None:
            ending_at = rfc3339(start + query.width.delta)
            data.append({"starting_at": rfc3339(start), "ending_at": ending_at, "results": results})
        start += query.width.delta
    token = paging.make_token(query.fingerprint, int(start.timestamp())) if start < end else None
    return _json({"data": data, "has_more": token is not None, "next_page": token})


def _json(document: Row | Sequence[Row]) -> Response:
    return Response(json.dumps(document, separators=(",", ":")), media_type="application/json")
