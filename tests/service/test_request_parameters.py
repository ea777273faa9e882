from collections.abc import Callable

import httpx
import pytest

USAGE = "/v1/organizations/usage_report/messages?starting_at=2026-11-20T00:00:00Z"
COST = "/v1/organizations/cost_report?starting_at=2026-11-20T00:00:00Z"
DIMENSIONS = "group_by[]=model&group_by[]=workspace_id&group_by[]=api_key_id&group_by[]=service_tier"
Refusal = Callable[[httpx.Response], tuple[int, str, str]]


@pytest.mark.parametrize(
    "spelling",
    [
        "group_by=model&group_by=service_tier&models=claude-opus-5&models=claude-sonnet-5",
        "group_by%5B%5D=model&group_by%5B%5D=service_tier&models%5B%5D=claude-opus-5&models%5B%5D=claude-sonnet-5",
        "models[]=claude-sonnet-5&group_by=model&models=claude-opus-5&group_by%5B%5D=service_tier",
    ],
)
async def test_an_array_is_the_same_with_brackets_without_and_encoded(
    api: httpx.AsyncClient, spelling: str
) -> None:
    bracketed = "group_by[]=model&group_by[]=service_tier&models[]=claude-opus-5&models[]=claude-sonnet-5"
    response = await api.get(f"{USAGE}&{bracketed}")
    assert b"group_by[]=model" in response.request.url.query
    rows = response.json()["data"][0]["results"]
    assert {row["model"] for row in rows} == {"claude-opus-5", "claude-sonnet-5"}
    assert {row["service_tier"] for row in rows} == {
        *("standard", "batch", "priority", "priority_on_demand", "flex")
    }
    other = (await api.get(f"{USAGE}&{spelling}")).json()["data"][0]["results"]
    assert sorted(other, key=repr) == sorted(rows, key=repr)


async def test_five_dimensions_are_grouped_and_a_sixth_is_refused(
    api: httpx.AsyncClient, refusal: Refusal
) -> None:
    five = f"{USAGE}&{DIMENSIONS}&group_by[]=context_window"
    assert (await api.get(five)).status_code == 200
    assert refusal(await api.get(f"{five}&group_by[]=inference_geo")) == (
        400,
        "invalid_request_error",
        "Cannot specify more than 5 group_by[] dimensions.",
    )


async def test_a_dimension_named_twice_counts_once(api: httpx.AsyncClient) -> None:
    url = f"{USAGE}&{DIMENSIONS}&group_by[]=context_window&group_by[]=model"
    assert (await api.get(url)).status_code == 200


async def test_costs_are_grouped_by_two_dimensions_only(api: httpx.AsyncClient, refusal: Refusal) -> None:
    assert (await api.get(f"{COST}&group_by[]=description&group_by[]=workspace_id")).status_code == 200
    assert refusal(await api.get(f"{COST}&group_by[]=workspace_id&group_by[]=api_key_id")) == (
        400,
        "invalid_request_error",
        'group_by: Invalid group_by[]: "api_key_id". Valid options are "description", "workspace_id"',
    )


async def test_usage_is_not_grouped_by_what_only_the_bill_knows(
    api: httpx.AsyncClient, refusal: Refusal
) -> None:
    status, _, message = refusal(await api.get(f"{USAGE}&group_by[]=description"))
    assert status == 400
    assert message.startswith('group_by: Invalid group_by[]: "description". Valid options are "account_id", ')


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (f"{USAGE}&colour=red", "colour"),
        (f"{USAGE}&limit[]=3", "limit[]"),
        (f"{USAGE}&service_tier[]=batch", "service_tier[]"),
        (f"{USAGE}&context_windows[]=0-200k", "context_windows[]"),
        (f"{COST}&models[]=claude-opus-5", "models[]"),
        (f"{COST}&workspace_ids[]=wrkspc_01SimEvals00000000000", "workspace_ids[]"),
        ("/v1/organizations/me?limit=1", "limit"),
        ("/v1/organizations/workspaces?page=x", "page"),
        (
            "/v1/organizations/workspaces/wrkspc_01SimDefault000000000?include_archived=true",
            "include_archived",
        ),
        ("/v1/organizations/api_keys?model=claude-opus-5", "model"),
        ("/v1/organizations/rate_limits?after_id=x", "after_id"),
        (
            "/v1/organizations/workspaces/wrkspc_01SimEvals00000000000/rate_limits?model=claude-opus-5",
            "model",
        ),
    ],
)
async def test_a_parameter_that_is_not_known_is_refused_by_name(
    api: httpx.AsyncClient, refusal: Refusal, url: str, name: str
) -> None:
    assert refusal(await api.get(url)) == (
        400,
        "invalid_request_error",
        f"{name}: Extra inputs are not permitted",
    )


@pytest.mark.parametrize("again", ["limit=3&limit=4", "starting_at=2026-11-20T00:00:00Z"])
async def test_a_single_parameter_given_twice_is_refused(
    api: httpx.AsyncClient, refusal: Refusal, again: str
) -> None:
    status, _, message = refusal(await api.get(f"{USAGE}&{again}"))
    assert (status, message) == (400, f"{again.partition('=')[0]}: given more than once")
