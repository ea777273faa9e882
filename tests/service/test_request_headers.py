from collections.abc import Callable
from types import SimpleNamespace

import httpx
import pytest

from meterdeck.service.app import create_app
from meterdeck.service.simulated.options import Options
from meterdeck.service.simulated.organization import SimulatedOrganization

ME = "/v1/organizations/me"
USAGE = "/v1/organizations/usage_report/messages"
VERSION = {"anthropic-version": "2023-06-01"}
LOCKED = Options(accepted_key="sk-ant-admin01-right")
Refusal = Callable[[httpx.Response], tuple[int, str, str]]

locked = pytest.mark.parametrize("api", [LOCKED], indirect=True)


async def test_a_request_without_a_key_is_refused(bare: httpx.AsyncClient, refusal: Refusal) -> None:
    response = await bare.get(ME, headers=VERSION)
    assert refusal(response) == (401, "authentication_error", "invalid x-api-key")


@locked
@pytest.mark.parametrize(
    "credential",
    [
        {"x-api-key": "sk-ant-admin01-wrong"},
        {"x-api-key": ""},
        {"authorization": "Bearer sk-ant-admin01-wrong"},
        {"x-api-key": "sk-ant-admin01-right-and-more"},
    ],
)
async def test_another_key_than_the_accepted_one_is_refused(
    bare: httpx.AsyncClient, refusal: Refusal, credential: dict[str, str]
) -> None:
    response = await bare.get(ME, headers=VERSION | credential)
    assert refusal(response) == (401, "authentication_error", "invalid x-api-key")


@locked
@pytest.mark.parametrize(
    "credential",
    [{"x-api-key": "sk-ant-admin01-right"}, {"authorization": "Bearer sk-ant-admin01-right"}],
)
async def test_the_accepted_key_is_taken_in_either_header(
    bare: httpx.AsyncClient, credential: dict[str, str]
) -> None:
    assert (await bare.get(ME, headers=VERSION | credential)).status_code == 200


@pytest.mark.parametrize(
    "credential", [{"x-api-key": "any-key-at-all"}, {"authorization": "Bearer any-token"}]
)
async def test_without_an_accepted_key_any_credential_is_taken(
    bare: httpx.AsyncClient, credential: dict[str, str]
) -> None:
    assert (await bare.get(ME, headers=VERSION | credential)).status_code == 200


async def test_a_request_without_its_version_is_refused(bare: httpx.AsyncClient, refusal: Refusal) -> None:
    response = await bare.get(ME, headers={"x-api-key": "k"})
    assert refusal(response) == (400, "invalid_request_error", "anthropic-version: header is required")


@pytest.mark.parametrize(
    "path",
    [
        "usage_report/messages?starting_at=2026-11-20T00:00:00Z",
        "cost_report?starting_at=2026-11-20T00:00:00Z",
        "me",
        "workspaces",
        "workspaces/wrkspc_01SimDefault000000000",
        "workspaces/wrkspc_01SimDefault000000000/rate_limits",
        "api_keys",
        "rate_limits",
    ],
)
async def test_every_path_wants_both_headers(bare: httpx.AsyncClient, path: str) -> None:
    url = f"/v1/organizations/{path}"
    assert (await bare.get(url)).status_code == 401
    assert (await bare.get(url, headers={"x-api-key": "k"})).status_code == 400
    assert (await bare.get(url, headers={"x-api-key": "k"} | VERSION)).status_code == 200


@pytest.mark.parametrize("api", [Options(seed=1), Options(seed=20)], indirect=True)
async def test_every_answer_says_its_request_and_its_organization(api: httpx.AsyncClient) -> None:
    response = await api.get(ME)
    refused = await api.get("/v1/organizations/workspaces/none")
    assert response.headers["anthropic-organization-id"] == response.json()["id"]
    assert refused.headers["anthropic-organization-id"] == response.json()["id"]
    requests = [response.headers["request-id"], refused.headers["request-id"]]
    assert all(request.startswith("req_") for request in requests)
    assert len(set(requests)) == 2


@pytest.mark.parametrize("question", ["group_by[]=speed", "speeds[]=fast"])
async def test_speed_needs_the_beta_header(api: httpx.AsyncClient, refusal: Refusal, question: str) -> None:
    url = f"{USAGE}?starting_at=2026-11-20T00:00:00Z&{question}"
    status, kind, message = refusal(await api.get(url))
    assert (status, kind) == (400, "invalid_request_error")
    assert "speed" in message
    assert "fast-mode-2026-02-01" in message
    other = await api.get(url, headers={"anthropic-beta": "fast-mode-2025-01-01"})
    assert other.status_code == 400


@pytest.mark.parametrize("betas", ["fast-mode-2026-02-01", "another-beta, fast-mode-2026-02-01"])
async def test_the_beta_header_may_name_several(api: httpx.AsyncClient, betas: str) -> None:
    url = f"{USAGE}?starting_at=2026-11-20T00:00:00Z&group_by[]=speed"
    assert (await api.get(url, headers={"anthropic-beta": betas})).status_code == 200


async def test_a_fault_of_the_service_itself_is_worded_as_a_500(
    clock: SimpleNamespace, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = SimulatedOrganization(Options())
    monkeypatch.setattr(source, "bill", lambda *_: 1 / 0)
    app = create_app(source, lambda: clock.now)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get(
            "/v1/organizations/cost_report?starting_at=2026-11-20T00:00:00Z",
            headers=VERSION | {"x-api-key": "k"},
        )
    assert refusal(response) == (500, "api_error", "Internal server error")
