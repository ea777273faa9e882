from collections.abc import Callable
from typing import Any

import httpx
import pytest

KEYS = "/v1/organizations/api_keys"
WORKSPACES = "/v1/organizations/workspaces"
Refusal = Callable[[httpx.Response], tuple[int, str, str]]
Row = dict[str, Any]


async def page_of(api: httpx.AsyncClient, url: str, **parameters: str) -> Row:
    page: Row = (await api.get(url, params=parameters)).json()
    assert set(page) == {"data", "first_id", "last_id", "has_more"}
    assert len(page["data"]) <= int(parameters.get("limit", "20"))
    if page["data"]:
        assert page["first_id"] == page["data"][0]["id"]
        assert page["last_id"] == page["data"][-1]["id"]
    return page


@pytest.mark.parametrize("url", [KEYS, WORKSPACES])
@pytest.mark.parametrize("limit", [1, 4, 5, 1000])
async def test_pages_after_an_id_lead_through_the_whole_list(
    api: httpx.AsyncClient, url: str, limit: int
) -> None:
    """The last page has a last id too: only ``has_more`` says that it is the last."""
    whole = (await page_of(api, url, limit="1000"))["data"]
    page = await page_of(api, url, limit=str(limit))
    found = page["data"]
    while page["has_more"] and len(found) < len(whole):
        assert len(page["data"]) == limit
        page = await page_of(api, url, limit=str(limit), after_id=page["last_id"])
        found += page["data"]
    assert found == whole
    assert page["has_more"] is False
    assert page["last_id"] == whole[-1]["id"]


@pytest.mark.parametrize("limit", [1, 4, 5])
async def test_pages_before_an_id_lead_back_to_the_first_row(api: httpx.AsyncClient, limit: int) -> None:
    whole = (await page_of(api, KEYS, limit="1000"))["data"]
    page = await page_of(api, KEYS, limit=str(limit), before_id=whole[-1]["id"])
    found = page["data"]
    while page["has_more"] and len(found) < len(whole):
        assert len(page["data"]) == limit
        page = await page_of(api, KEYS, limit=str(limit), before_id=page["first_id"])
        found = page["data"] + found
    assert found == whole[:-1]


async def test_a_page_that_ends_with_the_list_has_no_more(api: httpx.AsyncClient) -> None:
    whole = (await page_of(api, KEYS, limit="1000"))["data"]
    assert (await page_of(api, KEYS, limit=str(len(whole))))["has_more"] is False
    assert (await page_of(api, KEYS, limit=str(len(whole) - 1)))["has_more"] is True


async def test_nothing_comes_after_the_last_or_before_the_first(api: httpx.AsyncClient) -> None:
    nothing: Row = {"data": [], "first_id": None, "last_id": None, "has_more": False}
    whole = (await page_of(api, KEYS, limit="1000"))["data"]
    assert await page_of(api, KEYS, after_id=whole[-1]["id"]) == nothing
    assert await page_of(api, KEYS, before_id=whole[0]["id"]) == nothing


async def test_a_cursor_works_inside_a_filter(api: httpx.AsyncClient) -> None:
    chat = "wrkspc_01SimProdChat00000000"
    first = await page_of(api, KEYS, workspace_id=chat, limit="1")
    rest = await page_of(api, KEYS, workspace_id=chat, after_id=first["last_id"])
    assert [row["name"] for row in first["data"] + rest["data"]] == [
        "prod-backend",
        "prod-canary",
        "prod-router",
    ]


async def test_a_cursor_at_an_unknown_row_is_refused(api: httpx.AsyncClient, refusal: Refusal) -> None:
    for cursor in ("after_id", "before_id"):
        assert refusal(await api.get(KEYS, params={cursor: "apikey_01Nobody"})) == (
            400,
            "invalid_request_error",
            f"{cursor}: no such row",
        )


async def test_both_cursors_at_once_are_refused(api: httpx.AsyncClient, refusal: Refusal) -> None:
    page = await page_of(api, KEYS)
    both = {"after_id": page["first_id"], "before_id": page["last_id"]}
    assert refusal(await api.get(KEYS, params=both))[0] == 400
