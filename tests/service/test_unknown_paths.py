from collections.abc import Callable

import httpx
import pytest

NOT_FOUND = (404, "not_found_error", "The requested resource could not be found.")
Refusal = Callable[[httpx.Response], tuple[int, str, str]]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1/organizations",
        "/v1/organizations/users",
        "/v1/organizations/usage_report",
        "/v1/organizations/usage_report/claude_code",
        "/v1/organizations/workspaces/wrkspc_01SimEvals00000000000/members",
        "/v1/v1/organizations/me",
    ],
)
async def test_a_path_that_is_not_served_is_not_found(
    api: httpx.AsyncClient, refusal: Refusal, path: str
) -> None:
    assert refusal(await api.get(path)) == NOT_FOUND


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_can_be_changed(api: httpx.AsyncClient, refusal: Refusal, method: str) -> None:
    for path in ("workspaces", "api_keys", "workspaces/wrkspc_01SimEvals00000000000", "cost_report"):
        response = await api.request(method, f"/v1/organizations/{path}")
        assert refusal(response) == (405, "invalid_request_error", "Method not allowed.")
