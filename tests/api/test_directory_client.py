"""The lists with id cursors: every row once, null told apart, `last_id` on the last page not followed."""

from datetime import UTC, datetime
from itertools import count

import httpx
import pytest
import respx

from answers import ADMIN_KEY, BASE_URL, Document, always, client, fixture
from meterdeck.api import AdminClient, BadPayload
from meterdeck.domain.reports import ApiKey, Organization
from meterdeck.domain.secret import Secret


async def test_the_workspaces_of_the_fixture_have_names_and_archived_ones_are_among_them() -> None:
    with respx.mock(base_url=BASE_URL) as server:
        route = server.get("/v1/organizations/workspaces").respond(json=fixture("workspaces"))
        async with AdminClient(BASE_URL, Secret(ADMIN_KEY)) as admin:
            workspaces = await admin.workspaces()
    assert [w.name for w in workspaces] == ["Production", "Research", "Old prototype"]
    assert [w.archived_at for w in workspaces] == [None, None, datetime(2026, 2, 1, 8, tzinfo=UTC)]
    assert route.call_count == 1, "last_id is set although there is no more"
    assert route.calls.last.request.url.params.multi_items() == [
        ("include_archived", "true"),
        ("limit", "1000"),
    ]


async def test_keys_of_one_name_are_two_and_a_key_of_the_default_workspace_is_told_from_an_unbound_one() -> (
    None
):
    async with client(always(fixture("api_keys"))) as admin:
        keys = {key.id: key for key in await admin.api_keys()}
    assert len(keys) == 5
    assert [key.name for key in keys.values()].count("prod-backend") == 2
    assert keys["apikey_01FixtureDefaultKey000DD"] == ApiKey(
        "apikey_01FixtureDefaultKey000DD",
        "prod-backend",
        "active",
        "sk-ant-api03-Def...dEAA",
        workspace_id=None,
        scope_workspace_id="wrkspc_01FixtureDefault000000DD",
        expires_at=datetime(2027, 1, 15, 10, tzinfo=UTC),
    )
    unbound = keys["apikey_01FixturePersonalKey00EE"]
    assert (unbound.workspace_id, unbound.scope_workspace_id) == (None, None)
    assert keys["apikey_01FixtureArchivedKey00CC"].hint is None


async def test_keys_are_asked_for_in_every_status() -> None:
    with respx.mock(base_url=BASE_URL) as server:
        route = server.get("/v1/organizations/api_keys").respond(json=fixture("api_keys"))
        async with AdminClient(BASE_URL, Secret(ADMIN_KEY)) as admin:
            await admin.api_keys()
    assert route.calls.last.request.url.params.multi_items() == [("limit", "1000")]


async def test_whose_key_it_is() -> None:
    me = {"id": "00000000-0000-4000-8000-000000000001", "name": "Acme", "type": "organization", "new": []}
    async with client(always(me)) as admin:
        assert await admin.organization() == Organization("00000000-0000-4000-8000-000000000001", "Acme")


async def test_a_list_is_followed_by_its_last_id_to_the_end() -> None:
    rows = [{"id": f"wrkspc_{number}", "name": f"w{number}"} for number in range(7)]

    def answer(request: httpx.Request) -> httpx.Response:
        after = request.url.params.get("after_id")
        first = 0 if after is None else [row["id"] for row in rows].index(after) + 1
        data = rows[first : first + 3]
        document: Document = {"data": data, "has_more": first + 3 < len(rows)}
        if first == 0:  # without last_id the last row's own id leads on
            document["last_id"] = data[-1]["id"]
        return httpx.Response(200, json=document)

    async with client(answer) as admin:
        assert [workspace.id for workspace in await admin.workspaces()] == [row["id"] for row in rows]


async def test_a_list_that_leads_nowhere_or_in_a_circle_is_an_error() -> None:
    circle = {"data": [{"id": "wrkspc_1", "name": "w"}], "has_more": True, "last_id": "wrkspc_1"}
    for document in ({"data": [], "has_more": True, "last_id": None}, circle):
        calls = count(1)

        def answer(
            _: httpx.Request, document: Document = document, calls: "count[int]" = calls
        ) -> httpx.Response:
            assert next(calls) < 5
            return httpx.Response(200, json=document)

        async with client(answer) as admin:
            with pytest.raises(BadPayload) as caught:
                await admin.workspaces()
        assert caught.value.place == "next_page"


@pytest.mark.parametrize("missing", ["id", "name", "status"])
async def test_a_key_without_its_id_name_or_status_is_refused(missing: str) -> None:
    document = fixture("api_keys")
    del document["data"][1][missing]
    async with client(always(document)) as admin:
        with pytest.raises(BadPayload) as caught:
            await admin.api_keys()
    assert caught.value.place == f"data.1.{missing}"
