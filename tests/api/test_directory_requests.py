"""Workspaces, keys and rate limits: every endpoint and parameter, and what their answers become."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import httpx
import pytest
import respx

from answers import ADMIN_KEY, BASE_URL, Document, always, client
from meterdeck.api import AdminClient, BadPayload, RateLimit, RequestRefused, Secret, Workspace
from meterdeck.service import demo_app

PREFIX = "/v1/organizations"
NO_ROWS: Document = {"data": [], "has_more": False, "last_id": None}
NO_LIMITS: Document = {"data": [], "next_page": None}
WORKSPACE: Document = {"id": "wrkspc_1", "name": "Default", "archived_at": None, "tags": {}}
LIST = ("limit", "1000")

Call = Callable[[AdminClient], Awaitable[object]]


@pytest.mark.parametrize(
    ("call", "path", "parameters", "answer"),
    [
        (lambda c: c.organization(), "/me", [], {"id": "1", "name": "Acme"}),
        (lambda c: c.workspaces(), "/workspaces", [("include_archived", "true"), LIST], NO_ROWS),
        (lambda c: c.workspaces(include_archived=False), "/workspaces", [LIST], NO_ROWS),
        (lambda c: c.workspace("wrkspc_1"), "/workspaces/wrkspc_1", [], WORKSPACE),
        (lambda c: c.api_keys(), "/api_keys", [LIST], NO_ROWS),
        (lambda c: c.api_keys(status="expired"), "/api_keys", [("status", "expired"), LIST], NO_ROWS),
        (
            lambda c: c.api_keys(workspace_id="wrkspc_1", created_by="user_1"),
            "/api_keys",
            [("workspace_id", "wrkspc_1"), ("created_by_user_id", "user_1"), LIST],
            NO_ROWS,
        ),
        (lambda c: c.rate_limits(), "/rate_limits", [], NO_LIMITS),
        (lambda c: c.rate_limits(group_type="batch"), "/rate_limits", [("group_type", "batch")], NO_LIMITS),
        (lambda c: c.rate_limits(model="claude-x"), "/rate_limits", [("model", "claude-x")], NO_LIMITS),
        (lambda c: c.workspace_rate_limits("wrkspc_1"), "/workspaces/wrkspc_1/rate_limits", [], NO_LIMITS),
        (
            lambda c: c.workspace_rate_limits("wrkspc_1", group_type="model_group"),
            "/workspaces/wrkspc_1/rate_limits",
            [("group_type", "model_group")],
            NO_LIMITS,
        ),
    ],
)
async def test_each_endpoint_gets_its_parameters_and_no_beta_header(
    call: Call, path: str, parameters: list[tuple[str, str]], answer: Document
) -> None:
    with respx.mock(base_url=BASE_URL) as server:
        route = server.get(PREFIX + path).respond(json=answer)
        async with AdminClient(BASE_URL, Secret(ADMIN_KEY)) as admin:
            await call(admin)
    (sent,) = [call.request for call in route.calls]
    assert sent.url.params.multi_items() == parameters
    assert sent.headers["x-api-key"] == ADMIN_KEY
    assert sent.headers["anthropic-version"] == "2023-06-01"
    assert "anthropic-beta" not in sent.headers


async def test_one_workspace_is_read_by_its_id() -> None:
    answer = WORKSPACE | {"archived_at": "2026-02-01T10:00:00+02:00"}
    async with client(always(answer)) as admin:
        workspace = await admin.workspace("wrkspc_1")
    assert workspace == Workspace("wrkspc_1", "Default", datetime(2026, 2, 1, 8, tzinfo=UTC))
    assert workspace.archived_at is not None
    assert workspace.archived_at.tzinfo is UTC


def limit_row(name: str, value: object, **more: object) -> Document:
    return {"type": name, "value": value} | more


def group(*limits: Document, **fields: object) -> Document:
    return {"type": "rate_limit", "group_type": "model_group", "models": None, "limits": [*limits]} | fields


async def read_limits(*rows: Document) -> tuple[RateLimit, ...]:
    async with client(always({"data": rows, "next_page": None})) as admin:
        return await admin.rate_limits()


async def test_limits_are_read_by_limiter_whatever_new_ones_there_are() -> None:
    (only,) = await read_limits(
        group(
            limit_row("requests_per_minute", 4000),
            limit_row("output_tokens_per_minute", 0),
            limit_row("thoughts_per_fortnight", 3, note="new"),
            models=["claude-opus-5", "claude-opus-5-20260901"],
            group_type="model_group_2",
        )
    )
    assert only.group_type == "model_group_2"
    assert only.models == ("claude-opus-5", "claude-opus-5-20260901")
    assert only.limits == {
        "requests_per_minute": 4000,
        "output_tokens_per_minute": 0,
        "thoughts_per_fortnight": 3,
    }
    assert only.org_limits == {}


async def test_a_workspaces_override_stands_beside_the_organisations_value() -> None:
    row = group(limit_row("a", 5, org_limit=50), limit_row("b", 7, org_limit=None), limit_row("c", 9))
    async with client(always({"data": [row]})) as admin:
        (only,) = await admin.workspace_rate_limits("wrkspc_1")
    assert only.models is None
    assert only.limits == {"a": 5, "b": 7, "c": 9}
    assert only.org_limits == {"a": 50, "b": None}


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (group() | {"group_type": None}, "data.0.group_type"),
        (group() | {"limits": None}, "data.0.limits"),
        (group({"type": "a"}), "data.0.limits.0.value"),
        (group(limit_row("a", "many")), "data.0.limits.0.value"),
        (group(limit_row("a", -1)), "data.0.limits.0.value"),
        (group(limit_row("a", 1), limit_row("a", 2)), "data.0.limits"),
        (group(models="claude-opus-5"), "data.0.models"),
    ],
)
async def test_limits_that_make_no_sense_are_an_error_that_names_the_place(row: Document, place: str) -> None:
    with pytest.raises(BadPayload) as caught:
        await read_limits(row)
    assert caught.value.place == place


@pytest.mark.parametrize("path", ["rate_limits", "workspaces/wrkspc_1/rate_limits"])
async def test_limits_are_followed_by_page_token_to_the_page_without_one(path: str) -> None:
    rows = [group(limit_row("a", number)) for number in range(3)]
    asked: list[list[tuple[str, str]]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params.multi_items())
        place = int(request.url.params.get("page", "t:+0")[3:])
        following = {"next_page": f"t:+{place + 1}"} if place < 2 else {}
        return httpx.Response(200, json={"data": rows[place : place + 1], **following})

    async with client(answer) as admin:
        limits = (
            await admin.rate_limits(group_type="batch")
            if path == "rate_limits"
            else await admin.workspace_rate_limits("wrkspc_1", group_type="batch")
        )
    assert [limit.limits["a"] for limit in limits] == [0, 1, 2]
    kept = ("group_type", "batch")
    assert asked == [[kept], [kept, ("page", "t:+1")], [kept, ("page", "t:+2")]]


async def test_limits_that_lead_in_a_circle_are_an_error() -> None:
    async with client(always({"data": [], "next_page": "again"})) as admin:
        with pytest.raises(BadPayload, match="the same page is given again"):
            await admin.rate_limits()


async def test_a_page_token_of_absurd_length_is_an_error() -> None:
    async with client(always({"data": [], "next_page": "x" * 70_000})) as admin:
        with pytest.raises(BadPayload, match="longer than 8192"):
            await admin.rate_limits()


async def test_the_simulated_organisation_answers_all_of_them() -> None:
    app = httpx.ASGITransport(app=demo_app(clock=lambda: datetime(2026, 11, 21, 14, 25, tzinfo=UTC)))
    async with AdminClient("http://localhost", Secret("k"), via=app) as admin:
        everything = await admin.workspaces()
        live = await admin.workspaces(include_archived=False)
        assert {w.id for w in everything} - {w.id for w in live} == {
            w.id for w in everything if w.archived_at
        }
        keys = await admin.api_keys()
        (default_id,) = {k.scope_workspace_id for k in keys if k.scope_workspace_id and not k.workspace_id}
        assert (await admin.workspace(default_id)).name == "Default"
        assert default_id not in {w.id for w in everything}
        of_default = await admin.api_keys(workspace_id=default_id, status="active")
        assert {k.scope_workspace_id for k in of_default} == {default_id}
        assert await admin.api_keys(created_by="user_nobody") == ()

        limits = await admin.rate_limits()
        (batch,) = await admin.rate_limits(group_type="batch")
        assert batch in limits
        assert set(batch.limits) == {"enqueued_batch_requests"}
        (opus,) = await admin.rate_limits(model="claude-opus-5")
        assert opus.models is not None
        assert "claude-opus-5" in opus.models
        with pytest.raises(RequestRefused) as caught:
            await admin.rate_limits(model="gpt")
        assert caught.value.status == 404
        evals = next(w for w in live if w.name == "evals")
        for override in await admin.workspace_rate_limits(evals.id):
            assert override.org_limits.keys() == override.limits.keys()
            assert all(value < (override.org_limits[name] or 0) for name, value in override.limits.items())
        assert await admin.workspace_rate_limits(default_id) == ()
