"""Answers that can't be believed: each is an error that names the place, and nothing of it comes through."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from answers import DAY_START, Document, bucket, cost_page, page, usage_row
from meterdeck.api import BadPayload
from meterdeck.api.wire import (
    parse_api_keys,
    parse_cost_page,
    parse_organization,
    parse_usage_page,
    parse_workspaces,
)
from meterdeck.domain.buckets import BucketWidth
from meterdeck.domain.dimensions import Dimension

HOUR = BucketWidth.HOUR


def one_row(**fields: object) -> Document:
    return page([bucket(DAY_START, [usage_row(**fields)], HOUR)])


def parse(document: object) -> Any:
    return parse_usage_page(json.dumps(document).encode(), (Dimension.MODEL,))


@pytest.mark.parametrize("counter", ["uncached_input_tokens", "cache_read_input_tokens", "output_tokens"])
def test_a_missing_counter_is_an_error_and_not_zero(counter: str) -> None:
    document = one_row()
    del document["data"][0]["results"][0][counter]
    with pytest.raises(BadPayload) as caught:
        parse(document)
    assert caught.value.place == f"data.0.results.0.{counter}"


NO_COUNTS: list[object] = [-1, 1.5, 2.0, "12", True, 10**16, 2**70, [], {}]
COUNTERS = [
    "output_tokens",
    "cache_creation.ephemeral_5m_input_tokens",
    "server_tool_use.web_search_requests",
]


@pytest.mark.parametrize(
    ("place", "count"),
    [("output_tokens", None), *((place, count) for place in COUNTERS for count in NO_COUNTS)],
)
def test_a_counter_that_is_no_whole_number_is_refused(place: str, count: object) -> None:
    outer, _, inner = place.partition(".")
    with pytest.raises(BadPayload) as caught:
        parse(one_row(**{outer: {inner: count} if inner else count}))
    assert caught.value.place == f"data.0.results.0.{place}"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d.pop("data"), "data"),
        (lambda d: d.pop("has_more"), "has_more"),
        (lambda d: d.update(data=None), "data"),
        (lambda d: d.update(data={}), "data"),
        (lambda d: d.update(next_page=7), "next_page"),
        (lambda d: d["data"][0].pop("results"), "data.0.results"),
        (lambda d: d["data"][0].pop("starting_at"), "data.0.starting_at"),
        (lambda d: d["data"][0].update(ending_at="tomorrow"), "data.0.ending_at"),
        (lambda d: d["data"][0].update(starting_at="2026-11-17T00:00:00"), "data.0.starting_at"),
        (lambda d: d["data"][0].update(ending_at="2026-11-16T00:00:00Z"), "data.0"),
        (lambda d: d["data"][0].update(ending_at=d["data"][0]["starting_at"]), "data.0"),
        (lambda d: d["data"][0].update(results=[None]), "data.0.results.0"),
    ],
)
def test_a_page_of_another_shape_is_refused_in_both_reports(
    change: Callable[[Document], object], place: str
) -> None:
    for parse_page in (lambda body: parse_usage_page(body, ()), parse_cost_page):
        document = page([bucket(DAY_START, [], HOUR)])
        change(document)
        with pytest.raises(BadPayload) as caught:
            parse_page(json.dumps(document).encode())
        assert caught.value.place == place


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"7", b'"text"', b"{", b"<html>", b"\xff\xfe", b"[" * 100_000]
)
def test_a_body_that_is_no_page_is_refused_whatever_it_is(body: bytes) -> None:
    for parse_body in (
        lambda body: parse_usage_page(body, ()),
        parse_cost_page,
        parse_organization,
        parse_workspaces,
        parse_api_keys,
    ):
        with pytest.raises(BadPayload):
            parse_body(body)


def test_half_a_character_is_refused_where_it_stands_and_not_repeated() -> None:
    body = cost_page(1).replace(b"line 0", b"x\\ud800y")
    with pytest.raises(BadPayload) as caught:
        parse_cost_page(body)
    assert caught.value.place == "data.0.results.0.description"
    str(caught.value).encode()
    with pytest.raises(BadPayload):
        parse_organization(b'{"id": "org", "name": "x\\ud800y"}')


def test_a_whole_character_in_two_escapes_is_text() -> None:
    (day,) = parse_cost_page(cost_page(1).replace(b"line 0", b"x\\ud83d\\ude00y")).buckets
    assert day.rows[0].line.description == "x\N{GRINNING FACE}y"


def test_members_must_be_text() -> None:
    with pytest.raises(BadPayload, match=r"data\.0\.results\.0\.model"):
        parse(one_row(model=5))


def test_what_the_api_may_add_passes() -> None:
    document = one_row(model="claude-future-9", service_tier="turbo", new_counter=5, speed="warp") | {
        "new": 1
    }
    document["data"][0]["results"][0]["cache_creation"]["ephemeral_9h_input_tokens"] = 0
    (only,) = parse(document).buckets
    assert only.rows[0].members == ("claude-future-9",)


@pytest.mark.parametrize(
    ("fields", "writes"),
    [
        ({"cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 7}}, (5, 7)),
        ({"cache_creation": {"ephemeral_1h_input_tokens": 7}}, (0, 7)),
        (
            {
                "cache_creation": None,
                "cache_creation_5m_input_tokens": 5,
                "cache_creation_1h_input_tokens": 7,
            },
            (5, 7),
        ),
        ({"cache_creation": None, "cache_creation_1h_input_tokens": 7}, (0, 7)),
        ({"cache_creation": None, "cache_creation_input_tokens": 9}, (9, 0)),
        ({"cache_creation": {}, "cache_creation_5m_input_tokens": 5}, (5, 0)),
        ({"cache_creation": None}, (0, 0)),
        (
            {
                "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 7},
                "cache_creation_5m_input_tokens": 50,
                "cache_creation_input_tokens": 12,
            },
            (5, 7),
        ),
    ],
)
def test_cache_writes_are_read_from_either_shape_and_never_twice(
    fields: Document, writes: tuple[int, int]
) -> None:
    (only,) = parse(one_row(**fields)).buckets
    tokens = only.rows[0].tokens
    assert (tokens.cache_write_5m, tokens.cache_write_1h) == writes


def test_cache_writes_of_an_unknown_kind_are_refused_and_not_taken_for_none() -> None:
    with pytest.raises(BadPayload, match="unknown kind") as caught:
        parse(one_row(cache_creation={"ephemeral_5m_input_tokens": 5, "ephemeral_1d_input_tokens": 7}))
    assert caught.value.place == "data.0.results.0.cache_creation.ephemeral_1d_input_tokens"


@pytest.mark.parametrize("more", [{"ephemeral_1d_input_tokens": 0}, {"kind": 5}, {"x_input_tokens": None}])
def test_what_else_stands_beside_the_cache_writes_passes(more: Document) -> None:
    (only,) = parse(one_row(cache_creation={"ephemeral_5m_input_tokens": 5} | more)).buckets
    assert only.rows[0].tokens.cache_write_5m == 5


@pytest.mark.parametrize("tool_use", [None, {}, {"web_search_requests": None}])
def test_missing_searches_are_none(tool_use: object) -> None:
    (only,) = parse(one_row(server_tool_use=tool_use)).buckets
    assert only.rows[0].web_searches == 0
