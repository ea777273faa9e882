"""An entry of a list that is not as it should be costs itself alone, or its name alone, and is told of."""

import json
from typing import Any

import httpx
import pytest

from answers import always, client, fixture
from meterdeck.api import BadPayload
from meterdeck.api.wire import parse_api_keys, parse_organization, parse_workspaces
from meterdeck.domain.reports import Organization

FIRST = "wrkspc_01AAAAAAAAAAAAAAAAAAAAAA"


def answer_with(first: object) -> bytes:
    """The list of five workspaces, the first of them as given."""
    page = fixture("same_names")
    page["data"][0] = first
    return json.dumps(page).encode()


def entry(**fields: object) -> dict[str, object]:
    """The first entry, some fields of it as given; ``...`` takes a field away."""
    found = {**fixture("same_names")["data"][0], **fields}
    return {name: value for name, value in found.items() if value is not ...}


@pytest.mark.parametrize("name", [None, ..., 7, ["prod"], {"a": 1}, "lone \ud800 surrogate"])
def test_an_entry_without_a_readable_name_keeps_its_id_and_all_others_their_names(name: object) -> None:
    told: list[BadPayload] = []
    page = parse_workspaces(answer_with(entry(name=name)), told.append)
    assert [(w.id, w.name) for w in page.rows[:2]] == [(FIRST, ""), (FIRST.replace("A", "B"), "prod-chat")]
    assert [w.name for w in page.rows[1:]] == ["prod-chat", "Default", "", " lead"]
    assert [error.place for error in told] == ["data.0.name"]


@pytest.mark.parametrize("row", [entry(id=None), entry(id=...), entry(id=7), entry(id=""), None, "x", [], 7])
def test_an_entry_without_an_id_is_left_out_and_told_of(row: object) -> None:
    told: list[BadPayload] = []
    page = parse_workspaces(answer_with(row), told.append)
    assert [w.name for w in page.rows] == ["prod-chat", "Default", "", " lead"]
    assert len(told) == 1
    assert told[0].place.startswith("data.0")


@pytest.mark.parametrize("archived", [7, "yesterday", "2026-02-30T00:00:00Z", {}])
def test_a_field_beside_the_name_costs_no_name(archived: object) -> None:
    told: list[BadPayload] = []
    page = parse_workspaces(answer_with(entry(archived_at=archived)), told.append)
    assert (page.rows[0].id, page.rows[0].name, page.rows[0].archived_at) == (FIRST, "prod-chat", None)
    assert [error.place for error in told] == ["data.0.archived_at"]


@pytest.mark.parametrize(
    "fields",
    [{"status": None}, {"scope": 7}, {"partial_key_hint": 7}, {"expires_at": "soon"}, {"name": None}],
)
def test_a_key_is_as_lenient(fields: dict[str, object]) -> None:
    page = fixture("api_keys")
    page["data"][1] |= fields
    told: list[BadPayload] = []
    keys = parse_api_keys(json.dumps(page).encode(), told.append).rows
    assert len(keys) == len(page["data"]) == 5
    assert [key.name for key in keys] == [row["name"] or "" for row in page["data"]]
    assert len(told) == 1


def test_where_nobody_is_told_a_broken_entry_refuses_the_list() -> None:
    with pytest.raises(BadPayload) as caught:
        parse_workspaces(answer_with(entry(name=None)))
    assert caught.value.place == "data.0.name"


@pytest.mark.parametrize("page", [[], {}, {"data": {}, "has_more": False}, {"data": [], "has_more": None}])
def test_a_page_that_is_none_is_refused_whole(page: Any) -> None:
    with pytest.raises(BadPayload):
        parse_workspaces(json.dumps(page).encode(), lambda _: None)


@pytest.mark.parametrize("name", [None, ..., 7, ""])
def test_an_organisation_without_a_name_is_called_by_its_id(name: object) -> None:
    me = {"id": "o-1", **({} if name is ... else {"name": name})}
    assert parse_organization(json.dumps(me).encode()) == Organization("o-1", "o-1")


async def test_the_client_tells_whoever_listens_and_follows_the_list_past_a_broken_end() -> None:
    rows = [
        {"id": "wrkspc_1", "name": "one"},
        {"id": "wrkspc_2", "name": None},
        {"id": "wrkspc_3", "name": "3"},
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        first = 2 if request.url.params.get("after_id") == "wrkspc_2" else 0
        return httpx.Response(200, json={"data": rows[first : first + 2], "has_more": first == 0})

    told: list[BadPayload] = []
    async with client(answer) as admin:
        found = await admin.workspaces(on_broken=told.append)
    assert [(w.id, w.name) for w in found] == [("wrkspc_1", "one"), ("wrkspc_2", ""), ("wrkspc_3", "3")]
    assert [error.place for error in told] == ["data.1.name"]
    async with client(always(fixture("same_names"))) as admin:
        assert len(await admin.workspaces()) == 5, "an empty name is a name"
