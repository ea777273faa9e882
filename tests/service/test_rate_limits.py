from collections.abc import Callable
from typing import Any

import httpx
import pytest

LIMITS = "/v1/organizations/rate_limits"
CHAT = "/v1/organizations/workspaces/wrkspc_01SimProdChat00000000/rate_limits"
EVALS = "/v1/organizations/workspaces/wrkspc_01SimEvals00000000000/rate_limits"
GROUP_TYPES = ("model_group", "batch", "token_count", "files", "skills", "web_search")
NOT_FOUND = (404, "not_found_error", "The requested resource could not be found.")
Refusal = Callable[[httpx.Response], tuple[int, str, str]]


async def answer_of(api: httpx.AsyncClient, url: str, **parameters: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await api.get(url, params=parameters)).json()
    assert set(answer) == {"data", "next_page"}
    return answer


async def test_rate_limits_come_all_at_once_and_say_nothing_of_more(api: httpx.AsyncClient) -> None:
    answer = await answer_of(api, LIMITS)
    assert answer["next_page"] is None
    for row in answer["data"]:
        assert set(row) == {"type", "group_type", "models", "limits"}
        assert row["type"] == "rate_limit"
        assert all(set(limit) == {"type", "value"} and limit["value"] > 0 for limit in row["limits"])
    assert {limit["type"] for row in answer["data"] for limit in row["limits"]} == {
        "requests_per_minute",
        "input_tokens_per_minute",
        "output_tokens_per_minute",
        "enqueued_batch_requests",
    }


async def test_every_model_in_use_is_in_one_model_group(api: httpx.AsyncClient) -> None:
    usage = await api.get(
        "/v1/organizations/usage_report/messages?starting_at=2026-11-19T00:00:00Z&group_by[]=model&limit=1"
    )
    used = sorted(row["model"] for row in usage.json()["data"][0]["results"])
    groups = (await answer_of(api, LIMITS, group_type="model_group"))["data"]
    assert sorted(model for row in groups for model in row["models"]) == used


@pytest.mark.parametrize("group_type", GROUP_TYPES)
async def test_a_group_type_keeps_its_own_limits(api: httpx.AsyncClient, group_type: str) -> None:
    everything = (await answer_of(api, LIMITS))["data"]
    kept = [row for row in everything if row["group_type"] == group_type]
    assert (await answer_of(api, LIMITS, group_type=group_type))["data"] == kept
    assert len(kept) == {"model_group": 4, "batch": 1}.get(group_type, 0)


@pytest.mark.parametrize("url", [LIMITS, CHAT])
async def test_a_group_type_that_does_not_exist_is_refused(
    api: httpx.AsyncClient, refusal: Refusal, url: str
) -> None:
    status, _, message = refusal(await api.get(url, params={"group_type": "fax"}))
    assert status == 400
    assert message.startswith("group_type: ")


async def test_a_model_finds_the_group_it_is_in(api: httpx.AsyncClient) -> None:
    (row,) = (await answer_of(api, LIMITS, model="claude-sonnet-4-6"))["data"]
    assert set(row["models"]) == {"claude-sonnet-5", "claude-sonnet-4-6"}


async def test_a_model_in_no_group_is_not_found(api: httpx.AsyncClient, refusal: Refusal) -> None:
    assert refusal(await api.get(LIMITS, params={"model": "claude-opus-99"})) == NOT_FOUND


@pytest.mark.parametrize("url", [LIMITS, EVALS])
@pytest.mark.parametrize("limit", ["1", "2", "3"])
async def test_rate_limits_are_paged_by_token(api: httpx.AsyncClient, url: str, limit: str) -> None:
    whole = (await answer_of(api, url))["data"]
    page = await answer_of(api, url, limit=limit)
    found = page["data"]
    while page["next_page"] is not None and len(found) < len(whole):
        assert len(page["data"]) == int(limit)
        page = await answer_of(api, url, limit=limit, page=page["next_page"])
        found += page["data"]
    assert found == whole
    assert page["next_page"] is None
    assert len(whole) > 3


async def test_a_token_of_other_rate_limits_is_refused(api: httpx.AsyncClient, refusal: Refusal) -> None:
    token = (await answer_of(api, CHAT, limit="2"))["next_page"]
    assert (await api.get(CHAT, params={"limit": "2", "page": token})).status_code == 200
    for url, parameters in (
        (CHAT, {"limit": "3"}),
        (CHAT, {"limit": "2", "group_type": "model_group"}),
        (EVALS, {"limit": "2"}),
        (LIMITS, {"limit": "2"}),
    ):
        assert refusal(await api.get(url, params={**parameters, "page": token})) == (
            400,
            "invalid_request_error",
            "page: the token does not belong to this query",
        )


async def test_a_workspaces_overrides_say_what_the_organization_has(api: httpx.AsyncClient) -> None:
    configured = {
        (row["group_type"], *row["models"]): {limit["type"]: limit["value"] for limit in row["limits"]}
        for row in (await answer_of(api, LIMITS, group_type="model_group"))["data"]
    }
    rows = (await answer_of(api, EVALS))["data"]
    assert len(rows) == len(configured)
    for row in rows:
        assert row["type"] == "workspace_rate_limit"
        limits = configured[row["group_type"], *row["models"]]
        assert {limit["type"]: limit["org_limit"] for limit in row["limits"]} == limits
        assert all(0 < limit["value"] < limit["org_limit"] for limit in row["limits"])


async def test_a_workspaces_overrides_are_filtered_by_group_type(api: httpx.AsyncClient) -> None:
    whole = (await answer_of(api, CHAT))["data"]
    assert (await answer_of(api, CHAT, group_type="model_group"))["data"] == whole
    assert (await answer_of(api, CHAT, group_type="batch"))["data"] == []


@pytest.mark.parametrize("workspace", ["wrkspc_01SimDefault000000000", "wrkspc_01SimGrowth0000000000"])
async def test_a_workspace_without_overrides_inherits_everything(
    api: httpx.AsyncClient, workspace: str
) -> None:
    """The default workspace can't have any."""
    url = f"/v1/organizations/workspaces/{workspace}/rate_limits"
    assert await answer_of(api, url) == {"data": [], "next_page": None}
