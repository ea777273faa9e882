from collections.abc import Callable

import httpx
import pytest

USAGE = "/v1/organizations/usage_report/messages?starting_at=2025-01-01T00:00:00Z"
COST = "/v1/organizations/cost_report?starting_at=2025-01-01T00:00:00Z"
Refusal = Callable[[httpx.Response], tuple[int, str, str]]


@pytest.mark.parametrize(
    ("url", "default", "most"),
    [
        (USAGE, 7, 31),
        (f"{USAGE}&bucket_width=1d", 7, 31),
        (f"{USAGE}&bucket_width=1h", 24, 168),
        (f"{USAGE}&bucket_width=1m", 60, 1440),
        (COST, 7, 31),
        (f"{COST}&bucket_width=1d", 7, 31),
    ],
)
async def test_buckets_of_a_page_have_a_default_and_a_limit(
    api: httpx.AsyncClient, refusal: Refusal, url: str, default: int, most: int
) -> None:
    assert len((await api.get(url)).json()["data"]) == default
    assert len((await api.get(f"{url}&limit={most}")).json()["data"]) == most
    assert len((await api.get(f"{url}&limit=1")).json()["data"]) == 1
    assert refusal(await api.get(f"{url}&limit={most + 1}")) == (
        400,
        "invalid_request_error",
        f"limit: must be between 1 and {most}",
    )


@pytest.mark.parametrize("path", ["workspaces", "api_keys", "rate_limits"])
async def test_a_list_gives_at_most_a_thousand_rows(
    api: httpx.AsyncClient, refusal: Refusal, path: str
) -> None:
    assert (await api.get(f"/v1/organizations/{path}?limit=1000")).status_code == 200
    status, _, message = refusal(await api.get(f"/v1/organizations/{path}?limit=1001"))
    assert (status, message) == (400, "limit: must be between 1 and 1000")


@pytest.mark.parametrize("limit", ["0", "-1", "7.0", "seven", "", "²", "9" * 5000])
async def test_a_limit_that_is_no_positive_whole_number_is_refused(
    api: httpx.AsyncClient, refusal: Refusal, limit: str
) -> None:
    status, _, message = refusal(await api.get(f"{USAGE}&limit={limit}"))
    assert (status, message) == (400, "limit: must be between 1 and 31")


@pytest.mark.parametrize("url", [f"{USAGE}&bucket_width=1w", f"{COST}&bucket_width=1h"])
async def test_a_bucket_width_that_the_report_does_not_have_is_refused(
    api: httpx.AsyncClient, refusal: Refusal, url: str
) -> None:
    status, _, message = refusal(await api.get(url))
    assert status == 400
    assert message.startswith("bucket_width: ")


@pytest.mark.parametrize("flag", ["1", "yes", "True"])
async def test_a_flag_is_true_or_false(api: httpx.AsyncClient, refusal: Refusal, flag: str) -> None:
    status, _, message = refusal(await api.get(f"/v1/organizations/workspaces?include_archived={flag}"))
    assert (status, message) == (400, "include_archived: Input should be true or false")
