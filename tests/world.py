"""A simulated organisation behind the real client, a store, and a clock that only a test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from meterdeck.api import AdminClient
from meterdeck.api.client import UNPACED
from meterdeck.domain.buckets import BucketWidth, Window, rfc3339
from meterdeck.domain.dimensions import Dimension
from meterdeck.domain.secret import Secret
from meterdeck.service.app import create_app
from meterdeck.service.rows import Shape
from meterdeck.service.simulated.options import Options
from meterdeck.service.simulated.organization import SimulatedOrganization
from meterdeck.store import Store
from meterdeck.sync.engine import Changed, SyncEngine
from meterdeck.sync.plan import DEMO_CADENCE, Cadence, Feed
from meterdeck.sync.readers import Sources

Row = dict[str, Any]

SMALL = Options(size="small")
SERVICE_URL = "http://localhost"
USAGE = "/v1/organizations/usage_report/messages"
COST = "/v1/organizations/cost_report"


class Clock:
    """Shows the time that a test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Wire(httpx.AsyncBaseTransport):
    """Carries requests to the app in this process, keeps them, and answers in its place where a test says so."""

    def __init__(self, app: httpx.ASGITransport) -> None:
        self._app = app
        self.requests: list[httpx.Request] = []
        self.faults: dict[str, Callable[[], httpx.Response | None]] = {}
        """What to answer instead, by the end of a path; None: answer well."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        for path, answer in self.faults.items():
            if request.url.path.endswith(path) and (fault := answer()) is not None:
                return fault
        return await self._app.handle_async_request(request)

    def windows(self, path: str) -> list[Window]:
        """The windows that were asked of a report, first question first; further pages are left out."""
        return [
            window_of(request)
            for request in self.requests
            if request.url.path == path and "page" not in request.url.params
        ]

    def questions(self, path: str, width: BucketWidth, group_by: Sequence[Dimension]) -> list[httpx.Request]:
        """The questions of one width and grouping, first question first, further pages among them."""
        grouped = [dimension.value for dimension in group_by]
        return [
            request
            for request in self.requests
            if request.url.path == path
            and request.url.params.get("bucket_width") == width.value
            and request.url.params.get_list("group_by[]") == grouped
        ]


class World:
    """Everything that reads an organisation, at a moment."""

    def __init__(
        self, path: Path, now: datetime, options: Options = SMALL, *, cadence: Cadence = DEMO_CADENCE
    ) -> None:
        self.clock = Clock(now)
        app = create_app(_organization(options), self.clock, shape=Shape(options.shape))
        self.app = httpx.ASGITransport(app=app)
        self.wire = Wire(self.app)
        self.store = Store(path)
        self.client = AdminClient(SERVICE_URL, Secret("k"), via=self.wire)
        self.sources = Sources(self.client, self.store, self.clock, lambda _: UNPACED, cadence)
        self._engines: list[SyncEngine] = []
        self.engine = self.new_engine()

    def new_engine(
        self, on_change: Callable[[Changed], None] = lambda _: None, *, store: Store | None = None
    ) -> SyncEngine:
        """An engine over the same organisation and store (or another session's), closed with this world."""
        sources = self.sources if store is None else replace(self.sources, store=store)
        self._engines.append(SyncEngine(sources, on_change))
        return self._engines[-1]

    async def read(self, feed: Feed, *, since: datetime | None = None, forced: bool = False) -> int:
        """Read what is due of a feed, until nothing is; return how many requests that took."""
        before = len(self.wire.requests)
        async with asyncio.timeout(30):
            assert not await self.engine.catch_up([feed], since=since, forced=forced)
        return len(self.wire.requests) - before

    async def fill(self, *, since: datetime | None = None) -> None:
        """Read all that is due."""
        for feed in Feed:
            await self.read(feed, since=since)

    async def close(self) -> None:
        """Close the engines with their client, and the store."""
        for engine in self._engines:
            await engine.close()
        self.store.close()

    def raw(self, path: str, window: Window, *parameters: tuple[str, str]) -> list[Row]:
        """All buckets of a report as the service words them, without any code of ours between."""
        return asyncio.run(self.raw_buckets(path, window, *parameters))

    async def raw_buckets(
        self,
        path: str,
        window: Window,
        *parameters: tuple[str, str],
        headers: Mapping[str, str] | None = None,
    ) -> list[Row]:
        """The same, inside an event loop."""
        question: Sequence[tuple[str, str]] = [
            ("starting_at", rfc3339(window.start)),
            ("ending_at", rfc3339(window.end)),
            *parameters,
        ]
        buckets: list[Row] = []
        sent = {"x-api-key": "k", "anthropic-version": "2023-06-01", **(headers or {})}
        token: str | None = None
        async with httpx.AsyncClient(transport=self.app, base_url=SERVICE_URL, headers=sent) as http:
            while True:
                page = [("page", token)] if token else []
                answer = (await http.get(path, params=[*question, *page])).raise_for_status().json()
                buckets += answer["data"]
                if not answer["has_more"]:
                    return buckets
                token = answer["next_page"]


async def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until something is so; fail loudly if it never is."""
    try:
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110 - any condition, of other threads too
                await asyncio.sleep(0.001)
    except TimeoutError:
        raise AssertionError(what) from None


@cache
def _organization(options: Options) -> SimulatedOrganization:
    """The same for all tests: it keeps nothing but sums that never change."""
    return SimulatedOrganization(options)


def window_of(request: httpx.Request) -> Window:
    """The window that a request asks for."""
    return Window(_moment(request, "starting_at"), _moment(request, "ending_at"))


def _moment(request: httpx.Request, name: str) -> datetime:
    moment = datetime.fromisoformat(request.url.params[name])
    assert moment.utcoffset() == timedelta(0)
    return moment
