from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from meterdeck.service.simulated.options import Options

ORGANIZATION = "/v1/organizations"
WORKSPACES = f"{ORGANIZATION}/workspaces"
KEYS = f"{ORGANIZATION}/api_keys"
LARGE = Options(size="large")
NOT_FOUND = (404, "not_found_error", "The requested resource could not be found.")
Refusal = Callable[[httpx.Response], tuple[int, str, str]]
Row = dict[str, Any]


async def rows_of(api: httpx.AsyncClient, url: str, **parameters: str) -> list[Row]:
    answer = (await api.get(url, params={"limit": "1000", **parameters})).json()
    rows: list[Row] = answer["data"]
    return rows


async def test_me_names_the_organization(api: httpx.AsyncClient) -> None:
    assert (await api.get(f"{ORGANIZATION}/me")).json() == {
        "id": "00000000-0000-4000-8000-000000000001",
        "name": "Acme",
        "type": "organization",
    }


async def test_archived_workspaces_are_listed_only_if_asked_for(api: httpx.AsyncClient) -> None:
    live = await rows_of(api, WORKSPACES)
    assert all(row["archived_at"] is None for row in live)
    assert live == await rows_of(api, WORKSPACES, include_archived="false")
    everything = await rows_of(api, WORKSPACES, include_archived="true")
    (archived,) = [row for row in everything if row not in live]
    assert archived["archived_at"].endswith("Z")
    assert len(everything) == len(live) + 1


async def test_a_workspace_has_the_fields_of_the_reference(api: httpx.AsyncClient) -> None:
    for row in await rows_of(api, WORKSPACES, include_archived="true"):
        assert set(row) == {
            *("id", "type", "name", "created_at", "archived_at", "display_color", "data_residency"),
            *("compartment_id", "external_key_id", "tags"),
        }
        assert row["id"].startswith("wrkspc_")
        assert row["type"] == "workspace"
        assert set(row["data_residency"]) == {
            "workspace_geo",
            "default_inference_geo",
            "allowed_inference_geos",
        }


async def test_the_default_workspace_is_not_listed_but_answers_to_its_real_id(
    api: httpx.AsyncClient,
) -> None:
    """The id is known from the scope of its keys, as it would be to any client."""
    (key,) = [row for row in await rows_of(api, KEYS) if row["name"] == "claude-code-ci"]
    assert key["workspace_id"] is None
    real_id = key["scope"]["workspace_id"]
    listed = await rows_of(api, WORKSPACES, include_archived="true")
    assert real_id not in {row["id"] for row in listed}
    assert "Default" not in {row["name"] for row in listed}
    found = (await api.get(f"{WORKSPACES}/{real_id}")).json()
    assert (found["id"], found["name"], found["type"]) == (real_id, "Default", "workspace")


async def test_every_listed_workspace_can_be_fetched_by_its_id(api: httpx.AsyncClient) -> None:
    for row in await rows_of(api, WORKSPACES, include_archived="true"):
        assert (await api.get(f"{WORKSPACES}/{row['id']}")).json() == row


async def test_a_workspace_that_does_not_exist_is_not_found(api: httpx.AsyncClient, refusal: Refusal) -> None:
    assert refusal(await api.get(f"{WORKSPACES}/wrkspc_01Nobody")) == NOT_FOUND
    assert refusal(await api.get(f"{WORKSPACES}/wrkspc_01Nobody/rate_limits")) == NOT_FOUND


async def test_a_key_has_the_fields_of_the_reference(api: httpx.AsyncClient) -> None:
    for row in await rows_of(api, KEYS):
        assert set(row) == {
            *("id", "type", "name", "status", "created_at", "created_by", "expires_at"),
            *("partial_key_hint", "workspace_id", "scope", "principal"),
        }
        assert row["id"].startswith("apikey_")
        assert row["partial_key_hint"].startswith("sk-ant-api03-")


async def test_two_keys_of_one_name_are_told_apart_by_id_and_hint(api: httpx.AsyncClient) -> None:
    rows = await rows_of(api, KEYS)
    ((name, count),) = [item for item in Counter(row["name"] for row in rows).items() if item[1] > 1]
    twins = [row for row in rows if row["name"] == name]
    assert count == 2
    for field in ("id", "partial_key_hint", "workspace_id"):
        assert len({row[field] for row in twins}) == 2


async def test_a_key_is_bound_to_its_workspace_or_to_a_person(api: httpx.AsyncClient) -> None:
    rows = {row["name"]: row for row in await rows_of(api, KEYS)}
    bound = rows["etl-extract"]
    assert bound["scope"] == {"type": "workspace", "workspace_id": bound["workspace_id"]}
    assert bound["principal"] is None
    personal = rows["jane-laptop"]
    assert (personal["workspace_id"], personal["scope"]) == (None, {"type": "organization"})
    assert personal["principal"]["type"] == "user_actor"
    assert rows["claude-code-ci"]["principal"]["type"] == "service_account_actor"


async def test_keys_are_filtered_by_workspace_status_and_creator(api: httpx.AsyncClient) -> None:
    rows = await rows_of(api, KEYS)
    evals = "wrkspc_01SimEvals00000000000"
    default = "wrkspc_01SimDefault000000000"
    of_evals = [row for row in rows if row["workspace_id"] == evals]
    assert [row["name"] for row in of_evals] == ["nightly-evals", "judge"]
    assert await rows_of(api, KEYS, workspace_id=evals) == of_evals
    assert [row["name"] for row in await rows_of(api, KEYS, workspace_id=default)] == ["claude-code-ci"]
    assert await rows_of(api, KEYS, workspace_id="wrkspc_01Nobody") == []
    assert await rows_of(api, KEYS, status="active") == rows
    assert await rows_of(api, KEYS, status="archived") == []
    assert await rows_of(api, KEYS, created_by_user_id=rows[0]["created_by"]["id"]) == rows
    assert await rows_of(api, KEYS, created_by_user_id="user_01Nobody") == []


async def test_a_status_that_no_key_can_have_is_refused(api: httpx.AsyncClient, refusal: Refusal) -> None:
    status, _, message = refusal(await api.get(KEYS, params={"status": "lost"}))
    assert status == 400
    assert message.startswith("status: ")


@pytest.mark.parametrize("api", [LARGE], indirect=True)
async def test_a_list_gives_twenty_rows_unless_told_otherwise(api: httpx.AsyncClient) -> None:
    for url in (WORKSPACES, KEYS):
        answer = (await api.get(url)).json()
        assert len(answer["data"]) == 20
        assert answer["has_more"] is True
