"""A client of the simulated organisation. `@pytest.mark.parametrize("api", [Options(…)], indirect=True)` chooses it."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from meterdeck.service import demo_app
from meterdeck.service.simulated.options import Options

HEADERS = {"x-api-key": "sk-ant-admin01-invented", "anthropic-version": "2023-06-01"}


@pytest.fixture
def clock() -> SimpleNamespace:
    """The service's clock: ``clock.now`` is Saturday 21 November 2026, 14:25:30Z, until a test sets it."""
    return SimpleNamespace(now=datetime(2026, 11, 21, 14, 25, 30, tzinfo=UTC))


@pytest.fixture
async def api(request: pytest.FixtureRequest, clock: SimpleNamespace) -> AsyncIterator[httpx.AsyncClient]:
    """A client that sends the required headers."""
    options = getattr(request, "param", Options())
    transport = httpx.ASGITransport(app=demo_app(options, clock=lambda: clock.now))
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=HEADERS) as client:
        yield client


@pytest.fixture
def bare(api: httpx.AsyncClient) -> httpx.AsyncClient:
    """The same client without the required headers."""
    for name in HEADERS:
        del api.headers[name]
    return api


@pytest.fixture
def refusal() -> Callable[[httpx.Response], tuple[int, str, str]]:
    """Takes a refusal apart: status, type and message; the envelope around them is checked on the way."""

    def refusal(response: httpx.Response) -> tuple[int, str, str]:
        document: dict[str, Any] = response.json()
        assert set(document) == {"type", "error", "request_id"}
        assert document["type"] == "error"
        assert document["request_id"] == response.headers["request-id"]
        assert set(document["error"]) == {"type", "message"}
        return response.status_code, document["error"]["type"], document["error"]["message"]

    return refusal
